//! Where dbctl differs from psql, and why: `known.txt`. A difference that is gone must leave that table.

use std::collections::BTreeSet;

use super::case::Case;
use super::client::{Client, Way};
use super::compare::Aspect;

const TABLE: &str = include_str!("known.txt");

/// One case that one client runs differently, in one way.
#[derive(Debug)]
pub struct Known {
    case: &'static str,
    client: &'static str,
    way: &'static str,
    pub aspects: BTreeSet<Aspect>,
    reason: &'static str,
}

/// Each line: the case, the client, the way, in what they differ, and after a `#` the reason.
fn table() -> impl Iterator<Item = Known> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (facts, reason) = line.split_once('#').unwrap_or((line, ""));
        let mut words = facts.split_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("not an entry: {line}"));
        let (case, client, way) = (word(), word(), word());
        let aspects = words.map(|word| Aspect::named(word).unwrap_or_else(|| panic!("no aspect: {word}")));
        Known { case, client, way, aspects: aspects.collect(), reason: reason.trim() }
    })
}

/// In what this run is known to differ.
pub fn known(case: &str, client: Client, way: Way) -> BTreeSet<Aspect> {
    let (client, way) = (format!("{client:?}"), format!("{way:?}"));
    let mut entries =
        table().filter(|known| known.case == case && known.client == client && known.way == way);
    entries.next().map(|known| known.aspects).unwrap_or_default()
}

/// The entry that would make a difference a known one.
pub fn entry(case: &str, client: Client, way: Way, aspects: &BTreeSet<Aspect>) -> String {
    let aspects: Vec<_> = aspects.iter().map(|aspect| format!("{aspect:?}")).collect();
    format!("{case} {client:?} {way:?} {} # ", aspects.join(" "))
}

#[test]
fn known_differences_are_of_cases_that_exist_and_have_a_reason() {
    let names: BTreeSet<_> = Case::all().into_iter().map(|case| case.name).collect();
    let mut seen = BTreeSet::new();
    for known in table() {
        assert!(names.contains(known.case), "{known:?}");
        assert!(!known.aspects.is_empty() && known.reason.len() > 10, "{known:?}");
        assert!(seen.insert((known.case, known.client, known.way)), "twice: {known:?}");
    }
}
