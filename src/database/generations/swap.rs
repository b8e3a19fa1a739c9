//! The exchange of the service's database: two names in one transaction, while nobody can connect.

use std::time::{Duration, Instant};

use postgres_protocol::escape::escape_literal;

use super::clone::rename;
use super::doorkeeper::Doorkeeper;
use super::obstacle::in_use;
use super::snapshot::newest_first;
use super::untouched::Written;
use super::{Generation, GenerationError, Generations, Kind, Mark, comment, nonce};
use crate::{fault, interrupt};

/// Each waits 5 seconds for the last session.
const ATTEMPTS: u32 = 3;

/// What a swap has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swapped {
    /// The name that the old database has now.
    pub previous: String,
    /// From the first session's end until the new database was in service, failed attempts included.
    pub turned_away: Duration,
    pub attempts: u32,
}

impl Generations {
    /// Puts `new` in service and keeps the old database as the newest previous generation. One transaction: a kill,
    /// of dbctl or of the server, leaves the one or the other in service, whole. `new` is complete as the caller
    /// says; it is one that was built, a ready clone or a previous generation, and nobody is connected to it.
    ///
    /// Other programs lose their sessions (57P01); those that connect during the exchange wait for its end and may
    /// then be told once that the database does not exist (3D000).
    ///
    /// # Errors
    /// [`GenerationError::InTheWay`] names what dbctl does not end (prepared transactions, replication slots,
    /// subscriptions), whoever is connected to `new`, and what did not end in some seconds (background workers).
    /// The old database then is in service as before.
    pub fn swap(&mut self, new: &str) -> Result<Swapped, GenerationError> {
        let new = self.expect(new, &[Kind::Building, Kind::Clone, Kind::Previous])?;
        self.exchange(&new)
    }

    /// Puts the newest previous generation in service; what was in service becomes the newest one, so that the next
    /// undo takes this one back. Promises and errors as [`Self::swap`].
    ///
    /// # Errors
    /// [`GenerationError::NoPrevious`] where there is none.
    pub fn undo(&mut self) -> Result<Swapped, GenerationError> {
        let newest = self.newest()?;
        let newest = newest.ok_or_else(|| GenerationError::NoPrevious { database: self.of.clone() })?;
        self.exchange(&newest)
    }

    fn newest(&mut self) -> Result<Option<Generation>, GenerationError> {
        Ok(newest_first(self.marked("0", "true")?).into_iter().next())
    }

    fn exchange(&mut self, new: &Generation) -> Result<Swapped, GenerationError> {
        let service = self.of.clone();
        let oid = self.oid(&service)?;
        self.unobstructed(&new.database)?;
        let exchange = self.planned(new)?;
        let mut turned_away = Duration::ZERO;
        for attempts in 1.. {
            match self.attempt(&exchange, oid, &mut turned_away) {
                Ok(()) => return Ok(Swapped { previous: exchange.previous, turned_away, attempts }),
                Err(_) if interrupt::requested() => return Err(GenerationError::Interrupted),
                // Somebody in the new database is no latecomer: its rename has waited for him already.
                Err(InTheWay { error, database })
                    if in_use(&error) && database == service && attempts < ATTEMPTS => {}
                Err(InTheWay { error, database }) => return self.told(Err(error), &database),
            }
        }
        unreachable!("the last attempt's outcome is returned")
    }

    fn planned(&mut self, new: &Generation) -> Result<Exchange, GenerationError> {
        let turn = self.newest()?.and_then(|newest| newest.mark.turn).map_or(1, |turn| turn + 1);
        let mark = Mark {
            since: Some(self.now()?),
            turn: Some(turn),
            comment: self.own_comment(&self.of.clone())?,
            ..Mark::new(Kind::Previous, &self.of)
        };
        Ok(Exchange {
            new: new.database.clone(),
            comment: new.mark.comment.clone(),
            // Holding the new database's lock already, with nobody in it, so that the old one waits for nothing there.
            aside: Mark::database(Kind::Building, &self.of, &nonce()),
            previous: Mark::database(Kind::Previous, &self.of, &nonce()),
            mark,
        })
    }

    /// Once. How long other programs were turned away is added to `turned_away`.
    fn attempt(&mut self, exchange: &Exchange, oid: u32, turned_away: &mut Duration) -> Result<(), InTheWay> {
        let second = self.second().map_err(|error| InTheWay::new(error, &exchange.new))?;
        if let Err(error) = self.database.execute("taking the new database", &exchange.prepare()) {
            self.back();
            return Err(InTheWay::new(error.into(), &exchange.new));
        }
        fault::step("swap.taken");
        // Nobody is in it any more, so all that was written has been counted.
        let next = self.written(&exchange.aside).map_err(|error| {
            self.back();
            InTheWay::new(error, &exchange.new)
        })?;
        let both = exchange.renames(&self.of, next);
        let begun = Instant::now();
        let doorkeeper = Doorkeeper::post(second, oid);
        doorkeeper.settle();
        let renamed = self.database.execute("exchanging the databases", &both);
        fault::step("swap.renamed");
        let outcome = renamed.and_then(|()| self.database.execute("exchanging the databases", "COMMIT"));
        fault::step("swap.committed");
        *turned_away += begun.elapsed();
        outcome.map_err(|error| {
            self.back();
            InTheWay::new(error.into(), &self.of)
        })
    }

    /// Ends the transaction that an error has left; where the connection is lost, the server does it.
    fn back(&mut self) {
        let _ = self.database.execute("ending a transaction", "ROLLBACK");
    }

    pub(super) fn oid(&mut self, database: &str) -> Result<u32, GenerationError> {
        let sql =
            format!("SELECT oid FROM pg_catalog.pg_database WHERE datname = {}", escape_literal(database));
        let rows = self.database.rows("looking for a database", &sql)?;
        let oid = rows.first().and_then(|row| row.get(0)).and_then(|text| text.parse().ok());
        oid.ok_or_else(|| GenerationError::Missing { database: database.to_owned() })
    }
}

/// The transaction of a swap, in its two halves.
struct Exchange {
    new: String,
    /// The comment that the new database gets in service.
    comment: Option<String>,
    /// The new database's name between the halves.
    aside: String,
    previous: String,
    mark: Mark,
}

impl Exchange {
    fn prepare(&self) -> String {
        format!("BEGIN; {}", rename(&self.new, &self.aside))
    }

    fn renames(&self, service: &str, next: Option<Written>) -> String {
        let mark = Mark { next, ..self.mark.clone() };
        rename(service, &self.previous)
            + &rename(&self.aside, service)
            + &comment(&self.previous, Some(&mark.text()))
            + &comment(service, self.comment.as_deref())
    }
}

/// An attempt's failure, and the database whose name could not be changed.
struct InTheWay {
    error: GenerationError,
    database: String,
}

impl InTheWay {
    fn new(error: GenerationError, database: &str) -> Self {
        Self { error, database: database.to_owned() }
    }
}
