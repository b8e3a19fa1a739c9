//! What differs between two schemas, object by object, in words.

use std::fmt::{self, Write};

use super::Schema;
use super::kind::Kind;
use super::object::{Key, Object, Property};

/// One object that is not the same in both schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub key: Key,
    /// The table, view or type that it is a part of.
    pub of: Option<String>,
    pub change: Change,
}

/// From the first schema to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Removed,
    Altered(Vec<Alteration>),
}

/// A property that differs; none is what an object has by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alteration {
    pub property: String,
    pub first: Option<Property>,
    pub second: Option<Property>,
}

/// How the two schemas are called in [`Difference::told`].
#[derive(Clone, Copy, Debug)]
pub enum Sides<'a> {
    /// One schema, earlier and later: `adds`, `removes`, `changes`.
    BeforeAndAfter,
    /// Two schemas beside each other, by their names, such as `fresh` and `live`.
    Named(&'a str, &'a str),
}

/// Every difference, by kind and name. Where a table is on one side only, its parts are not told one by one.
pub fn diff(first: &Schema, second: &Schema) -> Vec<Difference> {
    differences(first, second)
        .into_iter()
        .filter(|difference| {
            !matches!(difference.change, Change::Added) || !is_part_of_new(difference, first, second)
        })
        .filter(|difference| {
            !matches!(difference.change, Change::Removed) || !is_part_of_new(difference, second, first)
        })
        .collect()
}

/// The same with every part of what is new or gone.
pub fn differences(first: &Schema, second: &Schema) -> Vec<Difference> {
    let mut found: Vec<Difference> = first
        .objects()
        .filter_map(|object| {
            let change = match second.object(&object.key) {
                Some(other) => Change::Altered(alterations(first, object, second, other)?),
                None => Change::Removed,
            };
            Some(difference(object, change))
        })
        .collect();
    let added = second.objects().filter(|object| first.object(&object.key).is_none());
    found.extend(added.map(|object| difference(object, Change::Added)));
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

fn difference(object: &Object, change: Change) -> Difference {
    Difference { key: object.key.clone(), of: object.of.clone(), change }
}

/// Whether the whole that this is a part of is `second`'s alone.
fn is_part_of_new(difference: &Difference, first: &Schema, second: &Schema) -> bool {
    let Some(of) = &difference.of else { return false };
    let holds = |schema: &Schema| WHOLES.iter().any(|&kind| schema.object(&Key::new(kind, of)).is_some());
    holds(second) && !holds(first)
}

/// Kinds that have parts.
pub const WHOLES: [Kind; 6] =
    [Kind::Table, Kind::ForeignTable, Kind::View, Kind::MaterializedView, Kind::CompositeType, Kind::Domain];

fn alterations(first: &Schema, object: &Object, second: &Schema, other: &Object) -> Option<Vec<Alteration>> {
    let names = object.properties.keys().chain(other.properties.keys());
    let mut names: Vec<&String> = names.collect();
    names.sort();
    names.dedup();
    let mut altered: Vec<Alteration> = names
        .into_iter()
        .map(|name| Alteration {
            property: name.clone(),
            first: object.properties.get(name).cloned(),
            second: other.properties.get(name).cloned(),
        })
        .filter(|alteration| alteration.first != alteration.second)
        .collect();
    if WHOLES.contains(&object.key.kind) {
        altered.extend(order(first, second, &object.key));
    }
    (!altered.is_empty()).then_some(altered)
}

/// Whether the columns that both have come in different orders.
fn order(first: &Schema, second: &Schema, of: &Key) -> Option<Alteration> {
    let part = if of.kind == Kind::CompositeType { Kind::Attribute } else { Kind::Column };
    let names = |schema: &Schema, other: &Schema| -> Vec<String> {
        let parts = schema.parts(part, &of.name);
        parts.iter().filter(|part| other.object(&part.key).is_some()).map(|part| part.short.clone()).collect()
    };
    let (one, two) = (names(first, second), names(second, first));
    (one != two).then(|| Alteration {
        property: "order of columns".to_owned(),
        first: Some(Property::List(one)),
        second: Some(Property::List(two)),
    })
}

impl Difference {
    /// One or more lines, without a line end.
    pub fn told(&self, sides: Sides) -> String {
        let key = &self.key;
        match (&self.change, sides) {
            (Change::Added, Sides::BeforeAndAfter) => format!("adds {key}"),
            (Change::Removed, Sides::BeforeAndAfter) => format!("removes {key}"),
            (Change::Added, Sides::Named(_, second)) => format!("{key} is only in {second}"),
            (Change::Removed, Sides::Named(first, _)) => format!("{key} is only in {first}"),
            (Change::Altered(alterations), _) => {
                let verb = if matches!(sides, Sides::BeforeAndAfter) { "changes " } else { "" };
                alterations.iter().fold(format!("{verb}{key}"), |mut text, alteration| {
                    let _ = write!(text, "\n  {}", alteration.told(sides));
                    text
                })
            }
        }
    }
}

impl Alteration {
    fn told(&self, sides: Sides) -> String {
        let (first, second) = self.excerpts();
        match sides {
            Sides::BeforeAndAfter => format!("{}: {first} → {second}", self.property),
            Sides::Named(one, two) => format!("{}: {one} {first}, {two} {second}", self.property),
        }
    }

    /// What tells the two apart: of lists the items that one side alone has, of long texts the first line that differs.
    fn excerpts(&self) -> (String, String) {
        match (&self.first, &self.second) {
            (Some(Property::List(first)), Some(Property::List(second))) => {
                let (one, two) = (alone(first, second), alone(second, first));
                // The same items: their order differs.
                if one.is_empty() && two.is_empty() {
                    return (listed(first), listed(second));
                }
                (listed(&one), listed(&two))
            }
            (Some(Property::Text(first)), Some(Property::Text(second))) => {
                let lines = first.lines().zip(second.lines()).find(|(one, two)| one != two);
                let (one, two) = lines.unwrap_or_else(|| rest(first, second));
                (quoted(one), quoted(two))
            }
            (first, second) => (shown(first.as_ref()), shown(second.as_ref())),
        }
    }
}

/// Where one text goes on after the other ends.
fn rest<'a>(first: &'a str, second: &'a str) -> (&'a str, &'a str) {
    let common = first.lines().count().min(second.lines().count());
    let next = |text: &'a str| text.lines().nth(common).unwrap_or_default();
    (next(first), next(second))
}

fn alone(list: &[String], other: &[String]) -> Vec<String> {
    list.iter().filter(|item| !other.contains(item)).cloned().collect()
}

fn listed(list: &[String]) -> String {
    if list.is_empty() { "—".to_owned() } else { quoted(&list.join(", ")) }
}

fn shown(property: Option<&Property>) -> String {
    match property {
        None => "—".to_owned(),
        Some(Property::List(list)) => listed(list),
        Some(Property::Text(text)) => quoted(text.lines().next().unwrap_or_default()),
    }
}

fn quoted(text: &str) -> String {
    const LONGEST: usize = 160;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None if text.is_empty() => "—".to_owned(),
        None => format!("`{text}`"),
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.told(Sides::BeforeAndAfter))
    }
}
