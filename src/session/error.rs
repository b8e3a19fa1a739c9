//! Why a session could not be opened, or cannot go on.

use std::io;

use thiserror::Error;

use super::message::ServerMessage;

/// What keeps a session from being opened or used. The place is the address as [`super::place`] writes it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SessionError {
    #[error("no server listens at `{place}`")]
    Refused { place: String, source: io::Error },
    #[error("`{place}` cannot be reached: {source}")]
    Unreachable { place: String, source: io::Error },
    #[error("`{place}` took the connection but did not answer within {seconds} s")]
    Silent { place: String, seconds: u64 },
    #[error(
        "the server at `{place}` rejected the login of user `{user}`: {message}\nnext: correct user or password, in the URL or with `--user` and `DBCTL_PASSWORD`"
    )]
    AuthenticationFailed { place: String, user: String, message: ServerMessage },
    #[error(
        "the server at `{place}` wants a password for user `{user}`, and none is known\nnext: set `DBCTL_PASSWORD`, or put it into the URL"
    )]
    PasswordNeeded { place: String, user: String },
    #[error(
        "`{place}` asks for the password of user `{user}` by {method}, which is not sent to an address that \
         might be answered by another server"
    )]
    WeakAuthentication { place: String, user: String, method: &'static str },
    #[error("the server at `{place}` asks for a login method that dbctl does not speak: {method}")]
    UnsupportedAuthentication { place: String, method: &'static str },
    #[error("the server at `{place}` did not prove that it knows the password: {source}")]
    ServerNotProven { place: String, source: io::Error },
    #[error(
        "the server at `{place}` has no database `{database}`\nnext: create it, or name another one with `--dbname`"
    )]
    DatabaseMissing { place: String, database: String },
    #[error("the server at `{place}` has no free connection: {message}")]
    TooManyClients { place: String, message: ServerMessage },
    #[error("the server at `{place}` is not ready: {message}")]
    NotReady { place: String, message: ServerMessage },
    /// Any other error that the server reports: at login, or for a statement of [`super::Session::simple`].
    #[error("{0}")]
    Server(ServerMessage),
    #[error("{0}")]
    Lost(#[from] Lost),
    #[error("interrupted")]
    Interrupted,
}

/// The connection ended, or what arrives on it is no longer the protocol.
#[derive(Debug, Error)]
#[error("the connection to the server was lost: {}", .last_words.as_ref().map_or_else(|| source.to_string(), ToString::to_string))]
pub struct Lost {
    /// The FATAL error that the server sent before it closed.
    pub last_words: Option<Box<ServerMessage>>,
    pub source: io::Error,
}

/// The system's own words, without Rust's number.
pub fn os_words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

impl SessionError {
    /// As libpq would say it.
    pub(super) fn in_libpqs_words(&self) -> String {
        let (place, reason) = match self {
            Self::Refused { place, source } | Self::Unreachable { place, source } => {
                (place, os_words(source))
            }
            Self::DatabaseMissing { place, database } => {
                (place, format!("FATAL:  database \"{database}\" does not exist"))
            }
            Self::AuthenticationFailed { place, message, .. }
            | Self::TooManyClients { place, message }
            | Self::NotReady { place, message } => (place, format!("FATAL:  {}", message.message())),
            Self::PasswordNeeded { place, .. } => (place, "fe_sendauth: no password supplied".to_owned()),
            other => return other.to_string().replace('`', ""),
        };
        match place.rsplit_once(':').filter(|_| !place.starts_with('/')) {
            Some((host, port)) => format!("connection to server at \"{host}\", port {port} failed: {reason}"),
            None => format!("connection to server on socket \"{place}\" failed: {reason}"),
        }
    }

    /// The SQLSTATE, where the server named one.
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Self::AuthenticationFailed { message, .. }
            | Self::TooManyClients { message, .. }
            | Self::NotReady { message, .. }
            | Self::Server(message) => Some(message.sqlstate()),
            Self::DatabaseMissing { .. } => Some("3D000"),
            Self::Lost(lost) => lost.last_words.as_ref().map(|message| message.sqlstate()),
            _ => None,
        }
    }
}
