//! `dbctl`: brings a developer's Postgres container to exactly the state that the numbered scripts in
//! `init/` describe, and remembers which of them ran.
//!
//! The order of the `mod` lines below is the architecture: a module imports only from modules above it.
//! `tests/cli/architecture.rs` enforces that, and the single owners of bollard, tokio, postgres, indicatif
//! and clap.

pub mod compose;
pub mod docker;
pub mod endpoint;
pub mod event;
pub mod interrupt;
pub mod secret;
pub mod session;
pub mod sql;
pub mod text;
