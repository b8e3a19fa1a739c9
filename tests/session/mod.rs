//! The wire session against a real server.

mod breaking;
mod child;
pub mod cluster;
mod connecting;
mod copying;
mod failing;
mod printing;
mod printing_formats;
mod script;
mod scripts;
