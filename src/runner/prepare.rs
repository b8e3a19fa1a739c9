//! What is known of every script before any of them runs; what cannot be run is an error here.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::RunError;
use crate::plan::{Cause, Plan, Step};
use crate::script::{Kind, Script, resolve_include};
use crate::session::Next;
use crate::sql::lexer::Position;
use crate::sql::survey::{self, Survey, Wants};

/// How deep `\i` may lead: psql has no limit, and a file that includes itself would never end.
const DEEPEST: usize = 32;

/// A step of the plan, with what its script holds.
pub struct Prepared<'a> {
    pub step: &'a Step,
    /// None for shell scripts, and for steps that run nothing.
    pub survey: Option<Survey>,
}

impl Prepared<'_> {
    /// What its script begins with in the session.
    pub fn wants_of_session(&self) -> Next {
        match (self.step, &self.survey) {
            (Step::RunScript { script, cause }, Some(survey))
                if survey.wants == Wants::Transaction
                    && !script.directives.no_transaction
                    && !matches!(cause, Cause::Resume { .. }) =>
            {
                Next::Transaction
            }
            _ => Next::Unknown,
        }
    }
}

/// Surveys every script that the plan runs, and the files that it includes.
pub fn prepare(plan: &Plan, has_container: bool) -> Result<Vec<Prepared<'_>>, RunError> {
    plan.steps.iter().filter(|step| step.is_script()).map(|step| one(step, has_container)).collect()
}

fn one(step: &Step, has_container: bool) -> Result<Prepared<'_>, RunError> {
    let survey = match step {
        Step::RunScript { script, .. } if script.kind == Kind::Shell => {
            if !has_container {
                return Err(RunError::NoContainer { script: script.name.clone() });
            }
            None
        }
        Step::RunScript { script, .. } | Step::Adopt { script, .. } if script.kind == Kind::Shell => None,
        Step::RunScript { script, .. } => Some(runnable(script)?),
        _ => None,
    };
    Ok(Prepared { step, survey })
}

fn runnable(script: &Script) -> Result<Survey, RunError> {
    if script.directives.psql {
        return Err(RunError::PsqlWanted { script: script.name.clone() });
    }
    let mut survey = script.survey()?;
    let directory = script.path.parent().unwrap_or(Path::new(""));
    check(&survey, &script.name)?;
    for file in included(&survey, &script.path, directory) {
        let inner = nested(&file, directory, 1)?;
        if survey.wants == Wants::Transaction {
            survey.wants = inner;
        }
    }
    Ok(survey)
}

/// What an included file wants, and those that it includes.
fn nested(file: &Path, directory: &Path, depth: usize) -> Result<Wants, RunError> {
    let unreadable = |source| RunError::Unreadable { path: file.to_owned(), source };
    if depth > DEEPEST {
        return Err(RunError::IncludedTooDeep { path: file.to_owned() });
    }
    let survey = survey::survey(File::open(file).map_err(unreadable)?).map_err(unreadable)?;
    check(&survey, &file.display().to_string())?;
    let mut wants = survey.wants.clone();
    for inner in included(&survey, file, directory) {
        let inner = nested(&inner, directory, depth + 1)?;
        if wants == Wants::Transaction {
            wants = inner;
        }
    }
    Ok(wants)
}

/// The files whose names are written out; others are only known when the script runs.
fn included(survey: &Survey, including: &Path, init_dir: &Path) -> Vec<PathBuf> {
    let path = |include: &survey::Include| {
        Some(resolve_include(include.file.as_deref()?, include.relative, including, init_dir))
    };
    survey.includes.iter().filter_map(path).collect()
}

fn check(survey: &Survey, file: &str) -> Result<(), RunError> {
    if let Some(command) = survey.first_unspoken() {
        let Position { line, column, .. } = command.position;
        return Err(RunError::Unspoken {
            file: file.to_owned(),
            line,
            column,
            command: command.name.clone(),
        });
    }
    Ok(())
}
