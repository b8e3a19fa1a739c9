//! `dbctl rebuild --fresh`: every script replayed from nothing, while the old database stays in service.

use std::fmt;
use std::sync::Arc;

use serde_json::json;

use super::reach::{Wish, approach};
use super::{Context, Result, names};
use crate::cli::{Command, RebuildArgs};
use crate::database::Lock;
use crate::database::generations::{GenerationError, Generations};
use crate::error::Exit;
use crate::event::Event;
use crate::fresh::{FreshError, Known, Likeness, Rebuilt, Replaced, Site, Wanted};
use crate::init_dir::InitDir;
use crate::plan::fresh::{Because, Fresh, Way, fresh};
use crate::plan::{self, Policy};
use crate::project::{self, Project, Target};
use crate::report::Summary;
use crate::report::line::duration;
use crate::runner::RunError;
use crate::server::Server;
use crate::text::counted;

pub fn rebuild(context: &mut Context) -> Result<Exit> {
    let Command::Rebuild(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let arguments = arguments.clone();
    let project = context.project()?;
    if arguments.up.dry_run {
        let init = context.scripts(&project)?;
        let to = to(&init, &arguments)?;
        return Asked { project: &project, init: &init, to: to.as_deref() }.show_plan(context);
    }
    let chosen = |init: &InitDir| to(init, &arguments);
    let (init, to, reached) = context.read_and_bring_up(&project, Wish::FRESH, chosen)?;
    let asked = Asked { project: &project, init: &init, to: to.as_deref() };
    let lock = reached.server.lock(&mut *context.observer)?;
    match asked.carry_out(context, &reached.server, &lock)? {
        Outcome::First(summary) => super::up::show(context, &summary, Policy::default()),
        Outcome::Rebuilt(rebuilt) => {
            context.show(Done(&rebuilt), done_json(&rebuilt))?;
            drop(lock);
            if asked.to.is_none() {
                start_ahead(context, &project);
            }
            Ok(Exit::Done)
        }
        Outcome::AsItWas => Ok(Exit::Done),
    }
}

/// What the next fresh build begins with; this process was started for that alone, and nobody looks at it.
pub fn ahead(context: &mut Context) -> Result<Exit> {
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let server = context.running(&project)?.ahead();
    let Some(lock) = server.lock_if_free()? else { return Ok(Exit::Done) };
    let asked = Asked { project: &project, init: &init, to: None };
    let mut site = asked.site(context, &server, &lock)?;
    if site.generations.is_none() {
        return Ok(Exit::Done);
    }
    let known = asked.known(&mut site)?;
    site.prepare_ahead(&known)?;
    Ok(Exit::Done)
}

/// The name of the script that `--to` means.
fn to(init: &InitDir, arguments: &RebuildArgs) -> Result<Option<String>> {
    let Some(wanted) = &arguments.to else { return Ok(None) };
    let chosen = init.select(std::slice::from_ref(wanted))?;
    Ok(chosen.last().map(|script| script.name.clone()))
}

/// The scripts of which a fresh database is to be made.
pub(super) struct Asked<'a> {
    pub project: &'a Project,
    pub init: &'a InitDir,
    pub to: Option<&'a str>,
}

/// How a fresh database came about.
pub(super) enum Outcome {
    /// Nothing had run yet: the database in service is as fresh as any.
    First(Summary),
    Rebuilt(Rebuilt),
    /// The database is what the scripts say.
    AsItWas,
}

impl<'a> Asked<'a> {
    /// As [`Asked::carry_out`], under the run's lock, unless the database is what the scripts say.
    pub fn rebuild_if_changed(&self, context: &mut Context, server: &'a Server) -> Result<Outcome> {
        server.get_ready();
        let lock = server.lock(&mut *context.observer)?;
        let mut site = self.site(context, server, &lock)?;
        let known = self.known(&mut site)?;
        if known.is_in_place() {
            return Ok(Outcome::AsItWas);
        }
        self.build(context, site, &known)
    }

    fn carry_out(&self, context: &mut Context, server: &Server, lock: &Lock) -> Result<Outcome> {
        let mut site = self.site(context, server, lock)?;
        let known = self.known(&mut site)?;
        self.build(context, site, &known)
    }

    fn build(&self, context: &mut Context, mut site: Site, known: &Known) -> Result<Outcome> {
        let planned = fresh(&known.facts());
        context.observer.observe(Event::FreshDecided { way: planned.way.to_string() });
        let rebuilt = match &planned.way {
            Way::Itself => {
                return Ok(Outcome::First(self.first(context, site.server, site.lock, &planned)?));
            }
            Way::Twin { because } => self.through_twin(context, &mut site, because, known)?,
            Way::InPlace { .. } => match site.rebuild(&planned, &mut *context.observer) {
                Err(FreshError::Run(RunError::Beyond { script, what })) => {
                    let because = Because::Changed { script, what };
                    let way = Way::Twin { because: because.clone() }.to_string();
                    context.observer.observe(Event::FreshDecided { way });
                    self.through_twin(context, &mut site, &because, known)?
                }
                outcome => outcome?,
            },
        };
        Ok(Outcome::Rebuilt(rebuilt))
    }

