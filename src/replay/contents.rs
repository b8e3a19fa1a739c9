//! What the tables hold, as one hash each.

use std::collections::BTreeMap;

use crate::database::{Database, DatabaseError};

/// Each table's rows, whatever their order; what dbctl keeps and what extensions hold are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, String>);

const PURPOSE: &str = "reading what the tables hold";

const TABLES: &str = "\
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'dbctl')
  AND n.nspname !~ '^pg_(toast|temp)' AND (c.relkind = 'r' OR c.relispopulated)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1";

impl Contents {
    pub fn read(database: &mut Database) -> Result<Self, DatabaseError> {
        let tables = database.catalog(PURPOSE, TABLES)?;
        let mut contents = BTreeMap::new();
        for table in tables.into_iter().filter_map(|row| row.into_iter().next().flatten()) {
            // Sums do not depend on the order, and count equal rows.
            let sql = format!(
                "SELECT count(*) || ' ' || coalesce(sum(pg_catalog.hashtextextended(t::text, 0)::numeric), 0) \
                 FROM ONLY {table} AS t"
            );
            let rows = database.catalog(PURPOSE, &sql)?;
            let hash = rows.into_iter().next().and_then(|row| row.into_iter().next().flatten());
            contents.insert(table, hash.unwrap_or_default());
        }
        Ok(Self(contents))
    }

    /// The tables whose rows are not the same, with what became of their number.
    pub fn differing(&self, after: &Self) -> Vec<String> {
        let count = |hash: &String| hash.split(' ').next().unwrap_or_default().to_owned();
        let told = |(table, before): (&String, &String)| {
            let now = after.0.get(table)?;
            (now != before).then(|| match (count(before), count(now)) {
                (one, other) if one == other => format!("changes rows of table {table}"),
                (one, other) => format!("changes table {table} from {one} to {other} rows"),
            })
        };
        self.0.iter().filter_map(told).collect()
    }
}
