//! The SQL that dbctl sends around a script's own statements, so that script and ledger row are one atom.

use std::time::Instant;

use super::attempt::Attempt;
use super::milliseconds;
use crate::database::Guard;
use crate::ledger::{Mode, Outcome};
use crate::session::{Bookkeeping, Ran};
use crate::sql::survey::TokenHash;

/// What a script may leave behind in its transaction is taken back before the row is written: deferred
/// constraints are checked now, and the row is written as the user who logged in. The run ends with one flush
/// for all its scripts, so none waits for its own. Only a superuser may set the replication role, and only
/// then can it have been changed.
const TAKE_BACK: &str = "\
SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; \
SET LOCAL row_security = on; SET LOCAL synchronous_commit = off; \
SELECT pg_catalog.set_config('session_replication_role', 'origin', true) \
WHERE pg_catalog.current_setting('session_replication_role') <> 'origin'";

/// Writes the rows of one attempt.
pub struct Rows<'a> {
    attempt: &'a Attempt,
    mode: Mode,
    begun: Instant,
    done: Done,
    guard: Option<&'a Guard>,
}

/// The statements that are done, and the hash over them.
#[derive(Default)]
struct Done {
    hash: TokenHash,
    /// What they were in the attempt that is resumed.
    before: Option<(u32, String)>,
    differ: bool,
}

impl Done {
    /// The statements before `number` are complete where it begins: data of a COPY follows its statement.
    fn compare(&mut self, number: u32) {
        if self.before.as_ref().is_some_and(|(statements, _)| *statements < number) {
            self.differ = self.before.take().is_some_and(|(_, hash)| hash != self.hash.so_far());
        }
    }
}

impl<'a> Rows<'a> {
    pub fn new(attempt: &'a Attempt, mode: Mode) -> Self {
        Self { attempt, mode, begun: Instant::now(), done: Done::default(), guard: None }
    }

    /// The script's transaction is only committed if it has left alone what the guard guards.
    #[must_use]
    pub fn guarded(self, guard: Option<&'a Guard>) -> Self {
        Self { guard, ..self }
    }

    /// Goes on behind so many statements, over which this was the hash.
    #[must_use]
    pub fn resuming(mut self, finished: u32, hash: Option<String>) -> Self {
        self.done.before = hash.map(|hash| (finished, hash));
        self
    }

    fn applied_row(&self, ran: &Ran) -> crate::database::ledger::Row {
        let mut row = self.attempt.row(Outcome::Applied, self.mode);
        row.statements = Some(ran.statements);
        row.finished = ran.statements;
        row.took_ms = Some(milliseconds(self.begun.elapsed()));
        row
    }
}

impl Bookkeeping for Rows<'_> {
    fn begin(&mut self) -> Vec<String> {
        vec!["BEGIN".to_owned()]
    }

    fn progress(&mut self, finished: u32) -> String {
        let mut row = self.attempt.row(Outcome::Progress, self.mode);
        row.finished = finished;
        row.finished_hash = Some(self.done.hash.so_far());
        row.insert()
    }

    fn statement(&mut self, number: u32, text: &[u8], standard_strings: bool) {
        self.done.compare(number);
        self.done.hash.statement(text, standard_strings);
    }

    fn data(&mut self, data: &[u8]) {
        self.done.hash.data(data);
    }

    fn may_resume(&mut self) -> bool {
        self.done.compare(u32::MAX);
        !self.done.differ
    }

    fn applied(&mut self, ran: &Ran) -> Vec<String> {
        let row = self.applied_row(ran).insert();
        if ran.read_only {
            return vec!["COMMIT".to_owned(), row];
        }
        // One message: each would cost the server an answer of its own.
        let guard = self.guard.map(|guard| format!("{}; ", guard.sql())).unwrap_or_default();
        vec![format!("{TAKE_BACK}; {row}; {guard}COMMIT")]
    }
}
