//! A container made like the service's that nobody else sees, in which scripts are run from nothing.
//!
//! ```text
//! let twin = engine.make_twin(TwinRequest { service, ground, project_scripts, own_files, cache }, observer)?;
//! let server = Server::in_container(engine.clone(), twin.facts.clone(), approach, true, observer)?;
//! ```
//!
//! The server is reached by the tunnel, as there is no network. Drop the server before the twin.

mod beside;
mod error;
mod folder;
mod leftover;
mod temporary;

use std::path::Path;
use std::time::Instant;

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::CreateContainerOptionsBuilder;

use crate::compose::service::{MountSource, Service};
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::create::Blueprint;
use crate::docker::{
    ContainerFacts, ContainerLock, Engine, Image, Uninitialised, Upload, labels, likeness, server_files,
    volume,
};
use crate::event::{Event, Observer, Silent};
use crate::fault;

use beside::{Apart, Place};
use folder::Forerunner;
use temporary::Private;

pub use error::TwinError;

/// The directory of dbctl's own in the data directory, and at the top of each volume that a twin writes to.
pub(in crate::docker) const FOLDER: &str = "dbctl";
/// Where a twin's files are, from the top of a volume.
pub(in crate::docker) const NEW_FOLDER: &str = "dbctl/new";

/// The engine's first API in which a part of a volume can be mounted.
const SUBPATHS_SINCE: (u32, u32) = (1, 45);

/// What a twin is to be made of.
#[derive(Clone, Copy)]
pub struct TwinRequest<'a> {
    pub service: &'a Service,
    pub ground: Ground<'a>,
    /// Names of the project's scripts, as they would appear in `/docker-entrypoint-initdb.d`.
    pub project_scripts: &'a [String],
    /// Init files of the caller's own, run with the image's.
    pub own_files: &'a [Upload],
    /// Where dbctl's locks are.
    pub cache: &'a Path,
}

/// Where a twin's data lies.
#[derive(Clone, Copy)]
pub enum Ground<'a> {
    /// In volumes that go with it; for checks and diffs. The service needs no container; what of its files the
    /// twin sees, it sees read-only.
    Temporary(&'a Image),
    /// In a folder inside the volumes of the service's container, so that it can take the place of the data
    /// there ([`Engine::exchange`]). Whoever asks for it holds the service's [`ContainerLock`].
    BesideTheData(&'a ContainerFacts),
}

impl Ground<'_> {
    fn kind(self) -> &'static str {
        match self {
            Self::Temporary(_) => "check",
            Self::BesideTheData(_) => "twin",
        }
    }
}

/// A running container, with its files removed when it is dropped; a kill leaves that to the next command.
pub struct Twin {
    pub facts: ContainerFacts,
    engine: Engine,
    service: Service,
    /// The service's container, where the twin's data lies beside that one's.
    beside: Option<ContainerFacts>,
    /// Its files have come into service.
    given_away: bool,
    _lock: ContainerLock,
}

impl Engine {
    /// Makes a twin, initialises its data directory with the image's own init files, and starts it. Its server may
    /// not answer yet.
    pub fn make_twin(&self, request: TwinRequest, observer: &mut dyn Observer) -> Result<Twin> {
        let began = Instant::now();
        let kind = request.ground.kind();
        let lock = ContainerLock::of_part(request.cache, request.service, kind, observer)?;
        self.clear_twins_of(request.service, kind, request.ground.container())?;
        let mut twin = Twin {
            facts: self.twins_container(request)?,
            engine: self.clone(),
            service: request.service.clone(),
            beside: request.ground.container().cloned(),
            given_away: false,
            _lock: lock,
        };
        fault::step("twin.created");
        let what = Uninitialised {
            service: request.service,
            container: &twin.facts,
            project_scripts: request.project_scripts,
            own_files: request.own_files,
        };
        self.initialise(what, &mut Silent).map_err(of_a_twin)?;
        fault::step("twin.initialised");
        self.run(self.client().start_container(&twin.facts.id, None))?;
        fault::step("twin.started");
        twin.facts = self.present(&twin.facts.id)?;
        observer.observe(Event::TwinStarted { took: began.elapsed() });
        Ok(twin)
    }

    /// Made, not started.
    fn twins_container(&self, request: TwinRequest) -> Result<ContainerFacts> {
        let TwinRequest { service, ground, .. } = request;
        match ground {
            Ground::Temporary(image) => {
                self.create_twin(service, ground.kind(), self.temporary(service, image)?)
            }
            Ground::BesideTheData(container) => {
                let made = self.twin_beside(service, container);
                if made.is_err() {
                    // The first error is the one to tell; empty folders are in nobody's way.
                    let _ = self.clear_folders(service, container);
                }
                made
            }
        }
    }

