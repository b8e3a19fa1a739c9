//! Names and texts as SQL wants them.

use super::pattern::Target;
use crate::lint::tree;

/// A name, in quotes where it needs them.
pub fn ident(name: &str) -> String {
    tree::quoted(name)
}

/// A name with its schema.
pub fn sql(target: &Target) -> String {
    match &target.schema {
        Some(schema) => format!("{}.{}", ident(schema), ident(&target.name)),
        None => ident(&target.name),
    }
}

/// Text as a string of SQL.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
