//! Carries a plan's script steps out: decides nothing, prints nothing, tells every fact as an event.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;
use thiserror::Error;

use crate::database::ledger::{Row, Writer};
use crate::database::{Database, DatabaseError, Guard, Lock};
use crate::docker::ContainerError;
use crate::event::{Event, Observer};
use crate::ledger::{Mode, Outcome};
use crate::plan::{Cause, Step};
use crate::script::{Script, ScriptError};
use crate::server::{Server, ServerError};
use crate::session::{Next, ScriptFailure, Session, SessionError};
use crate::sql::survey::{MalformedError, Survey};
use reading::Reading;

mod attempt;
mod bookkeeping;
mod failed;
mod fed;
mod files;
mod output;
mod place;
mod prepare;
mod program;
mod psql;
mod reading;
mod resume;
mod shell;
mod source;
mod sql;
mod standard_input;
mod unrecorded;
mod unseen;

pub use attempt::Attempt;
pub use files::Files;
pub use prepare::{DEEPEST, Means, Prepared, prepare, reach_of_variables};
pub use psql::{Wanted, is_here as has_local_psql};
pub use unrecorded::{FailedFiles, FilesDone, How, run_files};

/// What every step of a run shares.
pub struct Run<'a> {
    pub server: &'a Server,
    /// psql variables for the scripts.
    pub variables: &'a BTreeMap<String, String>,
    pub who: &'a str,
    /// Scripts may run programs on this machine.
    pub allow_shell: bool,
    pub target: Target<'a>,
}

/// The database that scripts run in.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// That in service; with this run it may be complete for the first time.
    InService { completes: bool },
    /// One that is not in service yet, and is dropped where the run fails.
    Beside {
        /// Scripts must leave alone what is outside their database.
        guard: Option<&'a Guard>,
    },
    /// One that is only looked at, and then dropped.
    Replay { guard: Option<&'a Guard> },
}

impl<'a> Target<'a> {
    fn guard(self) -> Option<&'a Guard> {
        match self {
            Self::InService { .. } => None,
            Self::Beside { guard } | Self::Replay { guard } => guard,
        }
    }

    fn place(self) -> Place {
        match self {
            Self::InService { .. } => Place::InService,
            Self::Beside { .. } => Place::Beside,
            Self::Replay { .. } => Place::Replay,
        }
    }
}

/// A script that this run applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScriptDone {
    pub script: String,
    pub mode: &'static str,
    pub cause: String,
    pub statements: u32,
    pub took_ms: u64,
}

