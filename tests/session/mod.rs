//! The wire session against a real server.

mod breaking;
mod child;
mod cluster;
mod connecting;
mod copying;
mod failing;
mod printing;
mod printing_formats;
mod printing_messages;
mod printing_pset;
mod script;
mod scripts;
