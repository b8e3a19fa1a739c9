//! Compose files that are read together into one model: a project's own, or one entry of `include`.

use std::fs;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{ComposeError, Place};
use super::marks::Marks;
use super::merge::merge;
use super::node::{Map, Node, Value};
use super::path::Base;
use super::{absolute, defaults, extends, include, short, unique, yaml};

/// A compose file, read.
pub struct File {
    pub path: PathBuf,
    pub documents: Vec<Node>,
}

impl File {
    pub fn read(path: &Path) -> Result<Self, ComposeError> {
        let unreadable = |source| ComposeError::Unreadable { path: path.to_owned(), source };
        let bytes = fs::read(path).map_err(unreadable)?;
        let documents = yaml::documents(&String::from_utf8_lossy(&bytes), path)?;
        Ok(Self { path: path.to_owned(), documents })
    }
}

pub struct Source {
    /// In order: each changes the ones before.
    pub files: Vec<File>,
    /// Where relative paths start.
    pub base: Base,
    pub environment: Environment,
    /// The files that led here by `include`, and those already merged.
    pub including: Vec<PathBuf>,
}

impl Source {
    /// All files merged, in long form, with absolute paths.
    pub fn model(mut self) -> Result<Map, ComposeError> {
        let mut model = Map::new();
        for file in std::mem::take(&mut self.files) {
            self.including.push(file.path);
            for document in file.documents {
                model = self.add(model, document)?;
            }
        }
        defaults::set(&mut model);
        absolute::paths(&mut model, &self.base);
        defaults::take_variables(&mut model, &self.environment);
        Ok(model)
    }

    fn add(&self, mut model: Map, mut document: Node) -> Result<Map, ComposeError> {
        let marks = Marks::take(&mut document);
        self.environment.fill(&mut document, &[])?;
        let mut document = checked(document)?;
        extends::apply(&mut document, &marks, self)?;
        marks.clear(&mut model);
        let document = include::apply(document, self)?;
        layered(model, document)
    }

    /// The file that is being merged in.
    pub fn current(&self) -> &Path {
        self.including.last().map_or(Path::new(""), PathBuf::as_path)
    }

    /// A file named by `extends`: its own `extends` and `include` are not followed yet.
    pub fn extended_file(&self, file: &Path, place: &Place) -> Result<(Map, Marks), ComposeError> {
        if !file.exists() {
            let name = file.display().to_string();
            return Err(ComposeError::Undefined { place: place.clone(), kind: "the file", name });
        }
        let mut model = Map::new();
        let mut all = Marks::default();
        for mut document in File::read(file)?.documents {
            let marks = Marks::take(&mut document);
            self.environment.fill(&mut document, &[])?;
            marks.clear(&mut model);
            model = layered(model, checked(document)?)?;
            all = all.and(&marks);
        }
        let dir = file.parent().map(PathBuf::from).unwrap_or_default();
        absolute::paths(&mut model, &self.base.in_dir(dir));
        Ok((model, all))
    }
}

fn layered(model: Map, document: Map) -> Result<Map, ComposeError> {
    let Some(place) = document.values().next().map(|node| node.place.clone()) else { return Ok(model) };
    let base = Node::new(Value::Map(model), place.clone());
    let merged = merge(base, Node::new(Value::Map(document), place), &[])?;
    let Value::Map(mut model) = merged.value else { return Ok(Map::new()) };
    unique::enforce(&mut model);
    short::expand(&mut model)?;
    unique::enforce(&mut model);
    Ok(model)
}

/// The document as a map, if its top level is what a compose file has.
fn checked(document: Node) -> Result<Map, ComposeError> {
    let wrong = document.must_be("the top level", "a mapping");
    let Value::Map(map) = document.value else { return Err(wrong) };
    for (key, node) in &map {
        match key.as_str() {
            "services" | "networks" | "volumes" | "secrets" | "configs" => check_section(key, node)?,
            "version" | "name" | "include" | "models" => {}
            _ if key.starts_with("x-") => {}
            _ => return Err(ComposeError::UnknownKey { place: node.place.clone(), key: key.clone() }),
        }
    }
    Ok(map)
}

fn check_section(section: &str, node: &Node) -> Result<(), ComposeError> {
    if node.is_null() {
        return Ok(());
    }
    let entries = node.map().ok_or_else(|| node.must_be(section, "a mapping"))?;
    let empty_allowed = matches!(section, "networks" | "volumes");
    for (name, entry) in entries {
        if entry.map().is_none() && !(entry.is_null() && empty_allowed) {
            return Err(entry.must_be(&format!("{section}.{name}"), "a mapping"));
        }
    }
    Ok(())
}
