//! Startup and authentication: from a stream to a server that is ready for queries.

use std::io;
use std::time::{Duration, Instant};

use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use super::error::{Lost, SessionError};
use super::message::ServerMessage;
use super::place;
use super::stream::Stream;
use super::wire::{Reply, TransactionStatus, Wake, Wire};
use crate::endpoint::{Authentication, Endpoint};
use crate::secret::Secret;

const LOGIN_SECONDS: u64 = 30;

/// Who logs in, to what, and with which settings.
#[derive(Clone)]
pub struct Login {
    pub user: String,
    pub password: Option<Secret>,
    pub database: String,
    /// What `pg_stat_activity` shows.
    pub application_name: String,
    /// Further startup parameters: `options`, `replication`, or any setting.
    pub options: Vec<(String, String)>,
}

/// What a successful login leaves.
pub(super) struct Admitted {
    pub wire: Wire,
    pub key: Option<(i32, i32)>,
    pub parameters: Vec<(String, String)>,
    pub status: TransactionStatus,
}

/// Connects and logs in.
pub(super) fn admit(endpoint: &Endpoint, login: &Login) -> Result<Admitted, SessionError> {
    let place = place(&endpoint.address);
    let stream = Stream::connect(&endpoint.address).map_err(|source| unreachable(&place, source))?;
    let mut wire = Wire::new(stream).map_err(|source| unreachable(&place, source))?;
    wire.interruptible = true;
    let mut door = Door {
        wire,
        login,
        place,
        allowed: endpoint.authentication,
        scram: None,
        deadline: Instant::now() + Duration::from_secs(LOGIN_SECONDS),
    };
    door.knock()?;
    door.pass()
}

fn unreachable(place: &str, source: io::Error) -> SessionError {
    let place = place.to_owned();
    // A missing socket file and a closed port say the same: nobody listens.
    match source.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => SessionError::Refused { place, source },
        _ => SessionError::Unreachable { place, source },
    }
}

struct Door<'a> {
    wire: Wire,
    login: &'a Login,
    place: String,
    allowed: Authentication,
    scram: Option<ScramSha256>,
    deadline: Instant,
}

