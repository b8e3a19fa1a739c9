//! Why an image was not built.

use std::path::{Path, PathBuf};

use crate::compose::service::{Build, Service};
use crate::docker::dockerfile::BuildKitFeature;

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("service `{service}` has no `build`")]
    NothingToBuild { service: String },
    #[error(
        "`{feature}` at line {line} of `{}` needs BuildKit, which dbctl does not drive\n\
         nothing was changed\n\
         next: `docker compose build {service}`, then the same command", dockerfile.display()
    )]
    NeedsBuildKit { service: String, dockerfile: PathBuf, line: usize, feature: String },
    #[error(
        "image `{image}` was not built: {said}\n\
         the image from before, if any, is still in place\n\
         next: correct `{}`, then the same command", dockerfile.display()
    )]
    Dockerfile { image: String, dockerfile: PathBuf, said: String },
    #[error("{0}")]
    Step(Box<FailedStep>),
}

/// The step that ended a build.
#[derive(Debug, thiserror::Error)]
#[error(
    "image `{image}` was not built: step {current}/{total}{} of `{}` failed\n  {instruction}\n{said}{}\n\
     the image from before, if any, is still in place\n\
     next: correct the step, then the same command",
    at(*line), dockerfile.display(), quoted(output)
)]
pub struct FailedStep {
    pub image: String,
    pub dockerfile: PathBuf,
    pub current: u32,
    pub total: u32,
    pub instruction: String,
    /// 1-based, where it can be told.
    pub line: Option<usize>,
    /// The command's exit code, where it was a command that failed.
    pub exit_code: Option<i64>,
    /// The engine's words.
    pub said: String,
    /// The step's last lines of output.
    pub output: Vec<String>,
}

impl BuildError {
    pub(in crate::docker) fn needs_buildkit(
        service: &Service,
        build: &Build,
        found: BuildKitFeature,
    ) -> Self {
        Self::NeedsBuildKit {
            service: service.name.clone(),
            dockerfile: shown(build).to_owned(),
            line: found.line,
            feature: found.feature,
        }
    }
}

/// The Dockerfile as a person would look for it.
pub(in crate::docker) fn shown(build: &Build) -> &Path {
    if build.dockerfile_inline.is_some() { Path::new("dockerfile_inline") } else { &build.dockerfile }
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}

fn quoted(output: &[String]) -> String {
    output.iter().flat_map(|line| ["\n   | ", line]).collect()
}
