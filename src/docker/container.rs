//! The service's container: created, recreated, started, stopped and removed, never with a named volume.

use std::time::Duration;

use bollard::models::NetworkConnectRequest;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder,
};

use crate::compose::service::{MountSource, Service};
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::create::{Blueprint, Carried};
use crate::docker::{ContainerFacts, DockerError, Engine, Image, MountedFrom, Observed, Upload, labels};
use crate::event::{Event, Observer};

/// What a container is to be made of.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub service: &'a Service,
    pub image: &'a Image,
}

impl Wanted<'_> {
    fn blueprint(&self, engine: &Engine) -> Result<Blueprint> {
        Blueprint::of(self.service, &self.image.id, engine.client().client_version().minor_version)
    }
}

impl Engine {
    /// Why `container` is not what the service and the image would give now; none if it is.
    ///
    /// A container that compose made is judged by compose's own hash, where its plugin is installed.
    pub fn difference(&self, wanted: Wanted, container: &ContainerFacts) -> Result<Option<&'static str>> {
        if container.image != wanted.image.id {
            return Ok(Some("the image changed"));
        }
        let same = if let Some(fingerprint) = container.labels.get(labels::FINGERPRINT) {
            *fingerprint == wanted.blueprint(self)?.fingerprint
        } else {
            let known = container.labels.get(labels::CONFIG_HASH);
            let now = known.and_then(|_| labels::compose_hash(wanted.service, self.config_dir()));
            now.is_none_or(|now| known == Some(&now))
        };
        Ok((!same).then_some("the service's definition changed"))
    }

    /// Makes the service's container with its networks and volumes, and does not start it.
    pub fn create(&self, wanted: Wanted, cause: &str, observer: &mut dyn Observer) -> Result<ContainerFacts> {
        let name = labels::container_name(wanted.service);
        let blueprint = wanted.blueprint(self)?;
        // Under its own name only when it is complete: networks and secrets come after creation.
        let id = self.build_container(wanted.service, &unfinished(&name), blueprint, observer)?;
        self.rename(&id, &name)?;
        observer.observe(Event::ContainerCreated { name, cause: cause.to_owned() });
        self.present(&id)
    }

    /// Replaces `old` by a container as the service is now. The old one stays in service until the new one
    /// exists; its anonymous volumes move over. The new one is not started.
    ///
    /// A kill between any two steps leaves one container that [`Engine::observe`] takes for the service's, and
    /// perhaps a leftover, which [`Engine::tidy`] removes.
    pub fn recreate(
        &self,
        wanted: Wanted,
        old: &ContainerFacts,
        cause: &str,
        observer: &mut dyn Observer,
    ) -> Result<ContainerFacts> {
        let name = labels::container_name(wanted.service);
        let mut blueprint = wanted.blueprint(self)?;
        blueprint.carry_over(&carried(wanted, old));
        let id = self.build_container(wanted.service, &provisional(old, &name), blueprint, observer)?;
        observer.observe(Event::ContainerCreated { name: name.clone(), cause: cause.to_owned() });
        self.stop(old, observer)?;
        self.remove(old, cause, observer)?;
        self.rename(&id, &name)?;
        self.present(&id)
    }

    /// Starts a container, under its right name. On an empty data directory the image's entrypoint would run the
    /// project's scripts: [`Engine::initialise`] comes first.
    pub fn start(
        &self,
        service: &Service,
        container: &ContainerFacts,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let name = labels::container_name(service);
        if container.name != name {
            self.rename(&container.id, &name)?;
        }
        self.settle_networks(service)?;
        self.run(self.client().start_container(&container.id, None))
            .map_err(|error| refused(&name, error))?;
        observer.observe(Event::ContainerStarted { name });
        Ok(())
    }

    /// Stops a container as its stop signal and grace period say; one that does not run is left alone.
    pub fn stop(&self, container: &ContainerFacts, observer: &mut dyn Observer) -> Result<()> {
        if container.is_stopped() {
            return Ok(());
        }
        self.stop_quietly(&container.id)?;
        observer.observe(Event::ContainerStopped { name: container.name.clone() });
        Ok(())
    }

    pub(in crate::docker) fn stop_quietly(&self, id: &str) -> Result<()> {
        // The engine answers when the container has ended, which may take all of its grace period.
        let patient = self.client().clone().with_timeout(Duration::from_secs(3600));
        Ok(self.run(async { patient.stop_container(id, None).await })?)
    }

    /// Removes a container; all volumes stay.
    pub fn remove(&self, container: &ContainerFacts, cause: &str, observer: &mut dyn Observer) -> Result<()> {
        self.discard(&container.id, false)?;
        observer.observe(Event::ContainerRemoved { name: container.name.clone(), cause: cause.to_owned() });
        Ok(())
    }

    /// Removes what a killed run left: containers that never ran, and volumes made for them alone.
    pub fn tidy(&self, observed: &mut Observed) -> Result<()> {
        for id in observed.leftovers.drain(..) {
            self.discard(&id, true)?;
        }
        Ok(())
    }

    /// Removes a container if it is there; `anonymous` says whether volumes made for it alone go, too.
    pub(in crate::docker) fn discard(&self, id: &str, anonymous: bool) -> Result<()> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(anonymous).build();
        match self.finish(self.client().remove_container(id, Some(options))) {
            Err(error) if !error.is_not_found() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The container, which is known to exist.
    pub(in crate::docker) fn present(&self, id: &str) -> Result<ContainerFacts> {
        Ok(self.run(self.client().inspect_container(id, None))?.into())
    }

    pub(in crate::docker) fn create_from(&self, name: &str, blueprint: Blueprint) -> Result<String> {
        let mut options = CreateContainerOptionsBuilder::default().name(name);
        if let Some(platform) = &blueprint.platform {
            options = options.platform(platform);
        }
        let created = self.run(self.client().create_container(Some(options.build()), blueprint.body))?;
        for network in blueprint.further_networks {
            let request = NetworkConnectRequest {
                container: created.id.clone(),
                endpoint_config: Some(network.settings),
            };
            self.run(self.client().connect_network(&network.name, request))?;
        }
        Ok(created.id)
    }

    fn build_container(
        &self,
        service: &Service,
        name: &str,
        mut blueprint: Blueprint,
        observer: &mut dyn Observer,
    ) -> Result<String> {
        self.ensure_networks(service, observer)?;
        self.ensure_volumes(service, observer)?;
        // Compose shows and manages only containers that carry a hash. Without its plugin nobody can tell which: then
        // it is dbctl's own, and a compose that is installed later makes the container anew, volumes kept.
        let hash =
            labels::compose_hash(service, self.config_dir()).unwrap_or_else(|| blueprint.fingerprint.clone());
        blueprint.label(labels::CONFIG_HASH, hash);
        let id = self.create_from(name, blueprint)?;
        self.write_contents(service, &id)?;
        Ok(id)
    }

    pub(in crate::docker) fn write_contents(&self, service: &Service, id: &str) -> Result<()> {
        let files: Vec<Upload> =
            service.mounts.iter().filter_map(|mount| content(&mount.target, &mount.source)).collect();
        if files.is_empty() { Ok(()) } else { self.write_files(id, &files) }
    }

    fn rename(&self, id: &str, name: &str) -> Result<()> {
        let options = RenameContainerOptionsBuilder::default().name(name).build();
        Ok(self.run(self.client().rename_container(id, options))?)
    }
}

