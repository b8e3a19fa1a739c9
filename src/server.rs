//! A server that was reached: where it answers, who logs in, and the container it runs in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::database::lock::{AHEAD, Beside};
use crate::database::{Database, DatabaseError, Lock};
use crate::docker::{ContainerError, ContainerFacts, DockerError, Engine};
use crate::endpoint::tls::{self, TlsError};
use crate::endpoint::{Address, Authentication, Endpoint};
use crate::event::Observer;
use crate::interrupt;
use crate::project::ServerUrl;
use crate::project::url::TargetSession;
use crate::session::{Login, Session, SessionError, application_name};

mod ahead;
pub mod container;
mod pooler;

use ahead::Ahead;

/// How sessions that run scripts are named, unless somebody says otherwise.
pub const SCRIPT_APPLICATION: &str = "dbctl script";

/// How long a server that says it is starting up is waited for.
const STARTING_UP: Duration = Duration::from_secs(60);

/// A server that answered, and is the right one.
pub struct Server {
    pub endpoint: Endpoint,
    pub login: Login,
    pub container: Option<Arc<Container>>,
    /// How sessions that run scripts are named in `pg_stat_activity`.
    application: String,
    /// Where it is known what is connected to soon.
    ahead: RefCell<Ahead>,
    /// Where a pooler may answer in the server's place: the URL that names it.
    unproven: Option<String>,
}

/// The container that the server runs in.
pub struct Container {
    pub engine: Engine,
    pub facts: ContainerFacts,
}

#[derive(Debug, Error)]
pub enum ServerError {
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("none of the hosts of `{url}` takes writes\n{}", tried.join("\n"))]
    NoPrimary { url: String, tried: Vec<String> },
    #[error(
        "`{url}` is a connection pooler in transaction mode: it would scatter a script's statements and locks \
         over several servers' sessions\nnothing was run\nnext: give the server's own address, or a port of the \
         pooler in session mode"
    )]
    Pooler { url: String },
    #[error(
        "the data of container `{container}` was made by PostgreSQL {data}, and the image now is PostgreSQL {image}, \
         which cannot read it\n\
         nothing was changed; the old container stays in service\n\
         next: go back to an image of PostgreSQL {data}; or `pg_dumpall` the data, name another volume in the compose \
         file, `dbctl up`, and restore"
    )]
    OtherMajor { container: String, data: String, image: String },
    #[error("container `{name}` was removed by somebody else\nnext: `dbctl up`")]
    ContainerGone { name: String },
    #[error("interrupted while waiting for the server")]
    Interrupted,
    #[error(
        "the password of user `{user}` is not the one that volume `{volume}` was initialised with: \
         POSTGRES_PASSWORD only counts on an empty volume\n\
         nothing was run; the data is untouched\n\
         next: put the old password back, or set the new one: \
         `docker exec -u postgres {container} psql -U {user} -c '\\password {user}'`"
    )]
    WrongPassword { user: String, volume: String, container: String },
    #[error(
        "the server in container `{container}` has no database `{database}`; it was initialised with other settings \
         (POSTGRES_DB only counts on an empty volume)\n\
         next: `docker exec -u postgres {container} createdb -U {user} {database}`, or name the right one with `--dbname`"
    )]
    NoDatabase { container: String, database: String, user: String },
    #[error(
        "the server in container `{container}` has no user `{user}`; it was initialised with other settings \
         (POSTGRES_USER only counts on an empty volume)\n\
         next: name the right user with `--user`, or correct POSTGRES_USER in the compose file"
    )]
    NoUser { container: String, user: String },
}

impl ServerError {
    /// As [`ContainerError::is_passing`].
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Container(error) => error.is_passing(),
            Self::Docker(error) => matches!(error.status(), Some(404 | 409)),
            Self::ContainerGone { .. } => true,
            _ => false,
        }
    }
}

impl Server {
    /// The server that `url` names: of several hosts the first that fits `target_session_attrs`.
    pub fn reach(url: &ServerUrl, sockets: &Path) -> Result<Self, ServerError> {
        let mut tried = Vec::new();
        let mut last = None;
        for (host, port) in &url.hosts {
            match candidate(url, host, *port, sockets) {
                Ok(Some(server)) => return Ok(server),
                Ok(None) => tried.push(format!("  {host}:{port} is read-only")),
                Err(error) => {
                    tried.push(format!("  {host}:{port}: {error}"));
                    last = Some(error);
                }
            }
        }
        match last {
            Some(error) if url.hosts.len() == 1 => Err(error),
            _ => Err(ServerError::NoPrimary { url: url.to_string(), tried }),
        }
    }

    /// The same server, logged in to another of its databases.
    #[must_use]
    pub fn in_database(&self, database: &str) -> Self {
        Self {
            endpoint: self.endpoint.clone(),
            login: Login { database: database.to_owned(), ..self.login.clone() },
            container: self.container.clone(),
            application: self.application.clone(),
            ahead: RefCell::default(),
            unproven: self.unproven.clone(),
        }
    }

