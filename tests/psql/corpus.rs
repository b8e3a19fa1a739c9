//! Every case of the corpus through psql and through dbctl.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::case::Case;
use super::client::{self, Client, Way};
use super::compare::{Aspect, Difference, Errors, compare};
use super::known::{entry, known};
use super::stage::{Stage, Through};

/// The test that runs again, in a process of its own, for each script of [`Client::Session`].
pub const SESSION_TEST: &str = "psql::corpus::every_case_does_what_psql_does";

const STAGES: usize = 2;

#[test]
fn every_case_does_what_psql_does() {
    client::serve();
    let cases = chosen();
    let (next, reports) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..STAGES.min(cases.len()) {
            scope.spawn(|| {
                let stage = Stage::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = try_case(&stage, case);
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

fn try_case(stage: &Stage, case: &Case) -> Vec<String> {
    let mut reports = Vec::new();
    for (way, tries) in TRIES {
        let psql = stage.run(Client::Psql, *way, case, Through::Recorded);
        for (client, through) in *tries {
            let ours = stage.run(*client, *way, case, *through);
            let errors = if client.returns_errors() { Errors::Returned } else { Errors::Shown };
            let differences = compare(&psql, &ours, errors, *through == Through::Recorded);
            reports.extend(judge(case, *client, *way, *through, &differences));
        }
    }
    reports
}

type Tries = &'static [(Client, Through)];

/// How each case is run beside psql.
const TRIES: &[(Way, Tries)] = &[
    (
        Way::SingleTransaction,
        &[
            (Client::Session, Through::Recorded),
            (Client::Unhurried, Through::Recorded),
            (Client::Program, Through::Direct),
        ],
    ),
    (Way::Plain, &[(Client::Program, Through::Recorded)]),
];

/// What is not as the table of known differences has it.
fn judge(
    case: &Case,
    client: Client,
    way: Way,
    through: Through,
    differences: &[Difference],
) -> Option<String> {
    let unrecorded =
        |aspect: &Aspect| through == Through::Direct && matches!(aspect, Aspect::Wire | Aspect::Errors);
    let mut expected = known(&case.name, client, way);
    expected.retain(|aspect| !unrecorded(aspect));
    let found: BTreeSet<_> = differences.iter().map(|difference| difference.aspect).collect();
    if found == expected {
        return None;
    }
    let mut text = format!("{} ({client:?}, {way:?}, {through:?}): {}", case.name, case.purpose());
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
