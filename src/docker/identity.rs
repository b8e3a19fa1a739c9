//! Which server runs in a container: read in its data directory, so that nobody else can answer for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::copy::read_file;
use crate::docker::exec::Command;
use crate::docker::{ContainerFacts, Engine, State};

/// Where the official image has its data directory unless `PGDATA` says otherwise.
const DEFAULT_DATA_DIRECTORY: &str = "/var/lib/postgresql/data";

/// `DB_SHUTDOWNED` of Postgres' `pg_control.h`: the state after a clean shutdown.
const SHUT_DOWN: u32 = 1;

/// Two facts that no other server shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerIdentity {
    /// Seconds since 1970 at which the postmaster's process began. `pg_postmaster_start_time()` is a little
    /// later: by milliseconds, on a burdened machine by a few seconds.
    pub postmaster_start: i64,
    /// `pg_control_system()`'s.
    pub system_identifier: u64,
    /// The port on which the server listens inside the container.
    pub port: u16,
}

/// `postmaster.pid`: Postgres' miscadmin.h lists its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::docker) struct PostmasterFile {
    pub started: i64,
    pub port: u16,
    /// The first of them, where there are several.
    pub socket_directory: String,
    /// Empty while the image's temporary server runs, which listens on no TCP address.
    pub listens_on: String,
    /// The server accepts connections.
    pub ready: bool,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    started_at: String,
    identity: ServerIdentity,
}

impl ContainerFacts {
    /// The server's data directory.
    #[must_use]
    pub fn data_directory(&self) -> &str {
        self.environment.get("PGDATA").map_or(DEFAULT_DATA_DIRECTORY, String::as_str)
    }

    /// Whether the data directory outlives the container: it lies in a volume or on the host.
    #[must_use]
    pub fn keeps_its_data(&self) -> bool {
        let path = self.data_directory();
        let on_tmpfs = self.tmpfs.iter().any(|target| super::container_facts::lies_in(path, target));
        !on_tmpfs && self.mount_at(path).is_some()
    }
}

impl Engine {
    /// Who the server in a running container is; none while no server runs there. Remembered in `cache` for as
    /// long as the container runs.
    pub fn identity(&self, container: &ContainerFacts, cache: &Path) -> Result<Option<ServerIdentity>> {
        let State::Running { started_at } = &container.state else { return Ok(None) };
        let place = cache.join(format!("server-{}.json", container.id));
        if let Some(known) = remembered(&place, started_at) {
            return Ok(Some(known));
        }
        let identity = self.read_identity(container)?;
        if let Some(identity) = identity {
            // What is not remembered is read again next time.
            let _ = remember(&place, &Remembered { started_at: started_at.clone(), identity });
        }
        Ok(identity)
    }

    /// As [`Engine::identity`], from the container itself.
    pub fn read_identity(&self, container: &ContainerFacts) -> Result<Option<ServerIdentity>> {
        let directory = container.data_directory();
        let (pid, control) =
            (format!("{directory}/postmaster.pid"), format!("{directory}/global/pg_control"));
        let (pid, control) = if container.keeps_its_data() {
            let client = self.client();
            self.run(async {
                tokio::try_join!(
                    read_file(client, &container.id, &pid),
                    read_file(client, &container.id, &control)
                )
            })?
        } else {
            (self.read_inside(container, &pid)?, self.read_inside(container, &control)?)
        };
        let (Some(pid), Some(control)) = (pid, control) else { return Ok(None) };
        let system_identifier = control.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let postmaster = PostmasterFile::parse(&pid).filter(PostmasterFile::is_serving);
        Ok(postmaster.zip(system_identifier).map(|(postmaster, system_identifier)| ServerIdentity {
            postmaster_start: postmaster.started,
            system_identifier,
            port: postmaster.port,
        }))
    }

    /// The state of the server that a container runs, or none.
    pub(in crate::docker) fn postmaster(&self, container: &ContainerFacts) -> Result<Option<PostmasterFile>> {
        let path = format!("{}/postmaster.pid", container.data_directory());
        Ok(self.read_file(&container.id, &path)?.and_then(|text| PostmasterFile::parse(&text)))
    }

