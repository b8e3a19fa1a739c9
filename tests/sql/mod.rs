//! The scanner against the real psql, and scripts on a real disk.

mod anything;
mod driver;
pub mod growth;
mod psql;
mod reach;
mod scan;
mod scripts;
mod soup;
mod speed;
mod table;
