//! Brings image and container to what a plan says, up to a server that answers.

use crate::compose::service::Service;
use crate::database::ledger;
use crate::docker::{
    ContainerFacts, Engine, Image, ImageNeed, Initialisation, Observed, Uninitialised, Upload, Wanted, labels,
};
use crate::event::Observer;
use crate::plan::service::{Configuration, ContainerState, ImageFacts};
use crate::plan::{Cause, Note, Plan, ServiceFacts, Step};
use crate::project::init::ENTRYPOINT_DIR;
use crate::server::ServerError;

/// What the engine has of the service now, and what a plan must know of it.
pub struct Situation {
    need: ImageNeed,
    observed: Observed,
    pub facts: ServiceFacts,
}

/// A container that runs, and how it came to that.
pub struct Launched {
    pub container: ContainerFacts,
    /// What was done, in words; nothing where everything was in place.
    pub done: Vec<String>,
    /// Started by this run, so that its server may not answer yet.
    pub just_started: bool,
    pub notes: Vec<Note>,
}

/// How a container that compose made is compared with the compose file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// Not at all: only compose's plugin can tell, and that takes longer than all the rest.
    Quickly,
    /// By the plugin, where it is installed.
    Thoroughly,
}

impl Situation {
    /// Looks, and changes nothing.
    pub fn of(engine: &Engine, service: &Service, judge: Judge) -> Result<Self, ServerError> {
        let observed = engine.observe(service)?;
        let need = ImageNeed::of(service, observed.image.clone())?;
        let facts = ServiceFacts {
            image: image_facts(&need, observed.image.is_some()),
            container: container_state(&observed),
            configuration: configuration(engine, service, &need, &observed, judge)?,
        };
        Ok(Self { need, observed, facts })
    }

    /// Whether a killed run may have left a twin.
    pub fn has_twins(&self) -> bool {
        self.observed.has_twins
    }

    /// The container, if there is one.
    pub fn container(&self) -> Option<&ContainerFacts> {
        self.observed.container.as_ref()
    }
}

fn image_facts(need: &ImageNeed, present: bool) -> ImageFacts {
    match need {
        ImageNeed::Present(_) => ImageFacts::Current,
        ImageNeed::Build { .. } => ImageFacts::Build { missing: !present },
        ImageNeed::Pull { .. } => ImageFacts::Pull { missing: !present },
    }
}

fn container_state(observed: &Observed) -> ContainerState {
    match &observed.container {
        None => ContainerState::Absent,
        Some(container) if container.is_running() => ContainerState::Running,
        Some(container) if container.was_never_started() => ContainerState::NeverStarted,
        Some(_) => ContainerState::Stopped,
    }
}

fn configuration(
    engine: &Engine,
    service: &Service,
    need: &ImageNeed,
    observed: &Observed,
    judge: Judge,
) -> Result<Configuration, ServerError> {
    let (Some(container), ImageNeed::Present(image)) = (&observed.container, need) else {
        return Ok(Configuration::Same);
    };
    if container.image != image.id {
        return Ok(Configuration::ImageChanged);
    }
    if !container.labels.contains_key(labels::FINGERPRINT) && judge == Judge::Quickly {
        return Ok(Configuration::Same);
    }
    Ok(match engine.difference(Wanted { service, image }, container)? {
        None => Configuration::Same,
        Some(_) => Configuration::ServiceChanged,
    })
}

