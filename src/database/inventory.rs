//! What a cluster holds beside the service's database, and what of it would go out of sight with the cluster.

use std::collections::BTreeSet;
use std::fmt;

use postgres_protocol::escape::escape_literal;

use super::generations::{Kind, Mark, NAMES, PREFIX};
use super::{Database, DatabaseError};
use crate::text::counted;

/// Names of what only its own cluster has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    databases: BTreeSet<String>,
    roles: BTreeSet<String>,
    snapshots: BTreeSet<String>,
    /// Previous generations of databases.
    previous: u32,
}

/// What one cluster has and another has not. Nothing of it is lost: it comes back with the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutOfSight {
    databases: Vec<String>,
    roles: Vec<String>,
    snapshots: Vec<String>,
    previous: u32,
}

impl Inventory {
    /// What of `self` is not in the cluster that takes its place.
    pub fn without(&self, new: &Self) -> OutOfSight {
        let missing = |old: &BTreeSet<String>, new: &BTreeSet<String>| old.difference(new).cloned().collect();
        OutOfSight {
            databases: missing(&self.databases, &new.databases),
            roles: missing(&self.roles, &new.roles),
            snapshots: missing(&self.snapshots, &new.snapshots),
            previous: self.previous,
        }
    }

    fn take(&mut self, kind: &str, name: &str, comment: Option<&str>) {
        let mark = comment.and_then(Mark::read);
        match (kind, mark.map(|mark| (mark.kind, mark.name))) {
            ("role", _) => drop(self.roles.insert(name.to_owned())),
            (_, None) => drop(self.databases.insert(name.to_owned())),
            (_, Some((Kind::Snapshot, called))) => {
                self.snapshots.insert(called.unwrap_or_else(|| name.to_owned()));
            }
            (_, Some((Kind::Previous, _))) => self.previous += 1,
            // Scripts bring the others back.
            (_, Some(_)) => {}
        }
    }
}

impl OutOfSight {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for OutOfSight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |one: &str, names: &[String]| {
            let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let plural = if names.len() == 1 { "" } else { "s" };
            (!names.is_empty()).then(|| format!("{one}{plural} {}", quoted.join(", ")))
        };
        let parts = [
            named("database", &self.databases),
            named("role", &self.roles),
            named("snapshot", &self.snapshots),
            (self.previous > 0).then(|| counted(self.previous, "previous generation")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }
}

impl Database {
    /// As things are now; the server's own databases and roles are left out.
    pub fn inventory(&mut self) -> Result<Inventory, DatabaseError> {
        let sql = format!(
            "SELECT 'database', d.datname, CASE WHEN pg_catalog.starts_with(c.comment, {prefix}) THEN c.comment END \
             FROM pg_catalog.pg_database AS d, \
             LATERAL (SELECT pg_catalog.shobj_description(d.oid, 'pg_database') AS comment) AS c \
             WHERE d.datname NOT IN ('template0', 'template1', 'postgres') AND d.datconnlimit <> -2 \
             AND (d.datname OPERATOR(pg_catalog.!~) {names} OR pg_catalog.starts_with(c.comment, {prefix})) \
             UNION ALL SELECT 'role', r.rolname, NULL FROM pg_catalog.pg_roles AS r \
             WHERE NOT pg_catalog.starts_with(r.rolname, 'pg_')",
            prefix = escape_literal(PREFIX),
            names = escape_literal(NAMES),
        );
        let mut inventory = Inventory::default();
        for row in self.rows("what the cluster holds", &sql)? {
            if let (Some(kind), Some(name)) = (row.get(0), row.get(1)) {
                inventory.take(kind, name, row.get(2));
            }
        }
        Ok(inventory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(entries: &[(&str, &str, Option<&str>)]) -> Inventory {
        let mut inventory = Inventory::default();
        entries.iter().for_each(|&(kind, name, comment)| inventory.take(kind, name, comment));
        inventory
    }

    #[test]
    fn what_the_scripts_make_again_stays_in_sight() {
        let old = [("database", "app", None), ("role", "ada", None)];
        let new = inventory(&[("database", "app", None), ("role", "ada", None), ("role", "new", None)]);
        assert!(inventory(&old).without(&new).is_empty());
    }

    #[test]
    fn what_only_the_old_cluster_has_is_named() {
        let snapshot = Mark { name: Some("before".to_owned()), ..Mark::new(Kind::Snapshot, "app") }.text();
        let (previous, layer) =
            (Mark::new(Kind::Previous, "app").text(), Mark::new(Kind::Layer, "app").text());
        let old = inventory(&[
            ("database", "app", None),
            ("database", "notes", Some("my own")),
            ("database", "dbctl_snapshot_1", Some(&snapshot)),
            ("database", "dbctl_previous_1", Some(&previous)),
            ("database", "dbctl_layer_1", Some(&layer)),
            ("role", "ada", None),
            ("role", "grace", None),
        ]);
        let gone = old.without(&inventory(&[("database", "app", None)]));
        let expected = "database `notes`; roles `ada`, `grace`; snapshot `before`; 1 previous generation";
        assert_eq!(gone.to_string(), expected);
    }
}
