//! What the engine says of a container, as typed values.

use std::collections::BTreeMap;
use std::net::IpAddr;

use bollard::models::{
    ContainerConfig, ContainerInspectResponse, ContainerState, ContainerStateStatusEnum, EndpointSettings,
    MountPoint, PortMap,
};

use crate::compose::service::Service;
use crate::docker::container_error::is_failure;
use crate::docker::labels;
use crate::docker::observe::environment;

/// A container that the engine has. Not `Debug`: its environment holds passwords.
#[derive(Clone)]
pub struct ContainerFacts {
    pub id: String,
    /// Without the leading slash.
    pub name: String,
    /// RFC 3339.
    pub created: String,
    pub state: State,
    /// When it last ended, RFC 3339; of no meaning before.
    pub finished_at: String,
    /// The id of its image: `sha256:…`
    pub image: String,
    pub labels: BTreeMap<String, String>,
    /// The image's and the service's, merged.
    pub environment: BTreeMap<String, String>,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub mounts: Vec<MountFacts>,
    /// Targets of tmpfs mounts.
    pub tmpfs: Vec<String>,
    /// By the network's name.
    pub addresses: BTreeMap<String, Vec<IpAddr>>,
    pub published: Vec<Published>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Never started.
    Created,
    /// Since the time given (RFC 3339).
    Running {
        started_at: String,
    },
    Paused,
    /// After it ended with `code`, as its restart policy says.
    Restarting {
        code: i64,
    },
    Exited {
        code: i64,
    },
}

/// Something mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountFacts {
    pub target: String,
    pub source: MountedFrom,
    pub writable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountedFrom {
    /// By the engine's name for it.
    Volume(String),
    /// A path of the engine's host.
    Host(String),
    Other,
}

/// A port of the container that answers on the engine's host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub target: u16,
    pub host_ip: Option<IpAddr>,
    pub host_port: u16,
}

impl ContainerFacts {
    /// Whether it carries the labels of the service.
    #[must_use]
    pub fn is_of(&self, service: &Service) -> bool {
        let is = |key: &str, value: &str| self.labels.get(key).is_some_and(|found| found == value);
        is(labels::PROJECT, &service.project)
            && is(labels::SERVICE, &service.name)
            && self.labels.get(labels::ONE_OFF).is_none_or(|found| !found.eq_ignore_ascii_case("true"))
    }

    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    /// Whether it ended by itself, and not in peace.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(self.state, State::Exited { code } | State::Restarting { code } if is_failure(code))
    }

    /// Whether nothing of it runs.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, State::Created | State::Exited { .. })
    }

    #[must_use]
    pub fn was_never_started(&self) -> bool {
        self.state == State::Created
    }

    /// The mount that holds `path`, if one does: the one with the longest fitting target.
    #[must_use]
    pub fn mount_at(&self, path: &str) -> Option<&MountFacts> {
        self.mounts.iter().filter(|mount| lies_in(path, &mount.target)).max_by_key(|mount| mount.target.len())
    }
}

/// Whether `path` is `directory` or lies below it.
pub(in crate::docker) fn lies_in(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    path.trim_end_matches('/')
        .strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl From<ContainerInspectResponse> for ContainerFacts {
    fn from(found: ContainerInspectResponse) -> Self {
        let config = found.config.unwrap_or_default();
        let network = found.network_settings.unwrap_or_default();
        let host = found.host_config.unwrap_or_default();
        let mounted_tmpfs = host.mounts.iter().flatten().filter(|mount| is_tmpfs(mount));
        let tmpfs = host.tmpfs.iter().flat_map(|tmpfs| tmpfs.keys().cloned());
        Self {
            id: found.id.unwrap_or_default(),
            name: found.name.unwrap_or_default().trim_start_matches('/').to_owned(),
            created: found.created.unwrap_or_default(),
            finished_at: found.state.as_ref().and_then(|state| state.finished_at.clone()).unwrap_or_default(),
            state: found.state.map_or(State::Created, State::from),
            image: found.image.unwrap_or_default(),
            tmpfs: tmpfs.chain(mounted_tmpfs.filter_map(|mount| mount.target.clone())).collect(),
            mounts: found.mounts.unwrap_or_default().into_iter().map(MountFacts::from).collect(),
            addresses: network.networks.unwrap_or_default().iter().map(addresses).collect(),
            published: network.ports.map(published).unwrap_or_default(),
            ..Self::configured(config)
        }
    }
}

impl ContainerFacts {
    fn configured(config: ContainerConfig) -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            created: String::new(),
            state: State::Created,
            finished_at: String::new(),
            image: String::new(),
            labels: config.labels.unwrap_or_default().into_iter().collect(),
            environment: environment(config.env),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            mounts: Vec::new(),
            tmpfs: Vec::new(),
            addresses: BTreeMap::new(),
            published: Vec::new(),
        }
    }
}

fn is_tmpfs(mount: &bollard::models::Mount) -> bool {
    mount.typ == Some(bollard::models::MountType::TMPFS)
}

impl From<ContainerState> for State {
    fn from(state: ContainerState) -> Self {
        match state.status {
            Some(ContainerStateStatusEnum::RUNNING) => {
                Self::Running { started_at: state.started_at.unwrap_or_default() }
            }
            Some(ContainerStateStatusEnum::PAUSED) => Self::Paused,
            Some(ContainerStateStatusEnum::RESTARTING) => {
                Self::Restarting { code: state.exit_code.unwrap_or_default() }
            }
            Some(ContainerStateStatusEnum::CREATED) | None => Self::Created,
            Some(_) => Self::Exited { code: state.exit_code.unwrap_or_default() },
        }
    }
}

impl From<MountPoint> for MountFacts {
    fn from(mount: MountPoint) -> Self {
        let source = match (mount.typ.as_deref(), mount.name, mount.source) {
            (Some("volume"), Some(name), _) => MountedFrom::Volume(name),
            (Some("bind"), _, Some(path)) => MountedFrom::Host(path),
            _ => MountedFrom::Other,
        };
        Self { target: mount.destination.unwrap_or_default(), source, writable: mount.rw.unwrap_or(true) }
    }
}

fn addresses((name, endpoint): (&String, &EndpointSettings)) -> (String, Vec<IpAddr>) {
    let texts = [&endpoint.ip_address, &endpoint.global_ipv6_address];
    (name.clone(), texts.into_iter().flatten().filter_map(|text| text.parse().ok()).collect())
}

fn published(ports: PortMap) -> Vec<Published> {
    let mut published = Vec::new();
    for (container_port, bindings) in ports {
        let Some(target) = container_port.strip_suffix("/tcp").and_then(|port| port.parse().ok()) else {
            continue;
        };
        for binding in bindings.unwrap_or_default() {
            let Some(host_port) = binding.host_port.and_then(|port| port.parse().ok()) else { continue };
            let host_ip = binding.host_ip.and_then(|ip| ip.parse().ok());
            published.push(Published { target, host_ip, host_port });
        }
    }
    published
}

#[cfg(test)]
mod tests {
    use super::lies_in;

    #[test]
    fn a_path_lies_in_its_ancestors_and_itself_but_not_beside() {
        assert!(lies_in("/var/lib/postgresql/data", "/var/lib/postgresql"));
        assert!(lies_in("/docker-entrypoint-initdb.d/", "/docker-entrypoint-initdb.d"));
        assert!(!lies_in("/docker-entrypoint-initdb.d.old", "/docker-entrypoint-initdb.d"));
    }
}
