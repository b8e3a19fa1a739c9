//! A default row: the columns that it must say, each with a value to be replaced.

use super::pattern::Target;
use super::types::example;
use super::words::sql;
use crate::lint::act::{ConstraintKind, Type};
use crate::lint::catalog::{ForeignKey, KnownColumn, Table};

/// The columns that a row must say, with values to be replaced.
pub fn needed(table: &Table) -> Vec<(String, String)> {
    let is_needed = |column: &&KnownColumn| {
        let filled = |kind: &ConstraintKind| {
            matches!(
                kind,
                ConstraintKind::Default { .. } | ConstraintKind::Identity | ConstraintKind::Generated
            )
        };
        let is_strict =
            |kind: &ConstraintKind| matches!(kind, ConstraintKind::NotNull | ConstraintKind::Primary { .. });
        column.column.has(is_strict)
            && !column.column.has(filled)
            && !column.of_type.is_some_and(Type::is_serial)
    };
    let pair = |column: &KnownColumn| (column.name.clone(), value(table, column));
    let mut needed: Vec<_> = table.columns.iter().filter(is_needed).map(pair).collect();
    if needed.is_empty() {
        let is_free = |column: &&KnownColumn| !column.of_type.is_some_and(Type::is_serial);
        needed.extend(table.columns.iter().find(is_free).map(pair));
    }
    needed
}

fn value(table: &Table, column: &KnownColumn) -> String {
    let refers = |key: &&ForeignKey| key.columns == [column.name.clone()];
    if let Some(key) = table.foreign_keys.iter().find(refers)
        && let ConstraintKind::Foreign { to, .. } = &key.constraint.kind
    {
        let target = Target { schema: to.schema.clone(), name: to.name.clone() };
        return format!("(SELECT id FROM {} ORDER BY id LIMIT 1)", sql(&target));
    }
    column.of_type.map_or_else(|| "NULL".to_owned(), example)
}
