//! What can go wrong in the Docker room.

use std::io;

use crate::docker::build_context::BuildContextError;
use crate::docker::build_error::BuildError;
use crate::docker::connect::ConnectError;
use crate::docker::pull::PullError;

/// Why something asked of the engine was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DockerError {
    /// The user pressed Ctrl-C, or the process was asked to end.
    #[error("interrupted")]
    Interrupted,
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    BuildContext(#[from] BuildContextError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Pull(#[from] PullError),
    #[error("the image `{image}` was made, but is gone again\nnext: the same command")]
    Vanished { image: String },
    /// The engine refused a request, or the conversation with it broke.
    #[error("the Docker engine says: {}", said(.0))]
    Engine(#[from] bollard::errors::Error),
    /// The system refused something that the conversation needs.
    #[error("{doing}: {source}")]
    System { doing: &'static str, source: io::Error },
}

impl DockerError {
    /// The status code of the engine's refusal, where it is one: 404 for what does not exist, 409 for a
    /// conflict.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Engine(bollard::errors::Error::DockerResponseServerError { status_code, .. }) => {
                Some(*status_code)
            }
            _ => None,
        }
    }

    /// The engine's own words, where it is the engine that refused.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        use bollard::errors::Error::{DockerResponseServerError, DockerStreamError};
        match self {
            Self::Engine(error @ (DockerResponseServerError { .. } | DockerStreamError { .. })) => {
                Some(said(error))
            }
            _ => None,
        }
    }

    /// The engine knows no object of that name.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }
}

/// The engine's own words, without bollard's frame around them.
fn said(error: &bollard::errors::Error) -> String {
    match error {
        bollard::errors::Error::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        bollard::errors::Error::DockerStreamError { error } => error.trim().to_owned(),
        other => other.to_string(),
    }
}
