//! The survey numbers a script's statements before it runs, the session while it runs: the same numbers.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use dbctl::session::{Bookkeeping, Mode, Ran, Silent};
use dbctl::sql::statement::{self, Kind};
use dbctl::sql::survey::{Survey, kinds_of, survey};

use super::case::Case;
use super::client::OnDisk;
use crate::session::cluster::Cluster;

const TEST: &str = "psql::counting::the_survey_numbers_statements_as_the_session_does";
const CHILD: &str = "DBCTL_COUNTING_CHILD";

/// Cases that the server decides: after a COPY that it refuses, the data are read as statements.
const UNLIKE: &[&str] = &["copy/missing_table", "copy/missing_table_stops"];

#[test]
fn the_survey_numbers_statements_as_the_session_does() {
    if env::var_os(CHILD).is_some() {
        return every_case();
    }
    // Scripts see the working directory, which a process has but one of.
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", TEST, "--nocapture"]).env(CHILD, "1").stdin(Stdio::null());
    let output = child.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

fn every_case() {
    let cluster = Cluster::new();
    let part = env::var("DBCTL_CASES").unwrap_or_default();
    let (mut certain, mut wrong) = (0, Vec::new());
    for case in Case::all().iter().filter(|case| case.name.contains(&part)) {
        let directory = tempfile::tempdir().unwrap();
        case.lay_out(directory.path());
        env::set_current_dir(directory.path()).unwrap();
        let difference = difference(&cluster, case, &mut certain);
        if UNLIKE.contains(&case.name.as_str()) {
            assert!(difference.is_some(), "{} is as it should be: take it out", case.name);
        } else {
            wrong.extend(difference);
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(certain >= 150 || !part.is_empty(), "only {certain} cases can be counted");
}

fn difference(cluster: &Cluster, case: &Case, certain: &mut usize) -> Option<String> {
    let text = case.text();
    let found = survey(text.as_slice()).unwrap();
    let numbered = run(cluster, case);
    let (count, is_counted) = with_included(&found, Path::new(""));
    if !is_counted {
        return None;
    }
    *certain += 1;
    let Numbered { statements, total } = numbered;
    if total.is_some_and(|total| total != count) || statements.len() as u64 > count {
        return Some(format!("{}: {count} statements, the session has {total:?}", case.name));
    }
    let alone = found.includes.is_empty();
    statements.iter().filter(|_| alone).find_map(|(number, kinds)| {
        let ours = comparable(kinds_of(text.as_slice(), u64::from(*number)).unwrap());
        (ours != *kinds).then(|| format!("{}: statement {number} is {ours:?}, not {kinds:?}", case.name))
    })
}

/// With the statements of the files that it includes.
fn with_included(survey: &Survey, directory: &Path) -> (u64, bool) {
    let (mut count, mut certain) = (survey.statements, survey.is_counted);
    for include in &survey.includes {
        let Some(file) = &include.file else { continue };
        let name = String::from_utf8_lossy(file).into_owned();
        let path = if include.relative { directory.join(&name) } else { name.into() };
        let Ok(text) = std::fs::read(&path) else { continue };
        let found = dbctl::sql::survey::survey(text.as_slice()).unwrap();
        let (inner, inner_certain) = with_included(&found, path.parent().unwrap());
        (count, certain) = (count + inner, certain && inner_certain);
    }
    (count, certain)
}

/// What a COPY reads or writes is said otherwise on the wire.
fn comparable(kinds: Vec<Kind>) -> Vec<Kind> {
    let plain = |kind| {
        if matches!(kind, Kind::CopyFromStdin { .. } | Kind::CopyToStdout) { Kind::Other } else { kind }
    };
    kinds.into_iter().map(plain).collect()
}

/// What the session has numbered.
#[derive(Default)]
struct Numbered {
    statements: Vec<(u32, Vec<Kind>)>,
    /// None where the script did not come to its end.
    total: Option<u64>,
}

/// Runs the case statement by statement and past its errors.
fn run(cluster: &Cluster, case: &Case) -> Numbered {
    let mut session = cluster.session(&cluster.database());
    let pair = |text: &str| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let given = case.given().iter().filter_map(|text| pair(text)).chain(pair("ON_ERROR_STOP=0")).collect();
    let mut source = OnDisk { name: case.file(), given };
    let mut notes = Notes::default();
    let outcome = session.run(&mut source, Mode::Autocommit { resume_after: 0 }, &mut notes, &mut Silent);
    Numbered { statements: notes.statements, total: outcome.ok().map(|ran| ran.statements.into()) }
}

/// Rows that write nothing.
#[derive(Default)]
struct Notes {
    statements: Vec<(u32, Vec<Kind>)>,
}

impl Bookkeeping for Notes {
    fn begin(&mut self) -> Vec<String> {
        vec!["BEGIN".into()]
    }

    fn applied(&mut self, _ran: &Ran) -> Vec<String> {
        vec!["COMMIT".into()]
    }

    fn progress(&mut self, _finished: u32) -> String {
        "SELECT 1".into()
    }

    fn statement(&mut self, number: u32, text: &[u8], standard_strings: bool) {
        let kinds = comparable(statement::kinds(text, standard_strings));
        self.statements.push((number, kinds));
    }
}
