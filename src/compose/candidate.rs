//! Judges which services are Postgres servers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as JsonValue;

use super::image::{Verdict, judge};
use super::node::Node;
use super::{Compose, Object, canonical, dockerfile};

/// Folders that only a Postgres server mounts.
const FOLDERS: [&str; 3] = ["/var/lib/postgresql", "/docker-entrypoint-initdb.d", "/bitnami/postgresql"];

/// By the image's name, else by what the Dockerfile builds on, else by variables that create a database
/// together with a mount that only a server needs: an application merely receives such variables.
pub fn is_postgres(compose: &Compose, name: &str, service: &Node) -> bool {
    let image = service.get("image").and_then(Node::text).map_or(Verdict::Unknown, judge);
    let verdict = if image == Verdict::Unknown { built_on(compose, service) } else { image };
    match verdict {
        Verdict::Server => true,
        Verdict::Companion => false,
        Verdict::Unknown => canonical::service(compose, name).is_ok_and(|service| behaves_like_one(&service)),
    }
}

fn built_on(compose: &Compose, service: &Node) -> Verdict {
    let Some(build) = service.get("build") else { return Verdict::Unknown };
    let inline = build.get("dockerfile_inline").and_then(Node::printed);
    let Some(text) = inline.or_else(|| read_dockerfile(compose, build)) else { return Verdict::Unknown };
    let target = build.get("target").and_then(Node::text);
    let base = dockerfile::base_image(&text, target, &arguments(build));
    base.map_or(Verdict::Unknown, |image| judge(&image))
}

fn read_dockerfile(compose: &Compose, build: &Node) -> Option<String> {
    let context = compose.base.absolute(build.get("context")?.text()?);
    fs::read_to_string(context.join(build.get("dockerfile")?.text()?)).ok()
}

fn arguments(build: &Node) -> BTreeMap<String, String> {
    let Some(args) = build.get("args") else { return BTreeMap::new() };
    let pair = |item: &Node| {
        let text = item.printed()?;
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    match (args.map(), args.list()) {
        (Some(map), _) => {
            map.iter().filter_map(|(name, value)| Some((name.clone(), value.printed()?))).collect()
        }
        (_, Some(list)) => list.iter().filter_map(pair).collect(),
        _ => BTreeMap::new(),
    }
}

fn behaves_like_one(service: &Object) -> bool {
    let environment = service.get("environment").and_then(JsonValue::as_object);
    let creates = |name: &String| name.starts_with("POSTGRES_") || name.starts_with("POSTGRESQL_");
    let has_variables = environment.is_some_and(|variables| variables.keys().any(creates));
    let mounts = service.get("volumes").and_then(JsonValue::as_array).into_iter().flatten();
    let inside = |target: &str| FOLDERS.iter().any(|folder| Path::new(target).starts_with(folder));
    let mut targets = mounts.filter_map(|mount| mount["target"].as_str());
    has_variables && targets.any(inside)
}