    fn site<'b>(&self, context: &Context, server: &'b Server, lock: &'b Lock) -> Result<Site<'b>>
    where
        'a: 'b,
    {
        let generations = placed(Generations::under(lock, &server.endpoint, &server.login))?;
        Ok(Site { server, lock, generations, words: context.words(self.project) })
    }

    fn known(&self, site: &mut Site) -> Result<Known> {
        let wanted = Wanted { scripts: &self.init.scripts, to: self.to };
        Ok(Known::under_lock(site.server, site.generations.as_mut(), wanted, site.words)?)
    }

    fn through_twin(
        &self,
        context: &mut Context,
        site: &mut Site,
        because: &Because,
        known: &Known,
    ) -> Result<Rebuilt> {
        let (Target::Service(service), Some(container)) = (&self.project.target, &site.server.container)
        else {
            return Err(FreshError::NoTwin { because: because.clone() }.into());
        };
        let whole_cluster =
            matches!(&context.cli.command, Command::Rebuild(RebuildArgs { whole_cluster: true, .. }));
        let likeness = Likeness {
            service,
            approach: approach(self.project, service, &container.facts)?,
            cache: &self.project.cache_dir,
            scripts: &names(&self.init.scripts),
            whole_cluster,
        };
        let planned = known.facts().through_twin(because);
        let container = Arc::clone(container);
        Ok(site.rebuild_through_twin(&container, &likeness, &planned, &mut *context.observer)?)
    }

    fn first(&self, context: &mut Context, server: &Server, lock: &Lock, planned: &Fresh) -> Result<Summary> {
        let wanted = names(&planned.run);
        let some = |ledger: &_| {
            let mut plan = plan::scripts::pending(&self.init.scripts, ledger, Policy::default())?;
            plan.steps.retain(|step| step.script().is_none_or(|script| wanted.contains(&script.name)));
            Ok(plan)
        };
        context.run_scripts_locked(self.project, server, self.init, lock, some)
    }

    fn show_plan(&self, context: &mut Context) -> Result<Exit> {
        let server = context.running(self.project)?;
        let mut generations = placed(Generations::connect(&server.endpoint, &server.login))?;
        let wanted = Wanted { scripts: &self.init.scripts, to: self.to };
        let known = Known::of(&server, generations.as_mut(), wanted, context.words(self.project))?;
        let planned = fresh(&known.facts());
        let json = json!({
            "way": planned.way.to_string(),
            "run": names(&planned.run),
            "layers": planned.layers.iter().map(|layer| &layer.after).collect::<Vec<_>>(),
        });
        context.show(&planned, json)?;
        Ok(Exit::Done)
    }
}

/// None where nothing can lie beside the service's database.
fn placed(
    generations: std::result::Result<Generations<'_>, GenerationError>,
) -> Result<Option<Generations<'_>>> {
    match generations {
        Ok(generations) => Ok(Some(generations)),
        Err(GenerationError::Own { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Starts what is to be done ahead, beside this process, which holds the run's lock no more; where that fails, the next
/// build only takes longer.
pub(super) fn start_ahead(context: &Context, project: &Project) {
    if !project.works_ahead {
        return;
    }
    let started = project::this_program().and_then(|mut program| program.arg("--ahead").spawn());
    if let (Ok(mut child), true) = (started, matches!(context.cli.command, Command::Watch(_))) {
        // Whoever goes on has to see to its children's ends.
        std::thread::spawn(move || child.wait());
    }
}

/// A fresh build that is in service.
struct Done<'a>(&'a Rebuilt);

impl fmt::Display for Done<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rebuilt { from_layer, ran, .. } = self.0;
        let all = counted(from_layer + ran.len(), "script");
        writeln!(f, "{all} in place: {from_layer} from a layer, {} run", ran.len())?;
        match &self.0.replaced {
            Replaced::Database(_) => write!(f, "the database that was replaced is kept: `dbctl undo`"),
            Replaced::DataDirectory { away, .. } => write!(
                f,
                "the service was stopped for {}\nthe data directory that was replaced is kept: `dbctl undo`",
                duration(*away)
            ),
        }
    }
}

fn done_json(rebuilt: &Rebuilt) -> serde_json::Value {
    let (previous, away) = match &rebuilt.replaced {
        Replaced::Database(swapped) => (json!(swapped.previous), swapped.turned_away),
        Replaced::DataDirectory { turn, away } => (json!({ "data_directory": turn }), *away),
    };
    json!({
        "scripts": rebuilt.ran,
        "in_place": rebuilt.from_layer + rebuilt.ran.len(),
        "from_layer": rebuilt.from_layer,
        "previous": previous,
        "turned_away_ms": u64::try_from(away.as_millis()).unwrap_or(u64::MAX),
    })
}
