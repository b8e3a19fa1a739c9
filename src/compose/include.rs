//! `include`: other compose files, each read as a project of its own, made part of this one.

use std::path::PathBuf;

use super::error::ComposeError;
use super::merge::merge;
use super::node::{Map, Node, Value};
use super::source::{File, Source};
use super::{short, unique};

const SECTIONS: [&str; 5] = ["services", "volumes", "networks", "secrets", "configs"];

/// The document with everything that it includes.
///
/// What several files define is merged, as Compose 5 does it: a later include changes an earlier one, and
/// the including file changes them all.
pub fn apply(mut document: Map, source: &Source) -> Result<Map, ComposeError> {
    let Some(include) = document.remove("include") else { return Ok(document) };
    let entries = include.list().ok_or_else(|| include.must_be("include", "a list"))?;
    let mut model = Map::new();
    for entry in entries {
        let mut included = part(entry, source)?.model()?;
        included.retain(|key, _| SECTIONS.contains(&key.as_str()));
        add(&mut model, included)?;
    }
    add(&mut model, document)?;
    Ok(model)
}

fn add(model: &mut Map, mut later: Map) -> Result<(), ComposeError> {
    short::expand(&mut later)?;
    for (key, node) in later {
        let Some(earlier) = model.remove(&key).filter(|_| SECTIONS.contains(&key.as_str())) else {
            model.insert(key, node);
            continue;
        };
        let merged = resources(earlier, node, &key)?;
        model.insert(key, merged);
    }
    unique::enforce(model);
    Ok(())
}

/// Merges two sections, resource by resource; the same resource met twice stays as it is.
fn resources(mut earlier: Node, later: Node, section: &str) -> Result<Node, ComposeError> {
    if earlier.is_null() {
        return Ok(later);
    }
    let (Some(known), Value::Map(more)) = (earlier.map_mut(), later.value) else { return Ok(earlier) };
    for (name, node) in more {
        let resource = match known.remove(&name) {
            Some(same) if same.same_content(&node) => same,
            Some(other) => merge(other, node, &[section, &name])?,
            None => node,
        };
        known.insert(name, resource);
    }
    Ok(earlier)
}

/// The files of one entry, with the folder and the variables that hold for them.
fn part(entry: &Node, source: &Source) -> Result<Source, ComposeError> {
    let paths = texts(entry.text().map_or_else(|| entry.get("path"), |_| Some(entry)));
    let Some(first) = paths.first() else {
        return Err(entry.must_be("include", "a path, or a mapping with `path`"));
    };
    if let Some(remote) = paths.iter().find(|path| is_remote(path)) {
        return Err(ComposeError::Remote { place: entry.place.clone(), reference: remote.clone() });
    }
    let main = source.base.absolute(first);
    if source.including.contains(&main) {
        return Err(ComposeError::IncludeCycle { place: entry.place.clone(), file: main });
    }
    let files = paths.iter().map(|path| File::read(&source.base.absolute(path)));
    let files = files.collect::<Result<_, _>>()?;
    let dir = entry.get("project_directory").and_then(Node::text).filter(|dir| !dir.is_empty());
    let dir = match dir {
        Some(dir) => source.base.absolute(dir),
        None => main.parent().map(PathBuf::from).unwrap_or_default(),
    };
    let mut environment = source.environment.clone();
    environment.complete_from(&env_files(entry, &dir, source))?;
    Ok(Source { files, base: source.base.in_dir(dir), environment, including: source.including.clone() })
}

fn env_files(entry: &Node, dir: &std::path::Path, source: &Source) -> Vec<PathBuf> {
    let named = texts(entry.get("env_file"));
    if named.is_empty() {
        return Some(dir.join(".env")).filter(|file| file.is_file()).into_iter().collect();
    }
    named.iter().map(|file| source.base.absolute(file)).collect()
}

/// A text or a list of texts.
fn texts(node: Option<&Node>) -> Vec<String> {
    match node.map(|node| &node.value) {
        Some(Value::Text(text)) => vec![text.clone()],
        Some(Value::List(items)) => items.iter().filter_map(Node::printed).collect(),
        _ => Vec::new(),
    }
}

fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}
