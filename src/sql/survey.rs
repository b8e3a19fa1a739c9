//! One pass over a script that runs nothing: what it holds, what it wants, and whether it is complete.

mod branches;
mod commands;
mod dividing;
mod known;
mod listener;
mod look;
mod sending;
mod surveyor;
#[cfg(test)]
mod tests;
mod tokens;
mod unknowns;

use std::fmt;
use std::io::{self, Read};

use thiserror::Error;

use crate::sql::copy::Copy;
use crate::sql::lexer::Inside;
use crate::sql::statement::{Alone, Kind, Transaction};
use crate::text::Position;
pub use known::{is_psqls, is_spoken, pass_over};
pub(in crate::sql) use listener::Listener;
pub use look::{begins_custom_dump, may_hold_commands};
use surveyor::Surveyor;
pub use tokens::TokenHash;
pub use unknowns::{Mention, Unknowns, is_plain};

/// What one script holds; included files are not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// As the session numbers them: a `\copy` is one, and so is a statement that `\g` sends again. Branches of
    /// `\if` count unless they are never taken, whatever the variables are.
    pub statements: u64,
    /// No variable decides how many they are.
    pub is_counted: bool,
    pub wants: Wants,
    /// The first use of each, and the first that runs a program. Those in branches that are never taken are left
    /// out.
    pub commands: Vec<CommandUse>,
    /// The first meta-command that psql would refuse wherever it is read.
    pub malformed: Option<Malformed>,
    pub includes: Vec<Include>,
    /// sha256 over the tokens, in hexadecimal: comments and white space do not count.
    pub token_hash: String,
    /// What the script's end cuts off.
    pub inside: Option<(Inside, Position)>,
    /// Where the transaction was begun that the script's end leaves open, as far as its text tells.
    pub open_transaction: Option<Position>,
    /// A statement changes the session, or what new sessions begin with, in a way that `DISCARD ALL` does not
    /// take back.
    pub outlives_reset: bool,
    /// It is no script but a dump for `pg_restore`, of which nothing more was read.
    pub is_custom_dump: bool,
    /// Where the text does not tell what psql does.
    pub unknowns: Unknowns,
}

/// How a script is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// In one transaction.
    Transaction,
    /// Statement by statement, because of this first reason.
    Autocommit { reason: Reason, position: Position },
}

/// Why a script cannot be run in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    OwnTransaction(Transaction),
    Alone(Alone),
    /// `\set AUTOCOMMIT off` and the like.
    Variable {
        name: String,
    },
}

/// A meta-command where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandUse {
    pub name: String,
    pub position: Position,
    /// It runs a program on the machine on which psql runs.
    pub runs_program: bool,
}

/// What psql would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub position: Position,
    pub error: MalformedError,
}

/// What is wrong with a meta-command, in psql's words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MalformedError {
    #[error("invalid command `\\{0}`")]
    Unknown(String),
    #[error("unterminated quoted string")]
    UnterminatedQuote,
    #[error("`\\{0}`: no matching \\if")]
    NoIf(String),
    #[error("`\\{0}`: cannot occur after \\else")]
    AfterElse(String),
    #[error("this `\\if` has no `\\endif`")]
    UnclosedIf,
    #[error("`\\{0}`: missing required argument")]
    MissingArgument(String),
}

/// `\i` or `\ir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The file as it is written; none where a variable or a backtick takes part in its name.
    pub file: Option<Vec<u8>>,
    /// Relative to the including file (`\ir`), not to the working directory.
    pub relative: bool,
    pub position: Position,
    /// The byte behind the file's name.
    pub end: u64,
    /// Statements of this file that come before it.
    pub after: u64,
    /// It is in no branch on which a variable decides.
    pub is_certain: bool,
}

impl Survey {
    fn empty() -> Self {
        Self {
            statements: 0,
            is_counted: true,
            wants: Wants::Transaction,
            commands: Vec::new(),
            malformed: None,
            includes: Vec::new(),
            token_hash: String::new(),
            inside: None,
            open_transaction: None,
            outlives_reset: false,
            is_custom_dump: false,
            unknowns: Unknowns::default(),
        }
    }

    /// The first meta-command that the session does not speak, and psql does.
    pub fn first_unspoken(&self) -> Option<&CommandUse> {
        self.commands.iter().find(|used| !is_spoken(&used.name))
    }

    /// The first meta-command that runs a program on the machine on which psql runs.
    pub fn first_program(&self) -> Option<&CommandUse> {
        self.commands.iter().find(|used| used.runs_program)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnTransaction(statement) => {
                write!(f, "`{statement}`: the script controls transactions itself")
            }
            Self::Alone(statement) => write!(f, "`{statement}` cannot run inside a transaction"),
            Self::Variable { name } => {
                write!(
                    f,
                    "`\\set {name}`: the script says itself what is a transaction and what an error does"
                )
            }
        }
    }
}

/// Reads a script to its end (or its `\q`) and tells what it holds.
///
/// # Errors
/// Those of reading.
pub fn survey(input: impl Read) -> io::Result<Survey> {
    let (found, tokens) = listened(input, TokenHash::default())?;
    Ok(Survey { token_hash: tokens.finish(), ..found })
}

/// The same of standard input, of which `\copy … from pstdin` and `\prompt` read the next lines.
///
/// # Errors
/// Those of reading.
pub fn survey_standard_input(input: impl Read) -> io::Result<Survey> {
    let mut surveyor = Surveyor::new(input, TokenHash::default());
    surveyor.is_standard = true;
    surveyor.run()?;
    Ok(Survey { token_hash: surveyor.listener.finish(), ..surveyor.found })
}

/// As [`survey`], with somebody else than the hash of its tokens to hear what the script holds.
pub(in crate::sql) fn listened<L: Listener>(input: impl Read, listener: L) -> io::Result<(Survey, L)> {
    let mut surveyor = Surveyor::new(input, listener);
    surveyor.run()?;
    Ok((surveyor.found, surveyor.listener))
}

/// The kinds of statement `number` (from 1), of which several may be joined by `\;`; none where the script has
/// fewer, or where a variable decides which that is. Included files are not looked into.
pub fn kinds_of(input: impl Read, number: u64) -> io::Result<Vec<Kind>> {
    let mut surveyor = Surveyor::new(input, TokenHash::default());
    surveyor.wanted = Some(number);
    surveyor.run()?;
    Ok(surveyor.wanted_kinds)
}
