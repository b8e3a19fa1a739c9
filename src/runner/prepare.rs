//! What is known of every script before any of them runs; what cannot be run is an error here.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::RunError;
use super::place::Place;
use super::psql::Wanted;
use super::reading::Reading;
use super::unseen::Unseen;
use crate::docker::ContainerFacts;
use crate::plan::{Cause, Plan, Step};
use crate::script::{Kind, Script, resolve_include};
use crate::session::{Next, check_variable};
use crate::sql::lexer::Position;
use crate::sql::reach::{self, Reach};
use crate::sql::survey::{self, Survey, Wants};

/// How deep `\i` may lead: psql has no limit, and a file that includes itself would never end.
pub const DEEPEST: usize = 32;

/// A step of the plan, with what its script holds.
pub struct Prepared<'a> {
    pub step: &'a Step,
    /// Of the script and of all that it includes; none for shell scripts, and for steps that run nothing.
    pub survey: Option<Survey>,
    /// How far it reaches, where it has a survey.
    pub reach: Reach,
    /// Why psql runs it, where the session cannot, and how psql reads it.
    pub psql: Option<(Wanted, Reading)>,
}

impl Prepared<'_> {
    /// What its script begins with in the session.
    pub fn wants_of_session(&self) -> Next {
        match (self.step, &self.survey) {
            (Step::RunScript { script, cause }, Some(survey))
                if survey.wants == Wants::Transaction
                    && self.psql.is_none()
                    && !script.directives.no_transaction
                    && !matches!(cause, Cause::Resume { .. }) =>
            {
                Next::Transaction
            }
            _ => Next::Unknown,
        }
    }
}

/// What scripts may do, and what there is to run them with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// psql variables for the scripts: each value may become SQL.
    pub variables: &'a BTreeMap<String, String>,
    pub container: Option<&'a ContainerFacts>,
    /// `--allow-shell`: scripts may run programs on this machine.
    pub allow_shell: bool,
    /// Whether there is a psql on this machine; asked only where it matters.
    pub has_psql: fn() -> bool,
}

/// Surveys every script that the plan runs, and the files that it includes.
pub fn prepare<'a>(plan: &'a Plan, means: Means) -> Result<Vec<Prepared<'a>>, RunError> {
    check_variables(means.variables)?;
    plan.steps.iter().filter(|step| step.is_script()).map(|step| one(step, means)).collect()
}

/// Fails for the first variable that no script can be given.
pub fn check_variables(variables: &BTreeMap<String, String>) -> Result<(), RunError> {
    Ok(variables.iter().try_for_each(|(name, value)| check_variable(name, value))?)
}

fn one<'a>(step: &'a Step, means: Means) -> Result<Prepared<'a>, RunError> {
    let nothing_to_read = Prepared { step, survey: None, reach: Reach::default(), psql: None };
    match step {
        Step::RunScript { script, .. } if script.kind == Kind::Shell && means.container.is_none() => {
            Err(RunError::NoContainer { script: script.name.clone() })
        }
        Step::RunScript { script, .. } if script.kind != Kind::Shell => runnable(step, script, means),
        _ => Ok(nothing_to_read),
    }
}

fn runnable<'a>(step: &'a Step, script: &Script, means: Means) -> Result<Prepared<'a>, RunError> {
    let (mut survey, reach) = script.judged()?;
    let reach = reach.with_included(reach_of_variables(means.variables));
    let directory = script.path.parent().unwrap_or(Path::new(""));
    let mut psql = script.directives.psql.then_some(Wanted::Directive);
    let mut inner = Included {
        directory,
        means,
        wants: Wants::Transaction,
        psql: check(&survey, &script.name, means)?,
        statements: 0,
        outlives_reset: false,
        reach,
    };
    for file in included(&survey, &script.path, directory) {
        inner.look_into(&file, 1)?;
    }
    if survey.wants == Wants::Transaction {
        survey.wants = inner.wants;
    }
    survey.statements += inner.statements;
    survey.outlives_reset |= inner.outlives_reset;
    let reach = std::mem::take(&mut inner.reach);
    psql = psql.or(inner.psql);
    if let Some(wanted) = psql.take_if(|_| means.container.is_none() && !(means.has_psql)()) {
        return Err(wanted.refusal(&script.name));
    }
    let place = means.container.map_or(Place::Here, Place::Container);
    let psql = match psql {
        Some(wanted) => {
            refuse_unseen(script, &survey, means)?;
            Some((wanted, Reading::of(script, &survey, &place)?))
        }
        None => None,
    };
    Ok(Prepared { step, survey: Some(survey), reach, psql })
}

