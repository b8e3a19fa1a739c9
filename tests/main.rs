//! One binary for all integration tests, so that they link once.

mod author;
mod cli;
mod commands;
mod compose;
mod docker;
mod engine;
mod fresh;
mod generations;
mod harness;
mod psql;
mod schema;
mod session;
mod sql;
