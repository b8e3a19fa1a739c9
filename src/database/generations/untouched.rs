//! Previous generations in which nobody has written since they were built: what they hold, the scripts give again.

use postgres_protocol::escape::escape_literal;
use serde::{Deserialize, Serialize};

use super::snapshot::newest_first;
use super::{GenerationError, Generations, Kind, Mark, comment};
use crate::database::Row;

/// How much had been written to a database when it went into service. The server counts rows; where its counters began
/// anew since, or somebody may have turned them off, nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    oid: u32,
    rows: u64,
    /// When the server and its counters began.
    since: String,
}

/// The counters of the database `WHICH`; no row where they cannot be trusted. The functions behind the views: a
/// connection that is new takes its time to learn of views.
const COUNTERS: &str = "\
SELECT d.oid, pg_catalog.pg_stat_get_db_tuples_inserted(d.oid) + pg_catalog.pg_stat_get_db_tuples_updated(d.oid)
              + pg_catalog.pg_stat_get_db_tuples_deleted(d.oid),
       pg_catalog.pg_postmaster_start_time()::text || ' '
       || coalesce(pg_catalog.pg_stat_get_db_stat_reset_time(d.oid)::text, '') || ' '
       || coalesce(pg_catalog.pg_stat_get_bgwriter_stat_reset_time()::text, '')
FROM pg_catalog.pg_database AS d
WHERE d.datname = WHICH AND pg_catalog.current_setting('track_counts') = 'on'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting AS r, pg_catalog.unnest(r.setconfig) AS c (entry)
                  WHERE c.entry ILIKE 'track_counts=%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity(NULL) AS a WHERE a.datid = d.oid)";

impl Written {
    /// From the answer to [`counters_of`].
    pub(super) fn of(rows: &[Row]) -> Option<Self> {
        let row = rows.first()?;
        let (oid, rows) = (row.get(0)?.parse().ok()?, row.get(1)?.parse().ok()?);
        // A database of which nothing was ever counted looks like one whose counters were lost.
        (rows > 0).then(|| Self { oid, rows, since: row.get(2).unwrap_or_default().to_owned() })
    }
}

/// The question how much was written to a database; only where nobody is connected to it there is an answer.
pub(super) fn counters_of(database: &str) -> String {
    COUNTERS.replace("WHICH", &escape_literal(database))
}

impl Generations<'_> {
    /// How much was written to a database to which nobody is connected; none where that cannot be told.
    pub(super) fn written(&mut self, database: &str) -> Result<Option<Written>, GenerationError> {
        let rows = self.database.rows("how much was written", &counters_of(database))?;
        Ok(Written::of(&rows))
    }

    /// Drops previous generations that hold nothing but what their scripts had written, the newest apart. How many.
    ///
    /// A generation is known to be such where the counters now are what they were when it went into service, which
    /// stands in the mark of the one that it replaced.
    pub fn drop_untouched(&mut self) -> Result<u32, GenerationError> {
        let all = newest_first(self.all()?);
        let mut dropped = 0;
        for (index, generation) in all.iter().enumerate() {
            let name = &generation.database;
            let now = self.written(name)?;
            let before = all.get(index + 1).and_then(|replaced| replaced.mark.next.clone());
            let known = generation.mark.untouched.clone().or(before);
            if now.is_none() || now != known {
                continue;
            }
            if index > 0 {
                self.drop(name, Kind::Previous)?;
                dropped += 1;
            } else if generation.mark.untouched.is_none() {
                // The one that it replaced, and with it the proof, may be dropped before this one.
                let mark = Mark { untouched: now, ..generation.mark.clone() };
                self.change("noting what is untouched", &comment(name, Some(&mark.text())))?;
            }
        }
        Ok(dropped)
    }
}
