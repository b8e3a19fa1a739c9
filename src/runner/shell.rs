//! A `.sh` script: in the container, with the variables and functions that the image's entrypoint gives it.

use std::os::unix::net::UnixStream;

use super::place::mounted;
use super::program::{self, Take};
use super::{Progress, Run, RunError, Work};
use crate::database::Database;
use crate::docker::{Command, ContainerError, ContainerFacts, Upload};
use crate::event::Observer;
use crate::ledger::Mode;
use crate::script::Script;
use crate::server::Container;

/// Sources the entrypoint's functions, then runs or sources the script as the entrypoint does.
const WRAPPER: &str = include_str!("shell.bash");

/// Runs the script of `attempt`. Its statements cannot be counted.
pub fn run(
    work: &Work,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let Work { run, attempt, .. } = work;
    let Some(container) = &run.server.container else {
        return Err(RunError::NoContainer { script: attempt.script.name.clone() });
    };
    program::carry_out(work, Mode::Shell, database, progress, observer, |take| {
        let path = place(container, &attempt.script, &attempt.id)?;
        Ok(converse(run, container, &path, take)?)
    })
}

fn converse(run: &Run, container: &Container, path: &str, take: &mut Take) -> Result<i64, ContainerError> {
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
    let code = container.engine.exec(&container.facts, &command, Some(Box::new(input)), take);
    drop(open);
    code
}

/// The official image and those made from it run the server as `postgres`, and the container's own user is root.
pub fn is_official(container: &ContainerFacts) -> bool {
    container.environment.contains_key("PG_MAJOR")
}

/// Where the script is in the container: where the service mounts it, else where it is copied to now.
fn place(container: &Container, script: &Script, attempt: &str) -> Result<String, RunError> {
    if let Some(mounted) = mounted(&container.facts, &script.path) {
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
