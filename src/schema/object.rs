//! One object of a schema, as its properties.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::kind::Kind;
use super::privilege;

/// What an object is known by: `table` and `public.orders`, quoted where SQL needs it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub kind: Kind,
    pub name: String,
}

/// What a property says; what is as it is by default has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    Text(String),
    List(Vec<String>),
}

pub type Properties = BTreeMap<String, Property>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub key: Key,
    /// The table, view or type that it is a part of.
    pub of: Option<String>,
    /// The last part of the name, unquoted.
    pub short: String,
    /// Of a column among its table's; gaps are left by dropped ones.
    pub position: u32,
    /// What makes it differ from another one.
    pub properties: Properties,
    /// What a reader wants to know, and is told by the properties, too.
    pub facts: Properties,
    /// Objects that must be there before it.
    pub needs: Vec<Key>,
}

impl Key {
    pub fn new(kind: Kind, name: &str) -> Self {
        Self { kind, name: name.to_owned() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}

impl Object {
    /// A property or fact that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.properties.get(name).or_else(|| self.facts.get(name))? {
            Property::Text(text) => Some(text),
            Property::List(_) => None,
        }
    }

    /// A property or fact that is a list; empty where there is none.
    pub fn list(&self, name: &str) -> &[String] {
        match self.properties.get(name).or_else(|| self.facts.get(name)) {
            Some(Property::List(list)) => list,
            _ => &[],
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.properties.contains_key(name) || self.facts.contains_key(name)
    }

    pub fn comment(&self) -> Option<&str> {
        self.text("comment")
    }

    /// The name without the schema, where there is one: `orders` of `public.orders`.
    pub fn plain_name(&self) -> &str {
        self.key.name.strip_prefix("public.").unwrap_or(&self.key.name)
    }
}

/// SQL with the names of the schema `public` as people write them.
pub fn plain(text: &str) -> String {
    const PREFIX: &str = "public.";
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(PREFIX) {
        let before = plain.chars().chain(rest[..at].chars()).next_back();
        let is_name = before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '"')));
        plain += &rest[..at];
        plain += if is_name { "" } else { PREFIX };
        rest = &rest[at + PREFIX.len()..];
    }
    plain + rest
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(list) => f.write_str(&list.join(", ")),
        }
    }
}

/// From the catalog's JSON; nulls, `false` and empty lists are no properties. Access lists become `privileges`.
pub fn properties(json: &str) -> Option<Properties> {
    let Value::Object(mut fields) = serde_json::from_str(json).ok()? else { return None };
    let mut access = |name: &str| fields.remove(name).and_then(|value| list(&value)).unwrap_or_default();
    let (granted, default, owner) = (access("acl"), access("default acl"), access("acl owner"));
    let privileges = privilege::differing(&granted, &default, owner.first().map(String::as_str));
    let mut properties: Properties =
        fields.into_iter().filter_map(|(name, value)| Some((name, property(&value)?))).collect();
    if !privileges.is_empty() {
        properties.insert("privileges".to_owned(), Property::List(privileges));
    }
    Some(properties)
}

fn property(value: &Value) -> Option<Property> {
    match value {
        Value::Null | Value::Bool(false) | Value::Object(_) => None,
        Value::Bool(true) => Some(Property::Text("yes".to_owned())),
        Value::String(text) => Some(Property::Text(text.clone())),
        Value::Number(number) => Some(Property::Text(number.to_string())),
        Value::Array(_) => list(value).filter(|list| !list.is_empty()).map(Property::List),
    }
}

fn list(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Some(value.as_array()?.iter().map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn only_the_schema_public_is_left_out() {
        assert_eq!(plain("REFERENCES public.a(id)"), "REFERENCES a(id)");
        assert_eq!(plain("public.a, republic.b, my_public.c"), "a, republic.b, my_public.c");
    }
}
