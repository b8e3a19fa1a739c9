//! A connection that takes simple queries: the only user of `postgres`, and the session with which a server has proven
//! who it is, so that nothing has to log in twice.

use std::time::Duration;

use postgres::{Config, NoTls, SimpleQueryMessage, SimpleQueryRow};
use thiserror::Error;

use crate::endpoint::{Address, Endpoint};
use crate::session::{Login, Session, SessionError};

/// So long an open connection may take to say so.
const VALID_WITHIN: Duration = Duration::from_secs(10);

pub(super) enum Client {
    Crate(Box<postgres::Client>),
    Session(Box<Session>),
}

/// Why a server was not reached, or what it said against a statement.
#[derive(Debug, Error)]
pub enum Cause {
    #[error("{}", plain(.0))]
    Crate(#[from] postgres::Error),
    #[error("{}", told(.0))]
    Session(#[from] SessionError),
}

/// Values as text, null as none.
pub(super) struct Row(Vec<Option<String>>);

impl Client {
    pub fn connect(endpoint: &Endpoint, login: &Login) -> Result<Self, Cause> {
        Ok(Self::Crate(Box::new(config(endpoint, login).connect(NoTls)?)))
    }

    pub fn over(session: Session) -> Self {
        Self::Session(Box::new(session))
    }

    /// The rows of every statement of `sql`.
    pub fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Cause> {
        match self {
            Self::Crate(client) => Ok(client.simple_query(sql)?.into_iter().filter_map(Row::of).collect()),
            Self::Session(session) => Ok(session.simple(sql)?.rows.into_iter().map(Row).collect()),
        }
    }

    /// Whether the server has not ended it.
    pub fn is_open(&mut self) -> bool {
        match self {
            // The crate hears nothing between two questions.
            Self::Crate(client) => client.is_valid(VALID_WITHIN).is_ok(),
            Self::Session(session) => session.is_open(),
        }
    }
}

impl Cause {
    /// The SQLSTATE, if the server gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Crate(error) => error.code().map(postgres::error::SqlState::code),
            Self::Session(error) => error.sqlstate(),
        }
    }

    pub fn is_closed(&self) -> bool {
        match self {
            Self::Crate(error) => error.is_closed(),
            Self::Session(error) => matches!(error, SessionError::Lost(_)),
        }
    }
}

impl Row {
    fn of(message: SimpleQueryMessage) -> Option<Self> {
        let SimpleQueryMessage::Row(row) = message else { return None };
        let cell = |row: &SimpleQueryRow, at: usize| row.get(at).map(str::to_owned);
        Some(Self((0..row.len()).map(|at| cell(&row, at)).collect()))
    }

    pub fn get(&self, column: usize) -> Option<&str> {
        self.0.get(column)?.as_deref()
    }

    pub fn into_cells(self) -> Vec<Option<String>> {
        self.0
    }
}

/// A server error's own words; the crate's text says only "db error".
fn plain(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => error.to_string(),
    }
}

fn told(error: &SessionError) -> String {
    match error {
        SessionError::Server(message) => format!("{} ({})", message.message(), message.sqlstate()),
        other => other.to_string(),
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
