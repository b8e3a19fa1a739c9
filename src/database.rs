//! The only user of `postgres`: what dbctl itself asks a server, the scripts' own conversation apart.

use std::time::Duration;

use postgres::{Client, Config, NoTls, SimpleQueryMessage, SimpleQueryRow};
use thiserror::Error;

use crate::endpoint::{Address, Endpoint};
use crate::session::Login;

pub mod ledger;
pub mod lock;
mod fingerprint;
pub mod generations;
mod inventory;
mod resume;
mod waiting;

pub use fingerprint::{Fingerprint, Guard, beyond, fingerprint_sql};
pub use inventory::Inventory;
pub use lock::Lock;

/// A connection for dbctl's own questions.
pub struct Database {
    client: Client,
}

#[derive(Debug, Error)]
pub enum DatabaseError {
    #[error("the server was not reached for {purpose}: {}", plain(source))]
    Connect { purpose: &'static str, source: postgres::Error },
    #[error("the server refused {purpose}: {}", plain(source))]
    Query { purpose: &'static str, source: postgres::Error },
    #[error("the server's answer to {purpose} was not understood")]
    Answer { purpose: &'static str },
    #[error(
        "the ledger has version {found}, and this dbctl knows versions up to {known}\n\
         next: install the newer dbctl that wrote it"
    )]
    NewerLedger { found: i32, known: i32 },
    #[error("interrupted while waiting for {holder}")]
    Interrupted { holder: String },
    #[error(
        "a statement of an earlier, killed dbctl is still running on the server (backend {pid}) and does not end\n\
         nothing was run\n\
         next: `select pg_terminate_backend({pid})` as a superuser, then again"
    )]
    Orphan { pid: i32 },
}

/// A server error's own words; the crate's text says only "db error".
fn plain(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => error.to_string(),
    }
}

impl DatabaseError {
    /// Whether the server, or the way to it, has ended the connection.
    pub fn is_lost(&self) -> bool {
        let is_closed = match self {
            Self::Connect { source, .. } | Self::Query { source, .. } => source.is_closed(),
            _ => false,
        };
        is_closed || self.code() == Some("57P01")
    }

    /// The SQLSTATE, if the server gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Connect { source, .. } | Self::Query { source, .. } => {
                source.code().map(postgres::error::SqlState::code)
            }
            _ => None,
        }
    }
}

impl Database {
    /// Connects as `login`. The endpoint must be known to be the right server: `postgres` answers any kind of
    /// password request.
    pub fn connect(endpoint: &Endpoint, login: &Login) -> Result<Self, DatabaseError> {
        let client = config(endpoint, login)
            .connect(NoTls)
            .map_err(|source| DatabaseError::Connect { purpose: "the ledger", source })?;
        Ok(Self { client })
    }

    /// Whether the server takes no writes: a standby, or one that was made read-only.
    pub fn is_read_only(&mut self) -> Result<bool, DatabaseError> {
        Ok(self.value("whether the server takes writes", "SHOW transaction_read_only")? == "on")
    }

    /// The rows of every statement of `sql`, values as text.
    fn rows(&mut self, purpose: &'static str, sql: &str) -> Result<Vec<SimpleQueryRow>, DatabaseError> {
        let messages =
            self.client.simple_query(sql).map_err(|source| DatabaseError::Query { purpose, source })?;
        Ok(messages
            .into_iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            })
            .collect())
    }

    /// The rows of every statement of `sql`, in their order, values as text: for the readers of the catalog.
    pub fn catalog(
        &mut self,
        purpose: &'static str,
        sql: &str,
    ) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        let cells = |row: &SimpleQueryRow| (0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect();
        Ok(self.rows(purpose, sql)?.iter().map(cells).collect())
    }

    fn execute(&mut self, purpose: &'static str, sql: &str) -> Result<(), DatabaseError> {
        self.client.batch_execute(sql).map_err(|source| DatabaseError::Query { purpose, source })
    }

    /// The first column of the only row.
    fn value(&mut self, purpose: &'static str, sql: &str) -> Result<String, DatabaseError> {
        let rows = self.rows(purpose, sql)?;
        let value = rows.first().and_then(|row| row.get(0)).ok_or(DatabaseError::Answer { purpose })?;
        Ok(value.to_owned())
    }
}

fn config(endpoint: &Endpoint, login: &Login) -> Config {
    let mut config = Config::new();
    match &endpoint.address {
        Address::Tcp { host, port } => config.host(&host.to_string()).port(*port),
        Address::Unix { directory, port } => config.host_path(directory).port(*port),
    };
    config
        .user(&login.user)
        .dbname(&login.database)
        .application_name(&login.application_name)
        .connect_timeout(Duration::from_secs(10))
        .keepalives_idle(Duration::from_secs(5));
    if let Some(password) = &login.password {
        config.password(password.reveal());
    }
    config
}
