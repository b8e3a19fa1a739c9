//! The model in compose's canonical form, as JSON.

use std::collections::BTreeMap;

use serde_json::{Value as JsonValue, json};

use super::environment::read_env_file;
use super::error::ComposeError;
use super::keys::{FILE, NETWORK, SERVICE, VOLUME};
use super::node::Node;
use super::shape::{self, Field};
use super::{Compose, Object};

type Variables = BTreeMap<String, String>;

/// The whole project, without services that are switched off and resources that no service uses.
pub fn project(compose: &Compose) -> Result<JsonValue, ComposeError> {
    let mut services = Object::new();
    for name in compose.services() {
        services.insert(name.to_owned(), JsonValue::Object(service(compose, name)?));
    }
    let mut project = Object::new();
    for (section, fields) in
        [("networks", NETWORK), ("volumes", VOLUME), ("secrets", FILE), ("configs", FILE)]
    {
        let used = used(&services, section);
        let resources = resources(compose, section, fields, &used)?;
        if !resources.is_empty() {
            project.insert(section.to_owned(), JsonValue::Object(resources));
        }
    }
    project.insert("name".to_owned(), json!(compose.name));
    project.insert("services".to_owned(), JsonValue::Object(services));
    let extensions = compose.model.iter().filter(|(key, _)| key.starts_with("x-"));
    project.extend(extensions.map(|(key, node)| (key.clone(), shape::as_it_stands(node))));
    Ok(JsonValue::Object(project))
}

fn resources(
    compose: &Compose,
    section: &str,
    fields: &[Field],
    used: &[String],
) -> Result<Object, ComposeError> {
    let wanted = compose.section(section).filter(|(name, _)| used.contains(name));
    wanted
        .map(|(name, node)| Ok((name.clone(), shape::object(node, &format!("{section}.{name}"), fields)?)))
        .collect()
}

/// The names of a section's resources that services use.
fn used(services: &Object, section: &str) -> Vec<String> {
    let sources = |list: &JsonValue, kind: Option<&str>| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        let fit = items.filter(|item| kind.is_none_or(|kind| item["type"] == kind));
        fit.filter_map(|item| item["source"].as_str().map(str::to_owned)).collect()
    };
    let names = |service: &JsonValue| match section {
        "networks" => {
            service["networks"].as_object().into_iter().flat_map(|map| map.keys().cloned()).collect()
        }
        "volumes" => sources(&service["volumes"], Some("volume")),
        "secrets" => {
            [sources(&service["secrets"], None), sources(&service["build"]["secrets"], None)].concat()
        }
        _ => sources(&service[section], None),
    };
    services.values().flat_map(names).collect()
}

/// One service, with the contents of its env files and label files.
pub fn service(compose: &Compose, name: &str) -> Result<Object, ComposeError> {
    let node = compose.resource("services", name).ok_or_else(|| ComposeError::NoService {
        name: name.to_owned(),
        known: compose.all().map(|(name, _)| name.clone()).collect(),
    })?;
    let JsonValue::Object(mut service) = shape::object(node, &format!("services.{name}"), SERVICE)? else {
        return Ok(Object::new());
    };
    let outer = |name: &str| compose.environment.value(name).map(str::to_owned);
    let variables = from_files(node, "env_file", &outer)?;
    overlay(&mut service, "environment", variables);
    overlay(&mut service, "labels", from_files(node, "label_file", &|_| None)?);
    service.remove("env_file");
    service.remove("label_file");
    Ok(service)
}

fn from_files(
    service: &Node,
    key: &str,
    outer: &dyn Fn(&str) -> Option<String>,
) -> Result<Variables, ComposeError> {
    let mut found = Variables::new();
    for file in service.get(key).and_then(Node::list).unwrap_or_default() {
        let path = file.get("path").unwrap_or(file).printed().unwrap_or_default();
        let required = file.get("required").and_then(Node::printed).is_none_or(|flag| flag == "true");
        if !std::path::Path::new(&path).exists() {
            if required {
                return Err(ComposeError::EnvFileMissing { place: file.place.clone(), path: path.into() });
            }
            continue;
        }
        let format = file.get("format").and_then(Node::text);
        let lookup = |name: &str| found.get(name).cloned().or_else(|| outer(name));
        let more = read_env_file(path.as_ref(), format, &lookup)?;
        found.extend(more);
    }
    Ok(found)
}

/// What the compose file itself says wins over its env files.
fn overlay(service: &mut Object, key: &str, from_files: Variables) {
    if from_files.is_empty() {
        return;
    }
    let mut all: Object = from_files.into_iter().map(|(name, value)| (name, json!(value))).collect();
    if let Some(JsonValue::Object(own)) = service.remove(key) {
        all.extend(own);
    }
    service.insert(key.to_owned(), JsonValue::Object(all));
}
