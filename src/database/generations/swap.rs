//! The exchange of the service's database: two names in one transaction, while nobody can connect.

use std::time::{Duration, Instant};

use postgres_protocol::escape::escape_literal;

use super::clone::rename;
use super::doorkeeper::sessions_in;
use super::obstacle::{MAYBE_OBSTRUCTED, in_use};
use super::properties::of_the_user;
use super::snapshot::newest_first;
use super::untouched::{Written, counters_of};
use super::{Generation, GenerationError, Generations, Kind, Mark, NOW, comment, nonce};
use crate::layer::LayerKey;
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

impl Generations<'_> {
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
        self.swap_using(new, None)
    }

    /// As [`Self::swap`]; notes with it that the layer `used` was used now: the least recently used go first.
    pub fn swap_using(&mut self, new: &str, used: Option<&LayerKey>) -> Result<Swapped, GenerationError> {
        let new = self.expect(new, &[Kind::Building, Kind::Clone, Kind::Previous])?;
        self.exchange(&new, Content::of(&new), used)
    }

    /// Puts the newest previous generation in service; what was in service becomes the newest one, so that the next
    /// undo takes this one back. Promises and errors as [`Self::swap`].
    ///
    /// # Errors
    /// [`GenerationError::NoPrevious`] where there is none.
    pub fn undo(&mut self) -> Result<Swapped, GenerationError> {
        let newest = self.newest()?;
        let newest = newest.ok_or_else(|| GenerationError::NoPrevious { database: self.of.clone() })?;
        self.exchange(&newest, Content::Data, None)
    }

    fn newest(&mut self) -> Result<Option<Generation>, GenerationError> {
        Ok(newest_first(self.all()?).into_iter().next())
    }

    pub(super) fn exchange(
        &mut self,
        new: &Generation,
        content: Content,
        used: Option<&LayerKey>,
    ) -> Result<Swapped, GenerationError> {
        let service = self.of.clone();
        let in_service = self.in_service()?;
        if in_service.may_be_obstructed {
            self.unobstructed(&new.database)?;
        }
        let (oid, mut is_used) = (in_service.oid, in_service.is_used);
        let exchange = self.planned(new, content, in_service, used)?;
        let mut turned_away = Duration::ZERO;
        for attempts in 1.. {
            let outcome = self.attempt(&exchange, oid, is_used, &mut turned_away);
            is_used = true;
            match outcome {
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

    fn planned(
        &mut self,
        new: &Generation,
        content: Content,
        in_service: InService,
        used: Option<&LayerKey>,
    ) -> Result<Exchange, GenerationError> {
        let all = self.all()?;
        let used = used.and_then(|key| {
            let is_it = |found: &&Generation| {
                found.mark.kind == Kind::Layer && found.mark.key.as_deref() == Some(&key.to_string())
            };
            let layer = all.iter().find(is_it)?;
            let mark = Mark { used: Some(in_service.now.clone()), ..layer.mark.clone() };
            Some(comment(&layer.database, Some(&mark.text())))
        });
        let newest = newest_first(all).into_iter().next();
        let turn = newest.and_then(|newest| newest.mark.turn).map_or(1, |turn| turn + 1);
        let mark = Mark {
            since: Some(in_service.now),
            turn: Some(turn),
            comment: in_service.comment,
            ..Mark::new(Kind::Previous, &self.of)
        };
        Ok(Exchange {
            new: new.database.clone(),
            content,
            comment: new.mark.comment.clone(),
            // Holding the new database's lock already, with nobody in it, so that the old one waits for nothing there.
            aside: Mark::database(Kind::Building, &self.of, &nonce()),
            previous: Mark::database(Kind::Previous, &self.of, &nonce()),
            mark,
            used: used.unwrap_or_default(),
        })
    }

    fn in_service(&mut self) -> Result<InService, GenerationError> {
        let database = self.of.clone();
        let sql = format!(
            "SELECT d.oid, {NOW}, pg_catalog.shobj_description(d.oid, 'pg_database'), {MAYBE_OBSTRUCTED}, \
             EXISTS ({}) FROM pg_catalog.pg_database AS d WHERE d.datname = {}",
            sessions_in("d.oid"),
            escape_literal(&database)
        );
        let rows = self.database.rows("looking for a database", &sql)?;
        let missing = || GenerationError::Missing { database: database.clone() };
        let row = rows.first().ok_or_else(missing)?;
        Ok(InService {
            oid: row.get(0).and_then(|text| text.parse().ok()).ok_or_else(missing)?,
            now: row.get(1).ok_or_else(missing)?.to_owned(),
            comment: row.get(2).and_then(of_the_user),
            may_be_obstructed: row.get(3) != Some("f"),
            is_used: row.get(4) != Some("f"),
        })
    }

    /// Once. How long other programs were turned away is added to `turned_away`.
    fn attempt(
        &mut self,
        exchange: &Exchange,
        oid: u32,
        is_used: bool,
        turned_away: &mut Duration,
    ) -> Result<(), InTheWay> {
        let of_the_new = |error: GenerationError| InTheWay::new(error, &exchange.new);
        let called = if is_used { Some(self.second().map_err(of_the_new)?) } else { None };
        // Once it is renamed nobody is in it any more, so all that was written has been counted.
        let taking = exchange.prepare() + &counters_of(&exchange.aside);
        let taken = self.database.rows("taking the new database", &taking).map_err(|error| {
            self.back();
            of_the_new(error.into())
        })?;
        fault::step("swap.taken");
        let both = exchange.renames(&self.of, Written::of(&taken));
        let begun = Instant::now();
        let doorkeeper = self.doorkeeper(called, oid);
        doorkeeper.settle();
        let renamed = self.change("exchanging the databases", &both);
        fault::step("swap.renamed");
        let outcome = renamed.and_then(|()| self.change("exchanging the databases", "COMMIT"));
        fault::step("swap.committed");
        *turned_away += begun.elapsed();
        outcome.map_err(|error| {
            self.back();
            InTheWay::new(error, &self.of)
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

/// What a database holds that comes into service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing but what the scripts give again: how much was written to it is told in the mark of what it replaces.
    Built,
    /// Rows that somebody may have written: it is never taken for untouched.
    Data,
}

impl Content {
    fn of(new: &Generation) -> Self {
        if new.mark.kind.holds_data() { Self::Data } else { Self::Built }
    }
}

/// The transaction of a swap, in its two halves.
struct Exchange {
    new: String,
    content: Content,
    /// The comment that the new database gets in service.
    comment: Option<String>,
    /// The new database's name between the halves.
    aside: String,
    previous: String,
    mark: Mark,
    /// Notes that a layer was used.
    used: String,
}

/// The database in service.
struct InService {
    oid: u32,
    /// The server's clock.
    now: String,
    comment: Option<String>,
    /// Something somewhere may keep a database from being renamed, which ending sessions does not help against.
    may_be_obstructed: bool,
    /// Somebody is connected to it.
    is_used: bool,
}

impl Exchange {
    fn prepare(&self) -> String {
        format!("BEGIN; {}", rename(&self.new, &self.aside))
    }

    fn renames(&self, service: &str, next: Option<Written>) -> String {
        let mark = Mark { next: next.filter(|_| self.content == Content::Built), ..self.mark.clone() };
        rename(service, &self.previous)
            + &rename(&self.aside, service)
            + &comment(&self.previous, Some(&mark.text()))
            + &comment(service, self.comment.as_deref())
            + &self.used
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
