//! The catalog's model against a real server.

mod bridge;
mod ground;
mod mutations;
