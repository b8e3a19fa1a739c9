//! The Docker room against a real engine.

mod bench;
mod initialise;
mod lifecycle;
