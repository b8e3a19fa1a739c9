//! The catalog's model against a real server.

mod bridge;
mod documents;
mod ground;
mod mutations;
mod page;
mod repository;
mod sample;