/// Carries out the plan's steps for image and container.
pub fn launch(
    engine: &Engine,
    service: &Service,
    project_scripts: &[String],
    plan: &Plan,
    situation: Situation,
    observer: &mut dyn Observer,
) -> Result<Launched, ServerError> {
    let mut launch = Launch { engine, service, image: None, container: situation.observed.container.clone() };
    let mut need = Some(situation.need);
    let mut leftovers = situation.observed;
    engine.tidy(&mut leftovers)?;
    for step in plan.steps.iter().filter(|step| !step.is_script()) {
        launch.take(step, &mut need, observer)?;
    }
    let done: Vec<String> =
        plan.steps.iter().filter(|step| !step.is_script()).map(ToString::to_string).collect();
    let ready = launch.container.expect("every plan for a service ends with a container");
    let just_started = !ready.is_running();
    if just_started {
        // Before anybody judges what is in the data directory: between two renames, that is nothing whole.
        engine.finish_exchange(service, &ready, observer)?;
        let ledger = [ledger_file()];
        let what = Uninitialised { service, container: &ready, project_scripts, own_files: &ledger };
        if engine.initialise(what, observer)? == Initialisation::ByEntrypoint {
            observer.observe(crate::event::Event::Warning {
                text: "the data directory does not outlive its container, so the image's entrypoint runs the scripts \
                       at every start"
                    .to_owned(),
            });
        }
        engine.start(service, &ready, observer)?;
    }
    let container = if just_started { present(engine, &ready)? } else { ready };
    Ok(Launched { container, done, just_started, notes: plan.notes.clone() })
}

/// The ledger's tables are part of the first initialisation: a database that has objects and no ledger was
/// filled by somebody else, however early a run was killed.
pub fn ledger_file() -> Upload {
    Upload {
        path: format!("{ENTRYPOINT_DIR}/zz-dbctl-ledger.sql"),
        content: ledger::creation(true).into_bytes(),
        mode: 0o644,
        uid: 0,
        gid: 0,
    }
}

struct Launch<'a> {
    engine: &'a Engine,
    service: &'a Service,
    image: Option<Image>,
    container: Option<ContainerFacts>,
}

impl Launch<'_> {
    fn take(
        &mut self,
        step: &Step,
        need: &mut Option<ImageNeed>,
        observer: &mut dyn Observer,
    ) -> Result<(), ServerError> {
        match step {
            Step::BuildImage { .. } | Step::PullImage { .. } => self.provide(need, observer),
            Step::CreateContainer { cause } => {
                self.provide(need, observer)?;
                self.make(cause, observer)
            }
            Step::RecreateContainer { cause } => {
                self.provide(need, observer)?;
                self.make_again(cause, observer)
            }
            _ => Ok(()),
        }
    }

    fn provide(
        &mut self,
        need: &mut Option<ImageNeed>,
        observer: &mut dyn Observer,
    ) -> Result<(), ServerError> {
        if let Some(need) = need.take() {
            self.image = Some(self.engine.provide_image(self.service, need, observer)?);
        }
        Ok(())
    }

    fn wanted(&self) -> Wanted<'_> {
        let image = self.image.as_ref().expect("an image is provided before a container is made of it");
        Wanted { service: self.service, image }
    }

    fn make(&mut self, cause: &Cause, observer: &mut dyn Observer) -> Result<(), ServerError> {
        self.container = Some(self.engine.create(self.wanted(), &cause.to_string(), observer)?);
        Ok(())
    }

    fn make_again(&mut self, cause: &Cause, observer: &mut dyn Observer) -> Result<(), ServerError> {
        let Some(old) = self.container.take() else { return self.make(cause, observer) };
        self.refuse_other_major(&old)?;
        self.container = Some(self.engine.recreate(self.wanted(), &old, &cause.to_string(), observer)?);
        Ok(())
    }
}

impl Launch<'_> {
    /// A server reads only a data directory of its own major version: it is better to know that while the old
    /// container still serves.
    fn refuse_other_major(&self, old: &ContainerFacts) -> Result<(), ServerError> {
        let Some(image) = self.image.as_ref().and_then(|image| image.environment.get("PG_MAJOR")) else {
            return Ok(());
        };
        let path = format!("{}/PG_VERSION", old.data_directory());
        let Some(found) = self.engine.read_file(&old.id, &path)? else { return Ok(()) };
        let data = String::from_utf8_lossy(&found).trim().to_owned();
        if data.is_empty() || data == *image {
            return Ok(());
        }
        Err(ServerError::OtherMajor { container: old.name.clone(), data, image: image.clone() })
    }
}

/// The container as it is after its start, with its addresses.
fn present(engine: &Engine, container: &ContainerFacts) -> Result<ContainerFacts, ServerError> {
    engine.inspect(&container.id)?.ok_or_else(|| ServerError::ContainerGone { name: container.name.clone() })
}
