//! A script in one transaction, with its bookkeeping before the COMMIT.

use super::Readiness;
use super::caution::Caution;
use super::conversation::{Sent, Turn};
use super::error::SessionError;
use super::failure::{FailureKind, ScriptFailure};
use super::run::{Next, Outcome, Run};
use super::wire::TransactionStatus;

impl Run<'_> {
    pub fn in_one_transaction(&mut self) -> Outcome<()> {
        self.conversation.in_one_transaction = true;
        self.read_script()?;
        self.settle()?;
        self.conversation.in_one_transaction = false;
        self.ran.read_only = self.ran.read_only && self.is_read_only()?;
        self.committing = true;
        for sql in self.bookkeeping.applied(&self.ran) {
            self.send_bookkeeping(sql)?;
        }
        let settled = match self.next {
            Next::Unknown => self.settle(),
            Next::Transaction => self.settle_and_begin(),
        };
        self.ran.bookkeeping = std::mem::take(&mut self.conversation.bookkeeping_tags);
        settled.or_else(|failure| self.excuse(failure))
    }

    /// The next script's transaction begins in a clean session, unless this one's was not committed.
    fn settle_and_begin(&mut self) -> Outcome<()> {
        self.conversation.session.reset();
        self.begin()?;
        self.settle()?;
        self.conversation.session.readiness = Readiness::Begun;
        Ok(())
    }

    /// A Ctrl-C that came too late, or what went wrong after COMMIT, is no failure of a script that is in place.
    fn excuse(&mut self, failure: Box<ScriptFailure>) -> Outcome<()> {
        let committed = !self.ran.read_only && self.ran.bookkeeping.iter().any(|tag| tag == "COMMIT");
        if !committed || matches!(failure.kind, FailureKind::ConnectionLost { .. }) {
            return Err(failure);
        }
        self.leave_transaction();
        self.conversation.session.readiness = Readiness::Used;
        Ok(())
    }

    fn is_read_only(&mut self) -> Outcome<bool> {
        match self.conversation.session.simple("show transaction_read_only") {
            Ok(answer) => Ok(answer.rows == [[Some("on".to_owned())]]),
            Err(SessionError::Lost(lost)) => Err(self.lost(lost)),
            Err(_) => Ok(false),
        }
    }

    pub fn pipeline(&mut self, sent: Sent, caution: &Caution) -> Outcome<()> {
        if let Some(end) = caution.transaction_end() {
            return Err(self.failure(FailureKind::TransactionEnded { verb: end.to_string() }, Some(&sent)));
        }
        self.ran.read_only |= caution.may_be_read_only;
        self.ran.outside = self.ran.outside.max(caution.outside);
        // Commands that leave a failed transaction would take effect after an error before them.
        if caution.wait {
            self.settle()?;
        }
        self.send(sent)?;
        if self.must_wait(caution) { self.settle() } else { self.over() }
    }

    /// Leaves the session without an open transaction.
    pub fn undo(&mut self, mut failure: Box<ScriptFailure>) -> Box<ScriptFailure> {
        if matches!(failure.kind, FailureKind::ConnectionLost { .. }) {
            return failure;
        }
        self.leave_transaction();
        failure.finished = self.conversation.finished;
        failure
    }

    fn leave_transaction(&mut self) {
        self.conversation.session.wire.interruptible = false;
        while let Ok(Turn::CopyIn { .. }) = self.conversation.drain() {
            let _ = self.conversation.refuse_data("the script has failed");
        }
        // A late answer to Ctrl-C may hit the first attempt; where all fail, the connection is gone.
        for _ in 0..3 {
            if self.conversation.session.status() == TransactionStatus::Idle {
                break;
            }
            let _ = self.conversation.session.simple("ROLLBACK");
        }
    }
}
