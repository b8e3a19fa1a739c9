//! Where the engine may be, in the Docker CLI's order, and what came of trying each place.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};

use crate::docker::context::{self, ContextError};
use crate::docker::engine::Connection;

/// No call to the engine may take longer before its first answer; a build or a pull answers at once and then
/// streams.
const REQUEST_SECONDS: u64 = 120;

/// A place where an engine may listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::docker) struct Candidate {
    /// Who named it: `DOCKER_HOST`, a context, a product's default.
    pub source: String,
    pub host: String,
    /// The directory with the certificates for a TLS connection.
    pub tls: Option<PathBuf>,
}

/// One place that was tried in vain.
#[derive(Debug)]
pub struct Attempt {
    pub source: String,
    pub host: String,
    pub fault: Fault,
}

/// Why a place is no engine's.
#[derive(Debug)]
pub enum Fault {
    Missing,
    /// The group that may use the socket, where it has a name.
    Denied {
        group: Option<String>,
    },
    Refused,
    Silent,
    Other(String),
}

/// Why there is no engine to talk to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Context(#[from] ContextError),
    #[error(
        "dbctl does not speak ssh to a Docker engine, which {origin} wants (`{host}`)\n\
         next: forward its socket, `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock {destination}`, \
         then set `DOCKER_HOST=unix:///tmp/docker.sock`"
    )]
    Ssh { origin: String, host: String, destination: String },
    #[error(
        "`{host}`, from {origin}, is not an address that dbctl knows\n\
         next: use `unix:///path/to/docker.sock` or `tcp://host:port`"
    )]
    Scheme { origin: String, host: String },
    #[error("no Docker engine answers\n{}\n{}", tried(.0), next(.0))]
    Unreachable(Vec<Attempt>),
}

/// The places to try: the one that the user chose, or else every default. A choice that fails is never
/// replaced by another.
pub(in crate::docker) fn candidates(connection: &Connection) -> Result<Vec<Candidate>, ConnectError> {
    if let Some(name) = set(connection.context_flag.as_ref()) {
        return from_context(connection, name, "`--context`");
    }
    if let Some(host) = set(connection.host.as_ref()) {
        return Ok(vec![from_host(connection, host)]);
    }
    if let Some(name) = set(connection.context.as_ref()) {
        return from_context(connection, name, "`DOCKER_CONTEXT`");
    }
    let config_dir = connection.config_dir();
    if let Some(name) = config_dir.as_deref().map(context::current).transpose()?.flatten() {
        return from_context(connection, &name, "the Docker CLI's current context");
    }
    Ok(defaults(connection))
}

/// An empty variable is an unset one, as for the Docker CLI.
fn set(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}

fn from_context(connection: &Connection, name: &str, by: &str) -> Result<Vec<Candidate>, ConnectError> {
    if name == "default" {
        return Ok(match set(connection.host.as_ref()) {
            Some(host) => vec![from_host(connection, host)],
            None => defaults(connection),
        });
    }
    let config_dir = connection.config_dir().unwrap_or_default();
    let context = context::load(&config_dir, name)?;
    let source = format!("the context `{name}`, chosen by {by}");
    Ok(vec![Candidate { source, host: context.host, tls: context.tls }])
}

fn from_host(connection: &Connection, host: &str) -> Candidate {
    let tls = &connection.tls;
    let directory = || tls.cert_path.clone().or_else(|| connection.config_dir()).unwrap_or_default();
    Candidate {
        source: "`DOCKER_HOST`".to_owned(),
        host: host.to_owned(),
        tls: (tls.verify || host.starts_with("https://")).then(directory),
    }
}

/// The sockets of the known products, the system's own first.
fn defaults(connection: &Connection) -> Vec<Candidate> {
    let home = connection.home.as_deref();
    let in_home = |path: &str| home.map(|home| home.join(path));
    let runtime = connection
        .runtime_dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("/run/user/{}", rustix::process::getuid().as_raw())));
    let config = connection.config_home.clone().or_else(|| in_home(".config"));
    let places = [
        ("the default socket", Some(PathBuf::from("/var/run/docker.sock"))),
        ("rootless Docker", Some(runtime.join("docker.sock"))),
        ("Docker Desktop", in_home(".docker/run/docker.sock")),
        ("Docker Desktop", in_home(".docker/desktop/docker.sock")),
        ("Docker Desktop", in_home("Library/Containers/com.docker.docker/Data/docker.raw.sock")),
        ("Colima", in_home(".colima/default/docker.sock")),
        ("Colima", config.map(|config| config.join("colima/default/docker.sock"))),
        ("OrbStack", in_home(".orbstack/run/docker.sock")),
        ("Rancher Desktop", in_home(".rd/docker.sock")),
        ("rootless Podman", Some(runtime.join("podman/podman.sock"))),
        ("Podman machine", in_home(".local/share/containers/podman/machine/podman.sock")),
        ("Podman", Some(PathBuf::from("/run/podman/podman.sock"))),
    ];
    let candidate = |(source, path): (&str, Option<PathBuf>)| {
        let host = format!("unix://{}", path?.display());
        Some(Candidate { source: source.to_owned(), host, tls: None })
    };
    places.into_iter().filter_map(candidate).collect()
}

