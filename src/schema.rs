//! The catalog as a model: everything that a schema-only dump covers, read in one go, compared and told.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::{Database, DatabaseError};

mod kind;
mod object;
mod privilege;
mod query;
mod diff;
mod attribution;
mod statements;
mod outline;
mod diagram;
mod markdown;
mod page;
mod repository;

pub use attribution::{Attribution, Origin};
pub use diff::{Alteration, Change, Difference, Sides, diff};
pub use kind::Kind;
pub use markdown::markdown;
pub use object::{Key, Object, Properties, Property};
pub use page::page;
pub use repository::repository;
pub use statements::{Bridge, Left, Statement, statements};

const PURPOSE: &str = "reading the catalog";

/// What a database holds, dbctl's own schema, temporary objects and the members of extensions left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    objects: BTreeMap<Key, Object>,
}

impl Schema {
    /// Reads it all in one snapshot. Servers from version 13 on.
    pub fn read(database: &mut Database) -> Result<Self, DatabaseError> {
        let (version, is_superuser) = server(database)?;
        let rows = database.catalog(PURPOSE, &query::queries(version, is_superuser))?;
        Self::from_rows(&rows).ok_or(DatabaseError::Answer { purpose: PURPOSE })
    }

    fn from_rows(rows: &[Row]) -> Option<Self> {
        let (needs, rows): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| cell(row, 0) == Some("needs"));
        let objects = rows.into_iter().map(object).collect::<Option<Vec<_>>>()?;
        let keys: BTreeMap<String, Key> = objects
            .iter()
            .filter_map(|(object, address)| Some((address.clone()?, object.key.clone())))
            .collect();
        let mut schema =
            Self { objects: objects.into_iter().map(|(object, _)| (object.key.clone(), object)).collect() };
        schema.connect(&needs, &keys);
        Some(schema)
    }

    /// Tells each object what it needs.
    fn connect(&mut self, needs: &[&Row], keys: &BTreeMap<String, Key>) {
        let key = |row: &Row, at| keys.get(cell(row, at)?).cloned();
        let pairs: BTreeSet<(Key, Key)> =
            needs.iter().filter_map(|row| Some((key(row, 1)?, key(row, 2)?))).collect();
        for (needing, needed) in pairs {
            if let Some(object) = self.objects.get_mut(&needing)
                && needing != needed
            {
                object.needs.push(needed);
            }
        }
    }

    /// All objects, by kind and name.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    pub fn object(&self, key: &Key) -> Option<&Object> {
        self.objects.get(key)
    }

    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.objects().filter(move |object| object.key.kind == kind)
    }

    /// The parts of a table, view or type that are of this kind, in their order.
    pub fn parts(&self, kind: Kind, of: &str) -> Vec<&Object> {
        let mut parts: Vec<_> =
            self.of_kind(kind).filter(|object| object.of.as_deref() == Some(of)).collect();
        parts.sort_by_key(|object| object.position);
        parts
    }

    /// The same without objects of these kinds: roles and the database's own properties where the server is shared.
    #[must_use]
    pub fn without(mut self, kinds: &[Kind]) -> Self {
        self.objects.retain(|key, _| !kinds.contains(&key.kind));
        self
    }
}

type Row = Vec<Option<String>>;

fn server(database: &mut Database) -> Result<(u32, bool), DatabaseError> {
    let rows = database.catalog(PURPOSE, query::SERVER)?;
    let row = rows.first().ok_or(DatabaseError::Answer { purpose: PURPOSE })?;
    let version = cell(row, 0).and_then(|text| text.parse().ok());
    Ok((version.ok_or(DatabaseError::Answer { purpose: PURPOSE })?, cell(row, 1) == Some("on")))
}

fn cell(row: &Row, at: usize) -> Option<&str> {
    row.get(at)?.as_deref()
}

/// One row of a catalog query, with the object's address.
fn object(row: &Row) -> Option<(Object, Option<String>)> {
    let text = |at| cell(row, at).map(str::to_owned);
    let object = Object {
        key: Key { kind: Kind::from_word(cell(row, 0)?)?, name: text(1)? },
        of: text(2),
        short: text(3)?,
        position: cell(row, 4)?.parse().ok()?,
        properties: object::properties(cell(row, 6)?)?,
        facts: object::properties(cell(row, 7)?)?,
        needs: Vec::new(),
    };
    Some((object, text(5)))
}

#[cfg(test)]
mod tests {
    use super::{Row, Schema};

    /// Kind, name, what it is a part of, properties.
    pub fn schema(objects: &[(&str, &str, Option<&str>, &str)]) -> Schema {
        let row = |(at, &(kind, name, of, properties)): (usize, &(&str, &str, Option<&str>, &str))| -> Row {
            let short = name.rsplit('.').next().unwrap_or(name);
            let cells = [Some(kind), Some(name), of, Some(short), None, None, Some(properties), Some("{}")];
            let mut row: Row = cells.map(|cell| cell.map(str::to_owned)).into();
            row[4] = Some(at.to_string());
            row
        };
        Schema::from_rows(&objects.iter().enumerate().map(row).collect::<Vec<_>>()).unwrap()
    }
}
