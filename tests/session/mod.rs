//! The wire session against a real server.

mod cluster;
mod connecting;
