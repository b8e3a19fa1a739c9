//! What keeps a generation from being made, dropped or put in service.

use thiserror::Error;

use super::Kind;
use crate::database::DatabaseError;

#[derive(Debug, Error)]
pub enum GenerationError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(
        "database `{database}` cannot be exchanged: it is where dbctl itself connects while it renames others\n\
         nothing was changed\n\
         next: give the service a database of its own (POSTGRES_DB)"
    )]
    Own { database: String },
    #[error("the server has no database `{database}`\nnothing was changed\nnext: `dbctl status`")]
    Missing { database: String },
    #[error(
        "database `{database}` is {}, not a {wanted} of dbctl's\n\
         nothing was changed\nnext: look at its comment, `\\l+` in psql",
        found.map_or_else(|| "none that dbctl has made".to_owned(), |kind| format!("a {kind}"))
    )]
    OtherKind { database: String, wanted: &'static str, found: Option<Kind> },
    #[error(
        "database `{database}` was being dropped when that was interrupted, and cannot be used\n\
         nothing was changed; the next run removes it"
    )]
    HalfDropped { database: String },
    #[error(
        "database `{database}` is in use, and {}:\n  {}\n\
         the old database stays in service; nothing was lost\n\
         next: end {} and try again",
        if *.tried { "what uses it did not end within some seconds" } else { "dbctl does not end such uses" },
        obstacles.join("\n  "),
        if obstacles.len() == 1 { "it" } else { "them" }
    )]
    InTheWay { database: String, obstacles: Vec<String>, tried: bool },
    #[error("there is no previous generation of database `{database}`\nnothing was changed")]
    NoPrevious { database: String },
    #[error("interrupted\nthe old database stays in service; nothing was lost")]
    Interrupted,
}

impl GenerationError {
    /// The SQLSTATE, if the server gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Database(error) => error.code(),
            _ => None,
        }
    }
}
