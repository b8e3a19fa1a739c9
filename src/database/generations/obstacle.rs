//! What keeps a database from being renamed or copied, in words.

use postgres_protocol::escape::escape_literal;

use super::{Generation, GenerationError, Generations, Kind};

/// What ending sessions does not help against: it stays, or comes back.
const LASTING: &str = "\
SELECT 'prepared transaction `' || p.gid || '` of user `' || p.owner || '`, since '
       || pg_catalog.to_char(p.prepared, 'YYYY-MM-DD HH24:MI:SS') || ' (`ROLLBACK PREPARED '
       || pg_catalog.quote_literal(p.gid) || '` or `COMMIT PREPARED …` in that database)'
FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = DATABASE
UNION ALL
SELECT 'subscription `' || s.subname || '` (`ALTER SUBSCRIPTION … DISABLE`, then `DROP SUBSCRIPTION`)'
FROM pg_catalog.pg_subscription AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid WHERE d.datname = DATABASE";

/// A slot follows the renamed database; whoever reads from it looks for the name.
const SLOTS: &str = "\
SELECT 'replication slot `' || r.slot_name || '` (`SELECT pg_drop_replication_slot('
       || pg_catalog.quote_literal(r.slot_name) || ')`)'
FROM pg_catalog.pg_replication_slots AS r WHERE r.database = DATABASE";

/// Whoever is connected, or holds a lock on the name.
const SESSIONS: &str = "\
SELECT a.backend_type || ' ' || a.pid || coalesce(', `' || nullif(a.application_name, '') || '`', '')
       || coalesce(' of user `' || a.usename || '`', '') || coalesce(', ' || a.state, '')
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type NOT IN ('autovacuum worker', 'parallel worker')
  AND (a.datname = DATABASE OR a.pid IN (
       SELECT l.pid FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_database AS d ON d.oid = l.objid
       WHERE l.granted AND l.database = 0 AND l.classid = 'pg_catalog.pg_database'::pg_catalog.regclass
         AND d.datname = DATABASE))";

/// Whether there is anything of [`LASTING`] or [`SLOTS`] in any database: cheap to ask, and mostly there is nothing.
pub(super) const MAYBE_OBSTRUCTED: &str = "\
EXISTS (SELECT FROM pg_catalog.pg_prepared_xact()) OR EXISTS (SELECT FROM pg_catalog.pg_get_replication_slots()) \
OR EXISTS (SELECT subdbid FROM pg_catalog.pg_subscription)";

const PURPOSE: &str = "looking for what is in the way";

impl Generations<'_> {
    /// # Errors
    /// [`GenerationError::InTheWay`] where the service's database or `new` cannot change their names.
    pub(super) fn unobstructed(&mut self, new: &str) -> Result<(), GenerationError> {
        let service = self.of.clone();
        let (of_service, of_new) = (among(&[LASTING, SLOTS], &service), among(&[LASTING], new));
        // One look for both: mostly what there is belongs to another database.
        let rows = self.database.rows(PURPOSE, &format!("{of_service}\nUNION ALL\n{of_new}"))?;
        if rows.is_empty() {
            return Ok(());
        }
        self.clear(&service, &[LASTING, SLOTS], false)?;
        self.copyable(new)
    }

    /// Sessions are not looked for: the server waits some seconds for those that are just ending.
    ///
    /// # Errors
    /// [`GenerationError::InTheWay`] where something lasting uses the database.
    pub(super) fn copyable(&mut self, database: &str) -> Result<(), GenerationError> {
        self.clear(database, &[LASTING], false)
    }

    /// An error that says somebody uses `database`, with their names.
    pub(super) fn told<T>(
        &mut self,
        outcome: Result<T, GenerationError>,
        database: &str,
    ) -> Result<T, GenerationError> {
        if let Err(error) = &outcome
            && in_use(error)
        {
            self.clear(database, &[LASTING, SESSIONS], true)?;
        }
        outcome
    }

    /// The marked database, if it is one of these kinds and whole.
    pub(super) fn expect(&mut self, database: &str, kinds: &[Kind]) -> Result<Generation, GenerationError> {
        let found = self.find(database)?;
        let database = database.to_owned();
        if found.half_dropped {
            return Err(GenerationError::HalfDropped { database });
        }
        if kinds.contains(&found.mark.kind) {
            return Ok(found);
        }
        let wanted = kinds.first().map_or("generation", |kind| kind.word());
        Err(GenerationError::OtherKind { database, wanted, found: Some(found.mark.kind) })
    }

    fn clear(&mut self, database: &str, sources: &[&str], tried: bool) -> Result<(), GenerationError> {
        let rows = self.database.rows(PURPOSE, &among(sources, database))?;
        let obstacles: Vec<_> = rows.iter().filter_map(|row| row.get(0)).map(str::to_owned).collect();
        if obstacles.is_empty() {
            return Ok(());
        }
        Err(GenerationError::InTheWay { database: database.to_owned(), obstacles, tried })
    }
}

fn among(sources: &[&str], database: &str) -> String {
    sources.join("\nUNION ALL\n").replace("DATABASE", &escape_literal(database))
}

/// Whether the server says that a database is used, or that a lock on it was not to be had.
pub(super) fn in_use(error: &GenerationError) -> bool {
    matches!(error.code(), Some("55006" | "55P03" | "40P01"))
}
