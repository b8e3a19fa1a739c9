//! What the tables hold, as one hash each.

use std::collections::BTreeMap;

use postgres_protocol::escape::escape_literal;

use crate::database::{Database, DatabaseError};

/// Each table's rows, whatever their order; what dbctl keeps and what extensions hold are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    tables: BTreeMap<String, String>,
    /// Statements that put each sequence where it is.
    sequences: BTreeMap<String, String>,
}

const PURPOSE: &str = "reading what the tables hold";

const TABLES: &str = "\
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'dbctl')
  AND n.nspname !~ '^pg_(toast|temp)' AND (c.relkind = 'r' OR c.relispopulated)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1";

/// Those of tables and of themselves.
const SEQUENCES: &str = "\
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'dbctl')
  AND n.nspname !~ '^pg_(toast|temp)'";

impl Contents {
    pub fn read(database: &mut Database) -> Result<Self, DatabaseError> {
        let mut tables = BTreeMap::new();
        for table in column(database, TABLES)? {
            // Sums do not depend on the order, and count equal rows.
            let sql = format!(
                "SELECT count(*) || ' ' || coalesce(sum(pg_catalog.hashtextextended(t::text, 0)::numeric), 0) \
                 FROM ONLY {table} AS t"
            );
            let hash = column(database, &sql)?.into_iter().next();
            tables.insert(table, hash.unwrap_or_default());
        }
        Ok(Self { tables, sequences: sequences(database)? })
    }

    /// Puts the sequences back that have moved until `now`: numbers that a script took and did not use are no change, but
    /// a script after it that counts on them would see it.
    pub fn put_sequences_back(&self, now: &Self, database: &mut Database) -> Result<(), DatabaseError> {
        let now = &now.sequences;
        let moved =
            self.sequences.iter().filter(|(name, place)| now.get(*name).is_some_and(|now| now != *place));
        let sql: String = moved.map(|(_, place)| place.as_str()).collect();
        if !sql.is_empty() {
            database.catalog("putting sequences back", &sql)?;
        }
        Ok(())
    }

    /// The tables whose rows are not the same, with what became of their number.
    pub fn differing(&self, after: &Self) -> Vec<String> {
        let count = |hash: &String| hash.split(' ').next().unwrap_or_default().to_owned();
        let told = |(table, before): (&String, &String)| {
            let now = after.tables.get(table)?;
            (now != before).then(|| match (count(before), count(now)) {
                (one, other) if one == other => format!("changes rows of table {table}"),
                (one, other) => format!("changes table {table} from {one} to {other} rows"),
            })
        };
        self.tables.iter().filter_map(told).collect()
    }
}

/// Where each sequence is, as the statement that puts it there.
fn sequences(database: &mut Database) -> Result<BTreeMap<String, String>, DatabaseError> {
    let names = column(database, SEQUENCES)?;
    let place = |name: &String| {
        let literal = escape_literal(name);
        format!(
            "SELECT pg_catalog.format('SELECT pg_catalog.setval(%L, %s, %L);', {literal}, last_value, is_called) FROM {name};"
        )
    };
    let sql: String = names.iter().map(place).collect();
    let places = if sql.is_empty() { Vec::new() } else { column(database, &sql)? };
    Ok(names.into_iter().zip(places).collect())
}

/// The first column of every row.
fn column(database: &mut Database, sql: &str) -> Result<Vec<String>, DatabaseError> {
    let rows = database.catalog(PURPOSE, sql)?;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
}