    fn twin_beside(&self, service: &Service, container: &ContainerFacts) -> Result<ContainerFacts> {
        // What is unpacked there is to be all that is there, and a container that is gone tells of no folder.
        if self.has_folders(container)? {
            self.clear_folders(service, container)?;
        }
        let (body, _forerunner) = self.beside(container)?;
        fault::step("twin.folders_made");
        self.create_twin(service, Ground::BesideTheData(container).kind(), body)
    }

    fn create_twin(
        &self,
        service: &Service,
        kind: &str,
        body: ContainerCreateBody,
    ) -> Result<ContainerFacts> {
        let part = labels::part(service);
        let own = [(labels::TWIN.to_owned(), format!("{part}/{kind}")), (labels::PART.to_owned(), part)];
        let body = ContainerCreateBody { labels: Some(own.into()), ..body };
        let name = format!("dbctl-{kind}_{}", labels::container_name(service));
        let options = CreateContainerOptionsBuilder::default().name(&name);
        let options = service.platform.iter().fold(options, |options, platform| options.platform(platform));
        let id = self.run(self.client().create_container(Some(options.build()), body))?.id;
        self.write_contents(service, &id)?;
        self.present(&id)
    }

    /// As the service's container would be made now.
    fn temporary(&self, service: &Service, image: &Image) -> Result<ContainerCreateBody> {
        let minor = self.client().client_version().minor_version;
        let mut body = likeness::alone(Blueprint::of(service, &image.id, minor)?.body);
        let value =
            |name: &str| service.environment.get(name).or_else(|| image.environment.get(name)).cloned();
        let paths = ["PGDATA", "POSTGRES_INITDB_WALDIR"].into_iter().filter_map(value);
        let private = paths.filter(|path| !path.is_empty()).chain(server_files::usual_sockets()).collect();
        let read: Vec<String> = self.volumes_read(service)?;
        Private(private).apply(&mut body, |name| read.iter().any(|known| known == name));
        temporary::hasten(&mut body, image);
        Ok(body)
    }

    /// Names of the volumes that the service reads only, and that exist.
    fn volumes_read(&self, service: &Service) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for mount in service.mounts.iter().filter(|mount| mount.read_only) {
            if let MountSource::Volume { key, .. } = &mount.source {
                let name = volume::definition(service, key).name;
                if self.has_volume(&name)? {
                    names.push(name);
                }
            }
        }
        Ok(names)
    }

    /// As the service's container was made; folders for its files are made there.
    fn beside(&self, container: &ContainerFacts) -> Result<(ContainerCreateBody, Forerunner)> {
        if !container.keeps_its_data() {
            return Err(TwinError::NoPlace { data: container.data_directory().to_owned() }.into());
        }
        let files = self.server_files(container)?;
        let mut model = self.run(self.client().inspect_container(&container.id, None))?;
        let mut host = model.host_config.take().unwrap_or_default();
        let sockets = self.socket_directories(container)?;
        let place = Place { files: &files, sockets: &sockets, subpaths: self.mounts_subpaths()? };
        let apart: Vec<Apart> = place.apply(&mut host, &model.mounts.take().unwrap_or_default())?;
        let forerunner = self.make_folders(container, &files, &apart)?;
        model.host_config = Some(host);
        Ok((likeness::of(model), forerunner))
    }

    fn mounts_subpaths(&self) -> Result<bool> {
        let version = self.describe()?.api_version;
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        Ok((major, minor) >= SUBPATHS_SINCE)
    }
}

/// Nothing of the service's is concerned.
fn of_a_twin(error: ContainerError) -> ContainerError {
    match error {
        ContainerError::Initialisation { log, .. } => {
            TwinError::Initialisation { log: log.trim().to_owned() }.into()
        }
        other => other,
    }
}

impl<'a> Ground<'a> {
    fn container(self) -> Option<&'a ContainerFacts> {
        match self {
            Self::Temporary(_) => None,
            Self::BesideTheData(container) => Some(container),
        }
    }
}

impl Twin {
    /// Ends and removes it with its files, and says what went wrong, where dropping it would not.
    pub fn remove(mut self) -> Result<()> {
        self.given_away = true;
        self.clear()
    }

    pub(in crate::docker) fn service(&self) -> &Service {
        &self.service
    }

    /// Nothing of it is to be removed any more.
    pub(in crate::docker) fn give_away(mut self) {
        self.given_away = true;
    }

    fn clear(&self) -> Result<()> {
        self.engine.remove_twin(&self.service, &self.facts, self.beside.as_ref())
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        if !self.given_away {
            // What is left is removed by the next run.
            let _ = self.clear();
        }
    }
}
