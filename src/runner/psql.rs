//! Scripts that psql itself runs: the container's, else this machine's.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::program::{self, Take};
use super::reading::Reading;
use super::shell::is_official;
use super::{Progress, RunError, Work};
use crate::database::Database;
use crate::docker::{Channel, Command};
use crate::endpoint::Address;
use crate::event::Observer;
use crate::interrupt;
use crate::ledger::Mode;
use crate::script::Script;
use crate::secret::Secret;
use crate::server::{Container, Server};
use crate::session::foreign_variables;
use crate::sql::survey::Survey;

/// How long a psql that prints nothing is left alone before a Ctrl-C is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const PIECE: usize = 64 * 1024;

/// A script's text, as it is to reach psql.
#[derive(Default)]
pub struct Text {
    /// psql opens these itself, so that `\ir` counts from them; `-` is its input.
    pub files: Vec<OsString>,
    pub input: Option<Box<dyn Read + Send>>,
    /// psql's working directory, where it matters.
    pub directory: Option<PathBuf>,
}

/// What psql is told beyond where the server is.
pub struct Psql<'a> {
    pub server: &'a Server,
    pub variables: &'a BTreeMap<String, String>,
    pub single_transaction: bool,
    pub stop: bool,
}

/// Whether this machine has a psql.
pub fn is_here() -> bool {
    let asked = Process::new("psql").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Runs the script of `work` and records it.
pub fn run(
    work: &Work,
    reading: &Reading,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let script = &work.attempt.script;
    let psql = Psql {
        server: work.run.server,
        variables: work.run.variables,
        single_transaction: false,
        stop: true,
    };
    program::carry_out(work, Mode::Psql, database, progress, observer, |take| {
        match &psql.server.container {
            Some(container) => psql.inside(container, text(script, reading)?, take),
            None => psql.outside(text(script, reading)?, take),
        }
    })?;
    Ok(())
}

fn text(script: &Script, reading: &Reading) -> Result<Text, RunError> {
    let directory = Some(reading.directory.clone());
    Ok(match &reading.file {
        Some(file) => Text { directory, ..Text::file(file) },
        None => Text { directory, ..Text::streamed(reading.fed(script.open()?)) },
    })
}

impl Psql<'_> {
    fn words(&self, files: &[OsString]) -> Vec<OsString> {
        let login = &self.server.login;
        let mut words: Vec<OsString> =
            ["-X", "-U", &login.user, "-d", &login.database].map(OsString::from).into();
        if self.stop {
            words.extend(["-v", "ON_ERROR_STOP=1"].map(OsString::from));
        }
        let set = |(name, value): (&String, &String)| ["-v".into(), format!("{name}={value}").into()];
        words.extend(self.variables.iter().flat_map(set));
        words.extend(self.single_transaction.then(|| "-1".into()));
        words.extend(files.iter().flat_map(|file| ["-f".into(), file.clone()]));
        words
    }

    /// The container's psql, over the server's local socket, as the image's entrypoint calls it.
    pub fn inside(&self, container: &Container, text: Text, take: &mut Take) -> Result<i64, RunError> {
        let Text { files, input, directory } = text;
        let words = ["psql".into()].into_iter().chain(self.words(&files));
        let mut command = Command::new(words.map(|word: OsString| word.to_string_lossy().into_owned()));
        command.working_dir = directory.map(|directory| directory.display().to_string());
        command.user = is_official(&container.facts).then(|| "postgres".to_owned());
        let login = self.server.script_login();
        let password = login.password.iter().map(|word| ("PGPASSWORD".to_owned(), word.clone()));
        let settings = login.environment().map(|(name, value)| (name.to_owned(), Secret::new(value)));
        command.environment = password.chain(settings).collect();
        Ok(container.engine.exec(&container.facts, &command, input, take)?)
    }

    /// This machine's psql; the password goes through its environment, which other users cannot see.
    pub fn outside(&self, text: Text, take: &mut Take) -> Result<i64, RunError> {
        let Text { files, input, directory } = text;
        let (host, port) = match &self.server.endpoint.address {
            Address::Tcp { host, port } => (host.to_string(), *port),
            Address::Unix { directory, port } => (directory.display().to_string(), *port),
        };
        let mut command = Process::new("psql");
        command.args(["-h", &host, "-p", &port.to_string()]).args(self.words(&files));
        for name in foreign_variables() {
            command.env_remove(name);
        }
        let login = self.server.script_login();
        command.envs(login.environment());
        command.envs(login.password.iter().map(|word| ("PGPASSWORD", word.reveal())));
        command.current_dir(directory.unwrap_or_else(|| ".".into()));
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.map_err(|source| RunError::NoLocalPsql { source })?;
        watch(child, input, take).map_err(|source| RunError::NoLocalPsql { source })
    }
}

impl Text {
    pub fn file(path: impl Into<OsString>) -> Self {
        Self { files: vec![path.into()], ..Self::default() }
    }

    pub fn streamed(text: Box<dyn Read + Send>) -> Self {
        Self { files: vec!["-".into()], input: Some(text), directory: None }
    }
}

/// Feeds a child, hands on what it prints, passes a Ctrl-C on to it, and gives its exit code.
fn watch(mut child: Child, input: Option<Box<dyn Read + Send>>, take: &mut Take) -> io::Result<i64> {
    let (sender, pieces) = mpsc::channel();
    if let (Some(mut text), Some(mut stdin)) = (input, child.stdin.take()) {
        // psql closes its input at its first error; that is no error of ours.
        thread::spawn(move || io::copy(&mut text, &mut stdin).and_then(|_| stdin.flush()));
    }
    read_along(child.stdout.take(), Channel::Out, sender.clone());
    read_along(child.stderr.take(), Channel::Error, sender);
    let mut told = false;
    loop {
        match pieces.recv_timeout(LOOK_AGAIN) {
            Ok((channel, bytes)) => take(channel, &bytes),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if interrupt::requested() && !told => {
                told = true;
                cancel(&child);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    let status = child.wait()?;
    Ok(status.code().map_or_else(|| i64::from(128 + status.signal().unwrap_or_default()), i64::from))
}

fn cancel(child: &Child) {
    let process = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(process) = process {
        // One that has ended by itself needs no signal.
        let _ = rustix::process::kill_process(process, rustix::process::Signal::INT);
    }
}

fn read_along(
    source: Option<impl Read + Send + 'static>,
    channel: Channel,
    pieces: Sender<(Channel, Vec<u8>)>,
) {
    let Some(mut source) = source else { return };
    thread::spawn(move || {
        let mut buffer = vec![0; PIECE];
        while let Ok(length @ 1..) = source.read(&mut buffer) {
            if pieces.send((channel, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
}

/// What keeps a script from being run by the session, so that psql is wanted for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Directive,
    Command { file: String, line: u64, column: u64, command: String },
}

impl Wanted {
    /// The first meta-command that the session does not speak.
    pub fn by(survey: &Survey, file: &str) -> Option<Self> {
        let used = survey.first_unspoken()?;
        let (line, column) = (used.position.line, used.position.column);
        Some(Self::Command { file: file.to_owned(), line, column, command: used.name.clone() })
    }

    /// For the error where there is no psql.
    pub fn refusal(self, script: &str) -> RunError {
        match self {
            Self::Directive => RunError::PsqlWanted { script: script.to_owned() },
            Self::Command { file, line, column, command } => {
                RunError::Unspoken { file, line, column, command }
            }
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directive => f.write_str("its header says so"),
            Self::Command { file, line, column, command } => {
                let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
                write!(f, "`\\{command}` in `{name}`, line {line}, column {column}")
            }
        }
    }
}
