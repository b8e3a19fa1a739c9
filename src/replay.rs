//! The scripts run from nothing where nobody else is, to look at what they make: in a twin, or in a database of its own
//! on a server that dbctl cannot make another of.

mod contents;
mod scratch;
mod twice;

use std::path::Path;

use thiserror::Error;

use crate::compose::service::Service;
use crate::database::generations::GenerationError;
use crate::database::{Database, DatabaseError, Guard, Lock};
use crate::docker::{ContainerError, DockerError, Engine, Ground, Twin, TwinRequest};
use crate::event::{Event, Observer, Silent};
use crate::fresh::Words;
use crate::launch::ledger_file;
use crate::plan::{Cause, Plan, Step};
use crate::runner::{self, Means, Run, RunError, Target};
use crate::schema::{Attribution, Kind, Schema};
use crate::script::Script;
use crate::server::container::Approach;
use crate::server::{Server, ServerError};
use crate::session::Session;

pub use contents::Contents;
use scratch::Scratch;
pub use twice::{NotIdempotent, Second};

/// What the scripts make of nothing, one by one.
pub struct Replay {
    /// Each connection to a twin is a process in its container, so one serves for all.
    database: Database,
    session: Option<Session>,
    lock: Lock,
    server: Server,
    /// As it was before the first script.
    pub ground: Schema,
    /// The scripts that have run, and the schema after each.
    pub steps: Vec<(String, Schema)>,
    /// Goes last.
    place: Place,
}

/// Where it runs; gone when this is dropped.
enum Place {
    Twin(#[expect(dead_code, reason = "it lives as long as the replay")] Box<Twin>),
    /// Scripts must leave alone what is outside their database.
    Scratch(Box<Scratch>),
}

#[derive(Debug, Error)]
pub enum ReplayError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Generation(#[from] GenerationError),
    #[error(
        "script `{script}` changes {what}, which all databases of the server share; `--url` names a server that dbctl \
         cannot make another of, so it is not replayed there\n\
         nothing was changed\n\
         next: leave out `--url`, so that the scripts are replayed in a container of their own"
    )]
    Beyond { script: String, what: String },
    #[error(
        "script `{script}` may reach beyond its database, to {why} (`{word}`); `--url` names a server that dbctl cannot \
         make another of, so it is not replayed there\n\
         nothing was changed\n\
         next: leave out `--url`, so that the scripts are replayed in a container of their own"
    )]
    MayReach { script: String, word: String, why: &'static str },
}

/// What a twin is made and reached by.
pub struct Likeness<'a> {
    pub service: &'a Service,
    pub approach: Approach,
    pub cache: &'a Path,
    /// Names of all scripts of the project.
    pub scripts: &'a [String],
}

impl Replay {
    /// In a twin on volumes of its own; the service needs no container.
    pub fn in_twin(
        engine: Engine,
        likeness: Likeness,
        observer: &mut dyn Observer,
    ) -> Result<Self, ReplayError> {
        let need = engine.image_need(likeness.service)?;
        let image = engine.provide_image(likeness.service, need, observer)?;
        let files = [ledger_file()];
        let request = TwinRequest {
            service: likeness.service,
            ground: Ground::Temporary(&image),
            project_scripts: likeness.scripts,
            own_files: &files,
            cache: likeness.cache,
        };
        let twin = engine.make_twin(request, observer)?;
        let server = Server::in_container(engine, twin.facts.clone(), likeness.approach, true, &mut Silent)?;
        Self::on(server, Place::Twin(Box::new(twin)))
    }

    /// In a database of its own beside that of `server`, whose run's lock is held meanwhile: whoever has that removes
    /// what is half built.
    pub fn in_scratch(server: &Server, observer: &mut dyn Observer) -> Result<Self, ReplayError> {
        let scratch = Scratch::make(server, observer)?;
        let inside = server.in_database(&scratch.database);
        inside.database()?.create_ledger(false)?;
        Self::on(inside, Place::Scratch(Box::new(scratch)))
    }

