//! The databases that dbctl keeps beside the service's: being built, layers, ready clones, previous
//! generations and snapshots. What each one is stands in its comment; there is no table of them.

mod clone;
mod doorkeeper;
mod error;
mod layers;
mod mark;
mod obstacle;
mod properties;
mod setting;
mod snapshot;
mod swap;
mod untouched;

use std::cell::RefMut;
use std::ops::{Deref, DerefMut};
use std::time::{SystemTime, UNIX_EPOCH};

use postgres_protocol::escape::{escape_identifier, escape_literal};

use super::{Database, Lock, Row};
use crate::endpoint::Endpoint;
use crate::fault;
use crate::session::Login;

pub use clone::Sessions;
pub use error::GenerationError;
pub use layers::{Layers, Origin};
pub use mark::{Kind, Mark};
pub use properties::Properties;
pub use swap::Swapped;

pub(super) use mark::{NAMES, PREFIX};

/// Whatever the server, the database or the user is set to, this connection waits as long as it takes, and
/// what it commits is on disk.
const SETTINGS: &str = "\
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET lock_timeout = '5s';
SET default_transaction_read_only = off;
SET synchronous_commit = on;
SET search_path = pg_catalog;
SET client_min_messages = warning;
SELECT pg_catalog.set_config(s.name, '0', false)
FROM (VALUES ('idle_session_timeout', 140000), ('transaction_timeout', 170000)) AS s (name, since)
WHERE pg_catalog.current_setting('server_version_num')::int >= s.since";

/// The server's clock as marks tell it.
const NOW: &str = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

/// Bytes of the database `d` on the server's disk.
const SIZE: &str = "pg_catalog.pg_database_size(d.oid)";

const PURPOSE: &str = "settings of dbctl's own connection";

/// The generations of one database of the service, seen from the database `postgres`. Whoever changes
/// something holds the run's lock ([`super::Lock`]); none of this takes it.
pub struct Generations<'a> {
    endpoint: Endpoint,
    login: Login,
    of: String,
    database: Seat<'a>,
    /// What the server said last; none once something was changed.
    known: Option<Vec<Generation>>,
}

/// The connection to the database `postgres`.
enum Seat<'a> {
    Own(Box<Database>),
    /// The run's lock's: it has nothing else to do.
    Lock(RefMut<'a, Database>),
}

impl Deref for Seat<'_> {
    type Target = Database;

    fn deref(&self) -> &Database {
        match self {
            Self::Own(database) => database,
            Self::Lock(database) => database,
        }
    }
}

impl DerefMut for Seat<'_> {
    fn deref_mut(&mut self) -> &mut Database {
        match self {
            Self::Own(database) => database,
            Self::Lock(database) => database,
        }
    }
}

/// One marked database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// As the server knows it.
    pub database: String,
    pub mark: Mark,
    /// Bytes on the server's disk; 0 where nobody asked ([`Generations::list`] does).
    pub size: u64,
    /// A `DROP DATABASE` was interrupted: nobody can connect, and nothing but dropping it again is possible.
    pub half_dropped: bool,
}

impl<'a> Generations<'a> {
    /// Those of `login`'s database. The user should be a superuser: others are not told of all sessions, nor
    /// may they end them.
    ///
    /// # Errors
    /// [`GenerationError::Own`] where the service's database is `postgres` or a template of the server's: the
    /// run's lock and this connection are there, so it can only be rebuilt through a twin.
    pub fn connect(endpoint: &Endpoint, login: &Login) -> Result<Self, GenerationError> {
        Self::seated(endpoint, login, |login| Ok(Seat::Own(Box::new(open(endpoint, login)?))))
    }

    /// As [`Self::connect`], over the lock's own connection where that is in `postgres`: a login less, and the lock
    /// is not free before the last statement has ended, even if dbctl is killed.
    pub fn under(lock: &'a Lock, endpoint: &Endpoint, login: &Login) -> Result<Self, GenerationError> {
        Self::seated(endpoint, login, |login| match lock.beside() {
            Some(mut database) => {
                database.rows(PURPOSE, SETTINGS)?;
                Ok(Seat::Lock(database))
            }
            None => Ok(Seat::Own(Box::new(open(endpoint, login)?))),
        })
    }