impl Door<'_> {
    fn knock(&mut self) -> Result<(), SessionError> {
        let login = self.login;
        let fixed = [
            ("user", login.user.as_str()),
            ("database", login.database.as_str()),
            ("application_name", login.application_name.as_str()),
        ];
        let options = login.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        frontend::startup_message(fixed.into_iter().chain(options), self.wire.outgoing()).map_err(lost)
    }

    fn pass(mut self) -> Result<Admitted, SessionError> {
        let mut key = None;
        let mut parameters = Vec::new();
        loop {
            match self.next()? {
                Reply::Authentication(message) => self.answer(message)?,
                Reply::Key { process, secret } => key = Some((process, secret)),
                Reply::Parameter { name, value } => parameters.push((name, value)),
                Reply::Error(message) => return Err(self.refusal(message)),
                Reply::Ready(status) => return Ok(Admitted { wire: self.wire, key, parameters, status }),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<Reply, SessionError> {
        loop {
            if let Some(reply) = self.wire.take().map_err(lost)? {
                return Ok(reply);
            }
            let left = self.deadline.saturating_duration_since(Instant::now());
            match self.wire.wait(Some(left)).map_err(lost)? {
                Wake::Interrupt => return Err(SessionError::Interrupted),
                Wake::Timeout if self.deadline <= Instant::now() => {
                    return Err(SessionError::Silent { place: self.place.clone(), seconds: LOGIN_SECONDS });
                }
                Wake::Timeout | Wake::Traffic => {}
            }
        }
    }

    fn answer(&mut self, request: Message) -> Result<(), SessionError> {
        match request {
            Message::AuthenticationOk => self.proven(),
            Message::AuthenticationCleartextPassword => {
                self.strong("cleartext")?;
                let password = self.password()?.reveal().to_owned();
                frontend::password_message(password.as_bytes(), self.wire.outgoing()).map_err(lost)
            }
            Message::AuthenticationMd5Password(body) => {
                self.strong("md5")?;
                let password = self.password()?.reveal().as_bytes();
                let hash = md5_hash(self.login.user.as_bytes(), password, body.salt());
                frontend::password_message(hash.as_bytes(), self.wire.outgoing()).map_err(lost)
            }
            Message::AuthenticationSasl(body) => self.start_scram(&body),
            Message::AuthenticationSaslContinue(body) => {
                let scram = self.scram.as_mut().ok_or_else(out_of_turn)?;
                scram.update(body.data()).map_err(lost)?;
                frontend::sasl_response(scram.message(), self.wire.outgoing()).map_err(lost)
            }
            Message::AuthenticationSaslFinal(body) => {
                let mut scram = self.scram.take().ok_or_else(out_of_turn)?;
                let place = self.place.clone();
                scram.finish(body.data()).map_err(|source| SessionError::ServerNotProven { place, source })
            }
            other => Err(self.unsupported(&other)),
        }
    }

    // A server that breaks off SCRAM with an early "OK" has not proven anything.
    fn proven(&self) -> Result<(), SessionError> {
        if self.scram.is_none() {
            return Ok(());
        }
        let source = io::Error::other("it ended the SCRAM exchange before its own proof");
        Err(SessionError::ServerNotProven { place: self.place.clone(), source })
    }

    fn start_scram(&mut self, body: &AuthenticationSaslBody) -> Result<(), SessionError> {
        if !body.mechanisms().any(|name| Ok(name == SCRAM_SHA_256)).map_err(lost)? {
            return Err(SessionError::UnsupportedAuthentication {
                place: self.place.clone(),
                method: "SASL without SCRAM-SHA-256",
            });
        }
        let password = self.password()?.reveal().as_bytes();
        let scram = ScramSha256::new(password, ChannelBinding::unsupported());
        frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), self.wire.outgoing())
            .map_err(lost)?;
        self.scram = Some(scram);
        Ok(())
    }

    fn password(&self) -> Result<&Secret, SessionError> {
        let missing =
            || SessionError::PasswordNeeded { place: self.place.clone(), user: self.login.user.clone() };
        self.login.password.as_ref().ok_or_else(missing)
    }

    fn strong(&self, method: &'static str) -> Result<(), SessionError> {
        match self.allowed {
            Authentication::Any => Ok(()),
            Authentication::ScramOrTrust => Err(SessionError::WeakAuthentication {
                place: self.place.clone(),
                user: self.login.user.clone(),
                method,
            }),
        }
    }

    fn unsupported(&self, request: &Message) -> SessionError {
        let method = match request {
            Message::AuthenticationGss | Message::AuthenticationGssContinue(_) => "GSSAPI",
            Message::AuthenticationSspi => "SSPI",
            Message::AuthenticationKerberosV5 => "Kerberos 5",
            _ => return out_of_turn(),
        };
        SessionError::UnsupportedAuthentication { place: self.place.clone(), method }
    }

    fn refusal(&self, message: ServerMessage) -> SessionError {
        let place = self.place.clone();
        match message.sqlstate() {
            "28P01" | "28000" => {
                SessionError::AuthenticationFailed { place, user: self.login.user.clone(), message }
            }
            "3D000" => SessionError::DatabaseMissing { place, database: self.login.database.clone() },
            "53300" => SessionError::TooManyClients { place, message },
            "57P01" | "57P02" | "57P03" => SessionError::NotReady { place, message },
            _ => SessionError::Server(message),
        }
    }
}

fn lost(source: io::Error) -> SessionError {
    SessionError::Lost(Lost { last_words: None, source })
}

fn out_of_turn() -> SessionError {
    lost(io::Error::new(io::ErrorKind::InvalidData, "the server sent a message out of turn"))
}
