//! A whole data directory comes back into service: as it was replaced last, or because the server starts with no other.

use serde_json::json;

use super::in_container;
use crate::command::reach::{approach, not_running};
use crate::command::{Context, Result};
use crate::compose::service::Service;
use crate::docker::{ContainerFacts, ContainerLock, Engine, Exchanged, PreviousData};
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::project::{Project, Target};
use crate::report::line::duration;
use crate::server::{Server, ServerError};

pub(super) fn undo_data_directory(context: &mut Context, project: &Project, server: Server) -> Result<Exit> {
    let Some((service, container)) = in_container(project, &server) else { return Ok(Exit::Usage) };
    // No run is at work on what goes.
    let lock = server.lock(&mut *context.observer)?;
    let locked = ContainerLock::acquire(&project.cache_dir, service, &mut *context.observer)
        .map_err(ServerError::from)?;
    drop(lock);
    server.hang_up();
    let (engine, container) = (container.engine.clone(), container.facts.clone());
    WayBack { project, service, engine, container, _lock: locked }.put_back(context)
}

/// To the previous data directory, while nobody else is at work on the container.
struct WayBack<'a> {
    project: &'a Project,
    service: &'a Service,
    engine: Engine,
    container: ContainerFacts,
    _lock: ContainerLock,
}

/// Where the server does not start, and there is a previous data directory; else the service is left as it is.
pub(super) fn undo_failed_start(context: &mut Context, project: &Project) -> Result<Exit> {
    let Target::Service(service) = &project.target else { return Err(not_running(project)) };
    let engine = Engine::connect(&project.connection)?;
    let lock = ContainerLock::acquire(&project.cache_dir, service, &mut *context.observer)?;
    let failed = engine.observe(service)?.container.filter(ContainerFacts::has_failed);
    let Some(container) = failed.filter(ContainerFacts::keeps_its_data) else {
        return Err(not_running(project));
    };
    let finished = engine.finish_exchange(service, &container, &mut *context.observer)?;
    let Some(newest) = engine.previous_data(service, &container)?.into_iter().next() else {
        return Err(not_running(project));
    };
    engine.start(service, &container, &mut *context.observer)?;
    let started = engine.inspect(&container.id)?.ok_or_else(|| not_running(project))?;
    let back = WayBack { project, service, engine, container, _lock: lock };
    match back.serve(context, started) {
        Err(error) if error.is_failed_start() && !finished => {
            let text = format!(
                "the server of service `{}` does not start (`dbctl logs` tells why): the data directory that was \
                 replaced at {} comes back",
                service.name, newest.replaced
            );
            context.observer.observe(Event::Warning { text });
            back.put_back(context)
        }
        Err(error) => Err(error),
        Ok(()) => Err(Error::ServesAgain { service: service.name.clone() }),
    }
}

impl WayBack<'_> {
    /// Where its server does not start either, what was in service before is so again.
    fn put_back(self, context: &mut Context) -> Result<Exit> {
        let exchanged = self.exchange(context, None)?;
        let (turn, away) = (exchanged.previous, exchanged.away);
        if let Err(error) = self.serve(context, exchanged.container) {
            if !error.is_failed_start() {
                return Err(error);
            }
            let back = self.exchange(context, Some(turn))?;
            // Whether it serves as before, or does not start as before: the first error is the one to tell.
            let _ = self.serve(context, back.container);
            return Err(Error::WentBack { error: Box::new(error) });
        }
        let text = format!(
            "the previous data directory is in service again (the service was stopped for {})\n\
             what it replaced is kept: `dbctl undo` once more",
            duration(away)
        );
        let ms = u64::try_from(away.as_millis()).unwrap_or(u64::MAX);
        context.show(text, json!({ "previous": { "data_directory": turn }, "turned_away_ms": ms }))?;
        Ok(Exit::Done)
    }

    fn exchange(&self, context: &mut Context, turn: Option<u64>) -> Result<Exchanged> {
        let Self { service, engine, container, .. } = self;
        Ok(engine.exchange_with_previous(service, container, turn, &mut *context.observer)?)
    }

    fn serve(&self, context: &mut Context, container: ContainerFacts) -> Result<()> {
        let approach = approach(self.project, self.service, &self.container)?;
        Server::in_container(self.engine.clone(), container, approach, true, &mut *context.observer)?;
        Ok(())
    }
}

/// The error of a command after which the service's server does not start, with the way back, if there is one.
pub(in crate::command) fn with_way_back(context: &mut Context, error: Error) -> Error {
    if !error.is_failed_start() {
        return error;
    }
    match newest_of_service(context) {
        Ok(Some(data)) => Error::WayBack { error: Box::new(error), replaced: data.replaced },
        // The first error is the one to tell.
        Ok(None) | Err(_) => error,
    }
}

fn newest_of_service(context: &mut Context) -> Result<Option<PreviousData>> {
    let project = Project::discover(&context.surroundings, context.cli.settings())?;
    let Target::Service(service) = &project.target else { return Ok(None) };
    let engine = Engine::connect(&project.connection)?;
    // A twin that ends is no service's server.
    let failed = engine.observe(service)?.container.filter(ContainerFacts::has_failed);
    let Some(container) = failed.filter(ContainerFacts::keeps_its_data) else { return Ok(None) };
    Ok(engine.previous_data(service, &container)?.into_iter().next())
}
