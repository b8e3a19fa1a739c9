//! A local address at which the right server answers, and what may be said to it.

mod forward;
mod sasl;
pub mod tls;
mod verify;

use std::any::Any;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Tcp {
        host: IpAddr,
        port: u16,
    },
    /// libpq's form: the socket is `directory/.s.PGSQL.port`.
    Unix {
        directory: PathBuf,
        port: u16,
    },
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => SocketAddr::new(*host, *port).fmt(f),
            Self::Unix { directory, port } => directory.join(format!(".s.PGSQL.{port}")).display().fmt(f),
        }
    }
}

/// Which ways of proving the password the client agrees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// Any method: the stream reaches the right server for certain (a tunnel, a socket, the user's own URL).
    Any,
    /// No cleartext and no md5: the address might be answered by somebody else.
    ScramOrTrust,
}

/// An address, how far it is trusted, and what keeps it alive (a tunnel's listener, for example).
#[derive(Clone)]
pub struct Endpoint {
    pub address: Address,
    pub authentication: Authentication,
    /// Dropped with the last clone of the endpoint; a tunnel ends then.
    keeper: Option<Arc<dyn Any + Send + Sync>>,
}

impl Endpoint {
    #[must_use]
    pub fn new(address: Address, authentication: Authentication) -> Self {
        Self { address, authentication, keeper: None }
    }

    /// Ties the life of `keeper` to that of the endpoint.
    #[must_use]
    pub fn kept_by(mut self, keeper: impl Any + Send + Sync) -> Self {
        self.keeper = Some(Arc::new(keeper));
        self
    }
}
