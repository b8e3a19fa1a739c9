//! A database built beside the one in service, in the same cluster.

use super::{FreshError, Rebuilt, Replaced, Site, Words};
use crate::database::generations::Origin;
use crate::database::{Database, Guard};
use crate::event::{Event, Observer};
use crate::fault;
use crate::plan::fresh::{Fresh, NewLayer, Way};
use crate::plan::{Cause, Plan, Step};
use crate::runner::{self, Means, Prepared, Run, ScriptDone, Target};
use crate::script::Script;
use crate::server::Server;

impl Site<'_> {
    /// Builds what `fresh` plans in place, and puts it in service. Whatever fails, the old database is in service as
    /// before, and what was half built is dropped, now or by the next run.
    ///
    /// # Errors
    /// [`crate::runner::RunError::Beyond`] where a script has changed what all databases share: it was rolled back if
    /// it ran in one transaction, and only a cluster of its own will do.
    pub fn rebuild(&mut self, fresh: &Fresh, observer: &mut dyn Observer) -> Result<Rebuilt, FreshError> {
        let plan = steps(&fresh.run);
        let prepared = runner::prepare(&plan, self.means())?;
        let (origin, from_layer) = origin(&fresh.way);
        let building = match &origin {
            Origin::Prepared(key) if prepared.is_empty() => self.generations()?.ready(key)?,
            _ => self.generations()?.begin(&origin)?,
        };
        fault::step("fresh.begun");
        let built = self.run(
            &building,
            &Segments { layers: &fresh.layers, prepared: &prepared, from: from_layer },
            observer,
        );
        match built {
            Ok(ran) => {
                fault::step("fresh.built");
                let used = match &origin {
                    Origin::Layer(key) | Origin::Prepared(key) => Some(key),
                    Origin::Empty => None,
                };
                let swapped = self.generations()?.swap_using(&building, used);
                // A ready clone stays ready; what was built is the next run's to build.
                if swapped.is_err() && !prepared.is_empty() {
                    let _ = self.generations()?.give_up(&building);
                }
                let swapped = swapped?;
                fault::step("fresh.swapped");
                observer.observe(Event::DatabaseExchanged { turned_away: swapped.turned_away });
                Ok(Rebuilt { from_layer, ran, replaced: Replaced::Database(swapped) })
            }
            Err(error) => {
                // The first error is the one to tell; what is left is the next run's to remove.
                let _ = self.generations()?.give_up(&building);
                Err(error)
            }
        }
    }

    pub(super) fn means(&self) -> Means<'_> {
        Self::means_of(self.server, self.words)
    }

    pub(super) fn means_of<'b>(server: &'b Server, words: Words<'b>) -> Means<'b> {
        Means {
            variables: words.variables,
            container: server.container.as_ref().map(|container| &container.facts),
            allow_shell: words.allow_shell,
            has_psql: runner::has_local_psql,
        }
    }

    /// Runs the scripts in `building`, and keeps layers where they are planned.
    pub(super) fn run(
        &mut self,
        building: &str,
        segments: &Segments,
        observer: &mut dyn Observer,
    ) -> Result<Vec<ScriptDone>, FreshError> {
        let server = self.server.in_database(building);
        if segments.begin_with_scripts() {
            server.get_ready_for_scripts();
        }
        let guard = if segments.prepared.is_empty() { None } else { Some(self.generations()?.guard()?) };
        let mut done = Vec::new();
        for (scripts, layer) in segments.cut() {
            if !scripts.is_empty() {
                let ran = self.run_some(&server, scripts, guard.as_ref(), observer);
                // A session that no script took would be in the way of what follows.
                server.hang_up();
                done.extend(ran?);
                fault::step("fresh.ran");
            }
            if let Some(layer) = layer {
                self.keep(building, layer, observer)?;
            }
        }
        Ok(done)
    }

    fn run_some(
        &self,
        server: &Server,
        scripts: &[Prepared],
        guard: Option<&Guard>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<ScriptDone>, FreshError> {
        let mut database = with_ledger(server)?;
        let words = self.words;
        let target = Target::Beside { guard };
        let run = Run {
            server,
            variables: words.variables,
            who: words.who,
            allow_shell: words.allow_shell,
            target,
        };
        Ok(runner::run(&run, scripts, self.lock, &mut database, observer)?)
    }

    fn keep(
        &mut self,
        building: &str,
        layer: &NewLayer,
        observer: &mut dyn Observer,
    ) -> Result<(), FreshError> {
        if layer.scripts == 0 {
            drop(with_ledger(&self.server.in_database(building))?);
        }
        self.generations()?.keep_layer(building, &layer.key, layer.after.as_deref())?;
        fault::step("fresh.layer");
        observer.observe(Event::LayerKept { after: layer.after.clone() });
        Ok(())
    }
}

/// A connection to a database that has its ledger; what is built beside the one in service was never incomplete to
/// anybody.
fn with_ledger(server: &Server) -> Result<Database, FreshError> {
    let mut database = server.database()?;
    if !database.has_ledger()? {
        database.create_ledger(false)?;
    }
    Ok(database)
}

pub(super) fn steps(scripts: &[Script]) -> Plan {
    let step = |script: &Script| Step::RunScript { script: script.clone(), cause: Cause::Fresh };
    Plan { steps: scripts.iter().map(step).collect(), notes: Vec::new() }
}

fn origin(way: &Way) -> (Origin, usize) {
    match way {
        Way::InPlace { from: Some((key, scripts)), prepared: true } => {
            (Origin::Prepared(key.clone()), *scripts)
        }
        Way::InPlace { from: Some((key, scripts)), .. } => (Origin::Layer(key.clone()), *scripts),
        _ => (Origin::Empty, 0),
    }
}

/// The scripts to run, cut where a layer is to be kept.
pub(super) struct Segments<'a> {
    pub layers: &'a [NewLayer],
    pub prepared: &'a [Prepared<'a>],
    /// So many scripts are in the database already.
    pub from: usize,
}

impl<'a> Segments<'a> {
    /// Not with a layer, for which nobody may be connected.
    fn begin_with_scripts(&self) -> bool {
        self.cut().first().is_some_and(|(scripts, _)| !scripts.is_empty())
    }

    /// The scripts of each segment, and the layer at its end.
    pub(super) fn cut(&self) -> Vec<(&'a [Prepared<'a>], Option<&'a NewLayer>)> {
        let mut segments = Vec::new();
        let mut at = 0;
        for layer in self.layers {
            let end = layer.scripts - self.from;
            segments.push((&self.prepared[at..end], Some(layer)));
            at = end;
        }
        segments.push((&self.prepared[at..], None));
        segments
    }
}
