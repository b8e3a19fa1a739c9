//! The helper container: made like the service's, but alone, and with other init files.

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, HostConfig, Mount, MountPoint, MountType,
};
use bollard::query_parameters::CreateContainerOptionsBuilder;

use crate::compose::service::Service;
use crate::docker::container_error::Result;
use crate::docker::container_facts::lies_in;
use crate::docker::initialise::{Uninitialised, init_directory};
use crate::docker::likeness::{self, bind_target, empty_volume};
use crate::docker::{ContainerFacts, Engine, labels};

pub(in crate::docker) const INIT_DIRECTORY: &str = "/docker-entrypoint-initdb.d";

const INIT_ONLY: &str = "/usr/local/bin/docker-ensure-initdb.sh";

/// A container that initialises a data directory. As long as it exists, initialisation is not over.
pub(super) struct Helper {
    pub id: String,
    /// It ends after initialisation, without starting the real server.
    pub ends_by_itself: bool,
}

impl Engine {
    /// Makes the helper, not started, with the image's own init files and none of the project's.
    pub(super) fn make_helper(&self, what: Uninitialised) -> Result<Helper> {
        let helper = self.make_without_project_scripts(what)?;
        if !what.own_files.is_empty() {
            self.write_files(&helper.id, what.own_files)?;
        }
        Ok(helper)
    }

    fn make_without_project_scripts(&self, what: Uninitialised) -> Result<Helper> {
        let helper = self.create_helper(what, InitFiles::OfTheImage)?;
        let Some(files) = self.read_tar(&helper.id, INIT_DIRECTORY)? else { return Ok(helper) };
        let Some(own) = init_directory::without(&files, what.project_scripts)? else { return Ok(helper) };
        // The project's scripts are part of the image: a volume hides them, and gets the rest.
        self.discard(&helper.id, true)?;
        let helper = self.create_helper(what, InitFiles::OnVolume)?;
        self.write_tar(&helper.id, "/", own)?;
        Ok(helper)
    }

    fn create_helper(&self, what: Uninitialised, files: InitFiles) -> Result<Helper> {
        let model = self.run(self.client().inspect_container(&what.container.id, None))?;
        let ends_by_itself = self.can_only_initialise(&model)?;
        let mut body = body(model, files);
        if ends_by_itself {
            body.entrypoint = Some(vec![INIT_ONLY.to_owned()]);
        }
        body.labels = Some([(labels::HELPER.to_owned(), key_for(what.service, what.container))].into());
        let name = match labels::twin_kind(what.container) {
            Some(kind) => format!("dbctl-init-{kind}_{}", labels::container_name(what.service)),
            None => format!("dbctl-init_{}", labels::container_name(what.service)),
        };
        let mut options = CreateContainerOptionsBuilder::default().name(&name);
        if let Some(platform) = &what.service.platform {
            options = options.platform(platform);
        }
        let id = self.run(self.client().create_container(Some(options.build()), body))?.id;
        self.write_contents(what.service, &id)?;
        Ok(Helper { id, ends_by_itself })
    }

    /// Whether the image has the official image's script for initialisation alone (2024 and later), and would
    /// otherwise run the official entrypoint with a server's command.
    fn can_only_initialise(&self, model: &ContainerInspectResponse) -> Result<bool> {
        let Some(config) = &model.config else { return Ok(false) };
        let is_official =
            matches!(config.entrypoint.as_deref(), Some([only]) if only == "docker-entrypoint.sh");
        let first = config.cmd.iter().flatten().next();
        let serves = first.is_some_and(|word| word == "postgres" || word.starts_with('-'));
        Ok(is_official && serves && self.exists(model.id.as_deref().unwrap_or_default(), INIT_ONLY)?)
    }
}

/// The value of the helper's label: a twin has its own helper.
pub(super) fn key_for(service: &Service, container: &ContainerFacts) -> String {
    let twin = container.labels.get(labels::TWIN).cloned();
    twin.unwrap_or_else(|| key(&service.project, &service.name))
}

pub(super) fn key(project: &str, service: &str) -> String {
    format!("{project}/{service}")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InitFiles {
    OfTheImage,
    OnVolume,
}

fn body(mut model: ContainerInspectResponse, files: InitFiles) -> ContainerCreateBody {
    let host = model.host_config.take().unwrap_or_default();
    let mounted = model.mounts.take().unwrap_or_default();
    model.host_config = Some(host_config(host, &mounted, files));
    likeness::of(model)
}

/// With every mount but those of init files.
fn host_config(host: HostConfig, mounted: &[MountPoint], files: InitFiles) -> HostConfig {
    let mut binds = host.binds.unwrap_or_default();
    binds.retain(|bind| bind_target(bind).is_none_or(|target| !lies_in(target, INIT_DIRECTORY)));
    let mut mounts = host.mounts.unwrap_or_default();
    mounts.retain(|mount| mount.target.as_deref().is_none_or(|target| !lies_in(target, INIT_DIRECTORY)));
    mounts.retain(|mount| mount.typ != Some(MountType::VOLUME) || mount.source.is_some());
    let unnamed: Vec<String> =
        mounted.iter().filter_map(|mount| unnamed_volume(mount, &binds, &mounts)).collect();
    binds.extend(unnamed);
    if files == InitFiles::OnVolume {
        mounts.push(empty_volume(INIT_DIRECTORY));
    }
    // Init files are written into its file system; it lives for seconds.
    HostConfig { binds: Some(binds), mounts: Some(mounts), readonly_rootfs: None, ..host }
}

/// A volume that the service's container got without its request naming one: the data may be in it.
fn unnamed_volume(mount: &MountPoint, binds: &[String], mounts: &[Mount]) -> Option<String> {
    let (name, target) = (mount.name.as_deref()?, mount.destination.as_deref()?);
    let is_requested = binds.iter().any(|bind| bind_target(bind) == Some(target))
        || mounts.iter().any(|mount| mount.target.as_deref() == Some(target));
    (!is_requested && !lies_in(target, INIT_DIRECTORY)).then(|| format!("{name}:{target}"))
}
