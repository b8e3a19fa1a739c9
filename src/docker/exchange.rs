//! Two data directories change places: a twin's, or a previous one, comes into service, and what was in service is
//! kept aside. Renames inside the service's volumes, written down before the first.

mod journal;
mod previous;

use std::time::{Duration, Instant};

use crate::compose::service::Service;
use crate::docker::container_error::{ContainerError, LAST_LINES, Result};
use crate::docker::copy::read_file;
use crate::docker::mover::Mover;
use crate::docker::server_files::ServerFiles;
use crate::docker::twin::{FOLDER, Twin, TwinError};
use crate::docker::{ContainerFacts, Engine, State};
use crate::event::{Event, Observer};
use crate::fault;

use journal::{Clusters, Listing};

pub use previous::PreviousData;

const LIST: &str = include_str!("exchange/list.sh");
const WRITE: &str = include_str!("exchange/write.sh");
const MOVE: &str = include_str!("exchange/move.sh");
const VOID: &str = include_str!("exchange/void.sh");

/// How often a mover is tried that somebody ends.
const ATTEMPTS: usize = 3;

/// What an exchange came to.
pub struct Exchanged {
    /// The number of the data directory that went out of service.
    pub previous: u64,
    /// For how long the service's server was stopped.
    pub away: Duration,
    /// The service's container, started; its server may not answer yet.
    pub container: ContainerFacts,
}

/// What comes into service.
struct Coming<'a> {
    files: &'a ServerFiles,
    /// Its folder.
    from: String,
    twin: Option<&'a Twin>,
}

/// What is written down before the first rename.
struct Decided {
    /// The number of what goes.
    turn: u64,
    mark_file: String,
    mark: Vec<u8>,
    journal: String,
}

impl Decided {
    /// From its end on there is only one way.
    fn write(&self, mover: &Mover, container: &ContainerFacts) -> Result<()> {
        mover.run(WRITE, &[&self.mark_file], Some(self.mark.clone()))?;
        fault::step("exchange.mark_written");
        mover.run(WRITE, &[&container.journal()], Some(self.journal.clone().into_bytes()))?;
        Ok(())
    }
}

impl Engine {
    /// Puts the twin's data in service, and keeps what was in service as the newest previous data directory. The
    /// twin's server is ended first, then the service's; that is started again at the end, also where the
    /// exchange was refused.
    ///
    /// From the first rename on, the exchange is carried to its end: by this run or by [`Engine::finish_exchange`].
    /// Until then the old data is in service. Whoever asks for it holds the
    /// service's [`crate::docker::ContainerLock`].
    pub fn exchange(
        &self,
        container: &ContainerFacts,
        mut twin: Twin,
        observer: &mut dyn Observer,
    ) -> Result<Exchanged> {
        self.stop_quietly(&twin.facts.id)?;
        twin.facts = self.present(&twin.facts.id)?;
        if !self.is_at_rest(&twin.facts)? {
            let log = self.last_log_lines(&twin.facts.id, LAST_LINES)?;
            return Err(TwinError::NotAtRest { log: log.trim().to_owned() }.into());
        }
        fault::step("exchange.twin_stopped");
        let files = self.server_files(&twin.facts)?;
        let service = twin.service().clone();
        let coming = Coming { files: &files, from: "new".to_owned(), twin: Some(&twin) };
        let exchanged = self.change_places(&service, container, &coming, observer);
        if exchanged.is_ok() {
            twin.give_away();
        }
        exchanged
    }