    fn seated(
        endpoint: &Endpoint,
        login: &Login,
        seat: impl FnOnce(&Login) -> Result<Seat<'a>, GenerationError>,
    ) -> Result<Self, GenerationError> {
        let of = login.database.clone();
        if matches!(of.as_str(), "postgres" | "template0" | "template1") {
            return Err(GenerationError::Own { database: of });
        }
        let login = Login {
            database: "postgres".to_owned(),
            application_name: format!("{} generations", login.application_name),
            ..login.clone()
        };
        let database = seat(&login)?;
        Ok(Self { endpoint: endpoint.clone(), login, of, database, known: None })
    }
}

impl Generations<'_> {
    /// All of them, sizes included, those first that were made first.
    pub fn list(&mut self) -> Result<Vec<Generation>, GenerationError> {
        self.marked(SIZE, "true")
    }

    /// Drops `database`, which must be a `kind` of this service's: what it is now is asked again. A database in
    /// service carries no mark, and so is never dropped. Sessions in something that scripts can bring back are
    /// ended; those in data are in the way.
    ///
    /// # Errors
    /// [`GenerationError::OtherKind`] where it is anything else, whatever the name says.
    pub fn drop(&mut self, database: &str, kind: Kind) -> Result<(), GenerationError> {
        self.known = None;
        let found = self.find(database)?;
        if found.mark.kind != kind {
            let found = Some(found.mark.kind);
            return Err(GenerationError::OtherKind {
                database: database.to_owned(),
                wanted: kind.word(),
                found,
            });
        }
        if kind == Kind::Layer && !found.half_dropped {
            // Marked as building with the same commit, so that the next run finishes what a kill interrupts.
            let mark = Mark { kind: Kind::Building, ..found.mark };
            let name = escape_identifier(database);
            let sql =
                format!("ALTER DATABASE {name} IS_TEMPLATE false; {}", comment(database, Some(&mark.text())));
            self.change("giving up a layer", &sql)?;
            fault::step("drop.given_up");
        }
        self.remove(database, !kind.holds_data())
    }

    /// Removes what a killed run has left: what is marked as building, what is half dropped, and what was
    /// created but not marked yet. Gives the names. All else stays.
    ///
    /// A database without a mark is only dropped under a name that begins as those of this service's `building`
    /// ones do. Such a name is given by nothing but `CREATE DATABASE`: it is lost on the way into service, and
    /// what leaves service gets the name and the mark of a previous generation in one transaction. So it was
    /// never in service; and somebody who is connected keeps it.
    pub fn tidy(&mut self) -> Result<Vec<String>, GenerationError> {
        let mut dropped = Vec::new();
        let looked = self.marked_or_nameless()?;
        self.known = Some(looked.marked.clone());
        for generation in looked.marked {
            if generation.half_dropped || generation.mark.kind == Kind::Building {
                self.remove(&generation.database, true)?;
                dropped.push(generation.database);
            }
        }
        if looked.has_nameless {
            for database in self.unmarked()? {
                self.remove(&database, false)?;
                dropped.push(database);
            }
        }
        Ok(dropped)
    }

    fn remove(&mut self, database: &str, force: bool) -> Result<(), GenerationError> {
        let force = if force { " WITH (FORCE)" } else { "" };
        let sql = format!("DROP DATABASE IF EXISTS {}{force}", escape_identifier(database));
        self.change("dropping a database", &sql)
    }

    /// Everything that changes what generations there are goes through here.
    fn change(&mut self, purpose: &'static str, sql: &str) -> Result<(), GenerationError> {
        self.known = None;
        Ok(self.database.execute(purpose, sql)?)
    }

    /// A marked database of this service's.
    fn find(&mut self, database: &str) -> Result<Generation, GenerationError> {
        let is_it = |found: &Generation| found.database == database;
        if !self.all()?.iter().any(is_it) {
            self.known = None;
        }
        if let Some(found) = self.all()?.into_iter().find(is_it) {
            return Ok(found);
        }
        let database = database.to_owned();
        Err(if self.database.has_database(&database)? {
            GenerationError::OtherKind { database, wanted: "generation", found: None }
        } else {
            GenerationError::Missing { database }
        })
    }

    /// Those of this service, without sizes. Nobody else changes them while the run's lock is held, so they are asked
    /// for once.
    fn all(&mut self) -> Result<Vec<Generation>, GenerationError> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let known = self.marked("0", "true")?;
        self.known = Some(known.clone());
        Ok(known)
    }

    fn marked(&mut self, size: &str, which: &str) -> Result<Vec<Generation>, GenerationError> {
        let marked = format!("starts_with(s.description, {})", escape_literal(PREFIX));
        let rows = self.database.rows("looking for generations", &looking(size, which, &marked))?;
        Ok(self.own(&rows))
    }

    /// As [`Self::marked`], and whether there may be something that was created and never marked.
    fn marked_or_nameless(&mut self) -> Result<Looked, GenerationError> {
        let either = format!(
            "starts_with(s.description, {}) OR s.description IS NULL AND starts_with(d.datname, {})",
            escape_literal(PREFIX),
            escape_literal(&mark::name_prefix(Kind::Building, &self.of))
        );
        let rows = self.database.rows("looking for generations", &looking("0", "true", &either))?;
        Ok(Looked { marked: self.own(&rows), has_nameless: rows.iter().any(|row| row.get(1).is_none()) })
    }

    fn own(&self, rows: &[Row]) -> Vec<Generation> {
        rows.iter().filter_map(generation).filter(|found| found.mark.of == self.of).collect()
    }

    /// Created and never marked: see [`Self::tidy`].
    fn unmarked(&mut self) -> Result<Vec<String>, GenerationError> {
        let sql = format!(
            "SELECT d.datname FROM pg_catalog.pg_database AS d WHERE d.datname ~ {} AND starts_with(d.datname, {}) \
             AND pg_catalog.shobj_description(d.oid, 'pg_database') IS NULL \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a WHERE a.datid = d.oid)",
            escape_literal(NAMES),
            escape_literal(&mark::name_prefix(Kind::Building, &self.of))
        );
        let rows = self.database.rows("looking for what a killed run left", &sql)?;
        Ok(rows.iter().filter_map(|row| row.get(0)).map(str::to_owned).collect())
    }

    /// Another connection to the database `postgres`.
    fn second(&self) -> Result<Database, GenerationError> {
        open(&self.endpoint, &self.login)
    }

    /// The server's clock.
    fn now(&mut self) -> Result<String, GenerationError> {
        Ok(self.database.value("the server's clock", &format!("SELECT {NOW}"))?)
    }
}

