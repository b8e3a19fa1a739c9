//! Settings that scripts have written (`ALTER SYSTEM`), and that the server does not heed yet.

use super::{Database, DatabaseError};

/// Those of which the server knows already, and those that it has not read yet.
const FOR_RESTART: &str = "\
SELECT s.name FROM pg_catalog.pg_settings AS s WHERE s.pending_restart
UNION
SELECT s.name FROM pg_catalog.pg_file_settings AS f
JOIN pg_catalog.pg_settings AS s ON pg_catalog.lower(f.name) = pg_catalog.lower(s.name)
WHERE NOT f.applied AND f.error IS NOT NULL AND s.context = 'postmaster'
ORDER BY 1";

const RELOAD: &str = "\
SELECT pg_catalog.pg_reload_conf()
FROM pg_catalog.pg_stat_file('postgresql.auto.conf', true) AS f
WHERE f.modification > pg_catalog.pg_conf_load_time()";

impl Database {
    /// Names of the settings that wait for a restart of the server.
    pub fn waiting_for_restart(&mut self) -> Result<Vec<String>, DatabaseError> {
        let rows = self.rows("settings that wait for a restart", FOR_RESTART)?;
        Ok(rows.iter().filter_map(|row| row.get(0)).map(str::to_owned).collect())
    }

    /// Lets the server read what was written since it read its files last.
    pub fn reload_if_changed(&mut self) -> Result<(), DatabaseError> {
        self.rows("reading the settings again", RELOAD).map(drop)
    }
}
