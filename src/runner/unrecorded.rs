//! Runs files that belong to no init dir: nothing around their statements, nothing in the ledger.

use std::cell::RefCell;
use std::fmt;
use std::time::Instant;

use serde::Serialize;

use super::files::Files;
use super::output::Shown;
use super::{RunError, failed, milliseconds};
use crate::event::Observer;
use crate::server::Server;
use crate::session::{Bookkeeping, FailureKind, Mode, Ran, ScriptFailure};

/// What the files came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FilesDone {
    pub statements: u32,
    pub took_ms: u64,
}

/// Files that did not come to their end.
#[derive(Debug)]
pub struct FailedFiles {
    pub failure: Box<ScriptFailure>,
    pub single_transaction: bool,
}

/// Runs the files in one session, in one transaction or as they stand.
pub fn run_files(
    server: &Server,
    files: &mut Files,
    single_transaction: bool,
    observer: &mut dyn Observer,
) -> Result<FilesDone, RunError> {
    files.check()?;
    let begun = Instant::now();
    let mut session = server.session()?;
    let mode = if single_transaction { Mode::Transaction } else { Mode::Autocommit { resume_after: 0 } };
    let observer = RefCell::new(observer);
    let outcome = session.run(files, mode, &mut Unrecorded, &mut Shown::new(&observer));
    match outcome {
        Ok(ran) => Ok(FilesDone { statements: ran.statements, took_ms: milliseconds(begun.elapsed()) }),
        Err(failure) => Err(RunError::Files(Box::new(FailedFiles { failure, single_transaction }))),
    }
}

/// No rows at all.
struct Unrecorded;

impl Bookkeeping for Unrecorded {
    fn begin(&mut self) -> Vec<String> {
        vec!["BEGIN".to_owned()]
    }

    fn applied(&mut self, _: &Ran) -> Vec<String> {
        vec!["COMMIT".to_owned()]
    }

    fn progress(&mut self, _: u32) -> String {
        String::new()
    }
}

impl std::error::Error for FailedFiles {}

impl fmt::Display for FailedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = &self.failure;
        match &failure.kind {
            FailureKind::Interrupted => writeln!(f, "`{}` was interrupted", failure.file)?,
            _ => failed::sql(f, &failure.file, failure)?,
        }
        match (self.single_transaction, failure.finished) {
            (true, _) | (false, 0) => write!(f, "nothing was applied"),
            (false, 1) => write!(f, "the statement before it was carried out"),
            (false, finished) => write!(f, "the {finished} statements before it were carried out"),
        }?;
        write!(f, "; `dbctl run` records nothing")
    }
}
