//! Statements as they stand: what `psql -f` sends, and nothing besides.

use std::io;

use super::caution::Caution;
use super::conversation::Sent;
use super::error::SessionError;
use super::failure::{FailureKind, Phase};
use super::meta::MetaError;
use super::output::{Channel, Locus};
use super::run::{Outcome, Run};
use super::wire::TransactionStatus;
use crate::sql::statement::{Alone, Kind, Transaction};

const SAVEPOINT: &str = "pg_psql_temporary_savepoint";

impl Run<'_> {
    /// The script between psql's own BEGIN and COMMIT, whatever it does to the transaction.
    pub fn single_transaction(&mut self) -> Outcome<()> {
        self.frame("BEGIN")?;
        let outcome = self.read_script().and_then(|()| self.settle());
        match outcome {
            Ok(()) => {
                self.committing = true;
                self.frame("COMMIT")
            }
            Err(failure) => {
                self.end_in_failure(&failure.kind);
                Err(failure)
            }
        }
    }

    fn end_in_failure(&mut self, why: &FailureKind) {
        match why {
            FailureKind::ConnectionLost { .. } | FailureKind::Interrupted => {}
            // To psql the connection from which it could not move on is gone.
            FailureKind::Meta(MetaError::Connect(_)) => {
                let words = b"You are currently not connected to a database.\n";
                self.conversation.stage.echo(Channel::Error, words);
            }
            // Whatever comes of it, the transaction is left before the session is used again.
            _ => drop(self.frame("ROLLBACK")),
        }
    }

    /// A statement of psql's own, outside the script.
    fn frame(&mut self, sql: &str) -> Outcome<()> {
        self.show_hidden(sql);
        let answer = match self.conversation.session.simple(sql) {
            Ok(answer) => answer,
            Err(SessionError::Server(message)) => {
                self.conversation.stage.error(&message, sql.as_bytes(), &Locus::NOWHERE);
                let went_on = !self.variables.special.stop;
                self.conversation.failures += u32::from(went_on);
                let message = Box::new(message);
                let mut failure = self.failure(FailureKind::Server(message), None);
                failure.phase = Phase::Bookkeeping;
                return if went_on { Ok(()) } else { Err(failure) };
            }
            Err(SessionError::Lost(lost)) => return Err(self.lost(lost)),
            Err(error) => return Err(self.failure(FailureKind::Unreadable(io::Error::other(error)), None)),
        };
        for notice in &answer.notices {
            self.conversation.stage.notice(notice, sql.as_bytes(), &Locus::NOWHERE);
        }
        Ok(())
    }

    /// Shows a statement that psql sends by itself, where `ECHO_HIDDEN` asks for that.
    pub fn show_hidden(&mut self, sql: &str) {
        if self.variables.special.echo_hidden {
            let text = format!("********* QUERY **********\n{sql}\n**************************\n\n");
            self.conversation.stage.echo(Channel::Out, text.as_bytes());
        }
    }

    /// Sends a statement as psql would. Inside a transaction block it is not waited for where an error could be
    /// told neither from its place nor from what is shown: all that follows it fails too.
    pub fn as_it_stands(&mut self, sent: Sent, caution: &Caution) -> Outcome<()> {
        self.ran.outside = self.ran.outside.max(caution.outside);
        let inside = self.status() == TransactionStatus::InTransaction;
        let special = &self.variables.special;
        if inside && !special.savepoints && !self.must_wait(caution) {
            self.send(sent)?;
            return self.over();
        }
        self.settle()?;
        self.begin_for(caution)?;
        self.within_savepoint(sent, caution)
    }

    pub fn status(&self) -> TransactionStatus {
        self.conversation.session.status()
    }

    /// With `AUTOCOMMIT` off, a statement outside a transaction begins one; whether it did.
    pub fn begin_for(&mut self, caution: &Caution) -> Outcome<bool> {
        let begins = !self.variables.special.autocommit
            && self.status() == TransactionStatus::Idle
            && !begins_nothing(caution.kinds.first());
        if begins {
            self.bookkeep("BEGIN".to_owned())?;
        }
        Ok(begins)
    }

    /// Sends a statement and waits for its answer. With `ON_ERROR_ROLLBACK` only it is undone if it fails.
    pub fn within_savepoint(&mut self, sent: Sent, caution: &Caution) -> Outcome<()> {
        let guarded = self.variables.special.savepoints && self.status() == TransactionStatus::InTransaction;
        if guarded {
            self.bookkeep(format!("SAVEPOINT {SAVEPOINT}"))?;
        }
        self.ask(sent)?;
        match self.status() {
            TransactionStatus::Failed if guarded => self.bookkeep(format!("ROLLBACK TO {SAVEPOINT}")),
            TransactionStatus::InTransaction if guarded && !removes_savepoint(caution) => {
                self.bookkeep(format!("RELEASE {SAVEPOINT}"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the statement itself may have ended the savepoint before it.
fn removes_savepoint(caution: &Caution) -> bool {
    let ends = |kind: &Kind| matches!(kind, Kind::Transaction(statement) if !matches!(statement, Transaction::Begin | Transaction::Prepare));
    caution.kinds.iter().any(ends)
}

/// psql's list of statements before which it begins no transaction.
fn begins_nothing(first: Option<&Kind>) -> bool {
    match first {
        Some(Kind::Transaction(statement)) => {
            !matches!(statement, Transaction::Savepoint | Transaction::Release)
        }
        Some(Kind::Alone(alone)) => !matches!(
            alone,
            Alone::AlterDatabaseTablespace(_)
                | Alone::CreateSubscription(_)
                | Alone::AlterSubscription(_)
                | Alone::DropSubscription(_)
                | Alone::DetachPartitionConcurrently { .. }
        ),
        _ => false,
    }
}
