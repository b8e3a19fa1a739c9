//! From a project to its server: image and container as planned, then an endpoint that answers.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Context, Result, names};
use crate::compose::service::Service;
use crate::docker::{ContainerError, ContainerFacts, ContainerLock, Engine};
use crate::error::Error;
use crate::init_dir::InitDir;
use crate::launch::{Judge, Launched, Situation, launch};
use crate::plan::{self, Note, Plan, ServiceFacts};
use crate::project::{Project, Target, login};
use crate::server::container::Approach;
use crate::server::{Server, ServerError};

/// A server, what was done until it answered, and what was left.
pub struct Reached {
    pub server: Server,
    pub done: Vec<String>,
    pub notes: Vec<Note>,
}

/// How often, and how long apart, a situation is looked at again that is changing under our eyes.
const ATTEMPTS: usize = 8;
const SETTLING: Duration = Duration::from_millis(500);

/// What a command wants of image and container.
#[derive(Clone, Copy)]
pub struct Wish {
    pub plan: fn(&ServiceFacts) -> Plan,
    pub judge: Judge,
    /// The run's lock is taken whatever the server says.
    pub locks: bool,
}

impl Wish {
    pub const UP: Self = Self { plan: plan::service::up, judge: Judge::Quickly, locks: false };
    pub const REBUILD: Self = Self { plan: plan::service::rebuild, judge: Judge::Thoroughly, locks: false };
    pub const FRESH: Self = Self { locks: true, ..Self::REBUILD };
}

/// A look at the engine and what it has of the service, which changes nothing.
type Looking = JoinHandle<Result<(Engine, Situation)>>;

fn begin_to_look(project: &Project, judge: Judge) -> Option<Looking> {
    let Target::Service(service) = &project.target else { return None };
    let (service, connection) = (service.clone(), project.connection.clone());
    Some(thread::spawn(move || {
        let engine = Engine::connect(&connection)?;
        let situation = Situation::of(&engine, &service, judge)?;
        Ok((engine, situation))
    }))
}

impl Context {
    /// The scripts, what `chosen` makes of them, and the server as [`Context::bring_up`] gives it. The engine is looked at
    /// while they are read; nothing is changed before they are known to be in order.
    pub(super) fn read_and_bring_up<T>(
        &mut self,
        project: &Project,
        wish: Wish,
        chosen: impl FnOnce(&InitDir) -> Result<T>,
    ) -> Result<(InitDir, T, Reached)> {
        let looking = begin_to_look(project, wish.judge);
        let init = self.scripts(project)?;
        let choice = chosen(&init)?;
        // Where that look failed, the next tells why.
        let looked = looking.and_then(|thread| thread.join().ok()?.ok());
        let reached = self.bring_up_from(looked, project, &names(&init.scripts), wish)?;
        Ok((init, choice, reached))
    }

    /// Brings image and container to what `wish` says of them, and reaches the server.
    pub(super) fn bring_up(
        &mut self,
        project: &Project,
        project_scripts: &[String],
        wish: Wish,
    ) -> Result<Reached> {
        self.bring_up_from(None, project, project_scripts, wish)
    }

    fn bring_up_from(
        &mut self,
        looked: Option<(Engine, Situation)>,
        project: &Project,
        project_scripts: &[String],
        wish: Wish,
    ) -> Result<Reached> {
        let service = match &project.target {
            Target::Url(url) => {
                return Ok(Reached {
                    server: Server::reach(url, &project.socket_dir)?,
                    done: Vec::new(),
                    notes: Vec::new(),
                });
            }
            Target::Service(service) => service,
        };
        let (engine, situation) = match looked {
            Some((engine, situation)) => (engine, Some(situation)),
            None => (Engine::connect(&project.connection)?, None),
        };
        let launched = self.launch(situation, project, &engine, service, project_scripts, wish)?;
        let approach = Approach { locks: wish.locks, ..approach(project, service, &launched.container)? };
        let observer = &mut *self.observer;
        let (facts, just_started) = (launched.container.clone(), launched.just_started);
        match Server::in_container(engine.clone(), facts, approach, just_started, observer) {
            Err(ServerError::Container(ContainerError::MidExchange { .. })) => {
                self.finish_exchange(project, service, &engine, &launched.container)?;
                self.bring_up(project, project_scripts, wish)
            }
            server => Ok(Reached { server: server?, done: launched.done, notes: launched.notes }),
        }
    }

