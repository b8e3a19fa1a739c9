//! The ledger's tables: made, read, and the text of the rows that are written to them.

use postgres_protocol::escape::escape_literal;

use super::{Database, DatabaseError, Row as Cells};
use crate::ledger::{Applied, Entry, Ledger, Mode, Outcome, Past, Ran};
use crate::sql::reach::Extent;

/// The version of the tables that this dbctl writes.
const VERSION: i32 = 3;

/// What versions 2 and 3 add; each leaves alone what is there already.
const SECOND: &str = include_str!("ledger_2.sql");
const THIRD: &str = include_str!("ledger_3.sql");

/// The state, and the last event of each script. What the view `dbctl.standing` shows, without what it takes a new
/// connection to learn of a view.
const READ: &str = "\
SELECT version, building FROM dbctl.state;
SELECT DISTINCT ON (script) script, event, mode, checksum, finished,
       pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
       took_ms, error ->> 'message', who, token_hash
FROM dbctl.ledger ORDER BY script, id DESC";

/// Of the scripts whose last attempt has not settled them: what it has finished, and what was settled before.
const UNSETTLED: &str = "\
SELECT last.script,
       (SELECT pg_catalog.to_jsonb(done) ->> 'finished_hash' FROM dbctl.ledger AS done
        WHERE done.script = last.script AND done.attempt = last.attempt AND done.finished = last.finished
          AND pg_catalog.to_jsonb(done) ->> 'finished_hash' IS NOT NULL
        ORDER BY done.id DESC LIMIT 1),
       held.event, held.checksum,
       pg_catalog.to_char(held.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), held.token_hash
FROM (SELECT DISTINCT ON (script) * FROM dbctl.ledger ORDER BY script, id DESC) AS last
LEFT JOIN LATERAL (
    SELECT * FROM dbctl.ledger AS settled
    WHERE settled.script = last.script AND settled.event IN ('applied', 'adopted', 'forgotten')
    ORDER BY settled.id DESC LIMIT 1) AS held ON true
WHERE last.event NOT IN ('applied', 'adopted', 'forgotten')";

/// An attempt in one transaction that failed has left nothing.
const PAST: &str = "\
SELECT DISTINCT script, checksum, reach FROM dbctl.ledger
WHERE event <> 'forgotten' AND NOT (mode = 'not-needed' AND event = 'applied')
  AND NOT (mode = 'transaction' AND event = 'failed')";

/// What stands in the database that no system, extension or dbctl itself made.
const IS_EMPTY: &str = "\
SELECT NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'dbctl') AND n.nspname !~ '^pg_(toast|temp)'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

impl Database {
    /// What the database remembers; none where no ledger was ever made.
    pub fn ledger(&mut self) -> Result<Option<Ledger>, DatabaseError> {
        const PURPOSE: &str = "reading the ledger";
        let rows = match self.rows(PURPOSE, READ) {
            Err(error) if is_absent(&error) => return Ok(None),
            other => other?,
        };
        let found = known_version(rows.first())?;
        let (state, rows) = rows.split_first().ok_or(DatabaseError::Answer { purpose: PURPOSE })?;
        let mut entries: Vec<Entry> = rows.iter().filter_map(entry).collect();
        if entries.iter().any(|entry| !entry.outcome.settles()) {
            let unsettled = self.rows(PURPOSE, UNSETTLED)?;
            for entry in entries.iter_mut().filter(|entry| !entry.outcome.settles()) {
                match unsettled.iter().find(|row| row.get(0) == Some(&entry.script)) {
                    Some(row) => complete(entry, row),
                    // Another run has settled it in between.
                    None => return self.ledger(),
                }
            }
        }
        let mut ledger = Ledger::new(entries, state.get(1) == Some("t"));
        ledger.is_old = found < VERSION;
        Ok(Some(ledger))
    }

    /// Whether there is a ledger, whatever stands in it.
    ///
    /// # Errors
    /// [`DatabaseError::NewerLedger`] where this dbctl does not know it.
    pub fn has_ledger(&mut self) -> Result<bool, DatabaseError> {
        match self.rows("looking for the ledger", "SELECT version, building FROM dbctl.state") {
            Err(error) if is_absent(&error) => Ok(false),
            rows => known_version(rows?.first()).map(|_| true),
        }
    }

