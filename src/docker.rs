//! The Docker room: the only user of bollard and tokio. Outside it, everything blocks.

mod build;
mod build_context;
mod build_error;
mod build_progress;
mod connect;
mod context;
mod dockerfile;
mod engine;
mod error;
mod ignore;
mod ignore_pattern;
mod image;
mod logs;
mod pull;
mod registry;

pub use build::context_hash;
pub use build_context::BuildContextError;
pub use build_error::BuildError;
pub use connect::{Attempt, ConnectError, Fault};
pub use context::ContextError;
pub use engine::{Connection, Description, Engine, Tls};
pub use error::DockerError;
pub use image::{Image, ImageNeed, image_name};
pub use pull::PullError;
