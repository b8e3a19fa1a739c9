//! The databases and roles of a cluster, by their names.

use std::collections::BTreeSet;

use super::generations::{Kind, Mark, NAMES};
use super::{Database, DatabaseError};

/// What a cluster holds for others than dbctl.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    pub databases: BTreeSet<String>,
    pub roles: BTreeSet<String>,
    /// By the user's names.
    pub snapshots: BTreeSet<String>,
}

const READ: &str = "\
SELECT 'database', d.datname, pg_catalog.shobj_description(d.oid, 'pg_database') FROM pg_catalog.pg_database AS d
UNION ALL
SELECT 'role', r.rolname, NULL FROM pg_catalog.pg_roles AS r WHERE r.rolname !~ '^pg_'
UNION ALL
SELECT 'generated', d.datname, NULL FROM pg_catalog.pg_database AS d WHERE d.datname ~ NAMES";

impl Database {
    /// The cluster's, whichever database this is.
    pub fn inventory(&mut self) -> Result<Inventory, DatabaseError> {
        let sql = READ.replace("NAMES", &postgres_protocol::escape::escape_literal(NAMES));
        let mut inventory = Inventory::default();
        let rows = self.rows("which databases and roles there are", &sql)?;
        for row in &rows {
            let (Some(what), Some(name)) = (row.get(0), row.get(1)) else { continue };
            match (what, row.get(2).and_then(Mark::read)) {
                ("role", _) => drop(inventory.roles.insert(name.to_owned())),
                ("database", Some(mark)) if mark.kind == Kind::Snapshot => {
                    inventory.snapshots.extend(mark.name)
                }
                ("database", None) => drop(inventory.databases.insert(name.to_owned())),
                // Dropped half-way, or not marked yet.
                ("generated", _) => drop(inventory.databases.remove(name)),
                _ => {}
            }
        }
        Ok(inventory)
    }
}

impl Inventory {
    /// What this has and `new` has not, in words; empty where that is nothing.
    pub fn lost_in(&self, new: &Self) -> Vec<String> {
        let lost = |what: &str, old: &BTreeSet<String>, new: &BTreeSet<String>| {
            old.difference(new).map(|name| format!("{what} `{name}`")).collect::<Vec<_>>()
        };
        [
            lost("database", &self.databases, &new.databases),
            lost("role", &self.roles, &new.roles),
            lost("snapshot", &self.snapshots, &new.snapshots),
        ]
        .concat()
    }
}
