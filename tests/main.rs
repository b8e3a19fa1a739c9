//! The one integration test binary.

mod compose;
mod docker;
mod engine;
