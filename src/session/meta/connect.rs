//! `\connect` and `\conninfo`.

use std::net::IpAddr;

use super::conninfo::{self, ConninfoError, Settings, is_conninfo};
use super::{MetaError, Trouble};
use crate::endpoint::Address;
use crate::secret::Secret;
use crate::session::run::{Mode, Run};
use crate::session::variables::parse_bool;
use crate::session::wire::TransactionStatus;
use crate::session::{Login, Session};
use crate::sql::lexer::{self, Position};

/// What a new connection to the same server does without.
const IMMATERIAL: [&str; 9] = [
    "connect_timeout",
    "client_encoding",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "gssencmode",
];

/// What was settled when the script's server was chosen.
const FIXED: [&str; 12] = [
    "sslmode",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslcompression",
    "channel_binding",
    "passfile",
    "replication",
    "target_session_attrs",
];

/// psql's own option of `\connect`.
const REUSE: &str = "-reuse-previous=";

impl Run<'_> {
    /// `\connect [DATABASE [USER [HOST [PORT]]]]`, or settings such as `dbname=…`.
    pub(super) fn connect(&mut self, at: Position) -> Result<(), Trouble> {
        let mut words = self.connect_words()?;
        let reuses = match words.first().and_then(Option::as_deref).and_then(|word| word.strip_prefix(REUSE))
        {
            Some(value) => {
                let reuses = parse_bool(value.as_bytes());
                words.remove(0);
                reuses
            }
            None => None,
        };
        if self.mode == Mode::Transaction {
            return Err(MetaError::ConnectInTransaction.into());
        }
        let login = self.login_for(&words, reuses)?;
        self.reconnect(&login, at)?;
        let line =
            format!("You are now connected to database \"{}\" as user \"{}\".", login.database, login.user);
        self.confirm(&line)
    }

    fn connect_words(&mut self) -> Result<Vec<Option<String>>, MetaError> {
        let mut words = Vec::new();
        while words.len() < 5 {
            let Some(word) = self.argument_as(lexer::Mode::IdentifierAsWritten, true)? else { break };
            let given = word.value != b"-" || word.quote.is_some();
            words.push(given.then(|| String::from_utf8_lossy(&word.value).into_owned()));
        }
        Ok(words)
    }

    /// What is not said is as in the connection before, or as it was chosen for the script.
    fn login_for(&self, words: &[Option<String>], reuses: Option<bool>) -> Result<Login, MetaError> {
        let session = &*self.conversation.session;
        let conninfo = words.first().and_then(Option::as_deref).filter(|text| is_conninfo(text));
        let settings = match conninfo {
            Some(_) if words.iter().skip(1).any(Option::is_some) => return Err(ConninfoError::TooMuch.into()),
            Some(text) => conninfo::parse(text)?,
            None => {
                let names = ["dbname", "user", "host", "port"].map(str::to_owned);
                names
                    .into_iter()
                    .zip(words.iter().cloned())
                    .filter_map(|(name, word)| Some((name, word?)))
                    .collect()
            }
        };
        let before = if reuses.unwrap_or(conninfo.is_none()) {
            session
        } else {
            self.home.as_ref().unwrap_or(session)
        };
        let (host, port) = session.host_and_port();
        changed(before.login.clone(), settings, &host, &port)
    }

    fn reconnect(&mut self, login: &Login, at: Position) -> Result<(), Trouble> {
        if matches!(self.mode, Mode::Autocommit { .. }) && self.status() != TransactionStatus::Idle {
            return Err(MetaError::ConnectInTransaction.into());
        }
        let session = &*self.conversation.session;
        let away = login.database != session.login.database || login.user != session.login.user;
        // A script that has lost its connection does not go on, whatever it says of errors.
        let mut next = session.again(login).map_err(|error| {
            let error = MetaError::Connect(Box::new(error));
            let locus = self.locus();
            self.conversation.stage.fault(error.in_psqls_words().as_bytes(), &locus);
            self.meta_failure(at, error)
        })?;
        next.wire.interruptible = true;
        let encoding = next.parameter("client_encoding").unwrap_or("UTF8").to_owned();
        let previous = std::mem::replace(self.conversation.session, next);
        // The ledger's rows stay where they belong.
        if away && !self.mode.is_psqls() && self.home.is_none() {
            self.home = Some(previous);
        }
        self.conversation.stage.encoding(&encoding);
        self.variables.connected(self.conversation.session);
        Ok(())
    }

    /// `\conninfo`
    pub(super) fn connection_info(&mut self) -> Result<(), Trouble> {
        let session = &*self.conversation.session;
        let (database, user) = (&session.login.database, &session.login.user);
        let place = match &session.address {
            Address::Unix { directory, port } => {
                format!("via socket in \"{}\" at port \"{port}\"", directory.display())
            }
            Address::Tcp { host, port } => format!("on host \"{host}\" at port \"{port}\""),
        };
        let line = format!("You are connected to database \"{database}\" as user \"{user}\" {place}.\n");
        self.show(super::Channel::Out, line.as_bytes())
    }
}

/// The login with these settings, on the same server.
fn changed(mut login: Login, settings: Settings, host: &str, port: &str) -> Result<Login, MetaError> {
    let (user, mut password) = (login.user.clone(), None);
    for (name, value) in settings.into_iter().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "dbname" => login.database = value,
            "user" => login.user = value,
            "password" => password = Some(Secret::new(value)),
            "host" | "hostaddr" if is_same_host(&value, host) => {}
            "port" if value == port => {}
            "host" | "hostaddr" | "port" | "service" => return Err(MetaError::OtherServer),
            "application_name" => login.application_name = value,
            "options" => {
                login.options.retain(|(known, _)| *known != name);
                login.options.push((name, value));
            }
            _ if IMMATERIAL.contains(&name.as_str()) => {}
            _ if FIXED.contains(&name.as_str()) => return Err(ConninfoError::Fixed(name).into()),
            _ => return Err(ConninfoError::Unknown(name).into()),
        }
    }
    // Another user's password is no use.
    if password.is_some() || login.user != user {
        login.password = password;
    }
    Ok(login)
}

fn is_same_host(given: &str, own: &str) -> bool {
    let is_own_machine =
        |name: &str| name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    given == own || (is_own_machine(given) && is_own_machine(own))
}

impl Session {
    /// The host and the port, as psql's variables tell them.
    pub(in crate::session) fn host_and_port(&self) -> (String, String) {
        match &self.address {
            Address::Tcp { host, port } => (host.to_string(), port.to_string()),
            Address::Unix { directory, port } => (directory.display().to_string(), port.to_string()),
        }
    }
}
