//! One writer at a time: a session advisory lock on a connection of its own.

use std::cell::{RefCell, RefMut};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::ledger::Writer;
use super::{Database, DatabaseError};
use crate::endpoint::Endpoint;
use crate::event::{Event, Observer};
use crate::interrupt;
use crate::session::Login;

const POLL: Duration = Duration::from_millis(100);
const ORPHANS_END_WITHIN: Duration = Duration::from_secs(10);

/// How the connections begin their names of a process that only does work ahead: whoever wants the lock ends them.
pub const AHEAD: &str = "dbctl ahead";

/// The lock's first key: dbctl's own.
const CLASS: i32 = 0x6462_6374;

/// The run's lock, held as long as this lives. While scripts run its connection is idle, without transaction and
/// snapshot, so that nothing on the server ever waits for it.
pub struct Lock {
    connection: RefCell<Database>,
    /// The connection is in `postgres`, not in the service's own database.
    is_beside: bool,
    /// Somebody else held it first.
    has_waited: bool,
    writer: Writer,
}

/// A connection from which the lock can be taken. In the database `postgres`: advisory locks are per database, and
/// whoever waits inside the service's own would be in the way of its renaming. A server without that database is asked
/// in the service's.
pub struct Beside {
    connection: Database,
    /// It is in `postgres`.
    is_beside: bool,
}

/// A connection that is being made.
pub type Connecting = JoinHandle<Result<Beside, DatabaseError>>;

impl Beside {
    /// Connects beside other work to a server that may not be the right one: a password is given away as the endpoint
    /// allows.
    pub fn begin(endpoint: &Endpoint, login: &Login) -> Connecting {
        let (endpoint, login) = (endpoint.clone(), login.clone());
        thread::spawn(move || Self::connected(&endpoint, &login, Database::connect_warily))
    }

    /// As [`Database::connect`].
    pub fn connect(endpoint: &Endpoint, login: &Login) -> Result<Self, DatabaseError> {
        Self::connected(endpoint, login, Database::connect)
    }

    fn connected(
        endpoint: &Endpoint,
        login: &Login,
        connect: fn(&Endpoint, &Login) -> Result<Database, DatabaseError>,
    ) -> Result<Self, DatabaseError> {
        let own = Login {
            application_name: format!("{} lock, process {}", login.application_name, std::process::id()),
            options: Vec::new(),
            ..login.clone()
        };
        match connect(endpoint, &Login { database: "postgres".to_owned(), ..own.clone() }) {
            Err(error) if matches!(error.code(), Some("3D000" | "42501" | "28000")) => {
                Ok(Self { connection: connect(endpoint, &own)?, is_beside: false })
            }
            connection => Ok(Self { connection: connection?, is_beside: true }),
        }
    }

    /// Takes the lock for `login`'s database, waiting for its holder as long as that takes. Then nothing of a
    /// killed run is at work there any more.
    pub fn lock(
        mut self,
        login: &Login,
        script_application: &str,
        observer: &mut dyn Observer,
    ) -> Result<Lock, DatabaseError> {
        let key = key(&login.database);
        let (writer, is_ours) = writer(&mut self.connection, key)?;
        if !is_ours {
            wait(&mut self.connection, key, observer)?;
        }
        end_orphans(&mut self.connection, &login.database, script_application, observer)?;
        Ok(self.locked(writer, !is_ours))
    }

    /// As [`Self::lock`], for work that can wait: none where anybody else holds the lock.
    pub fn lock_if_free(mut self, login: &Login) -> Result<Option<Lock>, DatabaseError> {
        let (writer, is_ours) = writer(&mut self.connection, key(&login.database))?;
        Ok(is_ours.then(|| self.locked(writer, false)))
    }

    fn locked(self, writer: Writer, has_waited: bool) -> Lock {
        let (connection, is_beside) = (RefCell::new(self.connection), self.is_beside);
        Lock { connection, is_beside, has_waited, writer }
    }
}

