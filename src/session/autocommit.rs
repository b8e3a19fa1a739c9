//! Statement by statement: each commits by itself, together with its progress row where it can.

use std::io;

use super::caution::{Caution, mentions, verb};
use super::conversation::{Sent, What};
use super::error::{Lost, SessionError};
use super::failure::{FailureKind, Phase, ScriptFailure};
use super::run::{Outcome, Run};
use super::wire::TransactionStatus;
use crate::sql::statement::{Kind, Transaction};

/// How a statement stands to transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Commits the script's own transaction.
    Commits,
    /// Begins, leaves or divides a transaction, or is about the current one.
    Controls,
    /// Must not, or may not, be put into a transaction.
    Alone,
    /// Of the session: later statements may need it.
    Setting,
    Ordinary,
}

impl Standing {
    fn of(text: &[u8], kinds: &[Kind]) -> Self {
        let verb = verb(text).to_ascii_lowercase();
        let body_ends_transactions =
            || [&b"commit"[..], b"rollback", b"call"].iter().any(|word| mentions(text, word));
        match (kinds, verb.as_slice()) {
            ([Kind::Transaction(Transaction::Commit { .. } | Transaction::Prepare)], _) => Self::Commits,
            ([Kind::Transaction(_) | Kind::Setting { local: true, .. }], _) => Self::Controls,
            ([Kind::Setting { .. }], _) => Self::Setting,
            ([Kind::Alone(_)] | [_, _, ..], _) | (_, b"call") => Self::Alone,
            (_, b"do") if body_ends_transactions() => Self::Alone,
            // The server wants these inside a transaction, and refuses them or warns of them outside.
            (_, b"lock" | b"declare" | b"set") => Self::Controls,
            (_, b"select") if mentions(text, b"set_config") => Self::Setting,
            _ => Self::Ordinary,
        }
    }
}