    /// Every text of a script that has run here and may have left something.
    pub fn past(&mut self) -> Result<Past, DatabaseError> {
        let purpose = "reading what has run";
        let rows = match self.rows(purpose, PAST) {
            // An older dbctl's table has no such column: it judged no text.
            Err(error) if error.code() == Some("42703") => {
                self.rows(purpose, &PAST.replace(", reach", ", NULL"))?
            }
            other => other?,
        };
        let text = |row: &Cells, column: usize| row.get(column).map(str::to_owned);
        let ran = |row: &Cells| {
            Some(Ran {
                script: text(row, 0)?,
                checksum: text(row, 1)?,
                extent: row.get(2).and_then(Extent::from_word),
            })
        };
        Ok(Past(rows.iter().filter_map(ran).collect()))
    }

    /// Whether nothing but system objects, extensions and dbctl's own tables are there.
    pub fn is_empty(&mut self) -> Result<bool, DatabaseError> {
        Ok(self.value("looking for objects", IS_EMPTY)? == "t")
    }

    /// Makes the ledger's tables. The caller holds the run's lock.
    pub fn create_ledger(&mut self, building: bool) -> Result<(), DatabaseError> {
        self.execute("making the ledger", &creation(building))
    }

    /// Brings the tables that an older dbctl made to this one's version. The caller holds the run's lock.
    pub fn upgrade_ledger(&mut self) -> Result<(), DatabaseError> {
        let sql = format!("BEGIN;\n{SECOND}{THIRD}UPDATE dbctl.state SET version = {VERSION};\nCOMMIT;\n");
        self.execute("bringing the ledger to this version", &sql)
    }

    /// Every pending script has run: from now on the database is one that exists.
    pub fn finish_building(&mut self) -> Result<(), DatabaseError> {
        self.execute("marking the database as built", "UPDATE dbctl.state SET building = false")
    }

    /// Commits a row synchronously, and with it everything that was committed before: a commit that writes
    /// nothing would flush nothing.
    pub fn flush(&mut self) -> Result<(), DatabaseError> {
        self.execute("making the run safe", "UPDATE dbctl.state SET version = version")
    }

    /// Writes one row in a transaction of its own, flushed.
    pub fn record(&mut self, row: &Row) -> Result<(), DatabaseError> {
        self.execute("recording in the ledger", &row.insert())
    }

    /// Whether `attempt` has a row that says it succeeded: asked after a connection was lost in a COMMIT.
    pub fn attempt_applied(&mut self, attempt: &str) -> Result<bool, DatabaseError> {
        let attempt = escape_literal(attempt);
        let sql = format!(
            "SELECT EXISTS (SELECT FROM dbctl.ledger WHERE attempt = {attempt} AND event = 'applied')"
        );
        Ok(self.value("asking whether the transaction was committed", &sql)? == "t")
    }

    /// How many statements of `attempt` are committed, as its rows tell.
    pub fn attempt_finished(&mut self, attempt: &str) -> Result<u32, DatabaseError> {
        let attempt = escape_literal(attempt);
        let sql = format!("SELECT coalesce(max(finished), 0) FROM dbctl.ledger WHERE attempt = {attempt}");
        let purpose = "asking how far the script came";
        self.value(purpose, &sql)?.parse().map_err(|_| DatabaseError::Answer { purpose })
    }
}

/// The SQL that makes the ledger's tables in one transaction.
pub fn creation(building: bool) -> String {
    let tables = include_str!("ledger.sql");
    format!(
        "BEGIN;\n{tables}{SECOND}{THIRD}INSERT INTO dbctl.state (version, building) VALUES ({VERSION}, {building});\nCOMMIT;\n"
    )
}

/// No such table, or no such schema: nothing was ever recorded here.
fn is_absent(error: &DatabaseError) -> bool {
    matches!(error.code(), Some("42P01" | "3F000"))
}

/// The version that the row of `dbctl.state` tells.
fn known_version(state: Option<&Cells>) -> Result<i32, DatabaseError> {
    let version = state.and_then(|state| state.get(0)).and_then(|text| text.parse().ok());
    let found = version.ok_or(DatabaseError::Answer { purpose: "reading the ledger" })?;
    if found > VERSION { Err(DatabaseError::NewerLedger { found, known: VERSION }) } else { Ok(found) }
}

