//! What ends a command early, and the exit code that it means.

use std::process::ExitCode;

use thiserror::Error;

use crate::database::DatabaseError;
use crate::docker::{ContainerError, DockerError};
use crate::init_dir::{InitDirError, SelectError};
use crate::plan::Refusal;
use crate::project::ProjectError;
use crate::runner::{Failure, RunError};
use crate::server::ServerError;

/// How a command ended, documented in README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// A script failed, or findings exist.
    Findings = 1,
    Usage = 2,
    ProjectFiles = 3,
    Docker = 4,
    Database = 5,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[derive(Debug, Error)]
pub enum Error {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    InitDir(#[from] InitDirError),
    #[error(transparent)]
    Select(#[from] SelectError),
    #[error(transparent)]
    Refusal(#[from] Refusal),
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("standard output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    #[error("`dbctl {command}` needs a container, and `--url` names a server without one\nnext: leave out `--url`")]
    NoContainer { command: &'static str },
    #[error("service `{service}` has no running container\nnext: `dbctl up`")]
    NotRunning { service: String },
}

impl Error {
    /// The exit code; a Ctrl-C is 130 wherever it was noticed.
    pub fn exit(&self) -> Exit {
        if crate::interrupt::requested() {
            return Exit::Interrupted;
        }
        match self {
            Self::Project(_) | Self::InitDir(_) => Exit::ProjectFiles,
            Self::Select(_) | Self::NoContainer { .. } => Exit::Usage,
            Self::Refusal(_) => Exit::Findings,
            Self::Docker(_) | Self::Container(_) | Self::NotRunning { .. } => Exit::Docker,
            Self::Server(ServerError::Docker(_) | ServerError::Container(_)) => Exit::Docker,
            Self::Server(_) | Self::Database(_) => Exit::Database,
            Self::Run(error) => run_exit(error),
            Self::Output(_) => Exit::Findings,
        }
    }
}

fn run_exit(error: &RunError) -> Exit {
    match error {
        RunError::Script(failed) => match failed.why {
            Failure::Interrupted => Exit::Interrupted,
            _ => Exit::Findings,
        },
        RunError::Disk(_) => Exit::ProjectFiles,
        RunError::NoContainer { .. } => Exit::Usage,
        RunError::Server(ServerError::Docker(_) | ServerError::Container(_)) | RunError::Container(_) => Exit::Docker,
        RunError::Server(_) | RunError::Session(_) | RunError::Database(_) => Exit::Database,
    }
}
