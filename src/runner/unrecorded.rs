//! Runs files that belong to no init dir: nothing around their statements, nothing in the ledger.

use std::cell::RefCell;
use std::fmt;
use std::time::Instant;

use serde::Serialize;

use super::files::Files;
use super::output::Shown;
use super::place::Place;
use super::psql::{Psql, Wanted, is_here};
use super::{RunError, failed, milliseconds, program};
use crate::docker::Channel;
use crate::event::{Event, Observer};
use crate::server::Server;
use crate::session::{Bookkeeping, FailureKind, MetaError, Mode, Phase, Ran, ScriptFailure};

/// How files are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    pub single_transaction: bool,
    /// End at the first error.
    pub stop: bool,
}

/// What the files came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FilesDone {
    pub statements: u32,
    /// Errors after which they went on.
    pub failures: u32,
    pub took_ms: u64,
}

/// Files that did not come to their end.
#[derive(Debug)]
pub struct FailedFiles {
    pub failure: Box<ScriptFailure>,
    pub single_transaction: bool,
    /// One of the files themselves is a dump that no psql can run.
    pub is_no_script: bool,
}

/// Runs the files in one session, or by psql where the session cannot.
pub fn run_files(
    server: &Server,
    files: &mut Files,
    how: How,
    observer: &mut dyn Observer,
) -> Result<FilesDone, RunError> {
    let begun = Instant::now();
    files.leaves_dumps_to_psql = observer.shows_psqls_errors();
    if let Some(wanted) = files.look_through()? {
        observer.observe(Event::PsqlChosen { script: files.title(), reason: wanted.to_string() });
        by_psql(server, files, how, wanted, observer)?;
        return Ok(FilesDone { statements: 0, failures: 0, took_ms: milliseconds(begun.elapsed()) });
    }
    if how.stop {
        files.variables.entry("ON_ERROR_STOP".to_owned()).or_insert_with(|| "1".to_owned());
    }
    let mut session = server.session()?;
    let mode = if how.single_transaction { Mode::Single } else { Mode::Plain };
    let observer = RefCell::new(observer);
    let mut shown = Shown::new(&observer).ending();
    let outcome = session.run(files, mode, &mut Unrecorded, &mut shown);
    shown.finish(outcome.is_err());
    let mut observer = observer.borrow_mut();
    match outcome {
        // Where only tags are lost, psql says nothing.
        Ok(_)
            if !observer.shows_psqls_errors()
                && let Some(source) = observer.failure() =>
        {
            Err(RunError::Unshown { source })
        }
        Ok(Ran { statements, failures, .. }) => {
            Ok(FilesDone { statements, failures, took_ms: milliseconds(begun.elapsed()) })
        }
        Err(failure) => {
            let single_transaction = how.single_transaction;
            let is_no_script =
                matches!(failure.kind, FailureKind::Meta(MetaError::CustomDump)) && files.has(&failure.file);
            Err(RunError::Files(Box::new(FailedFiles { failure, single_transaction, is_no_script })))
        }
    }
}

/// By the container's psql, or by this machine's where there is no container, or files that only this machine sees.
fn by_psql(
    server: &Server,
    files: &mut Files,
    how: How,
    wanted: Wanted,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let How { single_transaction, stop } = how;
    let (container, text) = match &server.container {
        None if !is_here() => return Err(wanted.refusal(&files.title())),
        None => (None, files.for_psql(&Place::Here)?),
        Some(_) if is_here() && files.use_files()? => (None, files.for_psql(&Place::Here)?),
        Some(container) => match files.for_psql(&Place::Container(&container.facts)) {
            Err(RunError::FedTwice { .. } | RunError::Hidden { .. }) if is_here() => {
                (None, files.for_psql(&Place::Here)?)
            }
            text => (Some(container), text?),
        },
    };
    let psql = Psql { server, variables: &files.variables, single_transaction, stop };
    // What psql says of errors is not lost, however little is shown besides.
    let mut take = |channel, bytes: &[u8]| match channel {
        Channel::Out => program::show(observer, channel, bytes),
        Channel::Error => program::pass_on(observer, channel, bytes),
    };
    let code = match container {
        Some(container) => psql.inside(container, text, &mut take)?,
        None => psql.outside(text, &mut take)?,
    };
    if code == 0 { Ok(()) } else { Err(RunError::PsqlFailed { file: files.title(), code }) }
}

/// No rows at all, and psql's own BEGIN and COMMIT are the session's.
struct Unrecorded;

impl Bookkeeping for Unrecorded {
    fn begin(&mut self) -> Vec<String> {
        Vec::new()
    }

    fn applied(&mut self, _: &Ran) -> Vec<String> {
        Vec::new()
    }

    fn progress(&mut self, _: u32) -> String {
        String::new()
    }
}

impl std::error::Error for FailedFiles {}

impl FailedFiles {
    /// The connection was lost while a statement was under way that nothing would have taken back.
    fn may_have_ended(&self) -> bool {
        let FailureKind::ConnectionLost { during_commit, .. } = self.failure.kind else { return false };
        during_commit || !self.single_transaction
    }
}

impl fmt::Display for FailedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = &self.failure;
        match &failure.kind {
            FailureKind::Interrupted => writeln!(f, "`{}` was interrupted", failure.file)?,
            kind if failure.phase == Phase::Bookkeeping => {
                let (message, rest) = failed::words(kind);
                write!(
                    f,
                    "`{}` ran to its end, but could not be committed: {message}\n{rest}",
                    failure.file
                )?;
            }
            _ => failed::sql(f, &failure.file, failure)?,
        }
        match (self.single_transaction, failure.finished) {
            _ if self.may_have_ended() => {
                write!(f, "whether its last statement took effect is not known: look before you run it again")
            }
            (true, _) | (false, 0) => write!(f, "nothing was applied"),
            (false, 1) => write!(f, "the statement before it was carried out"),
            (false, finished) => write!(f, "the {finished} statements before it were carried out"),
        }?;
        write!(f, "; `dbctl run` records nothing")
    }
}
