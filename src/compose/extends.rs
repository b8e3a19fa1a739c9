//! `extends`: a service built on another one, of the same file or of another.

use std::path::PathBuf;

use super::error::{ComposeError, Place};
use super::marks::Marks;
use super::merge::merge;
use super::node::{Map, Node, Value};
use super::source::Source;

/// Replaces each service of a document that extends another by the merged one.
pub fn apply(document: &mut Map, marks: &Marks, source: &Source) -> Result<(), ComposeError> {
    let Some(services) = document.get_mut("services").and_then(Node::map_mut) else { return Ok(()) };
    let names: Vec<_> = services.keys().cloned().collect();
    let mut family = Family { source, file: source.current().to_owned(), services: std::mem::take(services) };
    for name in names {
        family.resolve(&name, marks, &mut Vec::new())?;
    }
    *services = family.services;
    Ok(())
}

/// The services of one file, among which `extends` without `file` looks.
struct Family<'s> {
    source: &'s Source,
    file: PathBuf,
    services: Map,
}

/// The files and services passed on the way, to notice a circle.
type Chain = Vec<(PathBuf, String)>;

impl Family<'_> {
    fn resolve(&mut self, name: &str, marks: &Marks, chain: &mut Chain) -> Result<Node, ComposeError> {
        let service = self.services[name].clone();
        let Some(extends) = service.get("extends") else { return Ok(service) };
        let wanted = Wanted::of(extends)?;
        self.note(name, &extends.place, chain)?;
        let (mut base, marks) = match &wanted.file {
            None => (self.relative(&wanted, marks, chain)?, marks.clone()),
            Some(file) => {
                let (mut other, more) = self.read(file, &wanted.place)?;
                let marks = marks.and(&more);
                (other.relative(&wanted, &marks, chain)?, marks)
            }
        };
        chain.pop();
        marks.clear_service(name, &mut base);
        let mut merged = merge(base, service, &["services", name])?;
        merged.map_mut().map(|map| map.remove("extends"));
        self.services.insert(name.to_owned(), merged.clone());
        Ok(merged)
    }

    fn relative(&mut self, wanted: &Wanted, marks: &Marks, chain: &mut Chain) -> Result<Node, ComposeError> {
        if self.services.contains_key(&wanted.service) {
            return self.resolve(&wanted.service, marks, chain);
        }
        let place = wanted.place.clone();
        Err(ComposeError::Undefined { place, kind: "the extended service", name: wanted.service.clone() })
    }

    fn note(&self, name: &str, place: &Place, chain: &mut Chain) -> Result<(), ComposeError> {
        let step = (self.file.clone(), name.to_owned());
        if chain.contains(&step) {
            let names: Vec<_> = chain.iter().map(|(_, service)| format!("`{service}`")).collect();
            let place = place.clone();
            return Err(ComposeError::ExtendsCycle {
                place,
                service: name.to_owned(),
                chain: names.join(", "),
            });
        }
        chain.push(step);
        Ok(())
    }

    fn read(&self, file: &str, place: &Place) -> Result<(Self, Marks), ComposeError> {
        let path = self.source.base.absolute(file);
        let (mut model, marks) = self.source.extended_file(&path, place)?;
        let services = match model.remove("services").map(|node| node.value) {
            Some(Value::Map(services)) => services,
            _ => Map::new(),
        };
        Ok((Self { source: self.source, file: path, services }, marks))
    }
}

/// What `extends` asks for.
struct Wanted {
    service: String,
    file: Option<String>,
    place: Place,
}

impl Wanted {
    fn of(extends: &Node) -> Result<Self, ComposeError> {
        let entry = |key| extends.get(key).and_then(Node::text).map(str::to_owned);
        let service = extends.text().map(str::to_owned).or_else(|| entry("service"));
        let wrong = || extends.must_be("extends", "a service's name, or a mapping with `service`");
        Ok(Self { service: service.ok_or_else(wrong)?, file: entry("file"), place: extends.place.clone() })
    }
}
