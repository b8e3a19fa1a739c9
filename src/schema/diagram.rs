//! Tables as boxes, foreign keys as lines between them; and the same as a Mermaid diagram.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Schema;
use super::kind::Kind;
use super::object::{Object, plain};

mod drawing;
mod layout;

pub use drawing::{escaped, svg};

pub struct Diagram {
    pub boxes: Vec<Table>,
    pub lines: Vec<Reference>,
}

pub struct Table {
    /// As the document calls it.
    pub name: String,
    pub purpose: String,
    pub columns: Vec<Column>,
}

pub struct Column {
    pub name: String,
    pub data_type: String,
    pub is_primary: bool,
    pub is_foreign: bool,
    pub is_unique: bool,
}

/// A foreign key, by the places of its tables in [`Diagram::boxes`].
pub struct Reference {
    pub child: usize,
    pub parent: usize,
    pub columns: Vec<String>,
    /// A child may be without a parent.
    pub is_optional: bool,
    /// A parent has one child at most.
    pub is_single: bool,
}

impl Diagram {
    /// Partitions and inherited tables are left out: their parent stands for them.
    pub fn new(schema: &Schema) -> Self {
        let tables: Vec<&Object> = schema
            .of_kind(Kind::Table)
            .filter(|table| !table.has("partition of") && !table.has("inherits"))
            .collect();
        let place = |name: &str| tables.iter().position(|table| table.key.name == name);
        let mut lines = Vec::new();
        for (child, table) in tables.iter().enumerate() {
            let keys = schema.parts(Kind::Constraint, &table.key.name);
            for key in keys.into_iter().filter(|key| key.text("form") == Some("foreign key")) {
                if let Some(parent) = key.text("references").and_then(place) {
                    lines.push(reference(schema, table, key, (child, parent)));
                }
            }
        }
        Self { boxes: tables.iter().map(|table| Table::new(schema, table)).collect(), lines }
    }
}

fn reference(schema: &Schema, table: &Object, key: &Object, (child, parent): (usize, usize)) -> Reference {
    let columns = key.list("columns").to_vec();
    let parts = schema.parts(Kind::Column, &table.key.name);
    let is_optional = parts.iter().any(|column| columns.contains(&column.short) && !column.has("not null"));
    let is_single =
        uniques(schema, table).iter().any(|unique| unique.iter().all(|name| columns.contains(name)));
    Reference { child, parent, columns, is_optional, is_single }
}

/// The column lists of which a table has each combination once; the primary key first.
pub fn uniques(schema: &Schema, table: &Object) -> Vec<Vec<String>> {
    let mut constraints = schema.parts(Kind::Constraint, &table.key.name);
    constraints.sort_by_key(|key| key.text("form") != Some("primary key"));
    let constraints =
        constraints.into_iter().filter(|key| matches!(key.text("form"), Some("primary key" | "unique")));
    let indexes = schema.parts(Kind::Index, &table.key.name);
    let is_plain = |index: &&Object| {
        index.has("unique")
            && !index.has("predicate")
            && index.list("columns").len() == index.list("plain columns").len()
    };
    let indexes = indexes.into_iter().filter(is_plain).map(|index| index.list("plain columns").to_vec());
    constraints.map(|key| key.list("columns").to_vec()).chain(indexes).collect()
}

impl Table {
    fn new(schema: &Schema, table: &Object) -> Self {
        let columns_of = |form: &str| -> BTreeSet<String> {
            let keys = schema.parts(Kind::Constraint, &table.key.name);
            keys.iter()
                .filter(|key| key.text("form") == Some(form))
                .flat_map(|key| key.list("columns").to_vec())
                .collect()
        };
        let [primary, foreign, unique] = ["primary key", "foreign key", "unique"].map(columns_of);
        let column = |column: &Object| Column {
            name: column.short.clone(),
            data_type: plain(column.text("type").unwrap_or_default()),
            is_primary: primary.contains(&column.short),
            is_foreign: foreign.contains(&column.short),
            is_unique: unique.contains(&column.short),
        };
        Self {
            name: table.plain_name().to_owned(),
            purpose: table.comment().unwrap_or_default().to_owned(),
            columns: schema.parts(Kind::Column, &table.key.name).into_iter().map(column).collect(),
        }
    }
}

impl Column {
    fn is_key(&self) -> bool {
        self.is_primary || self.is_foreign || self.is_unique
    }
}

/// An `erDiagram` of the keys: all columns would hide the lines.
pub fn mermaid(diagram: &Diagram) -> String {
    let mut text = "erDiagram\n".to_owned();
    for table in &diagram.boxes {
        let keys: Vec<&Column> = table.columns.iter().filter(|column| column.is_key()).collect();
        if keys.is_empty() {
            let _ = writeln!(text, "    {}", entity(&table.name));
            continue;
        }
        let _ = writeln!(text, "    {} {{", entity(&table.name));
        for column in keys {
            let marks = [(column.is_primary, "PK"), (column.is_foreign, "FK"), (column.is_unique, "UK")];
            let marks: Vec<&str> = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
            let _ = writeln!(
                text,
                "        {} {} {}",
                word(&column.data_type),
                word(&column.name),
                marks.join(", ")
            );
        }
        text += "    }\n";
    }
    for line in &diagram.lines {
        let parent = if line.is_optional { "|o" } else { "||" };
        let child = if line.is_single { "o|" } else { "o{" };
        let (one, two) = (entity(&diagram.boxes[line.parent].name), entity(&diagram.boxes[line.child].name));
        let _ = writeln!(
            text,
            "    {one} {parent}--{child} {two} : \"{}\"",
            line.columns.join(", ").replace('"', "'")
        );
    }
    text
}

fn entity(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "'")) }
}

/// Mermaid's types and attributes are words of letters, digits, `_`, `-`, brackets and parentheses.
fn word(text: &str) -> String {
    let word: String =
        text.chars().map(|c| if c.is_alphanumeric() || "_-()[]".contains(c) { c } else { '_' }).collect();
    if word.starts_with(char::is_alphabetic) { word } else { format!("c{word}") }
}
