//! What `check`, `docs`, `diff` and `show` share: the scripts replayed from nothing, the live database left alone.

use super::{Context, Result, names};
use crate::docker::Engine;
use crate::error::Error;
use crate::fresh::Words;
use crate::init_dir::InitDir;
use crate::project::{Project, Target, login};
use crate::replay::{Likeness, NotIdempotent, Replay, ReplayError, Second};
use crate::runner::{Failure, RunError};
use crate::script::Script;
use crate::server::Server;
use crate::server::container::Approach;

/// So many scripts that leave traces are told exactly, at the price of a replay each. Where there are more, one that is
/// named after them may owe that to them.
const EXACT: usize = 4;

impl Context {
    /// Where the scripts can be run from nothing.
    pub(super) fn replay_place(&mut self, project: &Project, init: &InitDir) -> Result<Replay> {
        let service = match &project.target {
            Target::Url(url) => {
                let server = Server::reach(url, &project.socket_dir)?;
                return Ok(Replay::in_scratch(&server, &mut *self.observer)?);
            }
            Target::Service(service) => service,
        };
        let engine = Engine::connect(&project.connection)?;
        let approach = Approach {
            login: login::login(service, &service.environment, &project.overrides)?,
            only: None,
            cache: project.cache_dir.clone(),
            sockets: project.socket_dir.clone(),
            locks: false,
        };
        let scripts = names(&init.scripts);
        let likeness = Likeness { service, approach, cache: &project.cache_dir, scripts: &scripts };
        Ok(Replay::in_twin(engine, likeness, &mut *self.observer)?)
    }

    /// All scripts, once each, in the order in which an empty volume gets them.
    pub(super) fn replayed(&mut self, project: &Project, init: &InitDir) -> Result<Replay> {
        let mut replay = self.replay_place(project, init)?;
        for script in in_build_order(&init.scripts) {
            let words = self.words(project);
            replay.run(script, words, &mut *self.observer)?;
        }
        Ok(replay)
    }

    /// All scripts, twice each, up to one that does not come to its end. Where second runs leave traces, all begins
    /// anew without these: what is found of the scripts after them, and the whole, is what single runs make.
    pub(super) fn replayed_twice(&mut self, project: &Project, init: &InitDir) -> Result<Twice> {
        let mut found: Vec<NotIdempotent> = Vec::new();
        loop {
            let mut replay = self.replay_place(project, init)?;
            let known = found.len();
            let traced = found.iter().filter(|one| one.left_traces).count();
            let ended = self.pass(project, init, &mut replay, &mut found)?;
            if let Some(first) = found[known..].iter().position(|one| one.left_traces) {
                if traced < EXACT {
                    // What was found after it may come of it.
                    found.truncate(known + first + 1);
                }
                continue;
            }
            let place =
                |one: &NotIdempotent| init.scripts.iter().position(|script| script.name == one.script);
            found.sort_by_key(place);
            return Ok(Twice { replay, found, ended });
        }
    }

    /// Once through all scripts, those that are `found` already once each. Why one did not come to its end.
    fn pass(
        &mut self,
        project: &Project,
        init: &InitDir,
        replay: &mut Replay,
        found: &mut Vec<NotIdempotent>,
    ) -> Result<Option<String>> {
        for script in in_build_order(&init.scripts) {
            let words = self.words(project);
            let outcome = if found.iter().any(|one| one.script == script.name) {
                replay.run(script, words, &mut *self.observer).map(|()| Second::Same)
            } else {
                replay.run_twice(script, words, &mut *self.observer)
            };
            match outcome {
                Ok(Second::Same) => {}
                Ok(Second::NotIdempotent(one)) => found.push(one),
                Err(ReplayError::Run(RunError::Script(failed)))
                    if !matches!(failed.why, Failure::Interrupted) =>
                {
                    return Ok(Some(failed.to_string()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    pub(super) fn words<'a>(&self, project: &'a Project) -> Words<'a> {
        Words {
            variables: &project.variables,
            who: &project.who,
            allow_shell: self.cli.script_arguments().allow_shell,
            keep: project.keep,
        }
    }
}

/// What running all scripts twice has come to.
pub(super) struct Twice {
    pub replay: Replay,
    /// Those that changed something the second time, or failed.
    pub found: Vec<NotIdempotent>,
    /// Why a script did not come to its end the first time: nothing is known of those after it.
    pub ended: Option<String>,
}

fn in_build_order(scripts: &[Script]) -> Vec<&Script> {
    let mut ordered: Vec<&Script> = scripts.iter().collect();
    ordered.sort_by_key(|script| script.directives.repeatable);
    ordered
}

impl From<ReplayError> for Error {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Run(error) => Self::Run(error),
            ReplayError::Server(error) => Self::Server(error),
            ReplayError::Docker(error) => Self::Docker(error),
            ReplayError::Container(error) => Self::Container(error),
            ReplayError::Database(error) => Self::Database(error),
            ReplayError::Generation(error) => Self::Generation(error),
            error @ (ReplayError::Beyond { .. } | ReplayError::MayReach { .. }) => Self::Replay(error),
        }
    }
}
