//! Statement by statement: each commits by itself, together with its progress row where it can.

use super::caution::{Caution, mentions, verb};
use super::conversation::{Sent, What};
use super::failure::FailureKind;
use super::run::{Outcome, Run};
use super::wire::TransactionStatus;

/// How a statement stands to transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Commits whatever the script's own transaction did.
    Commits,
    /// Begins, leaves or divides a transaction, or means something else inside one.
    Controls,
    /// Must not, or may not, be put into a transaction.
    Alone,
    Setting,
    Ordinary,
}

impl Place {
    fn of(text: &[u8]) -> Self {
        let verb = verb(text).to_ascii_lowercase();
        match verb.as_slice() {
            b"prepare" if second_is(text, b"transaction") => Self::Commits,
            b"commit" | b"end" if !second_is(text, b"prepared") => Self::Commits,
            b"set" if second_is(text, b"local") || second_is(text, b"transaction") => Self::Controls,
            b"set" if second_is(text, b"constraints") => Self::Controls,
            b"begin" | b"start" | b"rollback" | b"abort" | b"savepoint" | b"release" => Self::Controls,
            b"lock" | b"declare" | b"commit" => Self::Alone,
            b"set" | b"reset" => Self::Setting,
            b"select" if mentions(text, b"set_config") => Self::Setting,
            b"vacuum" | b"call" | b"discard" | b"cluster" | b"reindex" => Self::Alone,
            b"do" if [&b"commit"[..], b"rollback", b"call"].iter().any(|word| mentions(text, word)) => {
                Self::Alone
            }
            _ if mentions(text, b"concurrently") => Self::Alone,
            b"create" | b"drop" | b"alter"
                if ["database", "tablespace", "system", "subscription"]
                    .iter()
                    .any(|thing| second_is(text, thing.as_bytes())) =>
            {
                Self::Alone
            }
            _ => Self::Ordinary,
        }
    }
}

fn second_is(text: &[u8], word: &[u8]) -> bool {
    let first = super::caution::first_token(text) + verb(text).len();
    verb(&text[first.min(text.len())..]).eq_ignore_ascii_case(word)
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

    fn status(&self) -> TransactionStatus {
        self.conversation.session.status()
    }

    pub fn one_statement(&mut self, sent: Sent, caution: Caution, resume_after: u32) -> Outcome<()> {
        let What::Script { number, statement } = &sent.what else { return Ok(()) };
        let (number, place) = (*number, Place::of(&statement.text));
        self.ran.outside = self.ran.outside.max(caution.outside);
        if number <= resume_after {
            return self.skip(sent, place);
        }
        match (self.status(), place) {
            (TransactionStatus::Idle, Place::Ordinary | Place::Setting) => self.with_progress(sent, number),
            (TransactionStatus::Idle, _) => self.alone(sent, number),
            (_, Place::Commits) => self.commit(sent, number),
            _ => self.inside(sent, number),
        }
    }

    /// The statement and its progress row commit together.
    fn with_progress(&mut self, sent: Sent, number: u32) -> Outcome<()> {
        self.bookkeep("BEGIN".to_owned())?;
        if let Err(failure) = self.ask(sent.clone()) {
            // The statement has done nothing yet: the server refuses it before it begins.
            if failure.sqlstate() != Some("25001") {
                return Err(failure);
            }
            self.bookkeep("ROLLBACK".to_owned())?;
            return self.alone(sent, number);
        }
        if self.status() != TransactionStatus::InTransaction {
            return self.progress(number);
        }
        let row = self.bookkeeping.progress(number);
        self.send_bookkeeping(row)?;
        self.committing = true;
        self.bookkeep("COMMIT".to_owned())?;
        self.committing = false;
        Ok(())
    }

    /// The progress row can only follow.
    fn alone(&mut self, sent: Sent, number: u32) -> Outcome<()> {
        let begins = sent.clone();
        self.ask(sent)?;
        if self.status() == TransactionStatus::Idle {
            return self.progress(number);
        }
        self.began = Some(begins);
        Ok(())
    }

    /// A statement inside the script's own transaction: no row before its end.
    fn inside(&mut self, sent: Sent, number: u32) -> Outcome<()> {
        self.ask(sent)?;
        if self.status() == TransactionStatus::Idle { self.progress(number) } else { Ok(()) }
    }

    /// The script commits its own transaction: the row for all of it goes just before.
    fn commit(&mut self, sent: Sent, number: u32) -> Outcome<()> {
        let row = self.bookkeeping.progress(number);
        self.bookkeep(row)?;
        self.committing = true;
        let outcome = self.ask(sent);
        if outcome.is_ok() {
            self.committing = false;
        }
        outcome
    }

    /// Leaves out what ran before an interruption, but for what later statements need of the session.
    fn skip(&mut self, mut sent: Sent, place: Place) -> Outcome<()> {
        let What::Script { statement, .. } = &sent.what else { return Ok(()) };
        let text = &statement.text;
        match place {
            Place::Commits => sent.what = What::Bookkeeping("COMMIT".to_owned()),
            Place::Setting | Place::Controls => {}
            Place::Alone | Place::Ordinary => {
                if verb(text).eq_ignore_ascii_case(b"copy") && mentions(text, b"stdin") {
                    self.skip_data()?;
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

    fn progress(&mut self, number: u32) -> Outcome<()> {
        let row = self.bookkeeping.progress(number);
        self.bookkeep(row)
    }

    fn bookkeep(&mut self, sql: String) -> Outcome<()> {
        self.send_bookkeeping(sql)?;
        self.settle()
    }

    fn ask(&mut self, sent: Sent) -> Outcome<()> {
        self.send(sent)?;
        self.settle()
    }
}
