//! `\connect` and `\conninfo`.

use super::{MetaError, Trouble};
use crate::endpoint::Address;
use crate::session::run::{Mode, Run};
use crate::session::variables::parse_bool;
use crate::session::wire::TransactionStatus;
use crate::session::{Login, Session};
use crate::sql::lexer::{self, Position};

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
        self.settle()?;
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

    fn login_for(&self, words: &[Option<String>], reuses: Option<bool>) -> Result<Login, MetaError> {
        let session = &*self.conversation.session;
        let mut login = session.login.clone();
        let mut words = words.to_vec();
        words.resize(4, None);
        let is_settings = words[0].as_deref().is_some_and(|name| name.contains('=') || name.contains("://"));
        // What is not said is then the system's own, which is hardly the server that was chosen.
        if !reuses.unwrap_or(!is_settings) || words[0].as_deref().is_some_and(|name| name.contains("://")) {
            return Err(MetaError::OtherServer);
        }
        if let Some(settings) = words[0].take_if(|_| is_settings) {
            for setting in settings.split_ascii_whitespace() {
                let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
                let value = value.trim_matches('\'').to_owned();
                let place = ["dbname", "user", "host", "port"].iter().position(|known| *known == name);
                words[place.ok_or(MetaError::OtherServer)?] = Some(value);
            }
        }
        let (host, port) = session.host_and_port();
        let elsewhere = |given: &Option<String>, own: &str| given.as_deref().is_some_and(|word| word != own);
        if elsewhere(&words[2], &host) || elsewhere(&words[3], &port) {
            return Err(MetaError::OtherServer);
        }
        if let Some(database) = words[0].take() {
            login.database = database;
        }
        if let Some(user) = words[1].take().filter(|user| *user != login.user) {
            login.user = user;
            login.password = None;
        }
        Ok(login)
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

impl Session {
    /// The host and the port, as psql's variables tell them.
    pub(in crate::session) fn host_and_port(&self) -> (String, String) {
        match &self.address {
            Address::Tcp { host, port } => (host.to_string(), port.to_string()),
            Address::Unix { directory, port } => (directory.display().to_string(), port.to_string()),
        }
    }
}
