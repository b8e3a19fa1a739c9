//! Whole data directories that are kept for `undo`, beside the databases that are.

use jiff::Timestamp;

use super::{Context, Result};
use crate::compose::service::Service;
use crate::database::generations::Generation;
use crate::docker::{ContainerFacts, ContainerLock, Engine, Exchanged, PreviousData};
use crate::error::Error;
use crate::event::Event;
use crate::project::{Project, Target};
use crate::server::container::Approach;
use crate::server::{Container, Server, ServerError};

/// The service's previous data directories, the newest first; none where dbctl does not know the container.
pub(super) fn kept(project: &Project, server: &Server) -> Result<Vec<PreviousData>> {
    let Some((service, container)) = at(project, server) else { return Ok(Vec::new()) };
    Ok(container.engine.previous_data(service, &container.facts).map_err(ServerError::from)?)
}

fn at<'a>(project: &'a Project, server: &'a Server) -> Option<(&'a Service, &'a Container)> {
    match (&project.target, &server.container) {
        (Target::Service(service), Some(container)) => Some((service, container)),
        _ => None,
    }
}

/// The data directory that `undo` would bring back: the newest, unless a database was replaced after it.
pub(super) fn newest<'a>(kept: &'a [PreviousData], databases: &[Generation]) -> Option<&'a PreviousData> {
    let since = databases.first().and_then(|newest| time(newest.mark.since.as_deref()?));
    kept.first().filter(|kept| time(&kept.replaced) > since)
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

impl Context {
    /// Puts that data directory in service again, and waits until its server answers.
    pub(super) fn undo_cluster(
        &mut self,
        project: &Project,
        server: &Server,
        chosen: &PreviousData,
    ) -> Result<Exchanged> {
        let (service, container) = at(project, server).expect("data directories are found in a container");
        let observer = &mut *self.observer;
        let lock = ContainerLock::acquire(&project.cache_dir, service, observer);
        let _lock = lock.map_err(ServerError::from)?;
        server.hang_up();
        let engine = &container.engine;
        let exchanged = engine.exchange_with_previous(service, &container.facts, Some(chosen.turn), observer);
        let exchanged = exchanged.map_err(ServerError::from)?;
        self.await_again(project, server, engine, exchanged.container.clone())?;
        Ok(exchanged)
    }

    /// Restarts the server once, for settings that wait for it.
    pub(super) fn restart(
        &mut self,
        project: &Project,
        server: &Server,
        container: &Container,
        settings: Vec<String>,
    ) -> Result<()> {
        server.hang_up();
        let started = container.engine.restart(&container.facts).map_err(ServerError::from)?;
        self.await_again(project, server, &container.engine, started)?;
        self.observer.observe(Event::ServerRestarted { settings });
        Ok(())
    }

    /// Waits until the server of a container that was started again answers.
    fn await_again(
        &mut self,
        project: &Project,
        server: &Server,
        engine: &Engine,
        container: ContainerFacts,
    ) -> Result<()> {
        let approach = Approach {
            login: server.login.clone(),
            only: project.endpoint.as_deref().map(str::parse).transpose().map_err(Error::Endpoint)?,
            cache: project.cache_dir.clone(),
            sockets: project.socket_dir.clone(),
        };
        Server::in_container(engine.clone(), container, approach, true, &mut *self.observer)?;
        Ok(())
    }

    /// Drops those that `undo` does not bring back next. How many.
    pub(super) fn drop_older_clusters(&mut self, project: &Project, server: &Server) -> Result<u32> {
        let Some((service, container)) = at(project, server) else { return Ok(0) };
        let turns: Vec<u64> = kept(project, server)?.iter().skip(1).map(|kept| kept.turn).collect();
        if turns.is_empty() {
            return Ok(0);
        }
        let lock = ContainerLock::acquire(&project.cache_dir, service, &mut *self.observer);
        let _lock = lock.map_err(ServerError::from)?;
        let dropped = container.engine.drop_previous_data(service, &container.facts, &turns);
        dropped.map_err(ServerError::from)?;
        Ok(u32::try_from(turns.len()).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::generations::{Kind, Mark};

    fn cluster(replaced: &str) -> PreviousData {
        PreviousData { turn: 1, replaced: replaced.to_owned(), version: "15".to_owned(), bytes: 0 }
    }

    fn database(since: &str) -> Generation {
        let mark = Mark { since: Some(since.to_owned()), ..Mark::new(Kind::Previous, "app") };
        Generation { database: String::new(), mark, size: 0, half_dropped: false }
    }

    #[test]
    fn what_was_replaced_last_comes_back_first() {
        let kept = [cluster("2026-11-25T18:00:00Z")];
        assert!(newest(&kept, &[]).is_some());
        assert!(newest(&kept, &[database("2026-11-25T17:59:59.123456Z")]).is_some());
        assert!(newest(&kept, &[database("2026-11-25T18:00:00.123456Z")]).is_none());
        assert!(newest(&[], &[]).is_none());
    }
}
