//! Settings that scripts have written (`ALTER SYSTEM`), and that the server does not heed yet.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Database, DatabaseError};

/// Those of which the server knows already, and those that it has not read yet.
const FOR_RESTART: &str = "\
SELECT s.name FROM pg_catalog.pg_settings AS s WHERE s.pending_restart
UNION
SELECT s.name FROM pg_catalog.pg_file_settings AS f
JOIN pg_catalog.pg_settings AS s ON pg_catalog.lower(f.name) = pg_catalog.lower(s.name)
WHERE NOT f.applied AND f.error IS NOT NULL AND s.context = 'postmaster'
ORDER BY 1";

/// The file's time has whole seconds only, as the server tells it.
const RELOAD: &str = "\
SELECT pg_catalog.pg_reload_conf(), pg_catalog.pg_conf_load_time()::pg_catalog.text
FROM pg_catalog.pg_stat_file('postgresql.auto.conf', true) AS f
WHERE f.modification >= pg_catalog.date_trunc('second', pg_catalog.pg_conf_load_time())";

const LOADED_AT: &str = "SELECT pg_catalog.pg_conf_load_time()::pg_catalog.text";

/// A file with an error in it is never taken over, so there is an end to waiting.
const RELOAD_WITHIN: Duration = Duration::from_secs(5);

impl Database {
    /// Names of the settings that wait for a restart of the server.
    pub fn waiting_for_restart(&mut self) -> Result<Vec<String>, DatabaseError> {
        let rows = self.rows("settings that wait for a restart", FOR_RESTART)?;
        Ok(rows.iter().filter_map(|row| row.get(0)).map(str::to_owned).collect())
    }

    /// Lets the server read what was written since it read its files last, and waits until it has: a session's
    /// server process is told only after the postmaster has read them itself, for all sessions to come.
    pub fn reload_if_changed(&mut self) -> Result<(), DatabaseError> {
        const WHAT: &str = "reading the settings again";
        let rows = self.rows(WHAT, RELOAD)?;
        let Some(before) = rows.first().and_then(|row| row.get(1)) else { return Ok(()) };
        let deadline = Instant::now() + RELOAD_WITHIN;
        while Instant::now() < deadline {
            let now = self.rows(WHAT, LOADED_AT)?;
            if now.first().and_then(|row| row.get(0)) != Some(before) {
                break;
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}
