//! A database built in a cluster of its own, whose data directory then takes the place of the service's.

use std::path::Path;

use super::in_place::{Segments, steps};
use super::{FreshError, Rebuilt, Replaced, Site};
use crate::compose::service::Service;
use crate::database::generations::{GenerationError, Generations};
use crate::docker::{ContainerLock, Ground, Twin, TwinRequest};
use crate::event::{Event, Observer};
use crate::fault;
use crate::launch::ledger_file;
use crate::plan::fresh::Fresh;
use crate::runner;
use crate::server::container::Approach;
use crate::server::{Container, Server};

/// What a twin is made and reached by.
pub struct Likeness<'a> {
    pub service: &'a Service,
    /// To the service's server and, once there is one, to the twin's.
    pub approach: Approach,
    pub cache: &'a Path,
    /// Names of all scripts of the project.
    pub scripts: &'a [String],
    /// What no script makes may go out of sight with the old data directory.
    pub whole_cluster: bool,
}

impl Site<'_> {
    /// Runs all scripts of `fresh` in a twin, and exchanges the data directories. Until the exchange has begun, whatever
    /// fails leaves the old one in service; from then on, the next command carries it to its end.
    ///
    /// # Errors
    /// [`FreshError::OutOfSight`] where the old cluster has what the new one would not, and nobody has agreed to that.
    pub fn rebuild_through_twin(
        &mut self,
        container: &Container,
        likeness: &Likeness,
        fresh: &Fresh,
        observer: &mut dyn Observer,
    ) -> Result<Rebuilt, FreshError> {
        let engine = &container.engine;
        let _lock = ContainerLock::acquire(likeness.cache, likeness.service, observer)?;
        let files = [ledger_file()];
        let request = TwinRequest {
            service: likeness.service,
            ground: Ground::BesideTheData(&container.facts),
            project_scripts: likeness.scripts,
            own_files: &files,
            cache: likeness.cache,
        };
        let twin = engine.make_twin(request, observer)?;
        let ran = self.fill(&twin, container, likeness, fresh, observer)?;
        fault::step("fresh.twin_built");
        self.server.hang_up();
        let exchanged = engine.exchange(&container.facts, twin, observer)?;
        fault::step("fresh.exchanged");
        let ready = Server::in_container(
            engine.clone(),
            exchanged.container,
            likeness.approach.clone(),
            true,
            observer,
        )?;
        drop(ready);
        let replaced = Replaced::DataDirectory { turn: exchanged.previous, away: exchanged.away };
        Ok(Rebuilt { from_layer: 0, ran, replaced })
    }

    /// All scripts, in the twin's own server and under the real names.
    fn fill(
        &self,
        twin: &Twin,
        container: &Container,
        likeness: &Likeness,
        fresh: &Fresh,
        observer: &mut dyn Observer,
    ) -> Result<Vec<runner::ScriptDone>, FreshError> {
        let approach = Approach { only: None, ..likeness.approach.clone() };
        let server =
            Server::in_container(container.engine.clone(), twin.facts.clone(), approach, true, observer)?;
        let lock = server.lock(observer)?;
        // Nobody ever sees it incomplete, but the layers that are made of it on the way.
        server.database()?.finish_building()?;
        let plan = steps(&fresh.run);
        let prepared = runner::prepare(&plan, Site::means_of(&server, self.words))?;
        let layers = twins_layers(&server, fresh)?;
        let segments = Segments { layers, prepared: &prepared, from: 0 };
        let mut done = Vec::new();
        for (scripts, layer) in segments.cut() {
            if !scripts.is_empty() {
                done.extend(self.run_in_twin(&server, &lock, scripts, observer)?);
                fault::step("fresh.ran_in_twin");
            }
            if let Some(layer) = layer {
                let mut generations = Generations::connect(&server.endpoint, &server.login)?;
                generations.keep_layer(&server.login.database, &layer.key, layer.after.as_deref())?;
                observer.observe(Event::LayerKept { after: layer.after.clone() });
            }
        }
        self.refuse_losses(&server, likeness)?;
        drop(lock);
        Self::prove_restart(server, container, twin, likeness, observer)?;
        Ok(done)
    }

    /// A server whose settings wait for a restart must come up with them before it goes into service.
    fn prove_restart(
        server: Server,
        container: &Container,
        twin: &Twin,
        likeness: &Likeness,
        observer: &mut dyn Observer,
    ) -> Result<(), FreshError> {
        let mut database = server.database()?;
        database.reload_if_changed()?;
        if database.waiting_for_restart()?.is_empty() {
            return Ok(());
        }
        drop(database);
        drop(server);
        let restarted = container.engine.restart(&twin.facts)?;
        let approach = Approach { only: None, ..likeness.approach.clone() };
        drop(Server::in_container(container.engine.clone(), restarted, approach, true, observer)?);
        Ok(())
    }

    fn run_in_twin(
        &self,
        server: &Server,
        lock: &crate::database::Lock,
        scripts: &[runner::Prepared],
        observer: &mut dyn Observer,
    ) -> Result<Vec<runner::ScriptDone>, FreshError> {
        let words = self.words;
        let run = runner::Run {
            server,
            variables: words.variables,
            who: words.who,
            allow_shell: words.allow_shell,
            target: runner::Target::Beside { guard: None },
        };
        Ok(runner::run(&run, scripts, lock, &mut server.database()?, observer)?)
    }

    fn refuse_losses(&self, twin: &Server, likeness: &Likeness) -> Result<(), FreshError> {
        let (old, new) = (self.server.database()?.inventory()?, twin.database()?.inventory()?);
        let lost = old.lost_in(&new);
        if lost.is_empty() || likeness.whole_cluster {
            return Ok(());
        }
        Err(FreshError::OutOfSight { lost })
    }
}

/// None where the service's database is the one in which dbctl renames others.
fn twins_layers<'a>(
    server: &Server,
    fresh: &'a Fresh,
) -> Result<&'a [crate::plan::fresh::NewLayer], FreshError> {
    match Generations::connect(&server.endpoint, &server.login) {
        Ok(_) => Ok(&fresh.layers),
        Err(GenerationError::Own { .. }) => Ok(&[]),
        Err(error) => Err(error.into()),
    }
}
