//! Statements as they stand: what `psql -f` sends, and nothing besides.

use super::caution::Caution;
use super::conversation::Sent;
use super::run::{Outcome, Run};
use super::wire::TransactionStatus;
use crate::sql::statement::{Alone, Kind, Transaction};

const SAVEPOINT: &str = "pg_psql_temporary_savepoint";

impl Run<'_> {
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
