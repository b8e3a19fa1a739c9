//! Whether anything outside the database was changed: the shared catalogs and the server's configuration.

use std::collections::BTreeMap;

use postgres_protocol::escape::escape_literal;

use super::generations::{NAMES, PREFIX};
use super::{Database, DatabaseError};

const PARTS: &str = include_str!("fingerprint.sql");

/// From version 15 on.
const PARAMETERS: &str = "\
UNION ALL
SELECT 'privileges on settings', pg_catalog.md5(pg_catalog.string_agg(pg_catalog.to_jsonb(p)::pg_catalog.text, ',' ORDER BY p.oid))
FROM pg_catalog.pg_parameter_acl AS p
";

/// A hash of each part; equal where nothing differs. Databases with names that dbctl generates are left out, with
/// all that is theirs: they come and go, and what a script does to the one it runs in goes with that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    parts: BTreeMap<String, String>,
}

/// One query, of rows of a part's name and its hash (null: there is nothing of that part), for a server of this
/// `server_version_num`. It sees what its own transaction has done. Every name in it is qualified; whoever runs it is
/// a superuser (for the configuration), so in a script's transaction it comes after the script's `SET ROLE` is taken
/// back.
pub fn fingerprint_sql(server_version: u32) -> String {
    let parameters = if server_version >= 150_000 { PARAMETERS } else { "" };
    let sql = PARTS.replace("NAMES", &escape_literal(NAMES)).replace("MARK", &escape_literal(PREFIX));
    format!("{sql}{parameters}")
}

/// Sees to it that scripts leave alone what is outside their database.
#[derive(Clone, Debug)]
pub struct Guard {
    expected: Fingerprint,
    sql: String,
}

impl Guard {
    /// Fails where the fingerprint is not the expected one any more, with an error that [`beyond`] reads. For the end
    /// of a script's transaction: it sets the search path.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The parts that differ by now, if any do.
    pub fn differing(&self, database: &mut Database) -> Result<Option<String>, DatabaseError> {
        let now = database.fingerprint()?;
        let parts = now.differing(&self.expected);
        Ok((!parts.is_empty()).then(|| parts.join(", ")))
    }
}

fn guard_sql(server_version: u32, expected: &Fingerprint) -> String {
    let rows: Vec<String> = expected
        .parts
        .iter()
        .map(|(part, hash)| format!("({}, {})", escape_literal(part), escape_literal(hash)))
        .collect();
    format!(
        "SET LOCAL search_path = pg_catalog; \
         SELECT CASE WHEN differing <> '' THEN ('{WORD}' || differing)::int4 END \
         FROM (SELECT string_agg(now.part, ', ') AS differing FROM ({}) AS now (part, hash) \
               LEFT JOIN (VALUES {}) AS before (part, hash) USING (part) \
               WHERE coalesce(now.hash, '') <> coalesce(before.hash, '')) AS compared",
        fingerprint_sql(server_version),
        rows.join(", ")
    )
}

/// The parts that differ, where this is the error of a [`Guard`].
pub fn beyond(message: &str) -> Option<&str> {
    message.split_once(WORD)?.1.split('"').next()
}

/// What the guard's error begins with.
const WORD: &str = "beyond the database: ";

impl Fingerprint {
    /// From the rows of [`fingerprint_sql`].
    pub fn from_rows(rows: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        Self { parts: rows.into_iter().map(|(part, hash)| (part, hash.unwrap_or_default())).collect() }
    }

    /// The parts that are not the same, in a user's words: `roles`, `settings of databases and roles`, …
    pub fn differing<'a>(&'a self, other: &Self) -> Vec<&'a str> {
        let differs = |(part, hash): &(&String, &String)| other.parts.get(*part) != Some(hash);
        self.parts.iter().filter(differs).map(|(part, _)| part.as_str()).collect()
    }
}

impl Database {
    /// `server_version_num`.
    pub fn server_version(&mut self) -> Result<u32, DatabaseError> {
        let purpose = "the server's version";
        let version = self.value(purpose, "SHOW server_version_num")?;
        version.parse().map_err(|_| DatabaseError::Answer { purpose })
    }

    /// What guards things as they are now.
    pub fn guard(&mut self) -> Result<Guard, DatabaseError> {
        let (version, expected) = (self.server_version()?, self.fingerprint()?);
        Ok(Guard { sql: guard_sql(version, &expected), expected })
    }

    /// As things are now.
    pub fn fingerprint(&mut self) -> Result<Fingerprint, DatabaseError> {
        let purpose = "a fingerprint of the server";
        let version = self.server_version()?;
        let rows = self.rows(purpose, &fingerprint_sql(version))?;
        let text = |value: Option<&str>| value.map(str::to_owned);
        Ok(Fingerprint::from_rows(rows.iter().filter_map(|row| Some((text(row.get(0))?, text(row.get(1)))))))
    }
}