    /// The same server, for work that can wait: whoever wants the run's lock ends what connects so.
    #[must_use]
    pub fn ahead(&self) -> Self {
        let mut server = self.in_database(&self.login.database);
        AHEAD.clone_into(&mut server.login.application_name);
        server
    }

    /// The run's lock where nobody holds it.
    pub fn lock_if_free(&self) -> Result<Option<Lock>, ServerError> {
        Ok(Beside::connect(&self.endpoint, &self.login)?.lock_if_free(&self.login)?)
    }

    /// A clean session for scripts.
    pub fn session(&self) -> Result<Session, SessionError> {
        if let Some(session) = self.ahead.borrow_mut().session() {
            return session;
        }
        Session::connect(&self.endpoint, &self.script_login())
    }

    /// Who runs scripts, with the settings that a psql in the container would have from its environment.
    pub fn script_login(&self) -> Login {
        let login = Login { application_name: self.application.clone(), ..self.login.clone() };
        let container = self.container.as_ref().map(|container| &container.facts.environment);
        login.obeying(|name| container?.get(name).cloned())
    }

    /// From now on scripts run with the settings that a psql would have from this environment, too.
    pub fn obey(&mut self, environment: &BTreeMap<String, String>) {
        let variable = |name: &str| environment.get(name).cloned();
        self.login = self.login.clone().obeying(variable);
        self.application = application_name(variable).unwrap_or_else(|| SCRIPT_APPLICATION.to_owned());
    }

    /// A connection for dbctl's own questions.
    pub fn database(&self) -> Result<Database, DatabaseError> {
        let first = self.ahead.borrow_mut().first();
        first.map_or_else(|| Database::connect(&self.endpoint, &self.login), Ok)
    }

    /// Begins to connect, while other things are done, for the run's lock and the first of dbctl's own questions.
    pub fn get_ready(&self) {
        self.ahead.borrow_mut().for_a_run(&self.endpoint, &self.login);
    }

    /// Begins to connect, while other things are done, for scripts and what is asked beside them.
    pub fn get_ready_for_scripts(&self) {
        self.ahead.borrow_mut().for_scripts(&self.endpoint, &self.login, self.script_login());
    }

    /// Closes what is connected already.
    pub fn hang_up(&self) {
        self.ahead.take().close();
    }

    /// The run's lock; waits for its holder. Refused where a pooler would not keep it.
    pub fn lock(&self, observer: &mut dyn Observer) -> Result<Lock, ServerError> {
        if let Some(url) = &self.unproven
            && pooler::in_transaction_mode(&self.endpoint, &self.login)?
        {
            return Err(ServerError::Pooler { url: url.clone() });
        }
        let made = self.ahead.borrow_mut().beside();
        let beside = made.map_or_else(|| Beside::connect(&self.endpoint, &self.login), Ok)?;
        let lock = beside.lock(&self.login, SCRIPT_APPLICATION, observer)?;
        if lock.has_waited() {
            // Whoever had it may have put another database in service.
            self.hang_up();
        }
        Ok(lock)
    }
}

/// The server at one host, unless it is read-only and a writable one is wanted.
fn candidate(url: &ServerUrl, host: &str, port: u16, sockets: &Path) -> Result<Option<Server>, ServerError> {
    let endpoint = if host.starts_with('/') {
        Endpoint::new(Address::Unix { directory: PathBuf::from(host), port }, Authentication::Any)
    } else {
        tls::open(&url.remote(host, port), sockets)?
    };
    let options = url.parameters.get("options").map(|value| ("options".to_owned(), value.clone()));
    let login = Login {
        user: url.user.clone(),
        password: url.password.clone(),
        database: url.database.clone(),
        application_name: "dbctl".to_owned(),
        options: options.into_iter().collect(),
    };
    // The user vouches for the address of a URL, so nothing has to be proven before this connects.
    let mut first = match Database::connect(&endpoint, &login) {
        Ok(first) => first,
        Err(_) => patient(&endpoint, &login)?,
    };
    if url.target == TargetSession::ReadWrite && first.is_read_only()? {
        return Ok(None);
    }
    let (ahead, unproven) = (RefCell::new(Ahead::over(Some(first), None)), Some(url.to_string()));
    let application = SCRIPT_APPLICATION.to_owned();
    Ok(Some(Server { endpoint, login, container: None, application, ahead, unproven }))
}

/// Connects, waiting for a server that says it is still starting. A session tells best why a login fails.
fn patient(endpoint: &Endpoint, login: &Login) -> Result<Database, ServerError> {
    let begun = Instant::now();
    loop {
        match Session::connect(endpoint, login) {
            Err(SessionError::NotReady { .. }) if begun.elapsed() < STARTING_UP => {}
            other => {
                other?;
                return Ok(Database::connect(endpoint, login)?);
            }
        }
        if interrupt::requested() {
            return Err(ServerError::Interrupted);
        }
        thread::sleep(Duration::from_millis(100));
    }
}
