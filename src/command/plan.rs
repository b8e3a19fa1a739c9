//! `dbctl plan` and `--dry-run`: the steps, printed; nothing is changed, the ledger's tables included.

use super::reach::Wish;
use super::scripts::history;
use super::{Context, Result};
use crate::docker::Engine;
use crate::error::Exit;
use crate::init_dir::InitDir;
use crate::launch::Situation;
use crate::plan::{self, Note, Plan, Policy};
use crate::project::{Project, Target};
use crate::report::summary::plan_json;

pub fn plan(context: &mut Context) -> Result<Exit> {
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let policy = Policy { strict: project.strict, ..Policy::default() };
    show(context, &project, &init, Wish::UP, policy)
}

/// The whole plan of `up` or `rebuild`.
pub(super) fn show(
    context: &mut Context,
    project: &Project,
    init: &InitDir,
    wish: Wish,
    policy: Policy,
) -> Result<Exit> {
    let service_steps = match &project.target {
        Target::Url(_) => Plan::default(),
        Target::Service(service) => {
            let engine = Engine::connect(&project.connection)?;
            (wish.plan)(&Situation::of(&engine, service, wish.judge)?.facts)
        }
    };
    let script_steps = match context.look(project)? {
        Some(server) => {
            let history = history(&mut server.database()?, &server, &init.scripts)?;
            history.plan(|ledger| plan::scripts::pending(&init.scripts, ledger, policy))?
        }
        None => Plan { steps: Vec::new(), notes: vec![Note::LedgerUnread { scripts: init.scripts.len() }] },
    };
    let plan = service_steps.then(script_steps);
    context.show(&plan, plan_json(&plan))?;
    Ok(Exit::Done)
}
