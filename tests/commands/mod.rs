//! The commands end to end, on a real engine and a real server.

mod bad_cases;
mod errors;
mod exec;
mod interrupted;
mod living;
mod pooler;
mod rebuild;
mod sample;
mod up;