    /// The container is stopped afterwards.
    fn finish_exchange(
        &mut self,
        project: &Project,
        service: &Service,
        engine: &Engine,
        container: &ContainerFacts,
    ) -> Result<()> {
        let _lock = ContainerLock::acquire(&project.cache_dir, service, &mut *self.observer)?;
        engine.finish_exchange(service, container, &mut *self.observer)?;
        Ok(())
    }

    /// What a killed run has asked the engine for may still be under way: then the situation is looked at again.
    fn launch(
        &mut self,
        mut situation: Option<Situation>,
        project: &Project,
        engine: &Engine,
        service: &Service,
        project_scripts: &[String],
        wish: Wish,
    ) -> Result<Launched> {
        for _ in 0..ATTEMPTS {
            match self.launch_now(situation.take(), project, engine, service, project_scripts, wish) {
                Err(Error::Server(error)) if error.is_passing() => std::thread::sleep(SETTLING),
                outcome => return outcome,
            }
        }
        self.launch_now(None, project, engine, service, project_scripts, wish)
    }

    fn launch_now(
        &mut self,
        situation: Option<Situation>,
        project: &Project,
        engine: &Engine,
        service: &Service,
        project_scripts: &[String],
        wish: Wish,
    ) -> Result<Launched> {
        let situation = situation.map_or_else(|| Situation::of(engine, service, wish.judge), Ok)?;
        let plan = (wish.plan)(&situation.facts);
        if let Some(container) = situation.container().filter(|_| plan.is_empty()) {
            if situation.has_twins() {
                clear_twins(project, engine, service, container)?;
            }
            let (container, notes) = (container.clone(), plan.notes);
            return Ok(Launched { container, done: Vec::new(), just_started: false, notes });
        }
        // Another dbctl may be about to do the same; whoever comes second looks again.
        let lock = ContainerLock::acquire(&project.cache_dir, service, &mut *self.observer);
        let _lock = lock.map_err(ServerError::from)?;
        let situation = Situation::of(engine, service, wish.judge)?;
        let plan = (wish.plan)(&situation.facts);
        let has_twins = situation.has_twins();
        let launched = launch(engine, service, project_scripts, &plan, situation, &mut *self.observer)?;
        if has_twins {
            clear_twins(project, engine, service, &launched.container)?;
        }
        Ok(launched)
    }

    /// The server as it is: nothing is created, started or waited for. None where it does not run.
    pub(super) fn look(&mut self, project: &Project) -> Result<Option<Server>> {
        let service = match &project.target {
            Target::Url(url) => return Ok(Some(Server::reach(url, &project.socket_dir)?)),
            Target::Service(service) => service,
        };
        let engine = Engine::connect(&project.connection)?;
        let observed = engine.observe(service).map_err(ServerError::from)?;
        let Some(container) = observed.container.filter(ContainerFacts::is_running) else { return Ok(None) };
        let approach = approach(project, service, &container)?;
        Ok(Some(Server::in_container(engine, container, approach, false, &mut *self.observer)?))
    }

    /// As [`Context::look`], where a server is needed.
    pub(super) fn running(&mut self, project: &Project) -> Result<Server> {
        self.look(project)?.ok_or_else(|| not_running(project))
    }
}

pub(super) fn not_running(project: &Project) -> Error {
    let service = match &project.target {
        Target::Service(service) => service.name.clone(),
        Target::Url(_) => String::new(),
    };
    Error::NotRunning { service }
}

/// Those of a run that is at work are left alone.
fn clear_twins(
    project: &Project,
    engine: &Engine,
    service: &Service,
    container: &ContainerFacts,
) -> Result<()> {
    let cleared = engine.clear_twins(service, Some(container), &project.cache_dir);
    Ok(cleared.map_err(ServerError::from)?)
}

pub(super) fn approach(project: &Project, service: &Service, container: &ContainerFacts) -> Result<Approach> {
    let only = project.endpoint.as_deref().map(str::parse).transpose().map_err(Error::Endpoint)?;
    Ok(Approach {
        login: login::login(service, &container.environment, &project.overrides)?,
        only,
        cache: project.cache_dir.clone(),
        sockets: project.socket_dir.clone(),
        locks: false,
    })
}
