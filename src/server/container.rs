//! The server in the service's container: reached by the ladder, and proven to be that container's.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::ahead::Ahead;
use super::{Container, SCRIPT_APPLICATION, Server, ServerError};
use crate::database::Database;
use crate::database::lock::{Beside, Connecting};
use crate::docker::{
    Answer, ContainerError, ContainerFacts, Engine, Ladder, MountedFrom, Rung, ServerIdentity,
};
use crate::endpoint::Endpoint;
use crate::event::{Event, Observer};
use crate::session::{Login, Session, SessionError};

/// How long a started server may take before it answers: recovery of a large database included.
const READY_WITHIN: Duration = Duration::from_secs(300);

/// The postmaster's process begins before its clock reading; a burdened machine stretches that to seconds.
const START_TIME_TOLERANCE: i64 = 30;

const WHO_ARE_YOU: &str = "\
SELECT floor(extract(epoch FROM pg_catalog.pg_postmaster_start_time()))::bigint,
       (SELECT system_identifier FROM pg_catalog.pg_control_system())";

/// How the server in a container is to be reached.
#[derive(Clone)]
pub struct Approach {
    pub login: Login,
    pub only: Option<Rung>,
    pub cache: PathBuf,
    pub sockets: PathBuf,
    /// The run's lock is taken as soon as the server is reached: the connection for it is made while the server proves
    /// who it is.
    pub locks: bool,
}

impl Server {
    /// The server of a container that runs; waits for it where it was `just_started`.
    pub fn in_container(
        engine: Engine,
        facts: ContainerFacts,
        approach: Approach,
        just_started: bool,
        observer: &mut dyn Observer,
    ) -> Result<Self, ServerError> {
        let ladder = Ladder { only: approach.only, sockets: approach.sockets, cache: approach.cache };
        let locks = approach.locks && !just_started;
        let mut asking = Asking {
            login: &approach.login,
            facts: &facts,
            locks,
            rejected: false,
            proven: None,
            beside: None,
        };
        let mut ask = |endpoint: &Endpoint, identity: Option<&ServerIdentity>| asking.ask(endpoint, identity);
        let reached = if just_started {
            engine.ready(&facts, &ladder, READY_WITHIN, observer, &mut ask)
        } else {
            match engine.endpoint(&facts, &ladder, &mut ask) {
                Err(ContainerError::NoWay { name, .. }) if engine.is_mid_exchange(&facts)? => {
                    Err(ContainerError::MidExchange { name })
                }
                // The server may be starting, after somebody else started its container.
                Err(ContainerError::NoWay { .. }) => {
                    engine.ready(&facts, &ladder, READY_WITHIN, observer, &mut ask)
                }
                other => other,
            }
        };
        let Asking { rejected, proven, beside, .. } = asking;
        let endpoint = reached.map_err(own_words)?;
        if rejected {
            observer.observe(password_differs(&approach.login));
        }
        Ok(Self {
            endpoint,
            login: approach.login,
            container: Some(Arc::new(Container { engine, facts })),
            application: SCRIPT_APPLICATION.to_owned(),
            ahead: RefCell::new(Ahead::over(proven.map(Database::over).transpose()?, beside)),
            unproven: None,
        })
    }
}

fn password_differs(login: &Login) -> Event {
    Event::Warning {
        text: format!(
            "the server does not accept the compose file's password of user `{}` from outside its container: \
             POSTGRES_PASSWORD only counts on an empty volume",
            login.user
        ),
    }
}

/// What the ladder was told about the server comes back as it was.
fn own_words(error: ContainerError) -> ServerError {
    match error {
        ContainerError::Refused(cause) => match cause.downcast::<ServerError>() {
            Ok(own) => *own,
            Err(cause) => ServerError::Container(ContainerError::Refused(cause)),
        },
        other => ServerError::Container(other),
    }
}

struct Asking<'a> {
    login: &'a Login,
    facts: &'a ContainerFacts,
    /// The first answer is likely to be right, and the run's lock is wanted.
    locks: bool,
    /// An address whose server is to be proven did not take the password.
    rejected: bool,
    /// The session of the last answer that was right: it has more to ask.
    proven: Option<Session>,
    /// What was begun with that session.
    beside: Option<Connecting>,
}

impl Asking<'_> {
    fn ask(&mut self, endpoint: &Endpoint, identity: Option<&ServerIdentity>) -> Answer {
        let beside = std::mem::take(&mut self.locks).then(|| Beside::begin(endpoint, self.login));
        match Session::connect(endpoint, self.login) {
            Ok(mut session) => {
                let answer = judge(&mut session, identity);
                if let Answer::Ours { .. } = answer {
                    (self.proven, self.beside) = (Some(session), beside);
                }
                answer
            }
            Err(error @ SessionError::AuthenticationFailed { .. }) if identity.is_some() => {
                self.rejected = true;
                Answer::Silent(error.to_string())
            }
            Err(error) => self.refusal(error),
        }
    }

    fn refusal(&self, error: SessionError) -> Answer {
        let Login { user, database, .. } = self.login;
        let (user, database, container) = (user.clone(), database.clone(), self.facts.name.clone());
        let refused = |error: ServerError| Answer::Refused(Box::new(error));
        match error {
            SessionError::AuthenticationFailed { message, .. } if message.sqlstate() == "28000" => {
                refused(ServerError::NoUser { container, user })
            }
            SessionError::AuthenticationFailed { .. } => {
                refused(ServerError::WrongPassword { user, volume: self.volume(), container })
            }
            SessionError::DatabaseMissing { .. } => {
                refused(ServerError::NoDatabase { container, database, user })
            }
            error => Answer::Silent(error.to_string()),
        }
    }

    fn volume(&self) -> String {
        match self.facts.mount_at(self.facts.data_directory()).map(|mount| &mount.source) {
            Some(MountedFrom::Volume(name) | MountedFrom::Host(name)) => name.clone(),
            _ => self.facts.data_directory().to_owned(),
        }
    }
}

fn judge(session: &mut Session, identity: Option<&ServerIdentity>) -> Answer {
    let answer = match session.simple(WHO_ARE_YOU) {
        Ok(answer) => answer,
        Err(error) => return Answer::Silent(error.to_string()),
    };
    let number = |column: usize| answer.rows.first()?.get(column)?.as_deref()?.parse::<i128>().ok();
    let (Some(started), Some(system)) = (number(0), number(1)) else {
        return Answer::Silent("it does not say who it is".to_owned());
    };
    let postmaster = i64::try_from(started).unwrap_or_default();
    match identity {
        Some(identity) if !is_same(identity, postmaster, system) => {
            Answer::Foreign("another server answers there".to_owned())
        }
        _ => Answer::Ours { postmaster },
    }
}

fn is_same(identity: &ServerIdentity, postmaster: i64, system: i128) -> bool {
    let later = postmaster - identity.postmaster_start;
    // The catalog shows the identifier as a signed number.
    let shown = i128::from(identity.system_identifier.cast_signed());
    shown == system && (-1..=START_TIME_TOLERANCE).contains(&later)
}
