//! Initialisations that did not end well: recognised by their helper, and taken back.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{CreateContainerOptionsBuilder, ListContainersOptionsBuilder};
use futures_util::StreamExt as _;
use tar::Archive;

use crate::compose::service::Service;
use crate::docker::container_error::{ContainerError, LAST_LINES, Result};
use crate::docker::copy::read_tar;
use crate::docker::initialise::{directories, helper, place};
use crate::docker::observe::found;
use crate::docker::{ContainerFacts, DockerError, Engine, State, labels};

/// Empties each directory that it is given, and leaves the directory itself.
const EMPTY: &str =
    r#"for directory in "$@"; do cd "$directory" 2>/dev/null || continue; rm -rf ./* ./.[!.]* ./..?*; done"#;

impl Engine {
    /// Takes back what killed runs began: a helper exists only while its initialisation is not over.
    pub(super) fn clear_away_helpers(&self, service: &Service, container: &ContainerFacts) -> Result<()> {
        self.clear_away_helpers_of(&helper::key_for(service, container))
    }

    /// As above, of a service (`project/service`) or a twin (the value of its label).
    pub(in crate::docker) fn clear_away_helpers_of(&self, key: &str) -> Result<()> {
        let label = format!("{}={key}", labels::HELPER);
        let filters = HashMap::from([("label".to_owned(), vec![label])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        for helper in self.run(self.client().list_containers(Some(options)))? {
            let Some(id) = helper.id else { continue };
            let helper = self.present(&id)?;
            self.refuse_if_used_since(&helper)?;
            self.undo(&id)?;
        }
        Ok(())
    }

    /// Ends the helper, empties what it filled, and removes it: in this order, so that a kill in between is
    /// seen by the next run. The directories were empty before the helper was made.
    pub(super) fn undo(&self, helper: &str) -> Result<()> {
        let Some(facts) =
            self.finish(async { found(self.client().inspect_container(helper, None).await) })?
        else {
            return Ok(());
        };
        let facts = ContainerFacts::from(facts);
        if !facts.is_stopped() {
            // It may end by itself at this moment, which the engine calls a conflict.
            let killed = self.finish(self.client().kill_container(helper, None));
            killed.or_else(|error| if error.status() == Some(409) { Ok(()) } else { Err(error) })?;
        }
        if !facts.was_never_started() {
            self.empty(&facts)?;
        }
        self.discard(helper, true)
    }

    /// Through a container of the same image, for the files may belong to a user who exists only there.
    fn empty(&self, helper: &ContainerFacts) -> Result<()> {
        let words = ["sh", "-c", EMPTY, "sh"].map(str::to_owned);
        let body = ContainerCreateBody {
            image: Some(helper.image.clone()),
            user: Some("0".to_owned()),
            entrypoint: Some(words.into_iter().chain(directories(helper)).collect()),
            cmd: Some(Vec::new()),
            host_config: Some(HostConfig {
                volumes_from: Some(vec![helper.id.clone()]),
                network_mode: Some("none".to_owned()),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        // The name tells the cleaner of a killed run from any other container: it goes before the next comes.
        let name = format!("dbctl-empty_{}", helper.name);
        self.discard(&name, true)?;
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let cleaner = self.finish(self.client().create_container(Some(options), body))?.id;
        let code = self.finish(async {
            self.client().start_container(&cleaner, None).await?;
            carried_out(self.client(), &cleaner).await
        });
        let log = self.last_log_lines(&cleaner, LAST_LINES).unwrap_or_default();
        self.discard(&cleaner, true)?;
        match code? {
            0 => Ok(()),
            _ => Err(ContainerError::NotEmptied { place: place(helper), log }),
        }
    }

    /// A server that wrote to the data directory after the helper had ended was somebody else's.
    fn refuse_if_used_since(&self, helper: &ContainerFacts) -> Result<()> {
        let (State::Exited { .. }, Some(ended)) = (&helper.state, seconds(&helper.finished_at)) else {
            return Ok(());
        };
        let control = format!("{}/global/pg_control", helper.data_directory());
        let archive = self.run(read_tar(self.client(), &helper.id, &control))?;
        let written = archive.as_deref().and_then(modified);
        if written.is_some_and(|written| written > ended + 2) {
            return Err(ContainerError::HalfMade { place: place(helper), helper: helper.name.clone() });
        }
        Ok(())
    }

    /// Whether nothing is in it, or it does not exist; only the beginning of a full one is read.
    pub(super) fn is_empty_directory(&self, container: &ContainerFacts, directory: &str) -> Result<bool> {
        let beginning = self.beginning(&container.id, directory)?;
        // The first entry is the directory itself; the archive may be cut off after the second.
        Ok(Archive::new(beginning.as_slice())
            .entries()
            .map_or(0, |entries| entries.take(2).flatten().count())
            < 2)
    }
}

/// Waits until a container has ended, and gives its exit code.
pub(in crate::docker) async fn carried_out(
    client: &bollard::Docker,
    id: &str,
) -> std::result::Result<i64, DockerError> {
    match client.wait_container(id, None).next().await {
        Some(Ok(response)) => Ok(response.status_code),
        Some(Err(bollard::errors::Error::DockerContainerWaitError { code, .. })) => Ok(code),
        Some(Err(error)) => Err(error.into()),
        None => Ok(0),
    }
}

/// When the file in an archive was last written, in seconds since 1970.
fn modified(archive: &[u8]) -> Option<i64> {
    let mut archive = Archive::new(archive);
    let entry = archive.entries().ok()?.next()?.ok()?;
    i64::try_from(entry.header().mtime().ok()?).ok()
}

/// Seconds since 1970 of an RFC 3339 time in UTC, the engine's form.
fn seconds(time: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let clock = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    // Counted from March, a leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some((days + (153 * month + 2) / 5 + day - 1 - 719_468) * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn the_engines_times_are_read_as_seconds_since_1970() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2026-11-21T23:42:08.123456789Z"), Some(1_795_304_528));
        assert_eq!(seconds("2024-02-29T12:00:00Z"), Some(1_709_208_000));
        assert_eq!(seconds("soon"), None);
    }
}
