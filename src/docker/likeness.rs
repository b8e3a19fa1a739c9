//! A container made like another, but alone: nobody reaches it, and nothing restarts it.

use bollard::models::{
    ContainerConfig, ContainerCreateBody, ContainerInspectResponse, HealthConfig, HostConfig, Mount,
    MountType, MountVolumeOptions,
};

/// The request that would make a container like `model`; its mounts are those of the model's own request.
pub(in crate::docker) fn of(model: ContainerInspectResponse) -> ContainerCreateBody {
    let body = configured(model.config.unwrap_or_default());
    alone(ContainerCreateBody { host_config: model.host_config, ..body })
}

/// The same container without network, ports, health check, and labels.
pub(in crate::docker) fn alone(body: ContainerCreateBody) -> ContainerCreateBody {
    ContainerCreateBody {
        healthcheck: Some(HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() }),
        host_config: body.host_config.map(without_network),
        networking_config: None,
        exposed_ports: None,
        labels: None,
        ..body
    }
}

fn configured(config: ContainerConfig) -> ContainerCreateBody {
    ContainerCreateBody {
        image: config.image,
        user: config.user,
        env: config.env,
        cmd: config.cmd,
        entrypoint: config.entrypoint,
        working_dir: config.working_dir,
        stop_signal: config.stop_signal,
        tty: config.tty,
        open_stdin: config.open_stdin,
        ..ContainerCreateBody::default()
    }
}

fn without_network(host: HostConfig) -> HostConfig {
    HostConfig {
        network_mode: Some("none".to_owned()),
        port_bindings: None,
        publish_all_ports: None,
        restart_policy: None,
        auto_remove: None,
        links: None,
        dns: None,
        dns_options: None,
        dns_search: None,
        extra_hosts: None,
        ..host
    }
}

/// Where a short bind leads inside the container.
pub(in crate::docker) fn bind_target(bind: &str) -> Option<&str> {
    bind.split(':').nth(1)
}

/// A volume of the container's own, which goes with it.
pub(in crate::docker) fn own_volume(target: &str) -> Mount {
    Mount { typ: Some(MountType::VOLUME), target: Some(target.to_owned()), ..Mount::default() }
}

/// As [`own_volume`], and empty even where the image has files.
pub(in crate::docker) fn empty_volume(target: &str) -> Mount {
    Mount {
        volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
        ..own_volume(target)
    }
}
