//! What a meta-command says wrongly.

use std::io;

use thiserror::Error;

use super::conninfo::ConninfoError;
use crate::session::error::{SessionError, os_words as reason};
use crate::session::print::{CrosstabError, PsetError};
use crate::session::variables::VariableError;
use crate::sql::copy::CopyError;

/// What a meta-command says wrongly, in psql's words where psql has any.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MetaError {
    #[error("`\\{0}` is a meta-command that dbctl does not carry out")]
    Unsupported(String),
    #[error("invalid command `\\{0}`")]
    Unknown(String),
    #[error("`\\{command}`: missing required argument")]
    MissingArgument { command: String },
    #[error("unterminated quoted string")]
    UnterminatedQuote,
    #[error("this would run a command on this machine, which scripts may do only with `--allow-shell`")]
    Shell,
    #[error(transparent)]
    Variable(#[from] VariableError),
    #[error("`\\set {name} {value}` is not possible in one transaction; add `-- dbctl: no-transaction`")]
    FixedVariable { name: String, value: String },
    #[error("`\\{command}`: no matching \\if")]
    NoIf { command: String },
    #[error("`\\{command}`: cannot occur after \\else")]
    AfterElse { command: String },
    #[error("this `\\if` has no `\\endif`")]
    UnclosedIf,
    #[error("`{name}` cannot be read: {source}")]
    Include { name: String, source: io::Error },
    #[error("this is a PostgreSQL custom-format dump, and no script; `pg_restore -f FILE` writes it as one")]
    CustomDump,
    #[error("`{0}`: invalid encoding name or conversion procedure not found")]
    Encoding(String),
    #[error("backslash commands are restricted; only \\unrestrict is allowed")]
    Restricted,
    #[error("`\\unrestrict`: wrong key")]
    WrongKey,
    #[error("`\\unrestrict`: not currently in restricted mode")]
    NotRestricted,
    #[error("no rows returned for \\gset")]
    NoRow,
    #[error("more than one row returned for \\gset")]
    ManyRows,
    #[error("`\\{command}`: missing right parenthesis")]
    NoParenthesis { command: String },
    #[error("`\\copy`: {0}")]
    Copy(CopyError),
    #[error("{name}: {}", reason(.source))]
    File { name: String, source: io::Error },
    #[error("could not print result table: {}", reason(.0))]
    ResultTable(io::Error),
    #[error("nobody reads the results any more: {0}")]
    Unread(io::Error),
    #[error("could not write COPY data: {}", reason(.0))]
    CopyData(io::Error),
    #[error("{command}: {status}")]
    Command { command: String, status: String },
    #[error(
        "the variables that this `\\gset` sets are needed, and its statement cannot be run again; run the \
         script from its start"
    )]
    NotAgain,
    #[error(
        "`\\connect` begins a new session, which no transaction outlives; add `-- dbctl: no-transaction`"
    )]
    ConnectInTransaction,
    #[error(
        "`\\connect` to another server is not possible: the script runs on the one that was chosen for it"
    )]
    OtherServer,
    #[error(transparent)]
    Conninfo(#[from] ConninfoError),
    #[error("`\\connect`: {0}")]
    Connect(Box<SessionError>),
    #[error("`\\{command}` needs a number of times here, such as `\\{command} i=1 c=5`")]
    Endless { command: String },
    #[error("`\\{command}`: {problem}: \"{value}\"")]
    Value { command: String, problem: &'static str, value: String },
    #[error("`\\{command}`: environment variable name must not contain \"=\"")]
    EnvironmentName { command: String },
    #[error(transparent)]
    Print(#[from] PsetError),
    #[error(transparent)]
    Crosstab(#[from] CrosstabError),
    #[error("could not {work} file \"{name}\": {}", reason(.source))]
    ObjectFile { work: &'static str, name: String, source: io::Error },
    #[error("{0}")]
    Setting(String),
    #[error("`\\prompt`: could not read value for variable")]
    NoAnswer,
    #[error("could not change directory to \"{name}\": {}", reason(.source))]
    Directory { name: String, source: io::Error },
}

impl MetaError {
    /// Whether libpq says it, and psql passes it on without a word of its own.
    pub fn is_libpqs(&self) -> bool {
        matches!(self, Self::ObjectFile { .. })
    }

    /// Whether nobody reads the results any more.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Unread(_))
    }

    /// As psql says it on stderr, without its prefix.
    pub fn in_psqls_words(&self) -> String {
        match self {
            Self::UnclosedIf => "reached EOF without finding closing \\endif(s)".to_owned(),
            Self::Include { name, source } => format!("{name}: {}", reason(source)),
            Self::Connect(error) => format!("\\connect: {}", error.in_libpqs_words()),
            other => other.to_string().replace('`', ""),
        }
    }
}
