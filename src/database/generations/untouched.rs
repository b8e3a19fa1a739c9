//! Previous generations in which nobody has written since they were built: what they hold, the scripts give again.

use postgres_protocol::escape::escape_literal;
use serde::{Deserialize, Serialize};

use super::snapshot::newest_first;
use super::{GenerationError, Generations, Kind, Mark, comment};

/// How much had been written to a database when it went into service. The server counts rows; where its counters began
/// anew since, or somebody may have turned them off, nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    oid: u32,
    rows: u64,
    /// When the server and its counters began.
    since: String,
}

/// The counters of the databases that `WHICH` names; no row where they cannot be trusted.
const COUNTERS: &str = "\
SELECT s.datid, s.tup_inserted + s.tup_updated + s.tup_deleted,
       pg_catalog.pg_postmaster_start_time()::text || ' ' || coalesce(s.stats_reset::text, '') || ' '
       || coalesce(b.stats_reset::text, '')
FROM pg_catalog.pg_stat_database AS s, pg_catalog.pg_stat_bgwriter AS b
WHERE s.datid IN (WHICH) AND pg_catalog.current_setting('track_counts') = 'on'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting AS r, pg_catalog.unnest(r.setconfig) AS c (entry)
                  WHERE c.entry ILIKE 'track_counts=%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a WHERE a.datid = s.datid)";

impl Generations<'_> {
    /// How much was written to a database to which nobody is connected; none where that cannot be told.
    pub(super) fn written(&mut self, database: &str) -> Result<Option<Written>, GenerationError> {
        let oid = format!(
            "SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = {}",
            escape_literal(database)
        );
        let rows = self.database.rows("how much was written", &COUNTERS.replace("WHICH", &oid))?;
        let Some(row) = rows.first() else { return Ok(None) };
        let number = |column: usize| row.get(column).and_then(|text| text.parse::<u64>().ok());
        let (Some(oid), Some(rows), Some(since)) = (number(0), number(1), row.get(2)) else {
            return Ok(None);
        };
        let oid = u32::try_from(oid).unwrap_or_default();
        // A database of which nothing was ever counted looks like one whose counters were lost.
        Ok((rows > 0).then(|| Written { oid, rows, since: since.to_owned() }))
    }

    /// Drops previous generations that hold nothing but what their scripts had written, the newest apart. How many.
    ///
    /// A generation is known to be such where the counters now are what they were when it went into service, which
    /// stands in the mark of the one that it replaced.
    pub fn drop_untouched(&mut self) -> Result<u32, GenerationError> {
        let all = newest_first(self.marked("0", "d.datname ~ '^dbctl_previous_'")?);
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
                self.database.execute("noting what is untouched", &comment(name, Some(&mark.text())))?;
            }
        }
        Ok(dropped)
    }
}
