//! What a schema's document says, chapter by chapter, before it is written as Markdown or as a page.

use super::Schema;
use super::attribution::Attribution;
use super::kind::Kind;
use super::object::Object;

mod grids;
mod tables;

pub use grids::privileges;

pub struct Outline {
    /// `17 tables`, `4 views`, …
    pub counts: Vec<String>,
    pub chapters: Vec<Chapter>,
}

pub struct Chapter {
    pub title: &'static str,
    pub sections: Vec<Section>,
}

/// A table, a view, or all functions in one grid.
pub struct Section {
    /// None where the chapter has one section only.
    pub name: Option<String>,
    pub purpose: Option<String>,
    /// Who made it, and what else is to be known.
    pub notes: Vec<String>,
    pub grids: Vec<Grid>,
    /// SQL that says best what it is.
    pub sql: Option<String>,
}

pub struct Grid {
    /// Empty where the section needs none.
    pub caption: &'static str,
    pub header: &'static [&'static str],
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Code(String),
}

/// The schema with the scripts behind it.
pub struct Source<'a> {
    pub schema: &'a Schema,
    pub attribution: &'a Attribution,
}

impl Outline {
    /// Empty chapters are left out.
    pub fn new(source: &Source) -> Self {
        let chapters = [
            Chapter { title: "Tables", sections: tables::tables(source) },
            Chapter { title: "Views", sections: tables::views(source) },
            Chapter { title: "Functions", sections: grids::functions(source) },
            Chapter { title: "Enums", sections: grids::enums(source) },
            Chapter { title: "Other types", sections: grids::types(source) },
            Chapter { title: "Sequences", sections: grids::sequences(source) },
            Chapter { title: "Extensions", sections: grids::extensions(source) },
            Chapter { title: "Roles", sections: grids::roles(source) },
            Chapter { title: "Everything else", sections: grids::others(source) },
        ];
        let is_filled = |chapter: &Chapter| chapter.sections.iter().any(Section::is_filled);
        Self { counts: counts(source.schema), chapters: chapters.into_iter().filter(is_filled).collect() }
    }
}

impl Section {
    fn is_filled(&self) -> bool {
        self.name.is_some() || self.grids.iter().any(|grid| !grid.rows.is_empty())
    }

    /// One grid for a whole chapter.
    fn of_grid(header: &'static [&'static str], rows: Vec<Vec<Cell>>) -> Self {
        let grid = Grid { caption: "", header, rows };
        Self { name: None, purpose: None, notes: Vec::new(), grids: vec![grid], sql: None }
    }
}

impl Source<'_> {
    /// `003`, or `003, changed by 021`: scripts by their numbers.
    pub fn script(&self, object: &Object) -> Cell {
        let Some(origin) = self.attribution.of(&object.key) else { return Cell::Text(String::new()) };
        let changed = origin.changed.as_deref().map(|script| format!(", changed by {}", number(script)));
        Cell::Text(format!("{}{}", number(&origin.made), changed.unwrap_or_default()))
    }

    /// `Made by 003_admin_users.sql`, with the script that changed it last.
    pub fn origin(&self, object: &Object) -> Option<String> {
        let origin = self.attribution.of(&object.key)?;
        let changed = origin.changed.as_deref().map(|script| format!(", last changed by `{script}`"));
        Some(format!("Made by `{}`{}.", origin.made, changed.unwrap_or_default()))
    }
}

/// A script's number; its name where it has none.
fn number(script: &str) -> &str {
    let head = script.split('_').next().unwrap_or(script);
    if head.starts_with(|c: char| c.is_ascii_digit()) { head } else { script }
}

pub fn meaning(object: &Object) -> Cell {
    Cell::Text(object.comment().unwrap_or_default().to_owned())
}

fn counts(schema: &Schema) -> Vec<String> {
    const TOLD: [Kind; 9] = [
        Kind::Table,
        Kind::ForeignTable,
        Kind::View,
        Kind::MaterializedView,
        Kind::Function,
        Kind::Trigger,
        Kind::Index,
        Kind::Enum,
        Kind::Extension,
    ];
    let counted =
        TOLD.iter().map(|&kind| (kind, schema.of_kind(kind).count())).filter(|(_, count)| *count > 0);
    counted
        .map(|(kind, count)| format!("{count} {}", if count == 1 { kind.word() } else { kind.plural() }))
        .collect()
}
