//! One binary for all integration tests, so that they link once.

mod cli;
mod commands;
mod compose;
mod docker;
mod engine;
mod fresh;
mod generations;
mod harness;
mod psql;
mod session;
mod sql;