/// The name of a container while it is made; one that still has it was never finished.
pub(in crate::docker) fn unfinished(name: &str) -> String {
    format!("new_{name}")
}

/// The name of a container that is to replace `old`, as compose forms it.
fn provisional(old: &ContainerFacts, name: &str) -> String {
    format!("{}_{name}", old.id.get(..12).unwrap_or(&old.id))
}

fn refused(name: &str, error: DockerError) -> ContainerError {
    let cause = error.to_string();
    if cause.contains("port is already allocated") || cause.contains("address already in use") {
        return ContainerError::PortTaken { name: name.to_owned(), cause };
    }
    error.into()
}

fn content(target: &str, source: &MountSource) -> Option<Upload> {
    let MountSource::Content { text, uid, gid, mode } = source else { return None };
    let number = |id: &Option<String>| id.as_deref().and_then(|id| id.parse().ok()).unwrap_or(0);
    Some(Upload {
        path: target.to_owned(),
        content: text.reveal().as_bytes().to_vec(),
        mode: mode.unwrap_or(0o444),
        uid: number(uid),
        gid: number(gid),
    })
}

/// What compose would carry over: volumes at the image's own volume paths and at the service's anonymous
/// mounts, unless the service now mounts something else there.
fn carried(wanted: Wanted, old: &ContainerFacts) -> Vec<Carried> {
    let mount_at = |target: &str| wanted.service.mounts.iter().find(|mount| mount.target == target);
    let inherits = |target: &str| match mount_at(target) {
        Some(mount) => matches!(mount.source, MountSource::Anonymous { .. }),
        None => wanted.image.volumes.iter().any(|volume| volume == target),
    };
    let volume = |source: &MountedFrom| match source {
        MountedFrom::Volume(name) => Some(name.clone()),
        _ => None,
    };
    old.mounts
        .iter()
        .filter(|mount| inherits(&mount.target))
        .filter_map(|mount| Some(Carried { volume: volume(&mount.source)?, target: mount.target.clone() }))
        .collect()
}