    /// Whether the server of an ended container had written everything before it ended.
    pub(in crate::docker) fn is_at_rest(&self, container: &ContainerFacts) -> Result<bool> {
        let path = format!("{}/global/pg_control", container.data_directory());
        let control = self.read_file(&container.id, &path)?;
        let state = control.as_deref().and_then(|bytes| bytes.get(16..)).and_then(|rest| rest.first_chunk());
        Ok(state.is_some_and(|state| u32::from_le_bytes(*state) == SHUT_DOWN))
    }

    /// The engine's archive calls do not see a tmpfs; the container does.
    fn read_inside(&self, container: &ContainerFacts, path: &str) -> Result<Option<Vec<u8>>> {
        let answer = self.ask(container, &Command::new(["cat", path]))?;
        Ok((answer.code == 0).then_some(answer.out))
    }
}

impl PostmasterFile {
    /// The real server, and it takes connections.
    pub fn is_serving(&self) -> bool {
        self.ready && !self.listens_on.is_empty()
    }

    /// None for a file that is still being written.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut lines = text.lines().skip(2);
        let started = lines.next()?.trim().parse().ok()?;
        let port = lines.next()?.trim().parse().ok()?;
        let socket_directory = lines.next().unwrap_or_default().trim().to_owned();
        let listens_on = lines.next().unwrap_or_default().trim().to_owned();
        let ready = lines.nth(1).is_some_and(|status| matches!(status.trim(), "ready" | "standby"));
        Some(Self { started, port, socket_directory, listens_on, ready })
    }
}

fn remembered(place: &Path, started_at: &str) -> Option<ServerIdentity> {
    let known: Remembered = serde_json::from_slice(&std::fs::read(place).ok()?).ok()?;
    (known.started_at == started_at).then_some(known.identity)
}

/// In one step, so that a kill leaves no half of a file.
fn remember(place: &PathBuf, known: &Remembered) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let directory = place.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory)?;
        let draft = place.with_extension(format!("{}.new", std::process::id()));
        std::fs::File::create(&draft)?.write_all(&serde_json::to_vec(known)?)?;
        std::fs::rename(draft, place)
    };
    write().map_err(|source| ContainerError::system("remembering which server runs", source))
}

#[cfg(test)]
mod tests {
    use super::{PostmasterFile, Remembered, ServerIdentity, remember, remembered};

    #[test]
    fn the_temporary_server_is_ready_but_listens_nowhere() {
        let file = "52\n/data\n1732200000\n5432\n/var/run/postgresql\n\n  4325 1\nready   \n";
        let parsed = PostmasterFile::parse(file.as_bytes()).unwrap();
        assert!(parsed.ready && parsed.listens_on.is_empty());
    }

    #[test]
    fn the_real_server_listens_and_names_its_port() {
        let file = "1\n/data\n1732200000\n5433\n/var/run/postgresql\n*\n  4325 1\nready   \n";
        let parsed = PostmasterFile::parse(file.as_bytes()).unwrap();
        let expected = PostmasterFile {
            started: 1_732_200_000,
            port: 5433,
            socket_directory: "/var/run/postgresql".to_owned(),
            listens_on: "*".to_owned(),
            ready: true,
        };
        assert_eq!(parsed, expected);
    }

    #[test]
    fn a_file_that_is_still_being_written_says_nothing_yet() {
        assert_eq!(PostmasterFile::parse(b"1\n/data\n"), None);
        let without_status = PostmasterFile::parse(b"1\n/data\n17\n5432\n/run\n*\n").unwrap();
        assert!(!without_status.ready);
    }

    #[test]
    fn an_identity_is_remembered_only_until_the_container_starts_again() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("server.json");
        let identity = ServerIdentity { postmaster_start: 17, system_identifier: 4, port: 5432 };
        remember(&place, &Remembered { started_at: "monday".to_owned(), identity }).unwrap();
        assert_eq!(remembered(&place, "monday"), Some(identity));
        assert_eq!(remembered(&place, "tuesday"), None);
    }
}
