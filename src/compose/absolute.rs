//! Makes the relative paths of a model absolute.

use super::node::{Map, Node, Value};
use super::path::Base;
use super::unique::section;

/// Every path that compose takes relative to the project folder, joined to `base`.
pub fn paths(model: &mut Map, base: &Base) {
    for service in section(model, "services") {
        of_service(service, base);
    }
    for kind in ["secrets", "configs"] {
        for object in section(model, kind) {
            join(object.get_mut("file"), base);
        }
    }
    section(model, "volumes").for_each(|volume| of_volume(volume, base));
}

fn of_service(service: &mut Node, base: &Base) {
    if let Some(build) = service.get_mut("build") {
        join_context(build.get_mut("context"), base);
        values(build.get_mut("additional_contexts")).for_each(|node| join_context(Some(node), base));
        values(build.get_mut("ssh")).for_each(|node| join(Some(node), base));
    }
    join(service.get_mut("extends").and_then(|extends| extends.get_mut("file")), base);
    items(service.get_mut("env_file")).for_each(|file| join(file.get_mut("path"), base));
    items(service.get_mut("label_file")).for_each(|file| join(Some(file), base));
    let watched = service.get_mut("develop").and_then(|develop| develop.get_mut("watch"));
    items(watched).for_each(|trigger| join(trigger.get_mut("path"), base));
    for mount in items(service.get_mut("volumes")) {
        if mount.get("type").and_then(Node::text) == Some("bind") {
            join(mount.get_mut("source"), base);
        }
    }
}

/// A local volume that is a bind mount in disguise.
fn of_volume(volume: &mut Node, base: &Base) {
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::printed);
    let local = text(volume, "driver").as_deref() == Some("local");
    let Some(options) = volume.get_mut("driver_opts") else { return };
    if local && text(options, "o").as_deref() == Some("bind") {
        join(options.get_mut("device"), base);
    }
}

fn join(node: Option<&mut Node>, base: &Base) {
    let Some(node) = node else { return };
    if let Value::Text(path) = &mut node.value
        && !path.is_empty()
    {
        *path = base.absolute_text(path);
    }
}

fn join_context(node: Option<&mut Node>, base: &Base) {
    let remote = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"];
    let is_remote = |text: &str| text.contains("://") || remote.iter().any(|prefix| text.starts_with(prefix));
    if !node.as_ref().and_then(|node| node.text()).is_some_and(is_remote) {
        join(node, base);
    }
}

fn items(node: Option<&mut Node>) -> impl Iterator<Item = &mut Node> {
    let list =
        node.and_then(|node| if let Value::List(items) = &mut node.value { Some(items) } else { None });
    list.into_iter().flatten()
}

fn values(node: Option<&mut Node>) -> impl Iterator<Item = &mut Node> {
    node.and_then(Node::map_mut).into_iter().flat_map(|map| map.values_mut())
}
