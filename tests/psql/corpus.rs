//! Every case of the corpus through psql and through dbctl.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::case::Case;
use super::client::{self, Client, Way};
use super::compare::{Difference, compare};
use super::ground::Ground;
use super::known::{entry, known};
use super::stage::{Stage, Through};

/// The test that runs again, in a process of its own, for each script that the library runs.
pub const SESSION_TEST: &str = "psql::corpus::every_case_does_what_psql_does";

const STAGES: usize = 2;

#[test]
fn every_case_does_what_psql_does() {
    client::serve();
    try_all(Ground::here, TRIES);
}

#[test]
fn every_case_does_through_a_tunnel_what_psql_does() {
    try_all(Ground::container, TUNNELLED);
}

fn try_all(ground: fn() -> Ground, tries: Tries) {
    let cases = chosen();
    let (next, reports) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..STAGES.min(cases.len()) {
            scope.spawn(|| {
                let stage = Stage::new(ground());
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = try_case(&stage, case, tries);
                    reports.lock().unwrap().extend(report);
                }
            });
        }
    });
    let mut reports = reports.into_inner().unwrap();
    reports.sort();
    assert!(reports.is_empty(), "{} differences:\n{}", reports.len(), reports.join("\n"));
}

/// `DBCTL_CASES=lexer/` tries those whose name contains it.
fn chosen() -> Vec<Case> {
    let part = std::env::var("DBCTL_CASES").unwrap_or_default();
    Case::all().into_iter().filter(|case| case.name.contains(&part)).collect()
}

fn try_case(stage: &Stage, case: &Case, tries: Tries) -> Vec<String> {
    let mut reports = Vec::new();
    for (way, through, clients) in tries {
        let psql = stage.run(Client::Psql, *way, case, *through);
        for client in *clients {
            let ours = stage.run(*client, *way, case, *through);
            let differences = compare(&psql, &ours, *client, *through == Through::Recorded);
            reports.extend(judge(case, *client, *way, &differences));
        }
    }
    reports
}

/// Which clients run each case beside psql, in which way.
type Tries = &'static [(Way, Through, &'static [Client])];

const TRIES: Tries = &[
    (Way::Plain, Through::Recorded, &[Client::Program, Client::Unhurried, Client::Autocommit]),
    (Way::SingleTransaction, Through::Recorded, &[Client::Program, Client::Unhurried, Client::Transaction]),
];

const TUNNELLED: Tries = &[(Way::Plain, Through::Direct, &[Client::Tunnelled])];

/// What is not as the table of known differences has it.
fn judge(case: &Case, client: Client, way: Way, differences: &[Difference]) -> Option<String> {
    let expected = known(&case.name, client, way);
    let found: BTreeSet<_> = differences.iter().map(|difference| difference.aspect).collect();
    if found == expected {
        return None;
    }
    let mut text = format!("{} ({client:?}, {way:?}): {}", case.name, case.purpose());
    for gone in expected.difference(&found) {
        write!(text, "\n    {gone:?} is as in psql now: take it out of known.txt").unwrap();
    }
    for Difference { aspect, psqls, ours } in
        differences.iter().filter(|found| !expected.contains(&found.aspect))
    {
        write!(text, "\n    {aspect:?}\n        psql: {psqls}\n        ours: {ours}").unwrap();
    }
    write!(text, "\n    entry: {}", entry(&case.name, client, way, &found)).unwrap();
    Some(text)
}
