//! Compose's own tags: `!reset` removes a key, `!override` replaces it instead of merging.

use super::node::{Map, Mark, Node, Value};

/// The marked keys of a document. What the files before said at these paths is forgotten.
#[derive(Default, Clone)]
pub struct Marks(Vec<Vec<String>>);

impl Marks {
    /// Removes the `!reset` nodes of a document and remembers where marks stood.
    pub fn take(document: &mut Node) -> Self {
        let mut marks = Self::default();
        marks.visit(document, &mut Vec::new());
        marks
    }

    fn visit(&mut self, node: &mut Node, path: &mut Vec<String>) {
        match &mut node.value {
            // A mark inside a list removes its item, and says nothing about other files.
            Value::List(items) => {
                items.retain(|item| item.mark != Some(Mark::Reset));
                for item in items {
                    Self::take(item);
                }
            }
            Value::Map(map) => map.retain(|key, value| {
                path.push(key.clone());
                if value.mark.is_some() {
                    self.0.push(path.clone());
                }
                if value.mark.is_none() {
                    self.visit(value, path);
                }
                path.pop();
                value.mark != Some(Mark::Reset)
            }),
            _ => {}
        }
    }

    /// Forgets the marked keys in what the files before built up.
    pub fn clear(&self, model: &mut Map) {
        for path in &self.0 {
            remove(model, path);
        }
    }

    /// Forgets the marked keys of the service `name` in the service that it extends.
    pub fn clear_service(&self, name: &str, base: &mut Node) {
        let Some(base) = base.map_mut() else { return };
        for path in &self.0 {
            if let [section, service, rest @ ..] = path.as_slice()
                && section == "services"
                && service == name
            {
                remove(base, rest);
            }
        }
    }

    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }
}

fn remove(map: &mut Map, path: &[String]) {
    match path {
        [] => {}
        [key] => drop(map.remove(key)),
        [key, rest @ ..] => {
            if let Some(inner) = map.get_mut(key).and_then(Node::map_mut) {
                remove(inner, rest);
            }
        }
    }
}
