//! A `.sh` script: in the container, with the variables and functions that the image's entrypoint gives it.

use std::os::unix::net::UnixStream;

use super::{FailedScript, Failure, Progress, Run, RunError, Work};
use crate::database::Database;
use crate::docker::{Channel, Command, ContainerError, ContainerFacts, MountedFrom, Upload};
use crate::event::{Event, Observer, Stream};
use crate::interrupt;
use crate::ledger::{Mode, Outcome};
use crate::project::init::ENTRYPOINT_DIR;
use crate::script::Script;
use crate::server::Container;

/// Sources the entrypoint's functions, then runs or sources the script as the entrypoint does.
const WRAPPER: &str = include_str!("shell.bash");

/// Bytes of the script's output that an error shows.
const LAST_BYTES: usize = 2000;

/// Runs the script of `attempt`. Its statements cannot be counted.
pub fn run(
    work: &Work,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<u32, RunError> {
    let Work { run, attempt, .. } = work;
    let script = &attempt.script;
    let Some(container) = &run.server.container else {
        return Err(RunError::NoContainer { script: script.name.clone() });
    };
    // From here on nobody knows what the script has done until its end is recorded.
    database.record(&attempt.row(Outcome::Started, Mode::Shell))?;
    let mode = Mode::Shell.as_str();
    observer.observe(Event::ScriptStarted { script: script.name.clone(), mode, statements: None });
    let path = place(container, script, &attempt.id)?;
    let mut last = Vec::new();
    let outcome = converse(run, container, &path, observer, &mut last);
    let why = match outcome {
        Ok(0) => {
            database.record(&attempt.row(Outcome::Applied, Mode::Shell))?;
            return Ok(0);
        }
        Ok(code) => Failure::Shell { code, last_lines: String::from_utf8_lossy(&last).into_owned() },
        Err(_) if interrupt::requested() => Failure::Interrupted,
        Err(error) => return Err(error.into()),
    };
    let mut row = attempt.row(Outcome::Failed, Mode::Shell);
    row.error = Some(super::failed::shell_json(&why));
    database.record(&row)?;
    observer.observe(Event::ScriptFailed { script: script.name.clone() });
    let before = progress.done.iter().map(|done| done.script.clone()).collect();
    Err(RunError::Script(Box::new(FailedScript {
        script: script.clone(),
        why,
        mode: Mode::Shell,
        finished: 0,
        before,
    })))
}

fn converse(
    run: &Run,
    container: &Container,
    path: &str,
    observer: &mut dyn Observer,
    last: &mut Vec<u8>,
) -> Result<i64, ContainerError> {
    let mut command = Command::new(["bash", "-c", WRAPPER, "dbctl", path]);
    command.user = is_official(&container.facts).then(|| "postgres".to_owned());
    command.environment = run
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), crate::secret::Secret::new(value.clone())))
        .collect();
    // The wrapper takes the end of its input for the end of dbctl: it stays open until the script is done.
    let (input, open) = UnixStream::pair()
        .map_err(|source| ContainerError::System { doing: "making a socket".to_owned(), source })?;
    let code =
        container.engine.exec(&container.facts, &command, Some(Box::new(input)), &mut |channel, bytes| {
            last.extend_from_slice(bytes);
            if last.len() > 2 * LAST_BYTES {
                last.drain(..last.len() - LAST_BYTES);
            }
            let stream = match channel {
                Channel::Out => Stream::Stdout,
                Channel::Error => Stream::Stderr,
            };
            if observer.shows_output() {
                observer.observe(Event::ScriptOutput { stream, bytes: bytes.to_vec() });
            }
        });
    drop(open);
    code
}

/// The official image and those made from it run the server as `postgres`, and the container's own user is root.
fn is_official(container: &ContainerFacts) -> bool {
    container.environment.contains_key("PG_MAJOR")
}

/// Where the script is in the container: where the service mounts it, else where it is copied to now.
fn place(container: &Container, script: &Script, attempt: &str) -> Result<String, RunError> {
    let mounted = format!("{ENTRYPOINT_DIR}/{}", script.name);
    let host = container.facts.mount_at(&mounted).map(|mount| &mount.source);
    if matches!(host, Some(MountedFrom::Host(_))) {
        return Ok(mounted);
    }
    let name = format!("dbctl-{attempt}-{}", script.name);
    let content = std::fs::read(&script.path)
        .map_err(|source| RunError::Unreadable { path: script.path.clone(), source })?;
    let mode = if is_executable(script) { 0o755 } else { 0o644 };
    let upload = Upload { path: format!("/tmp/{name}"), content, mode, uid: 0, gid: 0 };
    container.engine.write_files(&container.facts.id, &[upload])?;
    Ok(format!("/tmp/{name}"))
}

fn is_executable(script: &Script) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(&script.path).is_ok_and(|facts| facts.permissions().mode() & 0o111 != 0)
}
