//! `dbctl adopt`: scripts that ran without dbctl enter the ledger.

use super::scripts::{History, Locked, history};
use super::{Context, Result};
use crate::cli::Command;
use crate::error::{Error, Exit};
use crate::ledger::Ledger;
use crate::plan::adopt;
use crate::plan::{Plan, Policy, Refusal};
use crate::report::summary::plan_json;

pub fn adopt(context: &mut Context) -> Result<Exit> {
    let Command::Adopt(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let (through, dry_run) = (arguments.through.clone(), arguments.dry_run);
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let server = context.running(&project)?;
    let Some(through) = through else {
        // The log's evidence is history; nothing more is planned.
        let nothing = |_: &Ledger| Ok(Plan::default());
        if dry_run {
            return context.show_scripts(&server, &init, nothing);
        }
        let summary = context.run_scripts(&project, &server, &init, nothing)?;
        return super::up::show(context, &summary, Policy::default());
    };
    let selected = init.select(&[through])?;
    let last = *selected.last().expect("a selection is never empty");
    let mut database = server.database()?;
    let lock = server.lock(&mut *context.observer)?;
    let history = match history(&mut database, &server, &init.scripts) {
        Ok(history) => history,
        // That is what the user's word is for.
        Err(Error::Refusal(Refusal::UnknownHistory | Refusal::HalfInitialised { .. })) => History::default(),
        Err(error) => return Err(error),
    };
    let plan = adopt::through(&init.scripts, last, &history.ledger);
    if dry_run {
        context.show(&plan, plan_json(&plan))?;
        return Ok(Exit::Done);
    }
    let locked = Locked { server: &server, database, lock: &lock, history };
    let summary = context.carry_out(&project, &init, locked, plan)?;
    super::up::show(context, &summary, Policy::default())
}
