//! Data directories that were in service, kept in a folder of the same volume: a small mark beside each says what it is.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::compose::service::Service;
use crate::docker::container_error::Result;
use crate::docker::exchange::journal::Listing;
use crate::docker::server_files::ServerFiles;
use crate::docker::twin::{FOLDER, TwinError};
use crate::docker::{ContainerFacts, Engine};

const PREVIOUS: &str = include_str!("previous.sh");
const DROP: &str = include_str!("drop.sh");
const PREFIX: &str = "previous-";

/// A data directory that was in service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousData {
    /// The higher, the newer.
    pub turn: u64,
    /// When it went out of service, RFC 3339, by the clock of the server's machine.
    pub replaced: String,
    /// The server's major version.
    pub version: String,
    /// On the disk, tablespaces included.
    #[serde(skip)]
    pub bytes: u64,
}

impl PreviousData {
    /// The name of its folder.
    pub(super) fn folder(&self) -> String {
        folder(self.turn)
    }
}

pub(super) fn folder(turn: u64) -> String {
    format!("{PREFIX}{turn}")
}

impl Engine {
    /// Those of the service, the newest first.
    pub fn previous_data(&self, service: &Service, container: &ContainerFacts) -> Result<Vec<PreviousData>> {
        // Most services have none, which is seen without a container.
        if self.owned(&container.id, &container.marks_folder()?)?.is_none() {
            return Ok(Vec::new());
        }
        let folders = folders(container)?;
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let printed = self.mover(service, container)?.run(PREVIOUS, &folders, None)?;
        let mut found: Vec<PreviousData> = printed.lines().filter_map(read).collect();
        found.sort_by_key(|previous| Reverse(previous.turn));
        Ok(found)
    }

    /// Drops those data directories: what only they held is gone.
    ///
    /// # Errors
    /// [`TwinError::NoPrevious`] where one of them is not there; then none is dropped.
    pub fn drop_previous_data(
        &self,
        service: &Service,
        container: &ContainerFacts,
        turns: &[u64],
    ) -> Result<()> {
        let known = self.previous_data(service, container)?;
        let is_known = |turn: &&u64| known.iter().any(|previous| previous.turn == **turn);
        if let Some(&unknown) = turns.iter().find(|turn| !is_known(turn)) {
            return Err(TwinError::NoPrevious { turn: Some(unknown) }.into());
        }
        let names = turns.iter().map(|&turn| folder(turn)).collect::<Vec<_>>().join(" ");
        let folders = folders(container)?;
        let arguments: Vec<&str> =
            std::iter::once(names.as_str()).chain(folders.iter().map(String::as_str)).collect();
        self.mover(service, container)?.run(DROP, &arguments, None).map(drop)
    }

    /// Where the files of a cluster belong that lies in a folder.
    pub(super) fn server_files_aside(&self, container: &ContainerFacts, folder: &str) -> Result<ServerFiles> {
        let marks = container.marks_folder()?;
        let top = marks.trim_end_matches(FOLDER).trim_end_matches('/');
        let below = &container.data_directory().trim_end_matches('/')[top.len()..];
        self.server_files_at(container, &format!("{marks}/{folder}{below}"))
    }

    /// What is written beside the data that goes, as number `turn`, now.
    pub(super) fn mark_of(&self, container: &ContainerFacts, turn: u64, now: &str) -> Result<Vec<u8>> {
        let version = self.read_file(&container.id, &format!("{}/PG_VERSION", container.data_directory()))?;
        let version = String::from_utf8_lossy(&version.unwrap_or_default()).trim().to_owned();
        let mark = PreviousData { turn, replaced: now.to_owned(), version, bytes: 0 };
        Ok(serde_json::to_vec(&mark).expect("numbers and strings only"))
    }
}

/// The number after all that are in use in a folder.
pub(super) fn next_turn(listing: &Listing, marks: &str) -> u64 {
    let number = |name: &String| name.strip_prefix(PREFIX)?.trim_end_matches(".json").parse::<u64>().ok();
    listing.of(marks).iter().filter_map(number).max().unwrap_or(0) + 1
}

/// dbctl's folder in each mount, that with the marks first.
fn folders(container: &ContainerFacts) -> Result<Vec<String>> {
    let marks = container.marks_folder()?;
    let all = container.writable_mounts().map(|target| format!("{target}/{FOLDER}"));
    let others = all.filter(|folder| *folder != marks).collect::<Vec<_>>();
    Ok(std::iter::once(marks).chain(others).collect())
}

fn read(line: &str) -> Option<PreviousData> {
    let (kilobytes, mark) = line.split_once('\t')?;
    let mark: PreviousData = serde_json::from_str(mark).ok()?;
    Some(PreviousData { bytes: kilobytes.parse::<u64>().ok()? * 1024, ..mark })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_with_its_size() {
        let mark = PreviousData {
            turn: 3,
            replaced: "2026-11-25T18:00:00Z".to_owned(),
            version: "15".to_owned(),
            bytes: 2048,
        };
        let line = format!("2\t{}", serde_json::to_string(&mark).unwrap());
        assert_eq!(read(&line), Some(mark));
    }
}
