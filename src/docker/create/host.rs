//! The part of the request that concerns the host: limits, ports, isolation.

use bollard::models::{
    DeviceMapping, HostConfig, HostConfigLogConfig, PortBinding, PortMap, ResourcesUlimits, RestartPolicy,
    RestartPolicyNameEnum,
};

use crate::compose::service::{Logging, Resources, Service};
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::create::mounts;
use crate::docker::network::{self, map, some};

pub(super) fn config(service: &Service) -> Result<HostConfig> {
    let (binds, mounts) = mounts::of(service);
    Ok(HostConfig {
        binds: some(binds),
        mounts: some(mounts),
        tmpfs: mounts::tmpfs(service),
        network_mode: Some(network_mode(service)?),
        port_bindings: port_bindings(service),
        restart_policy: service
            .restart
            .as_deref()
            .map(|policy| restart_policy(service, policy))
            .transpose()?,
        log_config: service.logging.as_ref().map(logging),
        ulimits: ulimits(service),
        devices: some(service.devices.iter().map(|device| device_mapping(device)).collect()),
        security_opt: some(service.security_opt.clone()),
        cgroupns_mode: service.cgroup.as_deref().map(|mode| parsed(service, "cgroup", mode)).transpose()?,
        annotations: map(&service.annotations),
        extra_hosts: some(service.extra_hosts.clone()),
        dns: some(service.dns.clone()),
        dns_options: some(service.dns_opt.clone()),
        dns_search: some(service.dns_search.clone()),
        sysctls: map(&service.sysctls),
        cap_add: some(service.cap_add.clone()),
        cap_drop: some(service.cap_drop.clone()),
        group_add: some(service.group_add.clone()),
        privileged: Some(service.privileged),
        readonly_rootfs: Some(service.read_only),
        init: service.init,
        shm_size: service.shm_size,
        ipc_mode: service.ipc.clone(),
        pid_mode: service.pid.clone(),
        userns_mode: service.userns_mode.clone(),
        cgroup_parent: service.cgroup_parent.clone(),
        runtime: service.runtime.clone(),
        oom_kill_disable: service.oom_kill_disable.then_some(true),
        oom_score_adj: service.oom_score_adj,
        ..limits(&service.resources)
    })
}

fn limits(resources: &Resources) -> HostConfig {
    HostConfig {
        memory: resources.memory,
        memory_reservation: resources.memory_reservation,
        memory_swap: resources.memory_swap,
        memory_swappiness: resources.memory_swappiness,
        nano_cpus: resources.nano_cpus,
        cpu_shares: resources.cpu_shares,
        cpu_quota: resources.cpu_quota,
        cpu_period: resources.cpu_period,
        cpuset_cpus: resources.cpuset.clone(),
        pids_limit: resources.pids,
        ..HostConfig::default()
    }
}

fn network_mode(service: &Service) -> Result<String> {
    match service.network_mode.as_deref() {
        Some(mode) if mode.starts_with("service:") => {
            Err(unsupported(service, "network_mode", mode, "dbctl starts no other service"))
        }
        Some(mode) => Ok(mode.to_owned()),
        None => Ok(network::joined(service)
            .first()
            .map_or_else(|| "default".to_owned(), |first| first.name.clone())),
    }
}

fn port_bindings(service: &Service) -> Option<PortMap> {
    let mut bindings = PortMap::new();
    for port in &service.ports {
        let binding = PortBinding { host_ip: port.host_ip.clone(), host_port: port.published.clone() };
        bindings
            .entry(format!("{}/{}", port.target, port.protocol))
            .or_default()
            .get_or_insert_default()
            .push(binding);
    }
    (!bindings.is_empty()).then_some(bindings)
}

/// `on-failure:3` allows three attempts.
fn restart_policy(service: &Service, policy: &str) -> Result<RestartPolicy> {
    let (name, attempts) = policy.split_once(':').unwrap_or((policy, "0"));
    let name: RestartPolicyNameEnum = parsed(service, "restart", name)?;
    let attempts = attempts
        .parse()
        .map_err(|_| unsupported(service, "restart", policy, "it is no number of attempts"))?;
    Ok(RestartPolicy { name: Some(name), maximum_retry_count: Some(attempts) })
}

fn logging(logging: &Logging) -> HostConfigLogConfig {
    HostConfigLogConfig {
        typ: logging.driver.clone(),
        config: Some(map(&logging.options).unwrap_or_default()),
    }
}

fn ulimits(service: &Service) -> Option<Vec<ResourcesUlimits>> {
    let limit = |(name, limit): (&String, &crate::compose::service::Ulimit)| ResourcesUlimits {
        name: Some(name.clone()),
        soft: Some(limit.soft),
        hard: Some(limit.hard),
    };
    some(service.ulimits.iter().map(limit).collect())
}

/// `host[:container[:permissions]]`
fn device_mapping(device: &str) -> DeviceMapping {
    let mut parts = device.split(':');
    let host = parts.next().unwrap_or_default().to_owned();
    DeviceMapping {
        path_in_container: Some(parts.next().unwrap_or(&host).to_owned()),
        cgroup_permissions: Some(parts.next().unwrap_or("rwm").to_owned()),
        path_on_host: Some(host),
    }
}

fn parsed<T: std::str::FromStr>(service: &Service, key: &'static str, value: &str) -> Result<T> {
    value.parse().map_err(|_| unsupported(service, key, value, "the engine knows no such value"))
}

fn unsupported(service: &Service, key: &'static str, value: &str, cause: &str) -> ContainerError {
    ContainerError::Unsupported {
        service: service.name.clone(),
        key,
        value: value.to_owned(),
        cause: cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device_mapping;

    #[test]
    fn a_device_alone_appears_under_its_own_path_with_all_permissions() {
        let mapping = device_mapping("/dev/fuse");
        assert_eq!(mapping.path_in_container.as_deref(), Some("/dev/fuse"));
        assert_eq!(mapping.cgroup_permissions.as_deref(), Some("rwm"));
    }
}
