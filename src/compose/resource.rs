//! What a service may use: `deploy`, the older limits, and the volumes and networks that it names.

use std::collections::BTreeMap;

use serde_json::Value as JsonValue;

use super::Compose;
use super::error::ComposeError;
use super::honour::Keys;
use super::keys::{NETWORK, VOLUME};
use super::node::Node;
use super::service::{
    Ipam, IpamPool, Mount, MountSource, NetworkAttachment, NetworkDefinition, Resources, VolumeDefinition,
};
use super::shape::{self, Field};

/// What `deploy` and the keys beside it come to.
pub struct Deployed {
    pub resources: Resources,
    pub restart: Option<String>,
}

/// One container is what dbctl makes, so `scale` and `replicas` must not ask for another number.
pub fn deploy(keys: &mut Keys<'_>) -> Result<Deployed, ComposeError> {
    single(keys, "scale")?;
    let mut resources = plain(keys);
    let mut restart = None;
    if let Some(mut deploy) = keys.inner("deploy") {
        single(&mut deploy, "replicas")?;
        if let Some(limits) = deploy.inner("resources") {
            limited(limits, &mut resources)?;
        }
        restart = deploy.inner("restart_policy").map(restart_policy).transpose()?.flatten();
        // These speak to swarm alone.
        deploy.ignore(&["mode", "labels", "update_config", "rollback_config", "placement", "endpoint_mode"]);
        deploy.finish()?;
    }
    Ok(Deployed { resources, restart })
}

fn single(keys: &mut Keys<'_>, key: &str) -> Result<(), ComposeError> {
    match keys.int(key) {
        None | Some(1) => Ok(()),
        Some(count) => Err(keys.refuse(&format!("{key}: {count}"))),
    }
}

fn plain(keys: &mut Keys<'_>) -> Resources {
    Resources {
        memory: keys.bytes("mem_limit"),
        memory_reservation: keys.bytes("mem_reservation"),
        memory_swap: keys.bytes("memswap_limit"),
        memory_swappiness: keys.bytes("mem_swappiness"),
        nano_cpus: keys.number("cpus").map(nano),
        cpu_shares: keys.int("cpu_shares"),
        cpu_quota: keys.int("cpu_quota"),
        cpu_period: keys.int("cpu_period"),
        cpuset: keys.text("cpuset"),
        pids: keys.int("pids_limit"),
    }
}

fn limited(mut keys: Keys<'_>, resources: &mut Resources) -> Result<(), ComposeError> {
    if let Some(mut limits) = keys.inner("limits") {
        resources.memory = limits.bytes("memory").or(resources.memory);
        resources.nano_cpus = limits.number("cpus").map(nano).or(resources.nano_cpus);
        resources.pids = limits.int("pids").or(resources.pids);
        limits.finish()?;
    }
    if let Some(mut reserved) = keys.inner("reservations") {
        resources.memory_reservation = reserved.bytes("memory").or(resources.memory_reservation);
        // Only swarm reserves processors.
        reserved.ignore(&["cpus"]);
        reserved.finish()?;
    }
    keys.finish()
}

#[expect(clippy::cast_possible_truncation, reason = "far inside the range of an i64")]
fn nano(cpus: f64) -> i64 {
    (cpus * 1e9).round() as i64
}

/// In the words of `restart:`.
fn restart_policy(mut keys: Keys<'_>) -> Result<Option<String>, ComposeError> {
    let attempts = keys.int("max_attempts");
    let policy = keys.text("condition").map(|condition| match (condition.as_str(), attempts) {
        ("none", _) => "no".to_owned(),
        ("any", _) => "always".to_owned(),
        ("on-failure", Some(attempts)) => format!("on-failure:{attempts}"),
        (other, _) => other.to_owned(),
    });
    // The engine knows neither.
    keys.ignore(&["delay", "window"]);
    keys.finish().map(|()| policy)
}

/// The definitions of the volumes that the mounts use.
pub fn volumes(
    compose: &Compose,
    keys: &Keys<'_>,
    mounts: &[Mount],
) -> Result<BTreeMap<String, VolumeDefinition>, ComposeError> {
    let used = mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Volume { key, .. } => Some(key),
        _ => None,
    });
    used.map(|key| {
        let mut definition = definition(compose, keys, "volumes", key, VOLUME)?;
        let volume = VolumeDefinition {
            name: definition.text("name").unwrap_or_default(),
            external: definition.flag("external").unwrap_or_default(),
            driver: definition.text("driver"),
            driver_opts: definition.pairs("driver_opts"),
            labels: definition.pairs("labels"),
        };
        definition.finish().map(|()| (key.clone(), volume))
    })
    .collect()
}

/// The definitions of the networks that the service joins.
pub fn networks(
    compose: &Compose,
    keys: &Keys<'_>,
    attachments: &[NetworkAttachment],
) -> Result<BTreeMap<String, NetworkDefinition>, ComposeError> {
    let used = attachments.iter().map(|attachment| &attachment.key);
    used.map(|key| Ok((key.clone(), network(definition(compose, keys, "networks", key, NETWORK)?)?)))
        .collect()
}

fn network(mut keys: Keys<'_>) -> Result<NetworkDefinition, ComposeError> {
    let network = NetworkDefinition {
        name: keys.text("name").unwrap_or_default(),
        external: keys.flag("external").unwrap_or_default(),
        driver: keys.text("driver"),
        driver_opts: keys.pairs("driver_opts"),
        internal: keys.flag("internal").unwrap_or_default(),
        attachable: keys.flag("attachable").unwrap_or_default(),
        enable_ipv6: keys.flag("enable_ipv6"),
        labels: keys.pairs("labels"),
        ipam: keys.inner("ipam").map(ipam).transpose()?.filter(|ipam| *ipam != Ipam::default()),
    };
    if keys.flag("enable_ipv4") == Some(false) {
        return Err(keys.refuse("enable_ipv4: false"));
    }
    keys.finish().map(|()| network)
}

fn ipam(mut keys: Keys<'_>) -> Result<Ipam, ComposeError> {
    let mut pools = Vec::new();
    for mut pool in keys.list("config") {
        pools.push(IpamPool {
            subnet: pool.text("subnet"),
            ip_range: pool.text("ip_range"),
            gateway: pool.text("gateway"),
            aux_addresses: pool.pairs("aux_addresses"),
        });
        pool.finish()?;
    }
    let ipam = Ipam { driver: keys.text("driver"), config: pools, options: keys.pairs("options") };
    keys.finish().map(|()| ipam)
}

/// A named volume or network, ready to be read key by key.
fn definition<'c>(
    compose: &'c Compose,
    keys: &Keys<'c>,
    section: &'static str,
    name: &str,
    fields: &[Field],
) -> Result<Keys<'c>, ComposeError> {
    let node: &Node = compose
        .resource(section, name)
        .ok_or_else(|| keys.undefined(section, section.trim_end_matches('s'), name))?;
    let JsonValue::Object(object) = shape::object(node, &format!("{section}.{name}"), fields)? else {
        return Err(node.must_be(section, "a mapping"));
    };
    Ok(keys.of_resource(format!("{section}.{name}"), node, object))
}