/// Why a run ended before its plan.
#[derive(Debug, Error)]
pub enum RunError {
    #[error(transparent)]
    Script(#[from] Box<FailedScript>),
    #[error(transparent)]
    Files(#[from] Box<FailedFiles>),
    #[error(transparent)]
    Disk(#[from] ScriptError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Not an end, where the scripts can be run in a cluster of their own.
    #[error("script `{script}` changed {what}, which all databases of the server share")]
    Beyond { script: String, what: String },
    #[error("`{}` cannot be read: {source}\nnothing was run", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("`{}` is included too deep: files that include each other never end\nnothing was run", path.display())]
    IncludedTooDeep { path: PathBuf },
    #[error(
        "`\\{command}` in `{file}`, line {line}, column {column}, is one of psql's own commands, and there is no psql: \
         neither a container nor one on this machine\n\
         nothing was run\n\
         next: install psql, or take the command out of the script"
    )]
    Unspoken { file: String, line: u64, column: u64, command: String },
    #[error(
        "psql is to run {files}, and can be fed only one file that it cannot open itself\n\
         nothing was run\n\
         next: `dbctl run` them one by one"
    )]
    FedTwice { files: String },
    #[error(
        "psql is to run `{script}`, and cannot find `{included}` {place}: it is included in `{file}`, line {line}\n\
         nothing was run\n\
         next: include it by `\\ir` with its path from there, and see that the init dir is mounted"
    )]
    Hidden { script: String, file: String, line: u64, included: String, place: &'static str },
    #[error("`{file}`, line {line}, column {column}: {error}\nnothing was run\nnext: correct the script")]
    Malformed { file: String, line: u64, column: u64, error: MalformedError },
    #[error(
        "`{file}` is a PostgreSQL custom-format dump, and no script\n\
         nothing was run\n\
         next: `pg_restore -f script.sql {file}` writes it as one"
    )]
    CustomDump { file: String },
    #[error(
        "`\\{command}` in `{file}`, line {line}, column {column}, would run a program on this machine\n\
         nothing was run\n\
         next: read what it does, then repeat with `--allow-shell`"
    )]
    RunsProgram { file: String, line: u64, column: u64, command: String },
    #[error(
        "psql is to run `{file}`, and what `{text}` in line {line} makes of it is not known before it runs: it could run a \
         program on this machine\n\
         nothing was run\n\
         next: read what it does, then repeat with `--allow-shell`"
    )]
    MayRunProgram { file: String, line: u64, text: String },
    #[error(
        "script `{script}` asks for psql (`-- dbctl: psql`), and there is none: neither a container nor one on this machine\n\
         nothing was run\n\
         next: install psql, or leave the directive out"
    )]
    PsqlWanted { script: String },
    #[error("psql ended `{file}` with exit code {code}; `dbctl run` records nothing")]
    PsqlFailed { file: String, code: i64 },
    #[error("all statements were carried out, but standard output cannot be written: {source}")]
    Unshown { source: std::io::Error },
    #[error(transparent)]
    Variable(#[from] crate::session::VariableError),
    #[error("this machine's psql cannot be run: {source}")]
    NoLocalPsql { source: std::io::Error },
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error(
        "shell script `{script}` needs a container to run in, and `--url` names none\n\
         nothing was run\n\
         next: `dbctl exec` those before it by name, do by hand what it does, then `dbctl adopt --through {script}`"
    )]
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
    pub place: Place,
}

/// Where a script failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    InService,
    /// In a database beside the one in service, which was to take its place.
    Beside,
    /// In a replay, which nobody keeps.
    Replay,
}

/// What ended a script.
#[derive(Debug)]
pub enum Failure {
    Sql(Box<ScriptFailure>),
    /// The exit code of the program that ran the script, and the last lines that it printed.
    Program {
        code: i64,
        last_lines: String,
    },
    Interrupted,
}

/// Runs the plan's script steps under the lock. In the database in service it leaves everything applied safe on the
/// server's disk, on success and failure alike; what goes into service later is made safe with that.
pub fn run(
    run: &Run,
    prepared: &[Prepared],
    lock: &Lock,
    database: &mut Database,
    observer: &mut dyn Observer,
) -> Result<Vec<ScriptDone>, RunError> {
    run_over(run, prepared, lock, (database, &mut None), observer)
}

/// As [`run`], with the session that an earlier run in the same database has left, if any; what this one leaves is put
/// in its place.
pub fn run_over(
    run: &Run,
    prepared: &[Prepared],
    lock: &Lock,
    (database, session): (&mut Database, &mut Option<Session>),
    observer: &mut dyn Observer,
) -> Result<Vec<ScriptDone>, RunError> {
    let mut progress = Progress { done: Vec::new(), session: session.take() };
    observer.observe(Event::RunStarted { scripts: prepared.len() });
    let mut outcome = Ok(());
    for (step, next) in prepared.iter().zip(following(prepared)) {
        outcome = take(run, (step, next), lock.writer(), database, &mut progress, observer);
        if outcome.is_err() {
            break;
        }
    }
    let flushed = match run.target {
        Target::InService { completes: true } if outcome.is_ok() => database.finish_building(),
        Target::InService { .. } => database.flush(),
        Target::Beside { .. } | Target::Replay { .. } => Ok(()),
    };
    if flushed.is_ok() {
        observer.observe(Event::RunSafe { scripts: progress.done.len() });
    }
    *session = progress.session;
    outcome?;
    flushed?;
    Ok(progress.done)
}

