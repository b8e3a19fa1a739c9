//! `dbctl exec`: the named scripts, now.

use super::reach::Wish;
use super::{Context, Result, names};
use crate::cli::Command;
use crate::error::Exit;
use crate::plan::scripts::Attempt;
use crate::plan::{self, Policy};
use crate::script::Script;

pub fn exec(context: &mut Context) -> Result<Exit> {
    let Command::Exec(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let attempt = match (arguments.again, arguments.resume) {
        (true, _) => Attempt::Again,
        (_, true) => Attempt::Resume,
        _ => Attempt::AsNeeded,
    };
    let policy = Policy { strict: false, out_of_order: arguments.out_of_order, attempt };
    let (selection, dry_run) = (arguments.scripts.clone(), arguments.dry_run);
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let chosen: Vec<&Script> = init.select(&selection)?;
    let planned = |ledger: &_| plan::scripts::exec(&init.scripts, &chosen, ledger, policy);
    if dry_run {
        let server = context.running(&project)?;
        return context.show_scripts(&server, &init, planned);
    }
    let reached = context.bring_up(&project, &names(&init.scripts), Wish::UP)?;
    let mut summary = context.run_scripts(&project, &reached.server, &init, planned)?;
    summary.service = reached.done;
    summary.notes.splice(0..0, reached.notes);
    super::up::show(context, &summary, policy)
}
