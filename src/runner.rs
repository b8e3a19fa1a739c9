//! Carries a plan's script steps out: decides nothing, prints nothing, tells every fact as an event.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::database::ledger::{Row, Writer};
use crate::database::{Database, DatabaseError, Lock};
use crate::event::{Event, Observer};
use crate::ledger::{Mode, Outcome};
use crate::plan::{Cause, Plan, Step};
use crate::report::summary::ScriptDone;
use crate::script::{Script, ScriptError, ScriptKind};
use crate::server::{Server, ServerError};
use crate::session::{ScriptFailure, Session, SessionError};

mod attempt;
mod bookkeeping;
mod output;
mod shell;
mod sql;

pub use attempt::Attempt;

/// What every step of a run shares.
pub struct Run<'a> {
    pub server: &'a Server,
    /// psql variables for the scripts.
    pub variables: &'a BTreeMap<String, String>,
    pub who: &'a str,
    /// The database is still being built from nothing when the run begins.
    pub building: bool,
}

/// Why a run ended before its plan.
#[derive(Debug, Error)]
pub enum RunError {
    #[error(transparent)]
    Script(#[from] Box<FailedScript>),
    #[error(transparent)]
    Disk(#[from] ScriptError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("shell script `{script}` needs a container to run in, and `--url` names none\nnothing of it was run")]
    NoContainer { script: String },
}

/// A script that did not come to its end.
#[derive(Debug)]
pub struct FailedScript {
    pub script: Script,
    pub why: Failure,
    pub mode: Mode,
    /// Statements of it that are committed.
    pub finished: u32,
    /// Scripts of this run that are in place.
    pub before: Vec<String>,
}

/// What ended a script.
#[derive(Debug)]
pub enum Failure {
    Sql(Box<ScriptFailure>),
    /// A shell script's exit code and the last lines that it printed.
    Shell { code: i64, last_lines: String },
    Interrupted,
}

/// Runs the plan's script steps under the lock, and leaves everything applied safe on the server's disk, on
/// success and failure alike.
pub fn run(
    run: &Run,
    plan: &Plan,
    lock: &Lock,
    database: &mut Database,
    observer: &mut dyn Observer,
) -> Result<Vec<ScriptDone>, RunError> {
    let mut progress = Progress { done: Vec::new(), session: None };
    let steps: Vec<&Step> = plan.steps.iter().filter(|step| step.is_script()).collect();
    observer.observe(Event::RunStarted { scripts: steps.len() });
    let mut outcome = Ok(());
    for step in steps {
        outcome = take(run, step, lock.writer(), database, &mut progress, observer);
        if outcome.is_err() {
            break;
        }
    }
    let flushed = if outcome.is_ok() && run.building { database.finish_building() } else { database.flush() };
    if flushed.is_ok() {
        observer.observe(Event::RunSafe { scripts: progress.done.len() });
    }
    outcome?;
    flushed?;
    Ok(progress.done)
}

/// What a run carries from step to step.
pub(crate) struct Progress {
    done: Vec<ScriptDone>,
    /// Clean, and ready for the next script.
    session: Option<Session>,
}

fn take(
    run: &Run,
    step: &Step,
    writer: Writer,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    match step {
        Step::RunScript { script, cause } => {
            let attempt = Attempt::new(script, run.who, writer)?;
            let done = run_script(run, attempt, cause, database, progress, observer)?;
            progress.done.push(done);
        }
        Step::RecordNotNeeded { script } => {
            let row = record(script, Outcome::Applied, Mode::NotNeeded, run.who, writer)?;
            database.record(&row)?;
            observer.observe(recorded(script, "not needed: the database was not built from nothing"));
        }
        Step::Adopt { script, evidence } => {
            let row = record(script, Outcome::Adopted, Mode::NotNeeded, run.who, writer)?;
            database.record(&row)?;
            observer.observe(recorded(script, &format!("adopted, {evidence}")));
        }
        _ => {}
    }
    Ok(())
}

fn record(script: &Script, event: Outcome, mode: Mode, who: &str, writer: Writer) -> Result<Row, RunError> {
    Ok(Attempt::new(script, who, writer)?.row(event, mode))
}

fn recorded(script: &Script, why: &str) -> Event {
    Event::ScriptRecorded { script: script.name.clone(), why: why.to_owned() }
}

fn run_script(
    run: &Run,
    attempt: Attempt,
    cause: &Cause,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<ScriptDone, RunError> {
    let begun = Instant::now();
    let script = attempt.script.clone();
    let (mode, statements) = match script.kind {
        ScriptKind::Shell => (Mode::Shell, shell::run(run, &attempt, database, progress, observer)?),
        ScriptKind::Sql(_) => sql::run(run, &attempt, cause, database, progress, observer)?,
    };
    let took = begun.elapsed();
    observer.observe(Event::ScriptApplied { script: script.name.clone(), mode: mode.as_str(), statements, took });
    Ok(ScriptDone {
        script: script.name,
        mode: mode.as_str(),
        cause: cause.to_string(),
        statements,
        took_ms: milliseconds(took),
    })
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