/// How far the values reach that variables bring into a script.
pub fn reach_of_variables(variables: &BTreeMap<String, String>) -> Reach {
    let values = variables.values().filter_map(|value| reach::reach(value.as_bytes()).ok());
    values.fold(Reach::default(), Reach::with_included)
}

/// psql runs any program that it comes to.
fn refuse_unseen(script: &Script, survey: &Survey, means: Means) -> Result<(), RunError> {
    if means.allow_shell {
        return Ok(());
    }
    let init_dir = script.path.parent().unwrap_or(Path::new(""));
    let resolve = |include: &survey::Include, including: &Path| {
        Some(resolve_include(include.file.as_deref()?, include.relative, including, init_dir))
    };
    let mut unseen = Unseen::default();
    unseen.add(survey, &script.name, &script.path, &resolve)?;
    unseen.refuse(means.variables, true)
}

/// What the files want and hold that a script includes.
struct Included<'a> {
    directory: &'a Path,
    means: Means<'a>,
    wants: Wants,
    psql: Option<Wanted>,
    statements: u64,
    outlives_reset: bool,
    reach: Reach,
}

impl Included<'_> {
    fn look_into(&mut self, file: &Path, depth: usize) -> Result<(), RunError> {
        let unreadable = |source| RunError::Unreadable { path: file.to_owned(), source };
        if depth > DEEPEST {
            return Err(RunError::IncludedTooDeep { path: file.to_owned() });
        }
        let (survey, reach) = reach::judged(File::open(file).map_err(unreadable)?).map_err(unreadable)?;
        self.reach = std::mem::take(&mut self.reach).with_included(reach);
        let psql = check(&survey, &file.display().to_string(), self.means)?;
        self.psql = self.psql.take().or(psql);
        if self.wants == Wants::Transaction {
            self.wants = survey.wants.clone();
        }
        self.statements += survey.statements;
        self.outlives_reset |= survey.outlives_reset;
        included(&survey, file, self.directory).iter().try_for_each(|inner| self.look_into(inner, depth + 1))
    }
}

/// The files whose names are written out; others are only known when the script runs.
fn included(survey: &Survey, including: &Path, init_dir: &Path) -> Vec<PathBuf> {
    let path = |include: &survey::Include| {
        Some(resolve_include(include.file.as_deref()?, include.relative, including, init_dir))
    };
    survey.includes.iter().filter_map(path).collect()
}

/// What must not be run, and what the session cannot.
fn check(survey: &Survey, file: &str, means: Means) -> Result<Option<Wanted>, RunError> {
    if survey.is_custom_dump {
        return Err(RunError::CustomDump { file: file.to_owned() });
    }
    if let Some(survey::Malformed { position: Position { line, column, .. }, error }) =
        survey.malformed.clone()
    {
        return Err(RunError::Malformed { file: file.to_owned(), line, column, error });
    }
    if !means.allow_shell {
        refuse_programs(survey, file)?;
    }
    Ok(Wanted::by(survey, file))
}

/// Fails at the first meta-command that would run a program on this machine.
pub fn refuse_programs(survey: &Survey, file: &str) -> Result<(), RunError> {
    let Some(used) = survey.first_program() else { return Ok(()) };
    let Position { line, column, .. } = used.position;
    Err(RunError::RunsProgram { file: file.to_owned(), line, column, command: used.name.clone() })
}
