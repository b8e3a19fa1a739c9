//! `dbctl rebuild --fresh`: every script replayed from nothing, while the old database stays in service.

use std::fmt;

use serde_json::json;

use super::reach::Wish;
use super::{Context, Result, names};
use crate::cli::{Command, RebuildArgs};
use crate::database::Lock;
use crate::database::generations::Generations;
use crate::error::Exit;
use crate::event::Event;
use crate::fresh::{FreshError, Known, Rebuilt, Site, Wanted, Words};
use crate::init_dir::InitDir;
use crate::plan::fresh::{Fresh, Way, fresh};
use crate::plan::{self, Policy};
use crate::project::{self, Project};
use crate::server::Server;
use crate::text::counted;

pub fn rebuild(context: &mut Context) -> Result<Exit> {
    let Command::Rebuild(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let arguments = arguments.clone();
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let to = to(&init, &arguments)?;
    if arguments.up.dry_run {
        return show_plan(context, &project, &init, to.as_deref());
    }
    let reached = context.bring_up(&project, &names(&init.scripts), Wish::REBUILD)?;
    let server = reached.server;
    let lock = server.lock(&mut *context.observer)?;
    let build = Build { project: &project, init: &init, to: to.as_deref(), server: &server, lock: &lock };
    if arguments.ahead {
        return ahead(context, &build);
    }
    build.carry_out(context, arguments.to.is_none())
}

/// The name of the script that `--to` means.
fn to(init: &InitDir, arguments: &RebuildArgs) -> Result<Option<String>> {
    let Some(wanted) = &arguments.to else { return Ok(None) };
    let chosen = init.select(std::slice::from_ref(wanted))?;
    Ok(chosen.last().map(|script| script.name.clone()))
}

fn show_plan(context: &mut Context, project: &Project, init: &InitDir, to: Option<&str>) -> Result<Exit> {
    let server = context.running(project)?;
    let mut generations = Generations::connect(&server.endpoint, &server.login)?;
    let wanted = Wanted { scripts: &init.scripts, to };
    let known = Known::of(&server, &mut generations, wanted, words(context, project))?;
    let planned = fresh(&known.facts());
    let json = json!({
        "way": planned.way.to_string(),
        "run": names(&planned.run),
        "layers": planned.layers.iter().map(|layer| &layer.after).collect::<Vec<_>>(),
    });
    context.show(&planned, json)?;
    Ok(Exit::Done)
}

fn words<'a>(context: &Context, project: &'a Project) -> Words<'a> {
    Words {
        variables: &project.variables,
        who: &project.who,
        allow_shell: context.cli.script_arguments().allow_shell,
        keep: project.keep,
    }
}

/// What the next fresh build begins with; this process was started for that alone, and nobody looks at it.
fn ahead(context: &mut Context, build: &Build) -> Result<Exit> {
    let mut site = build.site(context)?;
    let known = build.known(&mut site)?;
    build.server.hang_up();
    site.prepare_ahead(&known)?;
    Ok(Exit::Done)
}

/// A fresh build on a server whose run's lock is held.
struct Build<'a> {
    project: &'a Project,
    init: &'a InitDir,
    to: Option<&'a str>,
    server: &'a Server,
    lock: &'a Lock,
}

impl<'a> Build<'a> {
    fn site(&self, context: &Context) -> Result<Site<'a>> {
        let mut generations = Generations::connect(&self.server.endpoint, &self.server.login)?;
        generations.tidy()?;
        let words = words(context, self.project);
        Ok(Site { server: self.server, lock: self.lock, generations, words })
    }

    fn known(&self, site: &mut Site) -> Result<Known> {
        let wanted = Wanted { scripts: &self.init.scripts, to: self.to };
        Ok(Known::of(self.server, &mut site.generations, wanted, site.words)?)
    }

    fn carry_out(&self, context: &mut Context, with_all: bool) -> Result<Exit> {
        let mut site = self.site(context)?;
        let known = self.known(&mut site)?;
        let planned = fresh(&known.facts());
        context.observer.observe(Event::FreshDecided { way: planned.way.to_string() });
        if planned.way == Way::Itself {
            return self.first(context, &planned);
        }
        let rebuilt = site.rebuild(&planned, &mut *context.observer)?;
        if with_all {
            start_ahead();
        }
        context.show(Done(&rebuilt), done_json(&rebuilt))?;
        Ok(Exit::Done)
    }

    /// Nothing has run yet: the database in service is as fresh as any.
    fn first(&self, context: &mut Context, planned: &Fresh) -> Result<Exit> {
        let wanted = names(&planned.run);
        let policy = Policy::default();
        let some = |ledger: &_| {
            let mut plan = plan::scripts::pending(&self.init.scripts, ledger, policy)?;
            plan.steps.retain(|step| step.script().is_none_or(|script| wanted.contains(&script.name)));
            Ok(plan)
        };
        let summary = context.run_scripts_locked(self.project, self.server, self.init, self.lock, some)?;
        super::up::show(context, &summary, policy)
    }
}

/// Starts what is to be done ahead, beside this process; where that fails, the next build only takes longer.
fn start_ahead() {
    let _ = project::this_program().and_then(|mut program| program.arg("--ahead").spawn());
}

/// A fresh build that is in service.
struct Done<'a>(&'a Rebuilt);

impl fmt::Display for Done<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rebuilt { from_layer, ran, .. } = self.0;
        let all = counted(u32::try_from(from_layer + ran.len()).unwrap_or(u32::MAX), "script");
        writeln!(f, "{all} in place: {from_layer} from a layer, {} run", ran.len())?;
        write!(f, "the database that was replaced is kept: `dbctl undo`")
    }
}

fn done_json(rebuilt: &Rebuilt) -> serde_json::Value {
    json!({
        "scripts": rebuilt.ran,
        "in_place": rebuilt.from_layer + rebuilt.ran.len(),
        "from_layer": rebuilt.from_layer,
        "previous": rebuilt.swapped.previous,
        "turned_away_ms": rebuilt.swapped.turned_away.as_millis(),
    })
}

impl From<FreshError> for crate::error::Error {
    fn from(error: FreshError) -> Self {
        match error {
            FreshError::Run(error) => Self::Run(error),
            FreshError::Generation(error) => Self::Generation(error),
            FreshError::Disk(error) => Self::Run(error.into()),
            FreshError::Server(error) => Self::Server(error),
            FreshError::Database(error) => Self::Database(error),
            FreshError::Container(error) => Self::Container(error),
        }
    }
}
