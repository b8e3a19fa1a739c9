//! The Docker room: the only user of bollard and tokio. Outside it, everything blocks.

mod engine;
mod error;

pub use engine::{Connection, Engine, Tls};
pub use error::DockerError;