fn entry(row: &Cells) -> Option<Entry> {
    let text = |column: usize| row.get(column).map(str::to_owned);
    let outcome = Outcome::from_word(row.get(1)?)?;
    let holds = matches!(outcome, Outcome::Applied | Outcome::Adopted);
    Some(Entry {
        script: text(0)?,
        outcome,
        mode: Mode::from_word(row.get(2)?),
        checksum: text(3)?,
        finished_hash: None,
        finished: row.get(4)?.parse().ok()?,
        at: text(5)?,
        took_ms: row.get(6).and_then(|text| text.parse().ok()),
        error: text(7),
        by: text(8)?,
        applied: if holds { applied(row, [3, 5, 9]) } else { None },
    })
}

/// A row of [`UNSETTLED`].
fn complete(entry: &mut Entry, row: &Cells) {
    entry.finished_hash = row.get(1).map(str::to_owned);
    if matches!(row.get(2).and_then(Outcome::from_word), Some(Outcome::Applied | Outcome::Adopted)) {
        entry.applied = applied(row, [3, 4, 5]);
    }
}

/// Where checksum, time and hash of the tokens stand in the row.
fn applied(row: &Cells, [checksum, at, token_hash]: [usize; 3]) -> Option<Applied> {
    Some(Applied {
        checksum: row.get(checksum)?.to_owned(),
        token_hash: row.get(token_hash).map(str::to_owned),
        at: row.get(at).unwrap_or_default().to_owned(),
    })
}

/// One event of an attempt, to be written. What does not change in an attempt is cloned from its first row.
#[derive(Clone, Debug)]
pub struct Row {
    pub event: Outcome,
    pub attempt: String,
    pub script: String,
    pub number: Option<String>,
    pub checksum: String,
    pub token_hash: Option<String>,
    pub mode: Mode,
    pub statements: Option<u32>,
    pub finished: u32,
    /// Over the finished statements, as [`crate::sql::survey::TokenHash`] computes it.
    pub finished_hash: Option<String>,
    /// How far the script may reach, where that was judged.
    pub reach: Option<Extent>,
    pub took_ms: Option<u64>,
    pub error: Option<serde_json::Value>,
    pub who: String,
    pub writer: Writer,
}

/// The backend that holds the run's lock, as long as it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    pub pid: i32,
    /// In UTC, in ISO's form. Process numbers are used again, this pair is not.
    pub begun: String,
}

impl Writer {
    /// SQL for the holder's pid, null once it is gone, and the lock with it: the row's NOT NULL then refuses it.
    /// So the backend of a killed dbctl, which goes on with what it has received, cannot commit.
    fn proof(&self) -> String {
        let Self { pid, begun } = self;
        let begun = escape_literal(begun);
        format!(
            "(SELECT a.pid FROM pg_catalog.pg_stat_get_activity({pid}) AS a WHERE a.backend_start = {begun})"
        )
    }
}

impl Row {
    /// The INSERT, on one line, with every name qualified.
    pub fn insert(&self) -> String {
        format!("INSERT INTO dbctl.ledger {COLUMNS} VALUES ({})", self.values())
    }

    /// The same, unless this attempt already has a row of this event.
    pub fn insert_if_absent(&self) -> String {
        format!(
            "INSERT INTO dbctl.ledger {COLUMNS} SELECT {} WHERE NOT EXISTS \
             (SELECT FROM dbctl.ledger WHERE attempt = {} AND event = {})",
            self.values(),
            escape_literal(&self.attempt),
            escape_literal(self.event.as_str())
        )
    }

    fn values(&self) -> String {
        let text = |value: &str| escape_literal(value);
        let optional = |value: Option<&str>| value.map_or_else(|| "NULL".to_owned(), escape_literal);
        let number = |value: Option<i64>| value.map_or_else(|| "NULL".to_owned(), |value| value.to_string());
        let error = self.error.as_ref().map(ToString::to_string);
        [
            text(self.event.as_str()),
            text(&self.attempt),
            text(&self.script),
            optional(self.number.as_deref()),
            text(&self.checksum),
            optional(self.token_hash.as_deref()),
            text(self.mode.as_str()),
            number(self.statements.map(i64::from)),
            self.finished.to_string(),
            number(self.took_ms.and_then(|ms| i64::try_from(ms).ok())),
            optional(error.as_deref()) + "::pg_catalog.jsonb",
            text(&self.who),
            text(env!("CARGO_PKG_VERSION")),
            self.writer.proof(),
            optional(self.finished_hash.as_deref()),
            optional(self.reach.map(Extent::as_str)),
        ]
        .join(", ")
    }
}

const COLUMNS: &str = "(event, attempt, script, number, checksum, token_hash, mode, statements, finished, took_ms, \
                       error, who, dbctl, writer, finished_hash, reach)";
