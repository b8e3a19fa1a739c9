//! Twins that were not put in service: ended and removed, with all that they wrote.

use std::collections::HashMap;
use std::path::Path;

use bollard::query_parameters::ListContainersOptionsBuilder;

use crate::compose::service::Service;
use crate::docker::container_error::Result;
use crate::docker::container_facts::lies_in;
use crate::docker::observe::found;
use crate::docker::twin::{FOLDER, NEW_FOLDER};
use crate::docker::{ContainerFacts, ContainerLock, Engine, MountedFrom, labels};
use crate::fault;

/// Its first argument is the journal of an exchange: while one is under way, it alone says what is whose.
const CLEAR: &str = concat!(include_str!("../exchange/void.sh"), include_str!("clear.sh"));

impl Engine {
    /// Removes what killed runs have left of twins; those of a run that is at work are left alone. `container` is the
    /// service's: without it, twins beside its data stay as they are.
    pub fn clear_twins(
        &self,
        service: &Service,
        container: Option<&ContainerFacts>,
        cache: &Path,
    ) -> Result<()> {
        self.clear_movers(service)?;
        for kind in labels::TWIN_KINDS {
            if self.twins(service, kind)?.is_empty() || kind == "twin" && container.is_none() {
                continue;
            }
            if let Some(_lock) = ContainerLock::of_part_if_free(cache, service, kind)? {
                self.clear_twins_of(service, kind, container)?;
            }
        }
        Ok(())
    }

    /// As above, of one kind, whose lock the caller holds.
    pub(super) fn clear_twins_of(
        &self,
        service: &Service,
        kind: &str,
        container: Option<&ContainerFacts>,
    ) -> Result<()> {
        let beside = container.filter(|_| kind == "twin");
        for twin in self.twins(service, kind)? {
            self.clear_away_helpers_of(&format!("{}/{}/{kind}", service.project, service.name))?;
            self.remove_twin(service, &twin, beside)?;
        }
        Ok(())
    }

    /// Removes the containers of twins beside the data, whose files an exchange has taken over.
    pub(in crate::docker) fn discard_twins(&self, service: &Service) -> Result<()> {
        self.twins(service, "twin")?.iter().try_for_each(|twin| self.discard(&twin.id, true))
    }

    fn twins(&self, service: &Service, kind: &str) -> Result<Vec<ContainerFacts>> {
        let label = format!("{}={}/{}/{kind}", labels::TWIN, service.project, service.name);
        let filters = HashMap::from([("label".to_owned(), vec![label])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let mut twins = Vec::new();
        for summary in self.finish(self.client().list_containers(Some(options)))? {
            let id = summary.id.unwrap_or_default();
            let twin = self.finish(async { found(self.client().inspect_container(&id, None).await) })?;
            twins.extend(twin.map(ContainerFacts::from));
        }
        Ok(twins)
    }

    /// Its files go before its container, which is the sign that there are any.
    pub(super) fn remove_twin(
        &self,
        service: &Service,
        twin: &ContainerFacts,
        beside: Option<&ContainerFacts>,
    ) -> Result<()> {
        if let Some(container) = beside {
            let killed = self.finish(self.client().kill_container(&twin.id, None));
            // One that does not run, or is gone, is no error.
            killed.or_else(
                |error| if matches!(error.status(), Some(404 | 409)) { Ok(()) } else { Err(error) },
            )?;
            self.clear_folders(service, container)?;
            fault::step("twin.emptied");
        }
        self.discard(&twin.id, true)?;
        fault::step("twin.removed");
        Ok(())
    }

    /// Whether a twin's folders are in the service's volumes.
    pub(super) fn has_folders(&self, container: &ContainerFacts) -> Result<bool> {
        for target in container.writable_mounts() {
            if self.owned(&container.id, &format!("{target}/{NEW_FOLDER}"))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes the twin's folders from the service's volumes.
    pub(in crate::docker) fn clear_folders(
        &self,
        service: &Service,
        container: &ContainerFacts,
    ) -> Result<()> {
        let mover = self.mover(service, container)?;
        let journal = container.journal();
        let folders = container.writable_mounts().map(|target| format!("{target}/{NEW_FOLDER}"));
        let folders: Vec<String> = folders.collect();
        let arguments: Vec<&str> = std::iter::once(&journal).chain(&folders).map(String::as_str).collect();
        mover.run(CLEAR, &arguments, None).map(drop)
    }
}

impl ContainerFacts {
    /// The file that tells how far an exchange has come, for as long as one is under way.
    pub(in crate::docker) fn journal(&self) -> String {
        format!("{}/{FOLDER}/journal", self.data_directory().trim_end_matches('/'))
    }

    /// Targets of volumes and host directories that the server may write to, without a slash at the end.
    pub(in crate::docker) fn writable_mounts(&self) -> impl Iterator<Item = &str> {
        let is_file_place = |mount: &&crate::docker::MountFacts| {
            mount.writable
                && mount.source != MountedFrom::Other
                && !lies_in(&mount.target, crate::docker::initialise::INIT_DIRECTORY)
        };
        self.mounts.iter().filter(is_file_place).map(|mount| mount.target.trim_end_matches('/'))
    }
}
