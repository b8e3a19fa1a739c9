//! Named volumes of the service: made as compose makes them, never removed.

use std::collections::HashMap;

use bollard::models::VolumeCreateRequest;

use crate::compose::service::{MountSource, Service, VolumeDefinition};
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::network::map;
use crate::docker::observe::found;
use crate::docker::{Engine, labels};
use crate::event::{Event, Observer};

impl Engine {
    pub(in crate::docker) fn ensure_volumes(
        &self,
        service: &Service,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        for mount in &service.mounts {
            if let MountSource::Volume { key, .. } = &mount.source {
                self.ensure_volume(service, key, observer)?;
            }
        }
        Ok(())
    }

    pub(in crate::docker) fn has_volume(&self, name: &str) -> Result<bool> {
        Ok(self.run(async { found(self.client().inspect_volume(name).await) })?.is_some())
    }

    fn ensure_volume(&self, service: &Service, key: &str, observer: &mut dyn Observer) -> Result<()> {
        let volume = definition(service, key);
        if self.has_volume(&volume.name)? {
            return Ok(());
        }
        if volume.external {
            return Err(ContainerError::ExternalMissing { kind: "volume", name: volume.name });
        }
        let name = volume.name.clone();
        self.run(self.client().create_volume(request(service, key, volume)))?;
        observer.observe(Event::VolumeCreated { name });
        Ok(())
    }
}

pub(in crate::docker) fn definition(service: &Service, key: &str) -> VolumeDefinition {
    service.volumes.get(key).cloned().unwrap_or_else(|| VolumeDefinition {
        name: format!("{}_{key}", service.project),
        external: false,
        driver: None,
        driver_opts: std::collections::BTreeMap::new(),
        labels: std::collections::BTreeMap::new(),
    })
}

fn request(service: &Service, key: &str, volume: VolumeDefinition) -> VolumeCreateRequest {
    let own = [
        (labels::PROJECT, service.project.clone()),
        (labels::VOLUME, key.to_owned()),
        (labels::VERSION, labels::COMPOSE_VERSION.to_owned()),
    ];
    let mut labels: HashMap<String, String> = volume.labels.into_iter().collect();
    labels.extend(own.map(|(key, value)| (key.to_owned(), value)));
    VolumeCreateRequest {
        name: Some(volume.name),
        driver: volume.driver,
        driver_opts: map(&volume.driver_opts),
        labels: Some(labels),
        ..VolumeCreateRequest::default()
    }
}
