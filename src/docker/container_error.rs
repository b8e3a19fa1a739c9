//! What can go wrong with the service's container.

use std::time::Duration;

use crate::docker::{DockerError, TwinError};

/// Why the service's container is not as it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    #[error(transparent)]
    Docker(#[from] DockerError),

    #[error(
        "the name `{name}` is taken by a container that is not service `{service}` of project `{project}`{owner}\n\
         nothing was changed\n\
         next: rename or remove that container, or set `container_name` in the compose file"
    )]
    NameTaken { name: String, service: String, project: String, owner: String },

    #[error(
        "service `{service}` has more than one container: {names}\nnothing was changed\nnext: `docker rm` the one that is too many"
    )]
    TooMany { service: String, names: String },

    #[error("`{key}: {value}` of service `{service}` cannot be honoured: {cause}\nnothing was changed")]
    Unsupported { service: String, key: &'static str, value: String, cause: String },

    #[error(
        "{kind} `{name}` is `external` in the compose file, but does not exist\nnext: `docker {kind} create {name}`"
    )]
    ExternalMissing { kind: &'static str, name: String },

    #[error(
        "the container `{name}` could not be started: {cause}\nnext: free the port, or change `ports` in the compose file"
    )]
    PortTaken { name: String, cause: String },

    #[error("the container `{name}` ended with exit code {code} while its server was awaited\n{}\nnext: correct what its log says, then `dbctl up`", log.trim())]
    Exited { name: String, code: i64, log: String },

    #[error(
        "an exchange of data directories in container `{name}` was broken off, and its server started since\n\
         next: `dbctl up` carries it to its end"
    )]
    MidExchange { name: String },

    #[error("no server answered in container `{name}` within {} s: {reason}\n{}\nnext: `dbctl logs` shows what it is at, then `dbctl up` waits again", waited.as_secs(), log.trim())]
    NotReady { name: String, waited: Duration, reason: String, log: String },

    #[error(
        "the first initialisation of `{place}` failed{code}\n{log}\nthe data directory is empty again\nnext: correct the cause, then `dbctl up`"
    )]
    Initialisation { place: String, code: String, log: String },

    #[error(
        "a first initialisation of `{place}` was interrupted, and another server has used the data directory since: \
         it may lack roles, databases or settings\n\
         nothing was changed\n\
         next: if the database is as it should be, `docker rm {helper}`; else empty the data directory, then `dbctl up`"
    )]
    HalfMade { place: String, helper: String },

    #[error(
        "the half-made data directory in `{place}` could not be emptied\n{log}\n\
         next: empty it by hand, then `dbctl up`: a server would start on it as if it were whole"
    )]
    NotEmptied { place: String, log: String },

    #[error(
        "container `{name}` has neither bash, nc nor perl, through which a tunnel to its server would lead: \
         it is a container without shell tools\n\
         next: publish the port (`ports: [\"127.0.0.1::5432\"]` in the compose file), then `dbctl up`"
    )]
    NoShellTools { name: String },

    #[error("no way leads to the server in container `{name}`\n{}", tried.join("\n"))]
    NoWay { name: String, tried: Vec<String> },

    /// The server's own refusal, as who asked it found it.
    #[error(transparent)]
    Refused(Box<dyn std::error::Error + Send + Sync>),

    #[error(
        "the data directory `{directory}` of container `{name}` holds files, but no database\n\
         nothing was changed\n\
         next: empty it, or let `PGDATA` name a directory below it"
    )]
    NotEmpty { name: String, directory: String },

    #[error("`{command}` cannot be run in container `{name}`: {cause}")]
    Exec { name: String, command: String, cause: String },

    #[error(transparent)]
    Twin(#[from] TwinError),

    #[error("{doing}: {source}")]
    System { doing: String, source: std::io::Error },
}

impl From<bollard::errors::Error> for ContainerError {
    fn from(error: bollard::errors::Error) -> Self {
        Self::Docker(error.into())
    }
}

impl ContainerError {
    /// The engine is still carrying out what a killed run asked for: an object has just come, or gone. Whoever looks
    /// again sees it as it is now.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Docker(error) if matches!(error.status(), Some(404 | 409)))
    }

    /// Whether the server ended by itself that was awaited: neither in peace nor at a signal from outside.
    #[must_use]
    pub fn is_failed_start(&self) -> bool {
        matches!(self, Self::Exited { code, .. } if is_failure(*code))
    }

    pub(in crate::docker) fn system(doing: impl Into<String>, source: std::io::Error) -> Self {
        Self::System { doing: doing.into(), source }
    }
}

/// Whether a container with this exit code ended by itself, and not in peace: 137 and 143 are SIGKILL's and SIGTERM's.
pub(in crate::docker) fn is_failure(code: i64) -> bool {
    !matches!(code, 0 | 137 | 143)
}

/// Log lines that an error shows.
pub(in crate::docker) const LAST_LINES: usize = 15;

/// The result of what is done with containers.
pub type Result<T> = std::result::Result<T, ContainerError>;
