//! The compose loader against the oracle, `docker compose config`, over a corpus of compose files.

mod candidates;
mod case;
mod oracle;
mod project;
mod service;

use case::Case;

/// Every case of the corpus, so that a new folder is a new test without a line of code.
#[test]
fn the_corpus_loads_as_compose_loads_it() {
    let cases = Case::all();
    assert!(cases.len() >= 60, "the corpus has only {} cases", cases.len());
    let faults: Vec<String> = cases.iter().filter_map(Case::fault).collect();
    assert!(faults.is_empty(), "{} of {} cases differ\n\n{}", faults.len(), cases.len(), faults.join("\n\n"));
}

/// A typical file takes less than 2 ms in a release build; a debug build gets ten times as much.
#[test]
fn a_typical_file_loads_in_milliseconds() {
    let case = Case::named("full_stack");
    let started = std::time::Instant::now();
    for _ in 0..20 {
        case.load().expect("the case loads");
    }
    let each = started.elapsed() / 20;
    let limit = if cfg!(debug_assertions) { 20 } else { 2 };
    assert!(each.as_millis() < limit, "one load took {each:?}");
}
