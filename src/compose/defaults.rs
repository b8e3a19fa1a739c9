//! What compose fills in where a file is silent.

use super::environment::Environment;
use super::merge::started;
use super::node::{Map, Node, Value};
use super::path::tidy_text;
use super::unique::section;

/// The key under which a secret or config keeps the text of its `environment:`.
pub const CONTENT: &str = "x-dbctl-content";

/// Defaults inside one set of files, before it is included anywhere.
pub fn set(model: &mut Map) {
    for service in section(model, "services") {
        if let Some(build) = service.get_mut("build") {
            add(build, "context", text("."));
        }
        for secret in items(service.get_mut("secrets")) {
            let target =
                secret.get("source").and_then(Node::printed).map(|name| format!("/run/secrets/{name}"));
            add(secret, "target", Value::Text(target.unwrap_or_default()));
        }
        for port in items(service.get_mut("ports")) {
            add(port, "protocol", text("tcp"));
            add(port, "mode", text("ingress"));
        }
        let reserved = ["resources", "reservations", "devices"];
        let deploy = service.get_mut("deploy");
        let devices = reserved.iter().fold(deploy, |node, key| node.and_then(|node| node.get_mut(key)));
        items(devices).for_each(count_all);
        items(service.get_mut("gpus")).for_each(count_all);
    }
}

fn count_all(device: &mut Node) {
    if device.get("device_ids").is_none() {
        add(device, "count", text("all"));
    }
}

/// Variables that stand for themselves: list items of `environment` without a value, and the
/// `environment:` of secrets and configs.
pub fn take_variables(model: &mut Map, environment: &Environment) {
    for service in section(model, "services") {
        for item in items(service.get_mut("environment")) {
            if let Some(value) = item.text().and_then(|name| environment.value(name)) {
                let pair = format!("{}={value}", item.text().unwrap_or_default());
                *item = item.with_text(pair);
            }
        }
    }
    for kind in ["secrets", "configs"] {
        for object in section(model, kind) {
            let name = object.get("environment").and_then(Node::printed);
            if let Some(value) = name.and_then(|name| environment.value(&name)) {
                add(object, CONTENT, text(value));
            }
        }
    }
}

/// Defaults of the whole project.
pub fn complete(model: &mut Map, project: &str, environment: &Environment) {
    join_default_network(model);
    for service in section(model, "services") {
        complete_service(service, environment);
    }
    for kind in ["networks", "volumes", "configs", "secrets"] {
        name_resources(model, kind, project);
    }
}

fn join_default_network(model: &mut Map) {
    let mut used = None;
    for service in section(model, "services") {
        if service.get("network_mode").is_some() {
            continue;
        }
        let names_none = service.get("networks").and_then(Node::map).is_none_or(Map::is_empty);
        if names_none {
            let default = service.with_entries([("default", Value::Null)]);
            service.map_mut().map(|keys| keys.insert("networks".to_owned(), default));
        }
        if service.get("networks").is_some_and(|networks| networks.get("default").is_some()) {
            used = Some(service.place.clone());
        }
    }
    let Some(place) = used else { return };
    let empty = Node::new(Value::Map(Map::new()), place.clone());
    let networks = model.entry("networks".to_owned()).or_insert_with(|| empty.clone());
    if networks.is_null() {
        *networks = empty;
    }
    add(networks, "default", Value::Null);
}

fn complete_service(service: &mut Node, environment: &Environment) {
    if service.get("pull_policy").and_then(Node::text) == Some("if_not_present") {
        replace(service, "pull_policy", text("missing"));
    }
    if let Some(build) = service.get_mut("build") {
        if build.get("dockerfile_inline").is_none() {
            add(build, "dockerfile", text("Dockerfile"));
        }
        if let Some(args) = build.get_mut("args") {
            inherit(args, environment, false);
        }
    }
    if let Some(variables) = service.get_mut("environment") {
        inherit(variables, environment, true);
    }
    for mount in items(service.get_mut("volumes")) {
        if let Some(target) = mount.get("target").and_then(Node::printed) {
            replace(mount, "target", Value::Text(tidy_text(&target)));
        }
    }
    depend_implicitly(service);
}

/// Gives keys without a value the caller's one; where there is none, keeps them or not.
fn inherit(variables: &mut Node, environment: &Environment, keep: bool) {
    let own = |name: &str| environment.value(name).map(text);
    match &mut variables.value {
        Value::Map(map) => map.retain(|name, node| {
            if node.is_null()
                && let Some(value) = own(name)
            {
                node.value = value;
            }
            keep || !node.is_null()
        }),
        Value::List(list) => list.retain_mut(|item| {
            let Some(name) = item.text().filter(|name| !name.contains('=')) else { return true };
            let Some(value) = environment.value(name) else { return keep };
            *item = item.with_text(format!("{name}={value}"));
            true
        }),
        _ => {}
    }
}

/// Sharing a namespace, a link or volumes with another service means depending on it.
fn depend_implicitly(service: &mut Node) {
    let mut wanted = Vec::new();
    for link in items(service.get_mut("links")) {
        wanted
            .extend(link.text().and_then(|link| link.split(':').next()).map(|name| (name.to_owned(), true)));
    }
    for namespace in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let shared =
            service.get(namespace).and_then(Node::text).and_then(|mode| mode.strip_prefix("service:"));
        wanted.extend(shared.map(|name| (name.to_owned(), true)));
    }
    for source in items(service.get_mut("volumes_from")) {
        let name = source.text().filter(|text| !text.starts_with("container:"));
        wanted.extend(name.and_then(|text| text.split(':').next()).map(|name| (name.to_owned(), false)));
    }
    if wanted.is_empty() {
        return;
    }
    add(service, "depends_on", Value::Map(Map::new()));
    let Some(dependencies) = service.get_mut("depends_on") else { return };
    for (name, restart) in wanted {
        let [condition, required] = started();
        let entry = dependencies.with_entries([condition, required, ("restart", Value::Bool(restart))]);
        add(dependencies, &name, entry.value);
    }
}

fn name_resources(model: &mut Map, kind: &str, project: &str) {
    let Some(resources) = model.get_mut(kind).and_then(Node::map_mut) else { return };
    for (key, resource) in resources {
        if resource.is_null() {
            *resource = resource.with(Value::Map(Map::new()));
        }
        let external = resource.get("external").and_then(Node::printed).is_some_and(|flag| flag == "true");
        let name = if external { key.clone() } else { format!("{project}_{key}") };
        add(resource, "name", Value::Text(name));
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Sets a key that is not there.
fn add(node: &mut Node, key: &str, value: Value) {
    let node_here = node.with(value);
    if let Some(map) = node.map_mut() {
        map.entry(key.to_owned()).or_insert(node_here);
    }
}

fn replace(node: &mut Node, key: &str, value: Value) {
    if let Some(entry) = node.get_mut(key) {
        entry.value = value;
    }
}

fn items(node: Option<&mut Node>) -> impl Iterator<Item = &mut Node> {
    let list =
        node.and_then(|node| if let Value::List(items) = &mut node.value { Some(items) } else { None });
    list.into_iter().flatten()
}
