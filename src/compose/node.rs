//! The YAML tree of a compose file, each node with its place.

use std::collections::BTreeMap;

use super::error::{ComposeError, Place};
use super::scalar::print_float;

/// Keys in order of their names: compose's own maps have no order.
pub type Map = BTreeMap<String, Node>;

#[derive(Clone)]
pub struct Node {
    pub value: Value,
    pub place: Place,
    /// Compose's own tag on this node.
    pub mark: Option<Mark>,
}

#[derive(Clone)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// `!reset`: the key is removed, here and in the files before.
    Reset,
    /// `!override`: the key replaces what the files before said.
    Override,
}

impl Node {
    #[must_use]
    pub fn new(value: Value, place: Place) -> Self {
        Self { value, place, mark: None }
    }

    /// A node that stands where `self` stands.
    #[must_use]
    pub fn with(&self, value: Value) -> Self {
        Self::new(value, self.place.clone())
    }

    #[must_use]
    pub fn with_text(&self, text: impl Into<String>) -> Self {
        self.with(Value::Text(text.into()))
    }

    /// A map of these entries, standing where `self` stands.
    #[must_use]
    pub fn with_entries<const N: usize>(&self, entries: [(&str, Value); N]) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), self.with(value)));
        self.with(Value::Map(entries.collect()))
    }

    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    #[must_use]
    pub fn list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    #[must_use]
    pub fn map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    pub fn map_mut(&mut self) -> Option<&mut Map> {
        if let Value::Map(map) = &mut self.value { Some(map) } else { None }
    }

    /// The entry of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.get(key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.map_mut()?.get_mut(key)
    }

    /// Whether both say the same, wherever they stand.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::List(own), Value::List(others)) => {
                own.len() == others.len() && own.iter().zip(others).all(|(a, b)| a.same_content(b))
            }
            (Value::Map(own), Value::Map(others)) => {
                let same =
                    |((a, x), (b, y)): ((&String, &Self), (&String, &Self))| a == b && x.same_content(y);
                own.len() == others.len() && own.iter().zip(others).all(same)
            }
            (Value::Null, Value::Null) => true,
            _ => self.printed().is_some() && self.printed() == other.printed(),
        }
    }

    /// A scalar as compose writes it into a string; null, lists and maps have none.
    #[must_use]
    pub fn printed(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Int(number) => Some(number.to_string()),
            Value::Float(number) => Some(print_float(*number)),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The complaint that this node, the value of `key`, should be something else.
    #[must_use]
    pub fn must_be(&self, key: &str, expected: &'static str) -> ComposeError {
        ComposeError::Type { place: self.place.clone(), key: key.to_owned(), expected }
    }
}

/// The path of a node below `path`.
#[must_use]
pub fn below<'k>(path: &[&'k str], key: &'k str) -> Vec<&'k str> {
    let mut longer = Vec::with_capacity(path.len() + 1);
    longer.extend_from_slice(path);
    longer.push(key);
    longer
}