impl Lock {
    /// The lock's connection, where it is in the database `postgres` and nobody uses it: for work between scripts.
    pub(super) fn beside(&self) -> Option<RefMut<'_, Database>> {
        if self.is_beside { self.connection.try_borrow_mut().ok() } else { None }
    }

    /// Whether somebody else held it when it was asked for: what was seen before may be otherwise now.
    pub fn has_waited(&self) -> bool {
        self.has_waited
    }

    /// What ledger rows prove the lock with.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }
}

/// Who this connection is, and whether the lock was free and now is its; from now on it may be idle for as long as it
/// likes.
fn writer(connection: &mut Database, key: i32) -> Result<(Writer, bool), DatabaseError> {
    let who = format!(
        "SELECT a.pid, pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
         pg_catalog.pg_try_advisory_lock({CLASS}, {key}) \
         FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS a"
    );
    let purpose = "the run's lock";
    let rows = match connection.rows(purpose, &format!("SET idle_session_timeout = 0; {who}")) {
        Ok(rows) => rows,
        // PostgreSQL 13 has no such setting, and never ends an idle session.
        Err(_) => connection.rows(purpose, &who)?,
    };
    let text = |column: usize| rows.first().and_then(|row| row.get(column));
    let pid = text(0).and_then(|pid| pid.parse().ok());
    let (Some(pid), Some(begun)) = (pid, text(1)) else { return Err(DatabaseError::Answer { purpose }) };
    Ok((Writer { pid, begun: begun.to_owned() }, text(2) == Some("t")))
}

fn key(database: &str) -> i32 {
    let digest = Sha256::digest(database.as_bytes());
    i32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

fn attempt(key: i32) -> String {
    format!("SELECT pg_catalog.pg_try_advisory_lock({CLASS}, {key})")
}

/// Until its holder has let go of it.
fn wait(connection: &mut Database, key: i32, observer: &mut dyn Observer) -> Result<(), DatabaseError> {
    let attempt = attempt(key);
    let mut told = String::new();
    while connection.value("the run's lock", &attempt)? != "t" {
        let holder = holder(connection, key)?;
        if holder.starts_with(AHEAD) {
            connection.rows("ending work that can wait", &end_of(AHEAD))?;
            continue;
        }
        if holder != told {
            observer.observe(Event::LockHeld { holder: holder.clone() });
            told.clone_from(&holder);
        }
        if interrupt::requested() {
            return Err(DatabaseError::Interrupted { holder });
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// Of all connections that begin their names so: what they were at is rolled back, or the next run's to remove.
fn end_of(application: &str) -> String {
    format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, {})",
        postgres_protocol::escape::escape_literal(application)
    )
}

fn holder(connection: &mut Database, key: i32) -> Result<String, DatabaseError> {
    let sql = format!(
        "SELECT a.application_name || ', since ' || to_char(a.backend_start, 'HH24:MI:SS') \
         || coalesce(', from ' || host(a.client_addr), '') \
         FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) \
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {} AND l.objid = {}",
        CLASS.cast_unsigned(),
        key.cast_unsigned()
    );
    let rows = connection.rows("who holds the lock", &sql)?;
    Ok(rows.first().and_then(|row| row.get(0)).unwrap_or("another dbctl").to_owned())
}

/// A killed dbctl's backend goes on with the statement it is in. Whoever holds the lock is the only run, so a
/// session of scripts that is there already belongs to nobody.
fn end_orphans(
    connection: &mut Database,
    database: &str,
    application: &str,
    observer: &mut dyn Observer,
) -> Result<(), DatabaseError> {
    let sql = format!(
        "SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_get_activity(NULL) AS a \
         WHERE a.datid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = {}) \
         AND a.application_name = {}",
        postgres_protocol::escape::escape_literal(database),
        postgres_protocol::escape::escape_literal(application)
    );
    let begun = Instant::now();
    let mut told = false;
    loop {
        let rows = connection.rows("ending what a killed run left", &sql)?;
        let Some(pid) = rows.first().and_then(|row| row.get(0)) else { return Ok(()) };
        if !told {
            observer.observe(Event::OrphanEnded { pid: pid.to_owned() });
            told = true;
        }
        if begun.elapsed() > ORPHANS_END_WITHIN {
            return Err(DatabaseError::Orphan { pid: pid.parse().unwrap_or_default() });
        }
        thread::sleep(Duration::from_millis(10));
    }
}
