//! `dbctl up` and `dbctl rebuild`.

use super::{Context, Result, names};
use crate::cli::Command;
use crate::error::Exit;
use crate::plan::{self, Plan, Policy, ServiceFacts};
use crate::report::Summary;

/// Everything up: image, container, server, and the scripts that are pending.
pub fn up(context: &mut Context) -> Result<Exit> {
    bring(context, plan::service::up)
}

/// The image built and the container recreated where they changed, then what is pending.
pub fn rebuild(context: &mut Context) -> Result<Exit> {
    bring(context, plan::service::rebuild)
}

fn bring(context: &mut Context, planned: fn(&ServiceFacts) -> Plan) -> Result<Exit> {
    let project = context.project()?;
    let policy = Policy { strict: project.strict || strict(context), ..Policy::default() };
    let init = context.scripts(&project)?;
    if dry_run(context) {
        return super::plan::show(context, &project, &init, planned, policy);
    }
    let reached = context.bring_up(&project, &names(&init.scripts), planned)?;
    let pending = |ledger: &_| plan::scripts::pending(&init.scripts, ledger, policy);
    let mut summary = context.run_scripts(&project, &reached.server, &init, pending)?;
    summary.service = reached.done;
    show(context, &summary, policy)
}

pub(super) fn show(context: &Context, summary: &Summary, policy: Policy) -> Result<Exit> {
    context.show(summary, summary.json())?;
    let findings = policy.strict && summary.notes.iter().any(plan::Note::is_finding);
    Ok(if findings { Exit::Findings } else { Exit::Done })
}

fn strict(context: &Context) -> bool {
    matches!(&context.cli.command, Command::Up(run) | Command::Rebuild(run) if run.strict)
}

fn dry_run(context: &Context) -> bool {
    matches!(&context.cli.command, Command::Up(run) | Command::Rebuild(run) if run.dry_run)
}
