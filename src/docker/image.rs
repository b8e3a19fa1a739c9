//! Images: what one is, which one a service runs, and whether it must be made first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bollard::models::{HealthConfig, ImageInspect};

use crate::compose::service::{Healthcheck, Service};
use crate::docker::build::CONTEXT_LABEL;
use crate::docker::build_context::BuildContext;
use crate::docker::dockerfile::Dockerfile;
use crate::docker::pull::PullError;
use crate::docker::{DockerError, Engine};
use crate::event::Observer;

/// An image that the engine has. Not `Debug`: its environment may hold secrets.
#[derive(Clone, Default, PartialEq)]
pub struct Image {
    /// `sha256:…`.
    pub id: String,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub user: Option<String>,
    pub working_dir: Option<String>,
    /// Paths at which a container without a mount gets an anonymous volume.
    pub volumes: BTreeSet<String>,
    /// `5432/tcp`.
    pub exposed_ports: BTreeSet<String>,
    pub labels: BTreeMap<String, String>,
    pub healthcheck: Option<Healthcheck>,
    pub stop_signal: Option<String>,
    /// `linux/amd64`.
    pub platform: String,
}

/// What stands between a service and its image.
#[derive(Clone, PartialEq)]
pub enum ImageNeed {
    /// Nothing: this is the image.
    Present(Box<Image>),
    /// It must be built; the cause is for people.
    Build { cause: String },
    /// It must be pulled; the cause is for people.
    Pull { cause: String },
}

/// The name of the service's image, compose's rule: `image`, else `project-service`.
#[must_use]
pub fn image_name(service: &Service) -> String {
    service.image.clone().unwrap_or_else(|| format!("{}-{}", service.project, service.name))
}

impl Engine {
    /// The image of that name or id; none where the engine has none.
    pub fn image(&self, name: &str) -> Result<Option<Image>, DockerError> {
        match self.run(self.client().inspect_image(name)) {
            Ok(found) => Ok(Some(Image::from(found))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Compares the service's image with its `build` and `pull_policy`. Changes nothing.
    pub fn image_need(&self, service: &Service) -> Result<ImageNeed, DockerError> {
        ImageNeed::of(service, self.image(&image_name(service))?)
    }

    /// Does what `need` says and returns the image.
    pub fn provide_image(
        &self,
        service: &Service,
        need: ImageNeed,
        observer: &mut dyn Observer,
    ) -> Result<Image, DockerError> {
        match need {
            ImageNeed::Present(image) => Ok(*image),
            ImageNeed::Build { .. } => self.build_image(service, observer),
            ImageNeed::Pull { .. } => {
                self.pull_image(&image_name(service), service.platform.as_deref(), observer)
            }
        }
    }
}

impl ImageNeed {
    /// Compares the image of the service's name, if the engine has one, with `build` and `pull_policy`.
    pub fn of(service: &Service, image: Option<Image>) -> Result<Self, DockerError> {
        if service.build.is_some() {
            return build_need(service, image);
        }
        match (service.pull_policy.as_deref(), image) {
            (Some("always"), _) => Ok(Self::Pull { cause: "`pull_policy` is `always`".to_owned() }),
            (_, Some(image)) => Ok(Self::Present(Box::new(image))),
            (Some("never"), None) => Err(PullError::Forbidden { image: image_name(service) }.into()),
            (_, None) => {
                Ok(Self::Pull { cause: format!("the engine has no image `{}`", image_name(service)) })
            }
        }
    }
}

fn build_need(service: &Service, image: Option<Image>) -> Result<ImageNeed, DockerError> {
    let name = image_name(service);
    let need = |cause: String| Ok(ImageNeed::Build { cause });
    let build = service.build.as_ref().expect("only services with `build` come here");
    let Some(image) = image else { return need(format!("the engine has no image `{name}`")) };
    if service.pull_policy.as_deref() == Some("build") {
        return need("`pull_policy` is `build`".to_owned());
    }
    let context = BuildContext::read(build)?;
    match image.labels.get(CONTEXT_LABEL) {
        Some(hash) if *hash == context.hash(build)? => Ok(ImageNeed::Present(Box::new(image))),
        Some(_) => need(format!("the build context of `{name}` changed")),
        // Somebody ran `docker compose build`, as dbctl itself advises for these Dockerfiles.
        None if Dockerfile::parse(&context.dockerfile_text).buildkit_feature().is_some() => {
            Ok(ImageNeed::Present(Box::new(image)))
        }
        None => need(format!("`{name}` was not built by dbctl")),
    }
}

impl From<ImageInspect> for Image {
    fn from(found: ImageInspect) -> Self {
        let config = found.config.unwrap_or_default();
        let variable = |text: String| match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (text, String::new()),
        };
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            id: found.id.unwrap_or_default(),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            environment: config.env.unwrap_or_default().into_iter().map(variable).collect(),
            user: given(config.user),
            working_dir: given(config.working_dir),
            volumes: config.volumes.unwrap_or_default().into_iter().collect(),
            exposed_ports: config.exposed_ports.unwrap_or_default().into_iter().collect(),
            labels: config.labels.unwrap_or_default().into_iter().collect(),
            healthcheck: config.healthcheck.map(healthcheck),
            stop_signal: given(config.stop_signal),
            platform: format!("{}/{}", found.os.unwrap_or_default(), found.architecture.unwrap_or_default()),
        }
    }
}

fn healthcheck(found: HealthConfig) -> Healthcheck {
    // The engine counts in nanoseconds and writes zero for what is not set.
    let span = |nanos: Option<i64>| {
        nanos.and_then(|nanos| u64::try_from(nanos).ok()).filter(|nanos| *nanos > 0).map(Duration::from_nanos)
    };
    Healthcheck {
        test: found.test.unwrap_or_default(),
        interval: span(found.interval),
        timeout: span(found.timeout),
        retries: found.retries.filter(|retries| *retries > 0),
        start_period: span(found.start_period),
        start_interval: span(found.start_interval),
    }
}
