//! The process inside the container that joins its own input and output to the server's port.

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::exec::Command;
use crate::docker::{ContainerFacts, Engine};

/// What a container has to open a connection with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Forwarder {
    Perl,
    /// With the option that makes it end when its input does, where it needs one.
    Netcat(Option<&'static str>),
    Bash,
}

/// Names the first tool that is there; bash is last, for it needs two more processes. A bash may be built
/// without `/dev/tcp`: it then looks for a file.
const DETECT: &str = r#"
has() { command -v "$1" >/dev/null 2>&1; }
opens() { case "$(LC_ALL=C bash -c ': </dev/tcp/127.0.0.1/1' 2>&1)" in *"No such file"*) return 1;; esac; }
if has perl && perl -MSocket -e 1 2>/dev/null; then echo perl
elif has nc; then case "$(nc -h 2>&1)" in *"-N"*) echo nc -N;; *"-q"*) echo nc -q0;; *) echo nc;; esac
elif has bash && has cat && opens; then echo bash
fi
"#;

/// Ends as soon as one direction does. The postmaster is the container's first process and inherits orphans:
/// one that a signal ended would look to it like a crashed backend, and it would restart the server. Hence no
/// signal may end a `cat`, except while bash waits for it.
const BASH: &str = r#"
trap '' PIPE HUP INT TERM
exec 3<>"/dev/tcp/127.0.0.1/$0" 4<&0 || exit 1
cat <&3 4<&- & down=$!
cat <&4 >&3 & up=$!
wait -n
kill -KILL "$down" "$up"
wait
"#;

const PERL: &str = r"
use Socket qw(:DEFAULT IPPROTO_TCP TCP_NODELAY);
socket(my $server, PF_INET, SOCK_STREAM, 0) or exit 1;
connect($server, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or exit 1;
setsockopt($server, IPPROTO_TCP, TCP_NODELAY, 1);
sub pass {
  my ($from, $to) = @_;
  my $bytes;
  my $length = sysread($from, $bytes, 65536) or return 0;
  for (my $sent = 0; $sent < $length; ) { $sent += syswrite($to, $bytes, $length - $sent, $sent) || return 0 }
  1;
}
my $both = ''; vec($both, 0, 1) = 1; vec($both, fileno($server), 1) = 1;
my $ready;
while (select($ready = $both, undef, undef, undef) > 0) {
  vec($ready, fileno($server), 1) and (pass($server, *STDOUT) or exit);
  vec($ready, 0, 1) and (pass(*STDIN, $server) or exit);
}
";

impl Forwarder {
    pub fn of(engine: &Engine, container: &ContainerFacts) -> Result<Self> {
        let none = || ContainerError::NoShellTools { name: container.name.clone() };
        let answer = match engine.ask(container, &Command::new(["sh", "-c", DETECT])) {
            Err(ContainerError::Exec { cause, .. }) if cause.contains("executable file not found") => {
                return Err(none());
            }
            other => other?,
        };
        Self::named(String::from_utf8_lossy(&answer.out).trim()).ok_or_else(none)
    }

    fn named(answer: &str) -> Option<Self> {
        match answer {
            "bash" => Some(Self::Bash),
            "nc" => Some(Self::Netcat(None)),
            "nc -N" => Some(Self::Netcat(Some("-N"))),
            "nc -q0" => Some(Self::Netcat(Some("-q0"))),
            "perl" => Some(Self::Perl),
            _ => None,
        }
    }

    pub fn command(&self, port: u16) -> Command {
        let port = port.to_string();
        match self {
            Self::Bash => Command::new(["bash", "-c", BASH, &port]),
            Self::Netcat(None) => Command::new(["nc", "127.0.0.1", &port]),
            Self::Netcat(Some(option)) => Command::new(["nc", option, "127.0.0.1", &port]),
            Self::Perl => Command::new(["perl", "-e", PERL, &port]),
        }
    }
}
