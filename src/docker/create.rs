//! A service as the engine's request for a container: what compose would send.

mod host;
mod mounts;

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::models::{ContainerCreateBody, HealthConfig, NetworkingConfig};
use serde_json::Value;

use crate::compose::service::{Healthcheck, MountSource, Service};
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::network::{self, Joined, some};
use crate::docker::{image_name, labels, volume};

pub(in crate::docker) use mounts::Carried;

/// Everything that is sent to make the service's container.
pub(in crate::docker) struct Blueprint {
    pub body: ContainerCreateBody,
    pub platform: Option<String>,
    /// The networks that are joined after creation: API 1.41 takes one only.
    pub further_networks: Vec<Joined>,
    /// What the container is made from, as a digest.
    pub fingerprint: String,
}

impl Blueprint {
    /// What compose would make of `service` with this image; `minor` is the engine's API version after `1.`.
    pub fn of(service: &Service, image_id: &str, minor: usize) -> Result<Self> {
        refuse_what_the_engine_would_drop(service, minor)?;
        let mut networks = network::joined(service);
        let mut body = body(service)?;
        let fingerprint = fingerprint(service, image_id, &body, &networks);
        let mut labels = labels::container_labels(service, image_id);
        labels.insert(labels::FINGERPRINT.to_owned(), fingerprint.clone());
        body.labels = Some(labels);
        if !networks.is_empty() {
            let first = networks.remove(0);
            body.networking_config =
                Some(NetworkingConfig { endpoints_config: Some([(first.name, first.settings)].into()) });
        }
        Ok(Self { body, platform: service.platform.clone(), further_networks: networks, fingerprint })
    }

    /// Mounts the volumes that another container had under no name of the compose file.
    pub fn carry_over(&mut self, carried: &[Carried]) {
        let host = self.body.host_config.get_or_insert_default();
        mounts::carry_over(host, &mut self.body.volumes, carried);
    }

    pub fn label(&mut self, key: &str, value: String) {
        self.body.labels.get_or_insert_default().insert(key.to_owned(), value);
    }
}

/// Older engines ignore what they do not know; silence would be a lie.
fn refuse_what_the_engine_would_drop(service: &Service, minor: usize) -> Result<()> {
    let refuse = |key: &'static str, value: &str, needed: usize| {
        Err(ContainerError::Unsupported {
            service: service.name.clone(),
            key,
            value: value.to_owned(),
            cause: format!("the engine speaks API 1.{minor}, and 1.{needed} is needed"),
        })
    };
    let mac_address =
        service.mac_address.iter().chain(service.networks.iter().filter_map(|n| n.mac_address.as_ref()));
    if let (Some(address), true) = (mac_address.into_iter().next(), minor < 44) {
        return refuse("mac_address", address, 44);
    }
    if let (Some(key), true) = (service.annotations.keys().next(), minor < 43) {
        return refuse("annotations", key, 43);
    }
    let subpath = service.mounts.iter().find_map(|mount| match &mount.source {
        MountSource::Volume { subpath: Some(subpath), .. } => Some(subpath),
        _ => None,
    });
    if let (Some(subpath), true) = (subpath, minor < 45) {
        return refuse("subpath", subpath, 45);
    }
    Ok(())
}

fn body(service: &Service) -> Result<ContainerCreateBody> {
    Ok(ContainerCreateBody {
        image: Some(image_name(service)),
        hostname: service.hostname.clone(),
        domainname: service.domainname.clone(),
        user: service.user.clone(),
        tty: Some(service.tty),
        open_stdin: Some(service.stdin_open),
        env: some(service.environment.iter().map(|(key, value)| format!("{key}={value}")).collect()),
        cmd: service.command.clone(),
        entrypoint: service.entrypoint.clone().map(cleared),
        healthcheck: service.healthcheck.as_ref().map(healthcheck),
        working_dir: service.working_dir.clone(),
        stop_signal: service.stop_signal.clone(),
        stop_timeout: service
            .stop_grace_period
            .map(|period| i64::try_from(period.as_secs()).unwrap_or(i64::MAX)),
        exposed_ports: some(exposed(service)),
        volumes: some(mounts::anonymous(service)),
        host_config: Some(host::config(service)?),
        ..ContainerCreateBody::default()
    })
}

/// An empty list means "none" to compose, but "the image's" to the engine, which wants one empty word instead.
fn cleared(entrypoint: Vec<String>) -> Vec<String> {
    if entrypoint.is_empty() { vec![String::new()] } else { entrypoint }
}

fn exposed(service: &Service) -> Vec<String> {
    let with_protocol = |port: &String| if port.contains('/') { port.clone() } else { format!("{port}/tcp") };
    let published = service.ports.iter().map(|port| format!("{}/{}", port.target, port.protocol));
    let mut ports: Vec<String> = service.expose.iter().map(with_protocol).chain(published).collect();
    ports.sort();
    ports.dedup();
    ports
}

fn healthcheck(check: &Healthcheck) -> HealthConfig {
    let nanoseconds =
        |time: Option<Duration>| time.map(|time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX));
    HealthConfig {
        test: some(check.test.clone()),
        interval: nanoseconds(check.interval),
        timeout: nanoseconds(check.timeout),
        retries: check.retries,
        start_period: nanoseconds(check.start_period),
        start_interval: nanoseconds(check.start_interval),
    }
}

fn fingerprint(service: &Service, image_id: &str, body: &ContainerCreateBody, networks: &[Joined]) -> String {
    // Through `Value`, whose objects are sorted: the API's maps have no order of their own.
    let canonical =
        |value: serde_json::Result<Value>| value.map(|value| value.to_string()).unwrap_or_default();
    let own_labels: &BTreeMap<String, String> = &service.labels;
    let mut parts = vec![
        image_id.to_owned(),
        labels::container_name(service),
        service.platform.clone().unwrap_or_default(),
        canonical(serde_json::to_value(body)),
        canonical(serde_json::to_value(networks)),
        canonical(serde_json::to_value(own_labels)),
    ];
    for mount in &service.mounts {
        match &mount.source {
            MountSource::Content { text, uid, gid, mode } => {
                parts.push(format!("{}\0{uid:?}\0{gid:?}\0{mode:?}\0{}", mount.target, text.reveal()));
            }
            MountSource::Volume { key, .. } => parts.push(volume::definition(service, key).name),
            _ => {}
        }
    }
    labels::fingerprint(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}
