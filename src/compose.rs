//! The compose file: found, read, merged, interpolated, and the Postgres service as typed values.

mod dotenv;
mod error;
mod node;
mod scalar;
mod template;
mod yaml;

pub mod service;

pub use error::{ComposeError, EnvFileFault, Place};