    fn on(server: Server, place: Place) -> Result<Self, ReplayError> {
        let lock = server.lock(&mut Silent)?;
        let mut database = server.database()?;
        let ground = comparable(Schema::read(&mut database)?, place.is_shared());
        Ok(Self { place, server, lock, database, session: None, ground, steps: Vec::new() })
    }

    /// Runs one script, and reads what it has made.
    pub fn run(
        &mut self,
        script: &Script,
        words: Words,
        observer: &mut dyn Observer,
    ) -> Result<(), ReplayError> {
        self.run_only(script, words)?;
        let schema = self.schema()?;
        self.steps.push((script.name.clone(), schema));
        observer.observe(Event::ScriptReplayed { script: script.name.clone() });
        Ok(())
    }

    fn run_only(&mut self, script: &Script, words: Words) -> Result<(), ReplayError> {
        let step = Step::RunScript { script: script.clone(), cause: Cause::Fresh };
        let plan = Plan { steps: vec![step], notes: Vec::new() };
        let means = Means {
            variables: words.variables,
            container: self.server.container.as_ref().map(|container| &container.facts),
            allow_shell: words.allow_shell,
            has_psql: runner::has_local_psql,
        };
        let prepared = runner::prepare(&plan, means)?;
        if let (true, Some(found)) =
            (self.place.is_shared(), prepared.iter().find_map(|one| one.reach.cluster.as_ref()))
        {
            let (script, word, why) = (script.name.clone(), found.word.clone(), found.why);
            return Err(ReplayError::MayReach { script, word, why });
        }
        let run = Run {
            server: &self.server,
            variables: words.variables,
            who: words.who,
            allow_shell: words.allow_shell,
            target: Target::Replay { guard: self.place.guard() },
        };
        let desk = (&mut self.database, &mut self.session);
        match runner::run_over(&run, &prepared, &self.lock, desk, &mut Silent) {
            Err(RunError::Beyond { script, what }) => Err(ReplayError::Beyond { script, what }),
            outcome => Ok(outcome.map(drop)?),
        }
    }

    /// As it is now. On a server that others use, too, without what all its databases share.
    fn schema(&mut self) -> Result<Schema, ReplayError> {
        let is_shared = self.place.is_shared();
        Ok(comparable(self.ask(Schema::read)?, is_shared))
    }

    /// After the last script.
    pub fn last(&self) -> &Schema {
        self.steps.last().map_or(&self.ground, |(_, schema)| schema)
    }

    /// After the script of that name.
    pub fn after(&self, script: &str) -> Option<&Schema> {
        Some(&self.steps.iter().find(|(name, _)| name == script)?.1)
    }

    /// Before the script of that name.
    pub fn before(&self, script: &str) -> Option<&Schema> {
        let at = self.steps.iter().position(|(name, _)| name == script)?;
        Some(at.checked_sub(1).map_or(&self.ground, |before| &self.steps[before].1))
    }

    /// Which script made what.
    pub fn attribution(&self) -> Attribution {
        Attribution::new(&self.ground, self.steps.iter().map(|(name, schema)| (name.as_str(), schema)))
    }

    /// A live database's schema as far as a replay's can be compared with it.
    pub fn comparable_with(&self, live: Schema) -> Schema {
        comparable(live, self.place.is_shared())
    }

    /// Asks over the connection that is kept. A script may have ended whoever is connected, and through a tunnel that
    /// is heard late: then the same is asked over another one.
    fn ask<T>(
        &mut self,
        question: impl Fn(&mut Database) -> Result<T, DatabaseError>,
    ) -> Result<T, ReplayError> {
        match question(&mut self.database) {
            Err(error) if error.is_lost() => {
                self.database = self.server.database()?;
                Ok(question(&mut self.database)?)
            }
            answer => Ok(answer?),
        }
    }
}

fn comparable(schema: Schema, is_shared: bool) -> Schema {
    if is_shared { schema.without(&[Kind::Database, Kind::Role]) } else { schema }
}

impl Place {
    fn guard(&self) -> Option<&Guard> {
        match self {
            Self::Twin(_) => None,
            Self::Scratch(scratch) => Some(&scratch.guard),
        }
    }

    fn is_shared(&self) -> bool {
        matches!(self, Self::Scratch(_))
    }
}
