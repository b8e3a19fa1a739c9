//! The first initialisation of an empty data directory: by a helper container in which the image's entrypoint
//! finds the image's own init files, and none of the project's scripts.

mod helper;
mod init_directory;
mod leftover;
mod own_files;

use std::time::{Duration, Instant};

use crate::compose::service::Service;
use crate::docker::container_error::{ContainerError, LAST_LINES, Result};
use crate::docker::{ContainerFacts, Engine, MountedFrom, State, Upload};
use crate::event::{Event, Observer};

use helper::Helper;
pub(in crate::docker) use helper::INIT_DIRECTORY;
pub(in crate::docker) use leftover::carried_out;

/// How often, and how long apart, an initialisation is begun again that met what a killed run left under way.
const ATTEMPTS: usize = 8;
const SETTLING: Duration = Duration::from_millis(500);

/// Between two looks at the helper.
const PAUSE: Duration = Duration::from_millis(50);

/// What came of the question whether a data directory needs a first initialisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initialisation {
    /// A database is there.
    NotNeeded,
    Done,
    /// The data goes with the container, so nobody but its own entrypoint can initialise it: at every start,
    /// the project's scripts included.
    ByEntrypoint,
}

/// What is to be initialised.
#[derive(Clone, Copy)]
pub struct Uninitialised<'a> {
    pub service: &'a Service,
    /// The service's container, which does not run.
    pub container: &'a ContainerFacts,
    /// Names of the project's scripts, as they would appear in `/docker-entrypoint-initdb.d`.
    pub project_scripts: &'a [String],
    /// Init files of the caller's own, run with the image's.
    pub own_files: &'a [Upload],
}

impl Engine {
    /// Initialises the data directory of the service's container if it is empty; what a killed run left is
    /// cleared away first. Runs nothing of the project's. On failure the data directory is empty again.
    pub fn initialise(&self, what: Uninitialised, observer: &mut dyn Observer) -> Result<Initialisation> {
        for _ in 0..ATTEMPTS {
            match self.initialise_now(what, observer) {
                Err(error) if error.is_passing() => self.pause(SETTLING)?,
                outcome => return outcome,
            }
        }
        self.initialise_now(what, observer)
    }

    fn initialise_now(&self, what: Uninitialised, observer: &mut dyn Observer) -> Result<Initialisation> {
        let container = what.container;
        if !container.is_stopped() {
            return Ok(Initialisation::NotNeeded);
        }
        self.clear_away_helpers(what.service, container)?;
        if !container.keeps_its_data() {
            return Ok(Initialisation::ByEntrypoint);
        }
        if self.has_database(container)? {
            return Ok(Initialisation::NotNeeded);
        }
        for directory in directories(container) {
            if !self.is_empty_directory(container, &directory)? {
                return Err(ContainerError::NotEmpty { name: container.name.clone(), directory });
            }
        }
        let began = Instant::now();
        let place = place(container);
        observer.observe(Event::InitialisationStarted { volume: place.clone() });
        self.run_helper(what, &place)?;
        observer.observe(Event::InitialisationFinished { took: began.elapsed() });
        Ok(Initialisation::Done)
    }

    /// As the entrypoint judges it.
    fn has_database(&self, container: &ContainerFacts) -> Result<bool> {
        let version = self.read_file(&container.id, &format!("{}/PG_VERSION", container.data_directory()))?;
        Ok(version.is_some_and(|text| !text.is_empty()))
    }

    fn run_helper(&self, what: Uninitialised, place: &str) -> Result<()> {
        let helper = self.make_helper(what)?;
        match self.initialised_by(&helper) {
            Ok(()) => self.discard(&helper.id, true),
            Err(error) => {
                let error = self.explained(&helper, place, error);
                self.undo(&helper.id)?;
                Err(error)
            }
        }
    }

    /// Until the data directory is complete, and at rest.
    fn initialised_by(&self, helper: &Helper) -> Result<()> {
        self.run(self.client().start_container(&helper.id, None))?;
        if helper.ends_by_itself {
            self.run(carried_out(self.client(), &helper.id))?;
        } else {
            self.stop_when_serving(helper)?;
        }
        let now = self.present(&helper.id)?;
        // An init file that says `exit 0` ends the entrypoint half-way, but not the temporary server in peace.
        if now.state == (State::Exited { code: 0 }) && self.is_at_rest(&now)? {
            Ok(())
        } else {
            Err(ended(&now))
        }
    }

    fn stop_when_serving(&self, helper: &Helper) -> Result<()> {
        loop {
            let now = self.present(&helper.id)?;
            if now.is_stopped() {
                return Err(ended(&now));
            }
            // The image's temporary server listens on no TCP address: one that does is the real one, and
            // initialisation is over.
            if self.postmaster(&now)?.is_some_and(|server| server.is_serving()) {
                return self.stop_quietly(&helper.id);
            }
            self.pause(PAUSE)?;
        }
    }

    fn explained(&self, helper: &Helper, place: &str, error: ContainerError) -> ContainerError {
        let ContainerError::Exited { code, .. } = error else { return error };
        ContainerError::Initialisation {
            place: place.to_owned(),
            code: format!(" with exit code {code}"),
            log: self.last_log_lines(&helper.id, LAST_LINES).unwrap_or_default(),
        }
    }
}

fn ended(helper: &ContainerFacts) -> ContainerError {
    let code = if let State::Exited { code } = helper.state { code } else { 0 };
    ContainerError::Exited { name: helper.name.clone(), code, log: String::new() }
}

/// What initialisation fills.
fn directories(container: &ContainerFacts) -> Vec<String> {
    let write_ahead_log = container.environment.get("POSTGRES_INITDB_WALDIR").filter(|path| !path.is_empty());
    std::iter::once(container.data_directory().to_owned()).chain(write_ahead_log.cloned()).collect()
}

/// Where the data directory is, in the user's words.
fn place(container: &ContainerFacts) -> String {
    match container.mount_at(container.data_directory()).map(|mount| &mount.source) {
        Some(MountedFrom::Volume(name)) => name.clone(),
        Some(MountedFrom::Host(path)) => path.clone(),
        _ => container.data_directory().to_owned(),
    }
}
