//! The commands end to end, on a real engine and a real server.

mod authoring;
mod bad_cases;
mod ended;
mod errors;
mod exec;
mod fresh;
mod included;
mod interrupted;
mod living;
mod pooler;
mod psql_mode;
mod rebuild;
mod run;
mod run_input;
mod sample;
mod snapshot;
mod up;
mod whole;
mod whole_killed;
