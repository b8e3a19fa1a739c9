//! The compose file: found, read, merged, interpolated, and the Postgres service as typed values.

pub mod service;
