//! The wire session against a real server.

mod cluster;
mod connecting;
mod failing;
mod printing;
mod script;
mod scripts;
