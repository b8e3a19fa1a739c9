//! What the catalog says of statements whose outcome was lost with their connection.

use postgres_protocol::escape::{escape_identifier, escape_literal};

use super::{Database, DatabaseError};

impl Database {
    /// Whether the index is there and valid; an invalid one, which an interrupted `CREATE INDEX CONCURRENTLY`
    /// leaves, is dropped.
    pub fn settle_index(&mut self, name: &[String]) -> Result<bool, DatabaseError> {
        let quoted = name.iter().map(|part| escape_identifier(part)).collect::<Vec<_>>().join(".");
        let purpose = "looking for an index";
        let sql = format!(
            "SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass({})",
            escape_literal(&quoted)
        );
        let rows = self.rows(purpose, &sql)?;
        match rows.first().and_then(|row| row.get(0)) {
            Some("t") => Ok(true),
            Some(_) => self
                .execute("dropping an invalid index", &format!("DROP INDEX CONCURRENTLY {quoted}"))
                .map(|()| false),
            None => Ok(false),
        }
    }

    /// Whether the server has a database of that name.
    pub fn has_database(&mut self, name: &str) -> Result<bool, DatabaseError> {
        let name = escape_literal(name);
        let sql = format!("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = {name})");
        Ok(self.value("looking for a database", &sql)? == "t")
    }
}
