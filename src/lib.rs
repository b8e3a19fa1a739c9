//! `dbctl`: brings a developer's Postgres container to exactly the state that the numbered scripts in
//! `init/` describe, and remembers which of them ran.
//!
//! The order of the `mod` lines below is the architecture: a module imports only from modules above it.
//! `tests/cli/architecture.rs` enforces that, and the single owners of bollard, tokio, postgres, indicatif
//! and clap.

pub mod text;
pub mod sql;
pub mod script;
pub mod init_dir;
pub mod event;
pub mod secret;
pub mod compose;
pub mod endpoint;
pub mod interrupt;
pub mod docker;
pub mod session;
