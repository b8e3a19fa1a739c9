//! A fresh build in a cluster of its own, which then takes the place of the service's.

use std::path::Path;

use super::in_place::{Segments, steps};
use super::{FreshError, Rebuilt, Site};
use crate::compose::service::Service;
use crate::database::Database;
use crate::database::generations::{Generations, Swapped};
use crate::docker::{ContainerFacts, ContainerLock, Engine, Ground, Rung, Twin, TwinRequest};
use crate::event::Observer;
use crate::fault;
use crate::plan::fresh::{Because, Fresh};
use crate::runner::{self, ScriptDone};
use crate::server::container::Approach;
use crate::server::{Server, ServerError};

/// What a twin of the service is made with.
#[derive(Clone, Copy)]
pub struct Whole<'a> {
    pub service: &'a Service,
    /// Names of the project's scripts, as they would appear in `/docker-entrypoint-initdb.d`.
    pub project_scripts: &'a [String],
    pub cache: &'a Path,
    pub sockets: &'a Path,
    /// The way to the service's server, where only one is wanted.
    pub only: Option<Rung>,
    /// `--whole-cluster`: what the scripts do not make may go out of sight.
    pub agreed: bool,
}

impl Site<'_> {
    /// Builds what `fresh` plans in a twin, and puts that in service. Until the twin's data is complete, the old
    /// cluster serves; whatever fails before, it is in service afterwards, and what was half built is removed, now or by
    /// the next run. From then on the exchange is carried to its end, by this run or the next that brings the service up.
    ///
    /// # Errors
    /// [`FreshError::OutOfSight`] where the old cluster has what the new one has not, and nobody agreed to that.
    pub fn rebuild_whole(
        &mut self,
        fresh: &Fresh,
        whole: &Whole,
        because: Because,
        observer: &mut dyn Observer,
    ) -> Result<Rebuilt, FreshError> {
        let Some(running) = self.server.container.clone() else { return Err(FreshError::NoTwin { because }) };
        let engine = &running.engine;
        let _lock = ContainerLock::acquire(whole.cache, whole.service, observer)?;
        let container = present(engine, &running.facts)?;
        let request = TwinRequest {
            service: whole.service,
            ground: Ground::BesideTheData(&container),
            project_scripts: whole.project_scripts,
            own_files: &[],
            cache: whole.cache,
        };
        let twin = engine.make_twin(request, observer)?;
        let ran = self.run_in(&twin, fresh, whole, engine, observer)?;
        fault::step("whole.built");
        self.server.hang_up();
        let exchanged = engine.exchange(&container, twin, observer)?;
        let approach = whole.approach(self.server, whole.only);
        Server::in_container(engine.clone(), exchanged.container, approach, true, observer)?;
        let previous = format!("data directory {}", exchanged.previous);
        let swapped = Swapped { previous, turned_away: exchanged.away, attempts: 1 };
        Ok(Rebuilt { from_layer: 0, ran, swapped })
    }

    fn run_in(
        &mut self,
        twin: &Twin,
        fresh: &Fresh,
        whole: &Whole,
        engine: &Engine,
        observer: &mut dyn Observer,
    ) -> Result<Vec<ScriptDone>, FreshError> {
        let approach = whole.approach(self.server, Some(Rung::Tunnel));
        let server = Server::in_container(engine.clone(), twin.facts.clone(), approach, true, observer)?;
        fault::step("whole.ready");
        let lock = server.lock(observer)?;
        let generations = Generations::connect(&server.endpoint, &server.login)?;
        let mut site = Site { server: &server, lock: &lock, generations, words: self.words };
        let plan = steps(&fresh.run);
        let prepared = runner::prepare(&plan, site.means())?;
        let segments = Segments { layers: &fresh.layers, prepared: &prepared, from: 0 };
        let ran = site.run_unguarded(&server, &segments, observer)?;
        let gone = inventory(self.server)?.without(&inventory(&server)?);
        if !gone.is_empty() && !whole.agreed {
            return Err(FreshError::OutOfSight { gone });
        }
        Ok(ran)
    }
}

impl Whole<'_> {
    fn approach(&self, server: &Server, only: Option<Rung>) -> Approach {
        Approach {
            login: server.login.clone(),
            only,
            cache: self.cache.to_owned(),
            sockets: self.sockets.to_owned(),
        }
    }
}

/// As it is now; somebody may have replaced it since.
fn present(engine: &Engine, container: &ContainerFacts) -> Result<ContainerFacts, FreshError> {
    let found = engine.inspect(&container.id)?;
    Ok(found.ok_or_else(|| ServerError::ContainerGone { name: container.name.clone() })?)
}

fn inventory(server: &Server) -> Result<crate::database::Inventory, FreshError> {
    let postgres = server.in_database("postgres");
    Ok(Database::connect(&postgres.endpoint, &postgres.login)?.inventory()?)
}
