//! The Docker room against a real engine.

pub mod bench;
mod compose;
mod exchange;
mod exchange_killed;
mod exec;
mod initialise;
mod kill;
mod ladder;
mod lifecycle;
mod tunnel;
mod twin;
