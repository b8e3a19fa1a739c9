//! From short syntax to long: after this every key has one form only.

use super::error::ComposeError;
use super::merge::started;
use super::node::{Map, Node, Value};
use super::unique::section;
use super::{port, volume};

type Done = Result<(), ComposeError>;

/// Gives every key of the model its long form. Long forms stay as they are.
pub fn expand(model: &mut Map) -> Done {
    for service in section(model, "services") {
        expand_service(service)?;
    }
    for name in ["volumes", "networks", "secrets", "configs"] {
        section(model, name).for_each(expand_external);
    }
    Ok(())
}

fn expand_service(service: &mut Node) -> Done {
    let Some(keys) = service.map_mut() else { return Ok(()) };
    for (key, node) in keys {
        match key.as_str() {
            "build" => expand_build(node),
            "depends_on" => expand_dependencies(node)?,
            "networks" => names_to_map(node, |_| Value::Null),
            "env_file" => expand_env_files(node),
            "label_file" => text_to_list(node),
            "dns" => expand_dns(node),
            "extends" => text_to_map(node, "service"),
            "ports" => replace_items(node, port::expand)?,
            "volumes" => replace_items(node, |item| volume::expand(item).map(|long| vec![long]))?,
            "devices" => replace_items(node, |item| device(item).map(|long| vec![long]))?,
            "secrets" | "configs" => each_item(node, |item| text_to_map(item, "source")),
            "gpus" if node.text().is_some() => {
                *node = node
                    .with(Value::List(vec![node.with_entries([("count", Value::Text("all".to_owned()))])]));
            }
            _ => {}
        }
    }
    Ok(())
}

fn expand_build(build: &mut Node) {
    text_to_map(build, "context");
    if let Some(secrets) = build.get_mut("secrets") {
        each_item(secrets, |item| text_to_map(item, "source"));
    }
    for key in ["additional_contexts", "ssh"] {
        if let Some(node) = build.get_mut(key) {
            pairs_to_map(node);
        }
    }
}

fn expand_dependencies(node: &mut Node) -> Done {
    names_to_map(node, |name| name.with_entries(started()).value);
    for (service, dependency) in node.map_mut().into_iter().flatten() {
        let wrong = dependency.must_be(&format!("depends_on.{service}"), "a mapping");
        let template = dependency.clone();
        let entries = dependency.map_mut().ok_or(wrong)?;
        for (key, value) in started() {
            entries.entry(key.to_owned()).or_insert_with(|| template.with(value));
        }
    }
    Ok(())
}

fn expand_env_files(node: &mut Node) {
    text_to_list(node);
    each_item(node, |item| {
        text_to_map(item, "path");
        let required = item.with(Value::Bool(true));
        item.map_mut().map(|map| map.entry("required".to_owned()).or_insert(required));
    });
}

fn expand_dns(node: &mut Node) {
    text_to_list(node);
    if let Value::List(items) = &mut node.value {
        items.retain(|item| item.printed().is_some_and(|text| !text.is_empty()));
    }
}

/// `external: {name: x}`, the old form.
fn expand_external(resource: &mut Node) {
    let Some(map) = resource.map_mut() else { return };
    let Some(external) = map.get_mut("external") else { return };
    if external.map().is_some() {
        let name = external.get("name").cloned();
        *external = external.with(Value::Bool(true));
        if let Some(name) = name {
            map.entry("name".to_owned()).or_insert(name);
        }
    }
}

fn device(item: &Node) -> Result<Node, ComposeError> {
    let Some(text) = item.text() else { return Ok(item.clone()) };
    let parts: Vec<_> = text.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        [source] => (*source, *source, "rwm"),
        [source, target] => (*source, *target, "rwm"),
        [source, target, permissions] => (*source, *target, *permissions),
        _ => return Err(item.must_be("devices", "`source:target:permissions`")),
    };
    let text = |part: &str| Value::Text(part.to_owned());
    Ok(item.with_entries([
        ("source", text(source)),
        ("target", text(target)),
        ("permissions", text(permissions)),
    ]))
}

fn text_to_list(node: &mut Node) {
    if node.text().is_some() {
        *node = node.with(Value::List(vec![node.clone()]));
    }
}

fn text_to_map(node: &mut Node, key: &str) {
    if let Some(text) = node.text() {
        *node = node.with_entries([(key, Value::Text(text.to_owned()))]);
    }
}

fn names_to_map(node: &mut Node, value: fn(&Node) -> Value) {
    if let Some(names) = node.list() {
        let entries = names.iter().filter_map(|name| Some((name.text()?.to_owned(), name.with(value(name)))));
        *node = node.with(Value::Map(entries.collect()));
    }
}

fn pairs_to_map(node: &mut Node) {
    if let Some(items) = node.list() {
        let pair = |item: &Node| {
            let text = item.printed()?;
            let (key, value) = text
                .split_once('=')
                .map_or((&*text, Value::Null), |(key, value)| (key, Value::Text(value.to_owned())));
            Some((key.to_owned(), item.with(value)))
        };
        *node = node.with(Value::Map(items.iter().filter_map(pair).collect()));
    }
}

fn each_item(node: &mut Node, change: impl Fn(&mut Node)) {
    if let Value::List(items) = &mut node.value {
        items.iter_mut().for_each(change);
    }
}

fn replace_items(node: &mut Node, long: impl Fn(&Node) -> Result<Vec<Node>, ComposeError>) -> Done {
    if let Some(items) = node.list() {
        let long: Result<Vec<_>, _> = items.iter().map(long).collect();
        *node = node.with(Value::List(long?.into_iter().flatten().collect()));
    }
    Ok(())
}
