//! The SQL that dbctl sends around a script's own statements, so that script and ledger row are one atom.

use std::time::Instant;

use super::attempt::Attempt;
use super::milliseconds;
use crate::ledger::{Mode, Outcome};
use crate::session::{Bookkeeping, Ran};

/// What a script may leave behind in its transaction is taken back before the row is written: deferred
/// constraints are checked now, and the row is written as the user who logged in. The run ends with one flush
/// for all its scripts, so none waits for its own.
const TAKE_BACK: [&str; 4] = [
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SET LOCAL SESSION AUTHORIZATION DEFAULT",
    "SET LOCAL ROLE NONE",
    "SELECT pg_catalog.set_config(name, value, true) FROM (VALUES ('statement_timeout', '0'), \
     ('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('row_security', 'on'), \
     ('session_replication_role', 'origin'), ('synchronous_commit', 'off')) AS v (name, value) \
     WHERE pg_catalog.current_setting(name) <> value",
];

/// Writes the rows of one attempt.
pub struct Rows<'a> {
    attempt: &'a Attempt,
    mode: Mode,
    begun: Instant,
    /// The script may make its transaction read-only, in which no row can be written.
    may_be_read_only: bool,
}

impl<'a> Rows<'a> {
    pub fn new(attempt: &'a Attempt, mode: Mode, may_be_read_only: bool) -> Self {
        Self { attempt, mode, begun: Instant::now(), may_be_read_only }
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
        row.insert()
    }

    fn applied(&mut self, ran: &Ran) -> Vec<String> {
        let row = self.applied_row(ran);
        let mut messages: Vec<String> = TAKE_BACK.map(str::to_owned).to_vec();
        if self.may_be_read_only {
            let insert = row.insert();
            messages.push(format!(
                "DO $dbctl$ BEGIN IF pg_catalog.current_setting('transaction_read_only') = 'off' THEN {insert}; \
                 END IF; END $dbctl$"
            ));
            messages.push("COMMIT".to_owned());
            messages.push(row.insert_if_absent());
        } else {
            messages.push(row.insert());
            messages.push("COMMIT".to_owned());
        }
        messages
    }
}
