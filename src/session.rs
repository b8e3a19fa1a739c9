//! A psql-equivalent conversation with a server, in which scripts run.

mod autocommit;
mod body;
mod branch;
mod caution;
mod conversation;
mod environment;
mod error;
mod failure;
mod feeding;
mod login;
mod message;
mod meta;
mod output;
mod plain;
mod print;
mod printer;
mod reading;
mod request;
mod routine;
mod run;
mod script;
mod sending;
mod shell;
mod stage;
mod standard_input;
mod stream;
mod timing;
mod transaction;
mod variables;
mod verdict;
mod wire;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use postgres_protocol::message::frontend;

use crate::endpoint::{Address, Authentication, Endpoint};
pub use environment::{application_name, foreign_variables};
pub use error::{Lost, SessionError, os_words};
pub use failure::{FailureKind, Outside, Phase, ScriptFailure};
pub use login::Login;
pub use message::ServerMessage;
pub use meta::{MetaError, canonical};
pub use output::{Channel, Locus, Output, Silent};
pub use print::message::{Kind, MessageStyle, ShowContext, Verbosity};
pub use print::{
    CrosstabError, Expanded, Format, LineStyle, Pager, Part, PsetError, Separator, Settings, Strokes, Table,
    UnicodeStyle,
};
pub use printer::Printer;
pub use routine::RoutinePlace;
pub use run::{Bookkeeping, Mode, Next, Ran};
pub use script::{Permissions, ScriptSource};
use stream::Stream;
pub use variables::{VariableError, check_variable};
pub use wire::{Column, Row, TransactionStatus};
use wire::{Reply, Wake, Wire};

/// Statements that may be unanswered: enough to keep the server at work, few enough to be no bother in its log
/// where it refuses them all after an error.
const WINDOW: usize = 256;

const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);

/// One logged-in connection.
pub struct Session {
    wire: Wire,
    address: Address,
    authentication: Authentication,
    login: Login,
    key: Option<(i32, i32)>,
    parameters: BTreeMap<String, String>,
    status: TransactionStatus,
    last_words: Option<Box<ServerMessage>>,
    readiness: Readiness,
    /// Statements that may be unanswered.
    window: usize,
}

/// What stands between a session and the next script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readiness {
    Clean,
    /// Something may have been left behind that must be discarded.
    Used,
    /// Clean, and in the transaction that the next script was said to need.
    Begun,
}

/// Cancels the statement that a session is running, from anywhere.
#[derive(Clone)]
pub struct Canceller {
    address: Address,
    key: Option<(i32, i32)>,
}

/// What a small query of the runner's own gave: text values, NULL as `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub rows: Vec<Vec<Option<String>>>,
    /// One command tag for each statement.
    pub tags: Vec<String>,
    pub notices: Vec<ServerMessage>,
}

impl Session {
    /// Connects and logs in; waits at most 30 s for the server's answer.
    pub fn connect(endpoint: &Endpoint, login: &Login) -> Result<Self, SessionError> {
        let admitted = login::admit(endpoint, login)?;
        let mut wire = admitted.wire;
        wire.interruptible = false;
        Ok(Self {
            wire,
            address: endpoint.address.clone(),
            authentication: endpoint.authentication,
            login: login.clone(),
            key: admitted.key,
            parameters: admitted.parameters.into_iter().collect(),
            status: admitted.status,
            last_words: None,
            readiness: Readiness::Clean,
            window: WINDOW,
        })
    }

    /// Another session with the same server.
    fn again(&self, login: &Login) -> Result<Self, SessionError> {
        Self::connect(&Endpoint::new(self.address.clone(), self.authentication), login)
    }

    /// A setting that the server reports by itself: `client_encoding`, `server_version`, `in_hot_standby`, ….
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Where the session stands, as of the last answer.
    pub fn status(&self) -> TransactionStatus {
        self.status
    }

    /// The server process that serves this session, as `pg_stat_activity` shows it.
    pub fn process_id(&self) -> Option<i32> {
        self.key.map(|(process, _)| process)
    }

    /// A handle that can cancel this session's statement from another thread.
    pub fn canceller(&self) -> Canceller {
        Canceller { address: self.address.clone(), key: self.key }
    }

    /// Asks the server to cancel the running statement. The answer comes as that statement's error.
    pub fn cancel(&self) -> io::Result<()> {
        self.canceller().cancel()
    }

