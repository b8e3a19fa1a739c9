//! How a script fails: what happened, where in its files, and what may have come of it.

use std::io;

use thiserror::Error;

use super::error::Lost;
use super::message::ServerMessage;
use super::meta::MetaError;
use super::routine::RoutinePlace;
use crate::sql::lexer::{Excerpt, Position};

/// A script that did not run to its end.
#[derive(Debug, Error)]
#[error("{file}:{}:{}: {kind}", position.line, position.column)]
pub struct ScriptFailure {
    #[source]
    pub kind: FailureKind,
    pub phase: Phase,
    /// The file in which it happened: the script, or one that it includes.
    pub file: String,
    /// The error's place; where the server gave none, the statement's first token.
    pub position: Position,
    pub excerpt: Option<Excerpt>,
    /// Where in a routine that the script itself defines the error happened.
    pub routine: Option<RoutinePlace>,
    /// The statement, at most [`ScriptFailure::STATEMENT_LIMIT`] bytes of it.
    pub statement: String,
    /// The statement's number in the script, from 1; 0 where no statement was concerned.
    pub number: u32,
    /// Statements that the server finished; what has become of them depends on the mode.
    pub finished: u32,
    pub outside: Outside,
}

impl ScriptFailure {
    pub const STATEMENT_LIMIT: usize = 4096;

    /// The server's condition, where the server reported one.
    pub fn sqlstate(&self) -> Option<&str> {
        match &self.kind {
            FailureKind::Server(message) => Some(message.sqlstate()),
            FailureKind::ConnectionLost { lost, .. } => {
                lost.last_words.as_ref().map(|message| message.sqlstate())
            }
            _ => None,
        }
    }

    /// Whether the script may well succeed statement by statement: it failed because it ran in one
    /// transaction (25001, 55P04, 2D000, 55006, 53200). Nothing of it is left in the database then, but see
    /// [`ScriptFailure::outside`].
    pub fn suits_autocommit(&self) -> bool {
        self.phase == Phase::Script
            && matches!(self.sqlstate(), Some("25001" | "55P04" | "2D000" | "55006" | "53200"))
    }
}

/// Whose statement failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Script,
    /// The runner's own statements around the script's.
    Bookkeeping,
}

/// What the statements that ran may have left behind although their transaction was rolled back, as far as
/// their texts tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    #[default]
    Nothing,
    /// Rows were written, so that sequences may have moved on.
    Sequences,
    /// Functions or programs ran.
    Anything,
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FailureKind {
    #[error("{0}")]
    Server(Box<ServerMessage>),
    /// `during_commit`: a COMMIT, or a statement that commits by itself, was on its way, and whether it
    /// happened is not known. Otherwise the server has rolled back.
    #[error("{lost}")]
    ConnectionLost { during_commit: bool, lost: Lost },
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Meta(MetaError),
    #[error(
        "the statements before this one are no longer those that ran before; `--again` runs the script from its first \
         statement"
    )]
    FinishedPartChanged,
    #[error("the transaction that begins here is still open at the end of the script")]
    OpenTransaction,
    #[error("`{verb}` ends the transaction in which the script runs; add `-- dbctl: no-transaction`")]
    TransactionEnded { verb: String },
    #[error("the script's transaction was over before its end")]
    TransactionLost,
    #[error("{0}")]
    Unreadable(io::Error),
}
