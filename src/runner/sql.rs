//! A `.sql` script: in one transaction, or statement by statement.

use std::cell::RefCell;
use std::time::Instant;

use super::attempt::Attempt;
use super::bookkeeping::Rows;
use super::output::Shown;
use super::source::Source;
use super::{FailedScript, Failure, Progress, Run, RunError, Work, milliseconds, resume};
use crate::database::{Database, beyond};
use crate::event::{Event, Observer};
use crate::ledger::{Mode, Outcome};
use crate::plan::Cause;
use crate::session::{FailureKind, Mode as SessionMode, Next, Outside, Phase, Ran, ScriptFailure};
use crate::sql::survey::{Survey, Wants};

/// Runs a script; the mode that it ran in, and its statements.
pub fn run(
    work: &Work,
    survey: &Survey,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(Mode, u32), RunError> {
    let resume = match work.cause {
        Cause::Resume { finished, hash } => Some(Resumed { finished: *finished, hash: hash.clone() }),
        _ => None,
    };
    let next = if survey.outlives_reset { Next::Unknown } else { work.next };
    let mut one = OneScript {
        begun: work.begun,
        next,
        run: work.run,
        attempt: work.attempt,
        survey,
        database,
        progress,
        observer,
    };
    match &survey.wants {
        _ if work.attempt.script.directives.no_transaction => one.autocommit(resume, "its header says so"),
        Wants::Autocommit { reason, .. } => one.autocommit(resume, &reason.to_string()),
        Wants::Transaction if resume.is_some() => one.autocommit(resume, "it did so before"),
        Wants::Transaction => one.transaction(),
    }
}

/// What an attempt goes on with.
struct Resumed {
    finished: u32,
    hash: Option<String>,
}

struct OneScript<'a> {
    begun: Instant,
    next: Next,
    run: &'a Run<'a>,
    attempt: &'a Attempt,
    survey: &'a Survey,
    database: &'a mut Database,
    progress: &'a mut Progress,
    observer: &'a mut dyn Observer,
}

