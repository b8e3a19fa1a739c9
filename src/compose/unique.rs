//! Lists in which a later item replaces the earlier one of the same name.

use super::node::{Map, Node, Value};
use super::volume;

/// Removes what a later item of the same list redefines: a variable, a mount's target, a port.
pub fn enforce(model: &mut Map) {
    for service in section(model, "services") {
        enforce_service(service);
    }
    for network in section(model, "networks") {
        keep_last(network.get_mut("labels"), name);
        keep_last(network.get_mut("ipam").and_then(|ipam| ipam.get_mut("options")), name);
    }
}

/// The entries of a top-level section.
pub fn section<'m>(model: &'m mut Map, name: &str) -> impl Iterator<Item = &'m mut Node> {
    model.get_mut(name).and_then(Node::map_mut).into_iter().flat_map(|map| map.values_mut())
}

fn enforce_service(service: &mut Node) {
    let Some(keys) = service.map_mut() else { return };
    for (key, value) in keys {
        match key.as_str() {
            "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "environment"
            | "expose" | "labels" | "links" | "profiles" | "sysctls" | "tmpfs" => {
                keep_last(Some(value), name);
            }
            "volumes" => keep_last(Some(value), volume_target),
            "devices" => keep_last(Some(value), device_target),
            "ports" => keep_last(Some(value), port),
            "env_file" => keep_last(Some(value), |item| item.get("path").unwrap_or(item).printed()),
            "secrets" => keep_last(Some(value), |item| mount(item, "/run/secrets")),
            "configs" => keep_last(Some(value), |item| mount(item, "")),
            "build" => each(value, &["args", "additional_contexts", "tags", "labels"]),
            "deploy" => each(value, &["labels"]),
            "networks" => attachments(value),
            _ => {}
        }
    }
}

fn each(node: &mut Node, keys: &[&str]) {
    for key in keys {
        keep_last(node.get_mut(key), name);
    }
}

fn attachments(networks: &mut Node) {
    for network in networks.map_mut().into_iter().flat_map(|map| map.values_mut()) {
        each(network, &["aliases", "link_local_ips"]);
    }
}

/// A later item takes the place of the earlier one with the same identity.
fn keep_last(list: Option<&mut Node>, identity: impl Fn(&Node) -> Option<String>) {
    let Some(list) = list else { return };
    let Value::List(items) = &mut list.value else { return };
    let mut kept: Vec<(Option<String>, Node)> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        let key = identity(&item);
        match kept.iter_mut().find(|(known, _)| key.is_some() && *known == key) {
            Some((_, earlier)) => *earlier = item,
            None => kept.push((key, item)),
        }
    }
    items.extend(kept.into_iter().map(|(_, item)| item));
}

/// The part before `=`.
fn name(item: &Node) -> Option<String> {
    let text = item.printed()?;
    Some(text.split('=').next().unwrap_or(&text).to_owned())
}

fn volume_target(item: &Node) -> Option<String> {
    match item.text() {
        Some(short) => volume::target(short),
        None => item.get("target")?.printed(),
    }
}

fn device_target(item: &Node) -> Option<String> {
    match item.text() {
        Some(short) => short.split(':').nth(1).or(Some(short)).map(str::to_owned),
        None => item.get("target")?.printed(),
    }
}

fn port(item: &Node) -> Option<String> {
    if item.map().is_none() {
        return item.printed();
    }
    let part =
        |key, default: &str| item.get(key).and_then(Node::printed).unwrap_or_else(|| default.to_owned());
    let host = part("host_ip", "0.0.0.0");
    Some(format!("{host}:{}:{}/{}", part("published", "-"), part("target", ""), part("protocol", "tcp")))
}

fn mount(item: &Node, folder: &str) -> Option<String> {
    if let Some(target) = item.get("target") {
        return target.printed();
    }
    let source = item.get("source").unwrap_or(item).printed()?;
    Some(format!("{folder}/{source}"))
}
