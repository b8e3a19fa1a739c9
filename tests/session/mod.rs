//! The wire session against a real server.

mod breaking;
mod child;
pub mod cluster;
mod connecting;
mod copying;
mod failing;
mod growing;
mod meta_connecting;
mod meta_copying;
mod meta_printing;
mod meta_sending;
mod meta_surroundings;
mod meta_variables;
mod printing;
mod printing_crosstab;
mod printing_formats;
mod printing_messages;
mod printing_pset;
mod script;
mod scripts;
