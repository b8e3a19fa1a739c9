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

/// Why the test itself makes a difference.
const OF_THE_TEST: [&str; 2] = [
    "the program writes to its own standard output, not to the stream that the library is given",
    "what is left to psql is refused where the session is used without the program",
];

/// What the tables of the document say of every script, and of scripts of the init dir: the first cells of their rows.
fn documented() -> [Vec<&'static str>; 2] {
    let text = include_str!("../../docs/psql.md");
    let (_, text) = text.split_once("## What differs on purpose").unwrap();
    let (text, _) = text.split_once("\n## ").unwrap();
    let (first, second) = text.split_once("And in scripts of the init dir").unwrap();
    let rows = |text: &'static str| {
        let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        cells.filter(|cell| !cell.is_empty()).collect()
    };
    [rows(first), rows(second)]
}

#[test]
fn what_differs_on_purpose_is_a_row_of_the_document() {
    let [always, init_dir] = documented();
    assert!(always.len() > 5 && init_dir.len() > 5, "{always:?} {init_dir:?}");
    for Known { case, clients, reason, .. } in table() {
        let is_of_init_dir =
            clients.iter().all(|client| ["Transaction", "Autocommit"].contains(&client.as_str()));
        let is_documented = |row: &str| always.contains(&row) || (is_of_init_dir && init_dir.contains(&row));
        let is_known = match reason.split_once(": ") {
            Some(("on purpose", row)) => is_documented(row),
            Some(("of the test", why)) => OF_THE_TEST.contains(&why),
            _ => false,
        };
        assert!(is_known, "{case}: no row of the document, and no difference of the test: {reason}");
    }
}