    /// Runs the runner's own SQL: all rows of all its results, as text. Not ended by Ctrl-C.
    ///
    /// # Errors
    /// [`SessionError::Server`] for the first error; the session stays usable.
    pub fn simple(&mut self, sql: &str) -> Result<Answer, SessionError> {
        if let Some(clean) = self.clean() {
            self.simple(clean)?;
        }
        self.ask(sql.as_bytes())?;
        let mut answer = Answer::default();
        let mut error = None;
        loop {
            match self.next()? {
                Reply::Row(body) => answer.rows.push(text_row(&Row::new(body))),
                Reply::Complete(tag) => answer.tags.push(tag),
                Reply::Notice(message) => answer.notices.push(message),
                Reply::Error(message) => error = error.or(Some(message)),
                Reply::CopyIn { .. } => self.refuse_copy("no data belongs to this statement")?,
                Reply::Ready(_) => return error.map_or(Ok(answer), |error| Err(SessionError::Server(error))),
                _ => {}
            }
        }
    }

    /// Whether the server has said nothing, least of all that it ends the session, since its last answer.
    pub fn is_open(&self) -> bool {
        self.wire.is_silent()
    }

    /// Makes the session as good as new for the next script: `DISCARD ALL` will precede whatever comes next, in
    /// the same packet.
    pub fn reset(&mut self) {
        if self.readiness == Readiness::Clean {
            self.readiness = Readiness::Used;
        }
    }

    /// From now on each answer is waited for, as psql does: what scripts do must not depend on it.
    pub fn stop_pipelining(&mut self) {
        self.window = 1;
    }

    /// What must be sent first, once, to have a clean session outside a transaction.
    fn clean(&mut self) -> Option<&'static str> {
        match std::mem::replace(&mut self.readiness, Readiness::Clean) {
            Readiness::Clean => None,
            Readiness::Used => Some("DISCARD ALL"),
            Readiness::Begun => Some("ROLLBACK"),
        }
    }

    fn ask(&mut self, statement: &[u8]) -> Result<(), Lost> {
        write_query(statement, self.wire.outgoing()).map_err(|source| self.lost(source))
    }

    fn refuse_copy(&mut self, reason: &str) -> Result<(), Lost> {
        frontend::copy_fail(reason, self.wire.outgoing()).map_err(|source| self.lost(source))
    }

    /// The next reply, waiting for it and never interrupted.
    fn next(&mut self) -> Result<Reply, Lost> {
        loop {
            if let Some(reply) = self.take()? {
                return Ok(reply);
            }
            self.wait(None)?;
        }
    }

    /// The next reply that has arrived; what concerns the session itself is noted here.
    fn take(&mut self) -> Result<Option<Reply>, Lost> {
        let reply = self.wire.take().map_err(|source| self.lost(source))?;
        match &reply {
            Some(Reply::Parameter { name, value }) => {
                self.parameters.insert(name.clone(), value.clone());
            }
            Some(Reply::Ready(status)) => self.status = *status,
            Some(Reply::Error(message)) if message.is_fatal() => {
                self.last_words = Some(Box::new(message.clone()));
            }
            _ => {}
        }
        Ok(reply)
    }

    fn wait(&mut self, timeout: Option<Duration>) -> Result<Wake, Lost> {
        self.wire.wait(timeout).map_err(|source| self.lost(source))
    }

    fn lost(&mut self, source: io::Error) -> Lost {
        Lost { last_words: self.last_words.take(), source }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        frontend::terminate(self.wire.outgoing());
        // The server notices a closed socket as well; a word of goodbye spares its log a line.
        let _ = self.wire.pump();
    }
}

impl Canceller {
    /// Sends the request and waits, at most two seconds, until the server has taken it.
    pub fn cancel(&self) -> io::Result<()> {
        let Some((process, secret)) = self.key else { return Ok(()) };
        let mut request = BytesMut::new();
        frontend::cancel_request(process, secret, &mut request);
        let mut stream = Stream::connect(&self.address)?;
        stream.limit_reads(CANCEL_TIMEOUT)?;
        stream.write_all(&request)?;
        // The server closes the connection once the signal is on its way.
        let _ = stream.read(&mut [0]);
        Ok(())
    }
}

/// The address as messages show it.
fn place(address: &Address) -> String {
    match address {
        Address::Tcp { host, port } => std::net::SocketAddr::new(*host, *port).to_string(),
        Address::Unix { directory, port } => directory.join(format!(".s.PGSQL.{port}")).display().to_string(),
    }
}

// The crate's own `query` wants UTF-8; a script is bytes.
fn write_query(statement: &[u8], out: &mut BytesMut) -> io::Result<()> {
    let length = i32::try_from(statement.len() + 5).map_err(io::Error::other)?;
    out.reserve(statement.len() + 6);
    out.put_u8(b'Q');
    out.put_i32(length);
    out.put_slice(statement);
    out.put_u8(0);
    Ok(())
}

fn text_row(row: &Row) -> Vec<Option<String>> {
    row.values().map(|value| value.map(|bytes| String::from_utf8_lossy(bytes).into_owned())).collect()
}
