//! Where dbctl differs from psql, and why: `known.txt`. A difference that is gone must leave that table.

use std::collections::BTreeSet;
use std::fs;

use super::case::Case;
use super::client::{Client, Way};
use super::compare::Aspect;

/// The table as it is now, so that a changed entry needs no new build.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/psql/known.txt");

/// One case that some clients run differently, in one way or in both.
#[derive(Debug)]
pub struct Known {
    case: String,
    clients: Vec<String>,
    ways: Vec<String>,
    aspects: BTreeSet<Aspect>,
    reason: String,
}

/// Each line: the case, the clients, the ways, in what they differ, and after a `#` the reason. Commas stand
/// between several clients or ways.
fn table() -> Vec<Known> {
    let text = fs::read_to_string(TABLE).unwrap();
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(parse).collect()
}

fn parse(line: &str) -> Known {
    let (facts, reason) = line.split_once('#').unwrap_or((line, ""));
    let mut words = facts.split_whitespace();
    let mut word = || words.next().unwrap_or_else(|| panic!("not an entry: {line}")).to_owned();
    let case = word();
    let mut list = || word().split(',').map(str::to_owned).collect();
    let (clients, ways) = (list(), list());
    let aspects = words.map(|word| Aspect::named(word).unwrap_or_else(|| panic!("no aspect: {word}")));
    Known { case, clients, ways, aspects: aspects.collect(), reason: reason.trim().to_owned() }
}

/// In what this run is known to differ.
pub fn known(case: &str, client: Client, way: Way) -> BTreeSet<Aspect> {
    let (client, way) = (format!("{client:?}"), format!("{way:?}"));
    let mut entries = table()
        .into_iter()
        .filter(|known| known.case == case && known.clients.contains(&client) && known.ways.contains(&way));
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
        assert!(names.contains(&known.case), "{known:?}");
        assert!(!known.aspects.is_empty() && known.reason.len() > 10, "{known:?}");
        for client in &known.clients {
            for way in &known.ways {
                let run = (known.case.clone(), client.clone(), way.clone());
                assert!(seen.insert(run.clone()), "twice: {run:?}");
            }
        }
    }
}

#[test]
fn what_differs_on_purpose_is_in_the_documents() {
    let words = |text: &str| text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ");
    let document = words(include_str!("../../docs/psql.md"));
    let reasons: BTreeSet<_> = table().into_iter().map(|known| known.reason).collect();
    for reason in reasons {
        match reason.split_once(": ") {
            Some(("on purpose", difference)) => assert!(document.contains(&words(difference)), "{reason}"),
            Some(("of the test", _)) => {}
            _ => panic!("a difference is on purpose, or the test's: {reason}"),
        }
    }
}