impl Candidate {
    /// A client for this place; nothing is sent yet.
    pub(in crate::docker) fn client(&self) -> Result<Result<Docker, Fault>, ConnectError> {
        let (scheme, rest) = self.host.split_once("://").unwrap_or(("", &self.host));
        match scheme {
            "unix" => Ok(unix_client(Path::new(rest))),
            "tcp" | "http" | "https" => Ok(self.tcp_client()),
            #[cfg(windows)]
            "npipe" => Ok(Docker::connect_with_named_pipe(&self.host, REQUEST_SECONDS, API_DEFAULT_VERSION)
                .map_err(|error| Fault::from(&error))),
            "ssh" => Err(ConnectError::Ssh {
                origin: self.source.clone(),
                host: self.host.clone(),
                destination: rest.split('/').next().unwrap_or(rest).to_owned(),
            }),
            _ => Err(ConnectError::Scheme { origin: self.source.clone(), host: self.host.clone() }),
        }
    }

    fn tcp_client(&self) -> Result<Docker, Fault> {
        let host = self.host.trim_end_matches('/');
        let client = match &self.tls {
            Some(directory) => Docker::connect_with_ssl(
                host,
                &directory.join("key.pem"),
                &directory.join("cert.pem"),
                &directory.join("ca.pem"),
                REQUEST_SECONDS,
                API_DEFAULT_VERSION,
            ),
            None => Docker::connect_with_http(host, REQUEST_SECONDS, API_DEFAULT_VERSION),
        };
        client.map_err(|error| Fault::from(&error))
    }

    /// The socket's path, where this place is one.
    pub(in crate::docker) fn socket(&self) -> Option<&Path> {
        self.host.strip_prefix("unix://").map(Path::new)
    }

    /// How long to wait for a sign of life.
    pub(in crate::docker) fn patience(&self) -> Duration {
        Duration::from_secs(if self.socket().is_some() { 5 } else { 10 })
    }

    pub(in crate::docker) fn failed(&self, fault: Fault) -> Attempt {
        Attempt { source: self.source.clone(), host: self.host.clone(), fault }
    }
}

fn unix_client(path: &Path) -> Result<Docker, Fault> {
    UnixStream::connect(path).map_err(|error| Fault::of_socket(path, &error))?;
    Docker::connect_with_unix(&path.to_string_lossy(), REQUEST_SECONDS, API_DEFAULT_VERSION)
        .map_err(|error| Fault::from(&error))
}

impl Fault {
    fn of_socket(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::PermissionDenied => Self::Denied { group: group_of(path) },
            io::ErrorKind::ConnectionRefused => Self::Refused,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<&bollard::errors::Error> for Fault {
    /// bollard and hyper say "client error"; the cause is at the end of the chain.
    fn from(error: &bollard::errors::Error) -> Self {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Self::Refused,
            _ => Self::Other(cause.to_string()),
        }
    }
}

fn group_of(path: &Path) -> Option<String> {
    let id = fs::metadata(path).ok()?.gid().to_string();
    let groups = fs::read_to_string("/etc/group").ok()?;
    let mut fields = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    fields.find(|fields| fields.get(2) == Some(&id.as_str())).map(|fields| fields[0].to_owned())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("not there"),
            Self::Denied { group: Some(group) } => {
                write!(f, "permission denied; it is for root and the group `{group}`")
            }
            Self::Denied { group: None } => f.write_str("permission denied"),
            Self::Refused => f.write_str("refused: nothing listens there"),
            Self::Silent => f.write_str("it accepts connections, but nothing answers"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

fn tried(attempts: &[Attempt]) -> String {
    let line = |attempt: &Attempt| format!("  `{}` ({}): {}", attempt.host, attempt.source, attempt.fault);
    attempts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The one command that most likely helps.
fn next(attempts: &[Attempt]) -> String {
    for attempt in attempts {
        match &attempt.fault {
            Fault::Denied { group: Some(group) } if group != "root" => {
                return format!(
                    "next: `sudo usermod -aG {group} $USER`, log in again, then the same command"
                );
            }
            Fault::Denied { .. } => return "next: run the same command with `sudo`".to_owned(),
            Fault::Silent => return format!("next: restart the engine at `{}`", attempt.host),
            _ => {}
        }
    }
    if let [Attempt { source, .. }] = attempts {
        return format!("next: correct {source} or start that engine");
    }
    if cfg!(target_os = "linux") {
        "next: `sudo systemctl start docker`, or set `DOCKER_HOST`".to_owned()
    } else {
        "next: start Docker Desktop (or Colima, OrbStack, Podman), or set `DOCKER_HOST`".to_owned()
    }
}

#[cfg(test)]
#[path = "connect_tests.rs"]
mod tests;
