//! What dbctl itself asks a server, the scripts' own conversation apart.

use thiserror::Error;

use crate::endpoint::Endpoint;
use crate::session::{Login, Session, SessionError};

mod client;
mod fingerprint;
pub mod generations;
mod inventory;
pub mod ledger;
pub mod lock;
mod resume;
mod waiting;

use client::{Cause, Client, Row};

pub use fingerprint::{Fingerprint, Guard, beyond, fingerprint_sql};
pub use inventory::Inventory;
pub use lock::Lock;

/// A connection for dbctl's own questions.
pub struct Database {
    client: Client,
}

#[derive(Debug, Error)]
pub enum DatabaseError {
    #[error("the server was not reached for {purpose}: {source}")]
    Connect { purpose: &'static str, source: Cause },
    #[error("the server refused {purpose}: {source}")]
    Query { purpose: &'static str, source: Cause },
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
            Self::Connect { source, .. } | Self::Query { source, .. } => source.code(),
            _ => None,
        }
    }
}

impl Database {
    /// Connects as `login`. The endpoint must be known to be the right server: any kind of password request is
    /// answered.
    pub fn connect(endpoint: &Endpoint, login: &Login) -> Result<Self, DatabaseError> {
        let connected = Client::connect(endpoint, login);
        let client = connected.map_err(|source| DatabaseError::Connect { purpose: "the ledger", source })?;
        Ok(Self { client })
    }

    /// As [`Self::connect`], of an endpoint that may not be known yet: a password is given away as the endpoint allows.
    pub fn connect_warily(endpoint: &Endpoint, login: &Login) -> Result<Self, DatabaseError> {
        let connected = Session::connect(endpoint, login);
        let unreached =
            |error: SessionError| DatabaseError::Connect { purpose: "the run's lock", source: error.into() };
        Self::over(connected.map_err(unreached)?)
    }

    /// Goes on with a session in which no script has run.
    pub fn over(session: Session) -> Result<Self, DatabaseError> {
        let is_utf8 = session.parameter("client_encoding") == Some("UTF8");
        let mut database = Self { client: Client::over(session) };
        if !is_utf8 {
            database.execute("its text as UTF-8", "SET client_encoding = 'UTF8'")?;
        }
        Ok(database)
    }

    /// Whether the server has not ended the connection.
    pub fn is_open(&mut self) -> bool {
        self.client.is_open()
    }

    /// Whether the server takes no writes: a standby, or one that was made read-only.
    pub fn is_read_only(&mut self) -> Result<bool, DatabaseError> {
        Ok(self.value("whether the server takes writes", "SHOW transaction_read_only")? == "on")
    }

    /// The rows of every statement of `sql`, values as text.
    fn rows(&mut self, purpose: &'static str, sql: &str) -> Result<Vec<Row>, DatabaseError> {
        self.client.rows(sql).map_err(|source| DatabaseError::Query { purpose, source })
    }

    /// The rows of every statement of `sql`, in their order, values as text: for the readers of the catalog.
    pub fn catalog(
        &mut self,
        purpose: &'static str,
        sql: &str,
    ) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        Ok(self.rows(purpose, sql)?.into_iter().map(Row::into_cells).collect())
    }

    fn execute(&mut self, purpose: &'static str, sql: &str) -> Result<(), DatabaseError> {
        self.rows(purpose, sql).map(drop)
    }

    /// The first column of the only row.
    fn value(&mut self, purpose: &'static str, sql: &str) -> Result<String, DatabaseError> {
        let rows = self.rows(purpose, sql)?;
        let value = rows.first().and_then(|row| row.get(0)).ok_or(DatabaseError::Answer { purpose })?;
        Ok(value.to_owned())
    }
}
