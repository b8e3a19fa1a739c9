//! Where dbctl differs from psql, and why. A difference that is gone must leave this table.

use super::client::{Client, Way};
use super::compare::Aspect;

/// One case that one client runs differently.
pub struct Known {
    pub case: &'static str,
    pub client: Client,
    pub way: Way,
    pub aspects: &'static [Aspect],
    pub reason: &'static str,
}

pub const KNOWN: &[Known] = &[];

pub fn known(case: &str, client: Client, way: Way) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.case == case && known.client == client && known.way == way)
}
