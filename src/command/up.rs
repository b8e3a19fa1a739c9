//! `dbctl up` and `dbctl rebuild`.

use super::reach::Wish;
use super::{Context, Result, names};
use crate::cli::{Command, UpArgs};
use crate::error::{Error, Exit};
use crate::plan::{self, Policy};
use crate::report::Summary;

/// Everything up: image, container, server, and the scripts that are pending.
pub fn up(context: &mut Context) -> Result<Exit> {
    bring(context, Wish::UP)
}

/// The image built and the container recreated where they changed, then what is pending.
pub fn rebuild(context: &mut Context) -> Result<Exit> {
    match &context.cli.command {
        Command::Rebuild(arguments) if arguments.ahead => super::fresh::ahead(context),
        Command::Rebuild(arguments) if arguments.fresh => super::fresh::rebuild(context),
        _ => bring(context, Wish::REBUILD),
    }
}

fn bring(context: &mut Context, wish: Wish) -> Result<Exit> {
    let project = context.project()?;
    let policy = Policy { strict: project.strict || strict(context), ..Policy::default() };
    let init = context.scripts(&project)?;
    if dry_run(context) {
        return super::plan::show(context, &project, &init, wish, policy);
    }
    let reached = context.bring_up(&project, &names(&init.scripts), wish)?;
    let pending = |ledger: &_| plan::scripts::pending(&init.scripts, ledger, policy);
    let mut summary = context.run_scripts(&project, &reached.server, &init, pending)?;
    summary.service = reached.done;
    summary.notes.splice(0..0, reached.notes);
    show(context, &summary, policy)
}

pub(super) fn show(context: &Context, summary: &Summary, policy: Policy) -> Result<Exit> {
    if context.cli.psql_output() {
        return Ok(Exit::Done);
    }
    context.show(summary, summary.json())?;
    let findings: Vec<String> = summary.notes.iter().filter_map(plan::Note::finding).collect();
    match (policy.strict && !findings.is_empty(), context.cli.global.json) {
        (false, _) => Ok(Exit::Done),
        (true, true) => Ok(Exit::Findings),
        (true, false) => Err(Error::Strict { findings }),
    }
}

fn strict(context: &Context) -> bool {
    arguments(context).is_some_and(|arguments| arguments.strict)
}

fn dry_run(context: &Context) -> bool {
    arguments(context).is_some_and(|arguments| arguments.dry_run)
}

fn arguments(context: &Context) -> Option<&UpArgs> {
    match &context.cli.command {
        Command::Up(arguments) => Some(arguments),
        Command::Rebuild(arguments) => Some(&arguments.up),
        _ => None,
    }
}