/// What [`Generations::tidy`] goes by.
struct Looked {
    marked: Vec<Generation>,
    has_nameless: bool,
}

/// Databases with their comments; `size` and both conditions may speak of the database `d`, `described` of its comment
/// `s.description`.
fn looking(size: &str, which: &str, described: &str) -> String {
    format!(
        "SELECT d.datname, s.description, CASE WHEN d.datconnlimit = -2 THEN 0 ELSE {size} END, \
         d.datconnlimit = -2 \
         FROM pg_catalog.pg_database AS d LEFT JOIN pg_catalog.pg_shdescription AS s \
         ON s.classoid = 1262 AND s.objoid = d.oid \
         WHERE ({which}) AND ({described}) ORDER BY d.oid"
    )
}

/// A connection to the database `postgres` that no setting ends.
fn open(endpoint: &Endpoint, login: &Login) -> Result<Database, GenerationError> {
    let mut database = Database::connect(endpoint, login)?;
    database.rows(PURPOSE, SETTINGS)?;
    Ok(database)
}

fn generation(row: &Row) -> Option<Generation> {
    Some(Generation {
        database: row.get(0)?.to_owned(),
        mark: Mark::read(row.get(1)?)?,
        size: row.get(2)?.parse().ok()?,
        half_dropped: row.get(3) == Some("t"),
    })
}

fn comment(database: &str, text: Option<&str>) -> String {
    let text = text.map_or_else(|| "NULL".to_owned(), escape_literal);
    format!("COMMENT ON DATABASE {} IS {text};\n", escape_identifier(database))
}

/// What no other name is made from.
fn nonce() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{} {}", std::process::id(), now.as_nanos())
}
