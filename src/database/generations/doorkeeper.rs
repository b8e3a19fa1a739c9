//! Ends the sessions of one database, latecomers included, as long as it stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{GenerationError, Generations, open};
use crate::database::Database;

const ROUND: Duration = Duration::from_millis(2);

/// So many rounds without anybody are believed: the server's list loses a session a moment before it is gone.
const QUIET: u32 = 2;

/// How long clients that were just ended are given to be gone. Those who come back at once would be there again
/// after any time.
const SETTLE: Duration = Duration::from_millis(15);

/// How long a doorkeeper on call lets what he serves take, before he comes: a rename that finds somebody looks again
/// after 100 ms only.
const ON_CALL: Duration = Duration::from_millis(20);

/// A thread with a connection of its own; it ends when this is dropped.
pub struct Doorkeeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    leave: AtomicBool,
    /// Rounds in a row in which nobody was there.
    quiet: AtomicU32,
}

impl Doorkeeper {
    /// For the database with this number: after a renaming the same name is another database's. `database` is a
    /// connection to `postgres`, for this alone.
    pub fn post(database: Database, oid: u32) -> Self {
        Self::start(move |shared| shared.watch(database, oid))
    }

    /// For a database in which nobody was a moment ago: connects only when it takes longer than it does while nobody
    /// comes.
    pub fn on_call(connect: impl FnOnce() -> Option<Database> + Send + 'static, oid: u32) -> Self {
        Self::start(move |shared| {
            // He who is in nobody's way has nothing to wait for.
            shared.quiet.store(QUIET, Ordering::Release);
            let until = Instant::now() + ON_CALL;
            while !shared.leave.load(Ordering::Acquire) && Instant::now() < until {
                thread::park_timeout(ON_CALL);
            }
            if !shared.leave.load(Ordering::Acquire)
                && let Some(database) = connect()
            {
                shared.watch(database, oid);
            }
        })
    }

    fn start(watch: impl FnOnce(&Shared) + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || watch(&shared)
        });
        Self { shared, thread: Some(thread) }
    }

    /// Returns when nobody is there, or after some milliseconds. A rename that finds even a dying session waits
    /// 100 ms before it looks again.
    pub fn settle(&self) {
        let begun = Instant::now();
        while self.shared.quiet.load(Ordering::Acquire) < QUIET && begun.elapsed() < SETTLE {
            thread::sleep(Duration::from_micros(200));
        }
    }
}

impl Generations<'_> {
    /// A doorkeeper's connection where somebody is in the database with this number.
    fn called(&mut self, oid: u32) -> Result<Option<Database>, GenerationError> {
        let is_empty = self.database.rows("looking for sessions", &sessions_in(&oid.to_string()))?.is_empty();
        if is_empty { Ok(None) } else { self.second().map(Some) }
    }

    /// Keeps the database with this number to ourselves: at once where one was called, else should somebody come.
    pub(super) fn doorkeeper(&self, called: Option<Database>, oid: u32) -> Doorkeeper {
        if let Some(database) = called {
            return Doorkeeper::post(database, oid);
        }
        let (endpoint, login) = (self.endpoint.clone(), self.login.clone());
        Doorkeeper::on_call(move || open(&endpoint, &login).ok(), oid)
    }

    /// As [`Self::called`] and [`Self::doorkeeper`], where nothing is done between the two.
    pub(super) fn at_the_door(&mut self, oid: u32) -> Result<Doorkeeper, GenerationError> {
        let called = self.called(oid)?;
        Ok(self.doorkeeper(called, oid))
    }
}

/// A row for each session of others in the database with this number.
pub(super) fn sessions_in(oid: &str) -> String {
    format!(
        "SELECT FROM pg_catalog.pg_stat_get_activity(NULL) AS a \
         WHERE a.datid = {oid} AND a.pid <> pg_catalog.pg_backend_pid()"
    )
}

impl Shared {
    /// An error ends the watch: the rename that it served then fails, and tells more.
    fn watch(&self, mut database: Database, oid: u32) {
        let sql = format!(
            "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_get_activity(NULL) AS a \
             WHERE a.datid = {oid} AND a.pid <> pg_catalog.pg_backend_pid()"
        );
        while !self.leave.load(Ordering::Acquire) {
            let Ok(ended) = database.rows("ending sessions", &sql) else { return };
            if ended.is_empty() {
                self.quiet.fetch_add(1, Ordering::AcqRel);
            } else {
                self.quiet.store(0, Ordering::Release);
            }
            thread::sleep(ROUND);
        }
    }
}

impl Drop for Doorkeeper {
    fn drop(&mut self) {
        self.shared.leave.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
