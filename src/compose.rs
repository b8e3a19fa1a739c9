//! The compose file: found, read, merged, interpolated, and the Postgres service as typed values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map as Json, Value as JsonValue};

mod absolute;
mod candidate;
mod canonical;
mod defaults;
mod dockerfile;
mod dotenv;
mod environment;
mod error;
mod extends;
mod find;
mod honour;
mod image;
mod include;
mod keys;
mod marks;
mod merge;
mod mount;
mod name;
mod node;
mod path;
mod port;
mod resource;
mod scalar;
mod shape;
mod short;
mod source;
mod template;
mod unique;
mod units;
mod volume;
mod yaml;

pub mod service;

pub use error::{ComposeError, EnvFileFault, Place};

pub use environment::Unset;

use environment::Environment;
use node::{Map, Node};
use path::Base;
use service::Service;
use source::{File, Source};

/// What the caller says about the compose project. Nothing here reads the process environment.
#[derive(Clone, Default)]
pub struct Request {
    /// Where the user stands; absolute.
    pub working_dir: PathBuf,
    /// `-f`; empty means `COMPOSE_FILE`, else the search.
    pub files: Vec<PathBuf>,
    /// `-p`.
    pub project_name: Option<String>,
    /// `--profile`; empty means `COMPOSE_PROFILES`.
    pub profiles: Vec<String>,
    /// `--env-file`; empty means `COMPOSE_ENV_FILES`, else `.env` beside the compose file.
    pub env_files: Vec<PathBuf>,
    /// The process environment.
    pub environment: BTreeMap<String, String>,
}

/// A loaded compose project.
pub struct Compose {
    pub name: String,
    /// The folder of the first compose file: compose's project directory.
    pub working_dir: PathBuf,
    pub files: Vec<PathBuf>,
    profiles: Vec<String>,
    environment: Environment,
    base: Base,
    model: Map,
}

/// The compose files that a request means, the override file included.
///
/// # Errors
/// When there is none, or an env file that could name one is broken.
pub fn find(request: &Request) -> Result<Vec<PathBuf>, ComposeError> {
    located(request).map(|(files, _)| files)
}

/// Reads a project's compose files as compose would.
///
/// # Errors
/// What compose would refuse as well, told with its place. Keys of services are judged when the service is
/// asked for, so that those of other services do not matter.
pub fn load(request: &Request) -> Result<Compose, ComposeError> {
    let (files, mut environment) = located(request)?;
    let working_dir = folder(&files);
    let base = Base { dir: working_dir.clone(), home: environment.value("HOME").map(PathBuf::from) };
    let read = files.iter().map(|file| File::read(file)).collect::<Result<Vec<_>, _>>()?;
    let given = request.project_name.as_deref();
    let name = name::project_name(given, &environment, &read, &working_dir)?;
    environment.set("COMPOSE_PROJECT_NAME", &name);
    let source =
        Source { files: read, base: base.clone(), environment: environment.clone(), including: Vec::new() };
    let mut model = source.model()?;
    defaults::complete(&mut model, &name, &environment);
    let profiles = profiles(request, &environment);
    Ok(Compose { name, working_dir, files, profiles, environment, base, model })
}

/// The compose files, and the environment completed from env files, which may themselves name the files.
fn located(request: &Request) -> Result<(Vec<PathBuf>, Environment), ComposeError> {
    let mut environment = Environment::new(request.environment.clone());
    let base =
        Base { dir: request.working_dir.clone(), home: request.environment.get("HOME").map(PathBuf::from) };
    let first = find::find(&base, &request.files, &environment);
    let before = first.as_ref().map_or_else(|_| base.dir.clone(), |files| folder(files));
    let named = named_env_files(request, &environment, &base);
    environment.complete_from(&named.clone().unwrap_or_else(|| default_env_file(&before, &environment)))?;
    let files = match find::find(&base, &request.files, &environment) {
        Err(ComposeError::NoFile(dir)) => find::find_nested(&base).ok_or(ComposeError::NoFile(dir))?,
        other => other?,
    };
    let after = folder(&files);
    if named.is_none() && after != before {
        environment.complete_from(&default_env_file(&after, &environment))?;
    }
    Ok((files, environment))
}

