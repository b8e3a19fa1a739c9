//! The Docker room: the only user of bollard and tokio. Outside it, everything blocks.

mod build_context;
mod connect;
mod context;
mod dockerfile;
mod engine;
mod error;
mod ignore;
mod ignore_pattern;
mod registry;

pub use build_context::BuildContextError;
pub use connect::{Attempt, ConnectError, Fault};
pub use context::ContextError;
pub use engine::{Connection, Description, Engine, Tls};
pub use error::DockerError;