/// For each step, what the one after it wants of the session.
fn following(prepared: &[Prepared]) -> impl Iterator<Item = Next> {
    prepared.iter().skip(1).map(Prepared::wants_of_session).chain([Next::Unknown])
}

/// What a run carries from step to step.
pub(crate) struct Progress {
    done: Vec<ScriptDone>,
    /// Clean, and ready for the next script.
    session: Option<Session>,
}

fn take(
    run: &Run,
    (prepared, next): (&Prepared, Next),
    writer: &Writer,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    match prepared.step {
        Step::RunScript { script, cause } => {
            let token_hash = prepared.survey.as_ref().map(|survey| survey.token_hash.clone());
            let extent = prepared.survey.as_ref().map(|_| prepared.reach.extent());
            let attempt = Attempt::new(script, token_hash, run.who, writer).reaching(extent);
            let (survey, psql) = (prepared.survey.as_ref(), prepared.psql.as_ref());
            let work = Work { begun: Instant::now(), next, run, attempt: &attempt, survey, psql, cause };
            let done = run_script(&work, database, progress, observer)?;
            progress.done.push(done);
        }
        Step::RecordNotNeeded { script } => {
            let attempt = Attempt::new(script, None, run.who, writer);
            database.record(&attempt.row(Outcome::Applied, Mode::NotNeeded))?;
            observer.observe(recorded(script, "not needed: the database was not built from nothing"));
        }
        Step::Adopt { script, evidence } => {
            let reach = script.judged().ok().map(|(_, reach)| reach.extent());
            let attempt = Attempt::new(script, script.token_hash(), run.who, writer).reaching(reach);
            database.record(&attempt.row(Outcome::Adopted, Mode::NotNeeded))?;
            observer.observe(recorded(script, &format!("adopted, {evidence}")));
        }
        _ => {}
    }
    Ok(())
}

fn recorded(script: &Script, why: &str) -> Event {
    Event::ScriptRecorded { script: script.name.clone(), why: why.to_owned() }
}

/// One script that is to run, and all that is known of it.
pub(crate) struct Work<'a> {
    /// What its session will be wanted for after it.
    next: Next,
    run: &'a Run<'a>,
    attempt: &'a Attempt,
    survey: Option<&'a Survey>,
    psql: Option<&'a (Wanted, Reading)>,
    cause: &'a Cause,
    begun: Instant,
}

impl Work<'_> {
    /// The row that ends the attempt.
    fn ended(&self, event: Outcome, mode: Mode) -> Row {
        Row { took_ms: Some(milliseconds(self.begun.elapsed())), ..self.attempt.row(event, mode) }
    }
}

fn run_script(
    work: &Work,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<ScriptDone, RunError> {
    let (mode, statements) = match (work.survey, work.psql) {
        (None, _) => {
            // It may change what a new session starts with.
            progress.session = None;
            work.run.server.hang_up();
            shell::run(work, database, progress, observer)?;
            (Mode::Shell, 0)
        }
        (Some(_), Some((wanted, reading))) => {
            progress.session = None;
            work.run.server.hang_up();
            let script = work.attempt.script.name.clone();
            observer.observe(Event::PsqlChosen { script, reason: wanted.to_string() });
            psql::run(work, reading, database, progress, observer)?;
            (Mode::Psql, 0)
        }
        (Some(survey), None) => sql::run(work, survey, database, progress, observer)?,
    };
    let (script, took) = (work.attempt.script.name.clone(), work.begun.elapsed());
    if let (Some(guard), true) = (work.run.target.guard(), mode != Mode::Transaction)
        && let Some(what) = guard.differing(database)?
    {
        return Err(RunError::Beyond { script, what });
    }
    observer.observe(Event::ScriptApplied { script: script.clone(), mode: mode.as_str(), statements, took });
    Ok(ScriptDone {
        script,
        mode: mode.as_str(),
        cause: work.cause.to_string(),
        statements,
        took_ms: milliseconds(took),
    })
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