    /// Puts a previous data directory in service again, the newest unless its number is given. Promises as
    /// [`Engine::exchange`]: once more, and it is the other way round.
    pub fn exchange_with_previous(
        &self,
        service: &Service,
        container: &ContainerFacts,
        turn: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Result<Exchanged> {
        let known = self.previous_data(service, container)?;
        let wanted = |known: &&PreviousData| turn.is_none_or(|turn| turn == known.turn);
        let chosen = known.iter().find(wanted).ok_or(TwinError::NoPrevious { turn })?;
        let from = chosen.folder();
        let files = self.server_files_aside(container, &from)?;
        self.change_places(service, container, &Coming { files: &files, from, twin: None }, observer)
    }

    /// Carries an exchange to its end that a killed run has begun: whether there was one. One of which no rename was
    /// done is forgotten: since then the old data may have been in service again. The container is stopped afterwards. Whoever asks for it holds the service's [`crate::docker::ContainerLock`].
    pub fn finish_exchange(
        &self,
        service: &Service,
        container: &ContainerFacts,
        observer: &mut dyn Observer,
    ) -> Result<bool> {
        if !self.is_mid_exchange(container)? {
            return Ok(false);
        }
        self.stop_to_the_end(container)?;
        // With a journal of which nothing was done go the files that were to come into service.
        self.clear_folders(service, container)?;
        self.discard_twins(service)?;
        if !self.has_journal(container)? {
            return Ok(false);
        }
        self.move_all(service, container, None)?;
        observer.observe(Event::ExchangeFinished);
        Ok(true)
    }

    /// Whether an exchange was begun and not carried to its end.
    pub fn is_mid_exchange(&self, container: &ContainerFacts) -> Result<bool> {
        Ok(container.keeps_its_data() && self.has_journal(container)?)
    }

    /// Restarts a container's server, for settings that wait for it; the container as it is then.
    pub fn restart(&self, container: &ContainerFacts) -> Result<ContainerFacts> {
        self.stop_to_the_end(container)?;
        self.finish(self.client().start_container(&container.id, None))?;
        self.present(&container.id)
    }

    fn change_places(
        &self,
        service: &Service,
        container: &ContainerFacts,
        coming: &Coming,
        observer: &mut dyn Observer,
    ) -> Result<Exchanged> {
        let mover = self.mover(service, container)?;
        fault::step("exchange.mover_started");
        let began = Instant::now();
        self.stop_to_the_end(container)?;
        fault::step("exchange.service_stopped");
        let decided = match self.decided(&mover, container, coming) {
            Ok(decided) => decided,
            Err(error) => return Err(self.as_it_was(container, error)),
        };
        let mover = match decided.write(&mover, container) {
            Ok(()) => Some(mover),
            Err(error) => {
                // It may have been written all the same: that is certain once nobody can write any more.
                drop(mover);
                if !self.has_journal(container)? {
                    return Err(self.as_it_was(container, error));
                }
                None
            }
        };
        fault::step("exchange.journal_written");
        let mover = self.begin(service, container, mover)?;
        if let Some(twin) = coming.twin {
            self.discard(&twin.facts.id, true)?;
            fault::step("exchange.twin_removed");
        }
        self.move_all(service, container, Some(mover))?;
        self.finish(self.client().start_container(&container.id, None))?;
        let away = began.elapsed();
        fault::step("exchange.service_started");
        observer.observe(Event::ClusterExchanged { away });
        let container = self.finish(self.client().inspect_container(&container.id, None))?.into();
        Ok(Exchanged { previous: decided.turn, away, container })
    }

    /// Does the first rename, unless somebody has started the server meanwhile: then the old cluster is whole again.
    ///
    /// Without the `global` that it takes out, no server starts, so that one that does not run afterwards will not.
    fn begin(&self, service: &Service, container: &ContainerFacts, mover: Option<Mover>) -> Result<Mover> {
        let journal = container.journal();
        if self.runs(container)? {
            self.insist(service, container, mover, VOID, &[&journal])?;
            return Err(self.as_it_was(container, started(container)));
        }
        fault::step("exchange.looked");
        let mover = match self.insist(service, container, mover, MOVE, &[&journal, "1"]) {
            Ok(mover) => mover,
            Err(error) => return Err(self.forgotten(service, container, error)),
        };
        fault::step("exchange.begun");
        if self.runs(container)? {
            self.insist(service, container, Some(mover), VOID, &[&journal, "back"])?;
            // It may have missed what was away.
            self.stop_to_the_end(container)?;
            return Err(self.as_it_was(container, started(container)));
        }
        Ok(mover)
    }

    fn runs(&self, container: &ContainerFacts) -> Result<bool> {
        let now = self.finish(self.client().inspect_container(&container.id, None))?;
        Ok(matches!(ContainerFacts::from(now).state, State::Running { .. } | State::Paused))
    }

    /// After a first rename that failed: the service's server again, unless it was done all the same.
    fn forgotten(
        &self,
        service: &Service,
        container: &ContainerFacts,
        error: ContainerError,
    ) -> ContainerError {
        let journal = container.journal();
        let voided = self.insist(service, container, None, VOID, &[&journal]).map(drop);
        match voided.and_then(|()| self.has_journal(container)) {
            Ok(false) => self.as_it_was(container, error),
            Ok(true) | Err(_) => error,
        }
    }

    fn has_journal(&self, container: &ContainerFacts) -> Result<bool> {
        Ok(self.finish(read_file(self.client(), &container.id, &container.journal()))?.is_some())
    }

    /// The service's server again, and why nothing came of the exchange.
    fn as_it_was(&self, container: &ContainerFacts, error: ContainerError) -> ContainerError {
        match self.finish(self.client().start_container(&container.id, None)) {
            Ok(()) => error,
            Err(worse) => worse.into(),
        }
    }

    /// Decides the renames, and changes nothing.
    fn decided(&self, mover: &Mover, container: &ContainerFacts, coming: &Coming) -> Result<Decided> {
        let mounts: Vec<String> = container.writable_mounts().map(str::to_owned).collect();
        let folder = container.marks_folder()?;
        let marks = Listing::read(&mover.run(LIST, &[&folder], None)?);
        let turn = previous::next_turn(&marks, &folder);
        let to = previous::folder(turn);
        let live = self.server_files(container)?;
        let clusters =
            Clusters { live: &live, coming: coming.files, from: &coming.from, to: &to, mounts: &mounts };
        let directories = clusters.directories()?;
        let directories: Vec<&str> = directories.iter().map(String::as_str).collect();
        let journal = clusters.journal(&Listing::read(&mover.run(LIST, &directories, None)?))?;
        let mark = self.mark_of(container, turn, &marks.now)?;
        Ok(Decided { turn, mark_file: format!("{folder}/{to}.json"), mark, journal: journal.to_string() })
    }

    fn move_all(&self, service: &Service, container: &ContainerFacts, first: Option<Mover>) -> Result<()> {
        self.insist(service, container, first, MOVE, &[&container.journal()])?;
        fault::step("exchange.moved");
        Ok(())
    }

    /// Runs a script that can be run again. A mover that was ended by somebody is followed by another; the last of them.
    fn insist(
        &self,
        service: &Service,
        container: &ContainerFacts,
        first: Option<Mover>,
        script: &str,
        arguments: &[&str],
    ) -> Result<Mover> {
        let mut mover = first;
        for _ in 1..ATTEMPTS {
            let now = mover.take().map_or_else(|| self.mover(service, container), Ok)?;
            if now.run(script, arguments, None).is_ok() {
                return Ok(now);
            }
        }
        let last = self.mover(service, container)?;
        last.run(script, arguments, None)?;
        Ok(last)
    }

    fn stop_to_the_end(&self, container: &ContainerFacts) -> Result<()> {
        // The engine answers when the container has ended, which may take all of its grace period.
        let patient = self.client().clone().with_timeout(Duration::from_secs(3600));
        Ok(self.finish(async { patient.stop_container(&container.id, None).await })?)
    }
}

fn started(container: &ContainerFacts) -> ContainerError {
    TwinError::Started { container: container.name.clone() }.into()
}

impl ContainerFacts {
    /// Where the marks of previous data directories are: dbctl's folder in the volume that holds the data directory.
    fn marks_folder(&self) -> Result<String> {
        let data = self.data_directory();
        let mount = self.mount_at(data).filter(|_| self.keeps_its_data());
        let mount = mount.ok_or_else(|| TwinError::NoPlace { data: data.to_owned() })?;
        Ok(format!("{}/{FOLDER}", mount.target.trim_end_matches('/')))
    }
}