impl Run<'_> {
    pub fn statement_by_statement(&mut self) -> Outcome<()> {
        self.read_script()?;
        self.settle()?;
        if self.status() == TransactionStatus::Idle {
            return Ok(());
        }
        let began = self.began.take();
        Err(self.failure(FailureKind::OpenTransaction, began.as_ref()))
    }

    pub fn one_statement(&mut self, sent: Sent, caution: &Caution, resume_after: u32) -> Outcome<()> {
        let number = match &sent.what {
            What::Script { number, .. } => *number,
            What::Generated { number, .. } if !self.withhold_progress => *number,
            // The row of the statement whose meta-command has made this one says that all is done.
            _ => return self.as_it_stands(sent, caution),
        };
        let standing = match Standing::of(sent.text(), &caution.kinds) {
            Standing::Ordinary | Standing::Alone if self.needs_result => Standing::Setting,
            standing => standing,
        };
        self.ran.outside = self.ran.outside.max(caution.outside);
        if number == resume_after + 1 && !self.bookkeeping.may_resume() {
            return Err(self.failure(FailureKind::FinishedPartChanged, Some(&sent)));
        }
        let standard_strings = self.standard_strings();
        self.bookkeeping.statement(number, sent.text(), standard_strings);
        if number <= resume_after {
            return self.skip(sent, standing, &caution.kinds);
        }
        if self.begin_for(caution)? {
            self.began = Some(sent.clone());
        }
        // A row in the same transaction would be one in another database.
        let apart = self.home.is_some() || self.withhold_progress;
        match (self.status(), standing) {
            (TransactionStatus::Idle, Standing::Ordinary | Standing::Setting) if !apart => {
                self.with_progress(sent, number)
            }
            (TransactionStatus::Idle, _) => self.alone(sent, caution, number),
            (_, Standing::Commits) if !apart => self.commit(sent, number),
            _ => self.inside(sent, caution, number),
        }
    }

    /// The statement and its progress row commit together.
    fn with_progress(&mut self, sent: Sent, number: u32) -> Outcome<()> {
        self.bookkeep("BEGIN".to_owned())?;
        if let Err(failure) = self.attempt(sent.clone()) {
            // The statement has done nothing yet: the server refuses it before it begins.
            let refused = failure.sqlstate() == Some("25001");
            if !refused {
                self.carry_over(&sent, failure)?;
            }
            self.bookkeep("ROLLBACK".to_owned())?;
            return if refused {
                self.alone(sent, &Caution::default(), number)
            } else {
                self.progress(number)
            };
        }
        if self.status() != TransactionStatus::InTransaction {
            return self.progress(number);
        }
        let row = self.bookkeeping.progress(number);
        self.send_bookkeeping(row)?;
        self.committing = true;
        let committed = self.bookkeep("COMMIT".to_owned());
        self.committing = false;
        self.conversation.show_notifications();
        match committed {
            // What was put off until the end of the transaction: the statement's own failure.
            Err(failure) if matches!(failure.kind, FailureKind::Server(_)) => {
                let failure = self.failure(failure.kind, Some(&sent));
                self.carry_over(&sent, failure)?;
                self.progress(number)
            }
            committed => committed,
        }
    }

    /// The progress row can only follow.
    fn alone(&mut self, sent: Sent, caution: &Caution, number: u32) -> Outcome<()> {
        let begins = sent.clone();
        self.committing = true;
        self.within_savepoint(sent, caution)?;
        self.committing = false;
        if self.status() == TransactionStatus::Idle {
            return self.progress(number);
        }
        self.began = Some(begins);
        Ok(())
    }

    /// A statement inside the script's own transaction: no row before its end.
    fn inside(&mut self, sent: Sent, caution: &Caution, number: u32) -> Outcome<()> {
        self.within_savepoint(sent, caution)?;
        if self.status() == TransactionStatus::Idle { self.progress(number) } else { Ok(()) }
    }

    /// The script commits its own transaction: the row for all of it goes just before.
    fn commit(&mut self, sent: Sent, number: u32) -> Outcome<()> {
        // A transaction that has failed takes no row, and its end is a rollback.
        if self.status() == TransactionStatus::Failed {
            self.ask(sent)?;
            return if self.status() == TransactionStatus::Idle { self.progress(number) } else { Ok(()) };
        }
        let row = self.bookkeeping.progress(number);
        self.bookkeep(row)?;
        self.committing = true;
        self.ask(sent)?;
        self.committing = false;
        Ok(())
    }

    /// Leaves out what ran before an interruption, but for what later statements need of the session.
    fn skip(&mut self, mut sent: Sent, standing: Standing, kinds: &[Kind]) -> Outcome<()> {
        match standing {
            Standing::Commits => sent.what = What::Bookkeeping("COMMIT".to_owned()),
            Standing::Setting | Standing::Controls => {}
            Standing::Alone | Standing::Ordinary => {
                for kind in kinds {
                    if let Kind::CopyFromStdin { binary } = kind {
                        self.skip_data(*binary)?;
                    }
                }
                self.conversation.finished += 1;
                return Ok(());
            }
        }
        let begins = sent.clone();
        let was_idle = self.status() == TransactionStatus::Idle;
        self.ask(sent)?;
        if was_idle && self.status() != TransactionStatus::Idle {
            self.began = Some(begins);
        }
        Ok(())
    }

    /// The row after a statement; where the script has gone to another database, on the ledger's own session.
    pub fn progress(&mut self, number: u32) -> Outcome<()> {
        if self.withhold_progress {
            return Ok(());
        }
        let row = self.bookkeeping.progress(number);
        let Some(home) = &mut self.home else { return self.bookkeep(row) };
        match home.simple(&row) {
            Ok(_) => Ok(()),
            Err(SessionError::Lost(lost)) => Err(self.lost(lost)),
            Err(SessionError::Server(message)) => {
                let mut failure = self.failure(FailureKind::Server(Box::new(message)), None);
                failure.phase = Phase::Bookkeeping;
                Err(failure)
            }
            Err(error) => Err(self.failure(FailureKind::Unreadable(io::Error::other(error)), None)),
        }
    }

    /// Sends a statement that may have to be sent in another way: its error is not shown.
    fn attempt(&mut self, sent: Sent) -> Outcome<()> {
        self.conversation.trying = true;
        let shown = sent.clone();
        let outcome = self.ask(sent);
        self.conversation.trying = false;
        if let Err(failure) = &outcome
            && let FailureKind::ConnectionLost { lost: Lost { last_words: Some(message), .. }, .. } =
                &failure.kind
        {
            self.conversation.show_error(&shown, message);
        }
        outcome
    }

    /// Shows the error; it is one only if the script does not go on after it.
    fn carry_over(&mut self, sent: &Sent, failure: Box<ScriptFailure>) -> Outcome<()> {
        let FailureKind::Server(message) = &failure.kind else { return Err(failure) };
        // Data may have been read meanwhile.
        let sent = Sent { line: self.input().line(), ..sent.clone() };
        self.conversation.show_error(&sent, message);
        if self.variables.special.stop {
            return Err(failure);
        }
        self.conversation.failures += 1;
        Ok(())
    }
}