fn named_env_files(request: &Request, environment: &Environment, base: &Base) -> Option<Vec<PathBuf>> {
    if !request.env_files.is_empty() {
        return Some(request.env_files.iter().map(|file| base.absolute(&file.to_string_lossy())).collect());
    }
    let listed = environment.filled("COMPOSE_ENV_FILES")?;
    Some(listed.split(',').map(|file| base.absolute(file)).collect())
}

fn default_env_file(dir: &Path, environment: &Environment) -> Vec<PathBuf> {
    let disabled = environment.value("COMPOSE_DISABLE_ENV_FILE");
    let disabled = disabled.is_some_and(|flag| matches!(flag, "1" | "t" | "T" | "true" | "TRUE" | "True"));
    Some(dir.join(".env")).filter(|file| !disabled && file.is_file()).into_iter().collect()
}

fn folder(files: &[PathBuf]) -> PathBuf {
    files.first().and_then(|file| file.parent()).map(PathBuf::from).unwrap_or_default()
}

fn profiles(request: &Request, environment: &Environment) -> Vec<String> {
    if !request.profiles.is_empty() {
        return request.profiles.clone();
    }
    let listed = environment.value("COMPOSE_PROFILES").unwrap_or_default();
    listed.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

impl Compose {
    /// The names of the services that the profiles leave on, sorted.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        self.all().filter(|(_, service)| self.is_enabled(service)).map(|(name, _)| name.as_str()).collect()
    }

    /// A service as typed values. One that its profiles switch off counts too: it was asked for by name.
    ///
    /// # Errors
    /// A key that dbctl does not honour, or a value that does not fit, with its place.
    pub fn service(&self, name: &str) -> Result<Service, ComposeError> {
        honour::service(self, name)
    }

    /// The variables that a service's keys ask for in vain; compose puts nothing in their place, and so does dbctl.
    #[must_use]
    pub fn unset_variables(&self, service: &str) -> Vec<Unset> {
        let mut unset = self.environment.unset();
        unset.retain(|unset| {
            unset.path.first().is_some_and(|key| key == "services")
                && unset.path.get(1).is_some_and(|name| name == service)
        });
        unset
    }

    /// The services that are Postgres, as far as their image, Dockerfile or environment tells. Those that
    /// profiles switch off count only where no other is one.
    #[must_use]
    pub fn postgres_candidates(&self) -> Vec<&str> {
        let is_postgres = |(name, service): &(&str, &Node)| candidate::is_postgres(self, name, service);
        let all = self.all().map(|(name, service)| (name.as_str(), service)).filter(is_postgres);
        let (on, off): (Vec<_>, Vec<_>) = all.partition(|(_, service)| self.is_enabled(service));
        let candidates = if on.is_empty() { off } else { on };
        candidates.into_iter().map(|(name, _)| name).collect()
    }

    /// The resolved model in compose's canonical form, what `docker compose config --format json` prints.
    ///
    /// # Errors
    /// A value of any service that does not fit its key.
    pub fn to_json(&self) -> Result<JsonValue, ComposeError> {
        canonical::project(self)
    }

    fn all(&self) -> impl Iterator<Item = (&String, &Node)> {
        self.section("services")
    }

    fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Node)> {
        self.model.get(name).and_then(Node::map).into_iter().flatten()
    }

    fn resource(&self, section: &str, name: &str) -> Option<&Node> {
        self.model.get(section)?.get(name)
    }

    fn is_enabled(&self, service: &Node) -> bool {
        let own = service.get("profiles").and_then(Node::list).unwrap_or_default();
        let wanted = |name: &str| self.profiles.iter().any(|profile| profile == "*" || profile == name);
        own.is_empty() || own.iter().filter_map(Node::text).any(wanted)
    }
}

/// A canonical object.
type Object = Json<String, JsonValue>;
