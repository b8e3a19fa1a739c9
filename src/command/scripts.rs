//! What `up`, `rebuild`, `exec` and `adopt` share: the ledger read, the plan made of it, and carried out.

use super::{Context, Result};
use crate::database::{Database, Lock};
use crate::error::Exit;
use crate::init_dir::InitDir;
use crate::ledger::{Ledger, Standing};
use crate::plan::adopt::{self, EntrypointLog};
use crate::plan::{Plan, Refusal};
use crate::project::Project;
use crate::report::Summary;
use crate::report::summary::plan_json;
use crate::runner::{self, Means, Run, ScriptDone, Target};
use crate::script::Script;
use crate::server::Server;

/// What the database remembers, and what must be recorded before that is the truth.
#[derive(Default)]
pub(super) struct History {
    pub ledger: Ledger,
    /// The ledger's tables are there.
    pub recorded: bool,
    pub adoptions: Plan,
}

/// A server whose lock this run holds, with the history as it is under that lock.
pub(super) struct Locked<'a> {
    pub server: &'a Server,
    pub database: Database,
    pub lock: &'a Lock,
    pub history: History,
}

impl Context {
    /// Plans under the run's lock, and carries the plan out.
    pub(super) fn run_scripts(
        &mut self,
        project: &Project,
        server: &Server,
        init: &InitDir,
        planned: impl Fn(&Ledger) -> std::result::Result<Plan, Refusal>,
    ) -> Result<Summary> {
        let mut database = server.database()?;
        let history = history(&mut database, server, &init.scripts)?;
        let plan = history.plan(&planned)?;
        if plan.is_empty() {
            return Ok(summary(plan, Vec::new(), &history.ledger, &init.scripts));
        }
        let lock = server.lock(&mut *self.observer)?;
        // Whoever held the lock may have run these scripts.
        let history = self::history(&mut database, server, &init.scripts)?;
        let plan = history.plan(&planned)?;
        self.carry_out(project, init, Locked { server, database, lock: &lock, history }, plan)
    }

    /// As [`Context::run_scripts`], where the run's lock is held already.
    pub(super) fn run_scripts_locked(
        &mut self,
        project: &Project,
        server: &Server,
        init: &InitDir,
        lock: &Lock,
        planned: impl Fn(&Ledger) -> std::result::Result<Plan, Refusal>,
    ) -> Result<Summary> {
        let mut database = server.database()?;
        let history = history(&mut database, server, &init.scripts)?;
        let plan = history.plan(&planned)?;
        self.carry_out(project, init, Locked { server, database, lock, history }, plan)
    }

    pub(super) fn carry_out(
        &mut self,
        project: &Project,
        init: &InitDir,
        locked: Locked,
        plan: Plan,
    ) -> Result<Summary> {
        let Locked { server, mut database, lock, history } = locked;
        if plan.is_empty() {
            return Ok(summary(plan, Vec::new(), &history.ledger, &init.scripts));
        }
        let prepared = runner::prepare(&plan, self.means(project, server))?;
        if !history.recorded {
            database.create_ledger(history.ledger.building)?;
        } else if history.ledger.is_old {
            database.upgrade_ledger()?;
        }
        let completes = history.ledger.building && covers_all(&plan, &history.ledger, &init.scripts);
        let allow_shell = self.cli.script_arguments().allow_shell;
        let (variables, who) = (&project.variables, project.who.as_str());
        let run = Run { server, variables, who, allow_shell, target: Target::InService { completes } };
        let done = runner::run(&run, &prepared, lock, &mut database, &mut *self.observer)?;
        let ledger = database.ledger()?.unwrap_or_default();
        if completes {
            self.settle(project, server, database)?;
        }
        Ok(summary(plan, done, &ledger, &init.scripts))
    }

    fn means<'a>(&self, project: &'a Project, server: &'a Server) -> Means<'a> {
        Means {
            variables: &project.variables,
            container: server.container.as_ref().map(|container| &container.facts),
            allow_shell: self.cli.script_arguments().allow_shell,
            has_psql: runner::has_local_psql,
        }
    }

    /// Prints the plan for the scripts alone.
    pub(super) fn show_scripts(
        &self,
        server: &Server,
        init: &InitDir,
        planned: impl Fn(&Ledger) -> std::result::Result<Plan, Refusal>,
    ) -> Result<Exit> {
        let plan = history(&mut server.database()?, server, &init.scripts)?.plan(planned)?;
        self.show(&plan, plan_json(&plan))?;
        Ok(Exit::Done)
    }
}

impl History {
    pub fn plan(&self, planned: impl Fn(&Ledger) -> std::result::Result<Plan, Refusal>) -> Result<Plan> {
        let scripts = planned(&adopt::expected(&self.ledger, &self.adoptions))?;
        Ok(self.adoptions.clone().then(scripts))
    }
}

/// The ledger, or what stands in for it where none was ever made.
pub(super) fn history(database: &mut Database, server: &Server, on_disk: &[Script]) -> Result<History> {
    if let Some(ledger) = database.ledger()? {
        return Ok(History { ledger, recorded: true, adoptions: Plan::default() });
    }
    let building = database.is_empty()?;
    let ledger = Ledger::new([], building);
    let adoptions =
        if building { Plan::default() } else { adopt::from_log(on_disk, &entrypoint_log(server)?)? };
    Ok(History { ledger, recorded: false, adoptions })
}

fn entrypoint_log(server: &Server) -> Result<EntrypointLog> {
    let Some(container) = &server.container else { return Ok(EntrypointLog::default()) };
    Ok(EntrypointLog::read(&container.engine.last_log_lines(&container.facts.id, usize::MAX)?))
}

/// Whether the database is what the init dir describes once `plan` is carried out.
fn covers_all(plan: &Plan, ledger: &Ledger, on_disk: &[Script]) -> bool {
    on_disk.iter().all(|script| {
        in_place(ledger, script)
            || plan.steps.iter().any(|step| step.script().is_some_and(|planned| planned.name == script.name))
    })
}

fn in_place(ledger: &Ledger, script: &Script) -> bool {
    matches!(ledger.standing(script), Standing::Applied | Standing::Changed)
}

fn summary(plan: Plan, scripts: Vec<ScriptDone>, ledger: &Ledger, on_disk: &[Script]) -> Summary {
    let in_place = on_disk.iter().filter(|script| in_place(ledger, script)).count();
    Summary { service: Vec::new(), scripts, notes: plan.notes, in_place }
}