impl OneScript<'_> {
    fn transaction(&mut self) -> Result<(Mode, u32), RunError> {
        let rows = Rows::new(self.attempt, Mode::Transaction).guarded(self.run.target.guard());
        match self.converse(Mode::Transaction, SessionMode::Transaction, rows)? {
            Ok(ran) => Ok((Mode::Transaction, ran.statements)),
            Err(failure) if failure.suits_autocommit() && failure.outside == Outside::Nothing => {
                let reason =
                    format!("in one transaction it failed with {}", failure.sqlstate().unwrap_or_default());
                self.autocommit(None, &reason)
            }
            Err(failure) => self.settle(Mode::Transaction, failure),
        }
    }

    fn autocommit(&mut self, resume: Option<Resumed>, reason: &str) -> Result<(Mode, u32), RunError> {
        let script = self.attempt.script.name.clone();
        self.observer.observe(Event::ModeChosen { script, reason: reason.to_owned() });
        let mut rows = Rows::new(self.attempt, Mode::Autocommit);
        let mut row = self.attempt.row(Outcome::Started, Mode::Autocommit);
        if let Some(Resumed { finished, hash }) = resume {
            row.finished = resume::settle_unknown(self.database, &self.attempt.script, finished)?;
            row.finished_hash = hash.clone().filter(|_| row.finished == finished);
            rows = rows.resuming(finished, hash);
        }
        let resume_after = row.finished;
        self.database.record(&row)?;
        match self.converse(Mode::Autocommit, SessionMode::Autocommit { resume_after }, rows)? {
            Ok(ran) => {
                let mut row = self.attempt.row(Outcome::Applied, Mode::Autocommit);
                (row.statements, row.finished) = (Some(ran.statements), ran.statements);
                row.took_ms = Some(milliseconds(self.begun.elapsed()));
                self.database.record(&row)?;
                Ok((Mode::Autocommit, ran.statements))
            }
            Err(failure) => self.settle(Mode::Autocommit, failure),
        }
    }

    fn statements(&self) -> u32 {
        u32::try_from(self.survey.statements).unwrap_or(u32::MAX)
    }

    fn converse(
        &mut self,
        mode: Mode,
        how: SessionMode,
        mut rows: Rows,
    ) -> Result<Result<Ran, Box<ScriptFailure>>, RunError> {
        let script = &self.attempt.script;
        self.observer.observe(Event::ScriptStarted {
            script: script.name.clone(),
            mode: mode.as_str(),
            statements: Some(self.statements()),
        });
        let mut session = match self.progress.session.take() {
            Some(session) => session,
            None => self.run.server.session()?,
        };
        let mut source = Source::new(script, self.run);
        let observer: &mut dyn Observer = &mut *self.observer;
        let observer = RefCell::new(observer);
        let mut shown = Shown::new(&observer);
        let outcome = session.run_before(self.next, &mut source, how, &mut rows, &mut shown);
        shown.finish(outcome.is_err());
        if let Ok(Ran { failures: 1.., .. }) = &outcome {
            let text = format!("`{}` went on after errors, as it said", script.name);
            observer.borrow_mut().observe(Event::Warning { text });
        }
        // A session that a script has changed for good is not used again.
        if outcome.is_ok() && !self.survey.outlives_reset {
            session.reset();
            self.progress.session = Some(session);
        }
        Ok(outcome)
    }

    /// What a failure leaves: the truth in the ledger, and an error that tells it.
    fn settle(&mut self, mode: Mode, failure: Box<ScriptFailure>) -> Result<(Mode, u32), RunError> {
        if let FailureKind::ConnectionLost { during_commit, .. } = failure.kind {
            return self.settle_lost(mode, failure, during_commit);
        }
        if let Some(what) = beyond_database(&failure) {
            return Err(RunError::Beyond { script: self.attempt.script.name.clone(), what });
        }
        let finished = match mode {
            Mode::Autocommit => self.database.attempt_finished(&self.attempt.id)?,
            _ => 0,
        };
        let mut row = self.attempt.row(Outcome::Failed, mode);
        row.statements = Some(self.statements());
        row.finished = finished;
        row.took_ms = Some(milliseconds(self.begun.elapsed()));
        row.error = Some(super::failed::json(&failure));
        self.database.record(&row)?;
        let why = match failure.kind {
            FailureKind::Interrupted => Failure::Interrupted,
            _ => Failure::Sql(failure),
        };
        Err(self.failed(mode, why, finished))
    }

    /// A lost connection proves nothing; the ledger knows whether the script is in place.
    fn settle_lost(
        &mut self,
        mode: Mode,
        failure: Box<ScriptFailure>,
        during_commit: bool,
    ) -> Result<(Mode, u32), RunError> {
        if during_commit {
            *self.database = self.run.server.database()?;
            if self.database.attempt_applied(&self.attempt.id)? {
                return Ok((mode, failure.finished));
            }
        }
        let finished = match mode {
            // The server may be gone, and its rows tell how far the script came once it is back.
            Mode::Autocommit => self.database.attempt_finished(&self.attempt.id).unwrap_or(failure.finished),
            _ => 0,
        };
        Err(self.failed(mode, Failure::Sql(failure), finished))
    }

    fn failed(&mut self, mode: Mode, why: Failure, finished: u32) -> RunError {
        let script = self.attempt.script.clone();
        self.observer.observe(Event::ScriptFailed { script: script.name.clone() });
        let before = self.progress.done.iter().map(|done| done.script.clone()).collect();
        RunError::Script(Box::new(FailedScript {
            script,
            why,
            mode,
            finished,
            before,
            place: self.run.target.place(),
        }))
    }
}

/// What the run's guard says that a script has changed.
fn beyond_database(failure: &ScriptFailure) -> Option<String> {
    match &failure.kind {
        FailureKind::Server(message) if failure.phase == Phase::Bookkeeping => {
            beyond(&message.message()).map(str::to_owned)
        }
        _ => None,
    }
}
