//! Settings of one project: `dbctl.toml`, then `DBCTL_*`, then the command line; the later wins.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ProjectError;
use crate::layer::Keep;
use crate::secret::Secret;

/// What overrides discovery. Nothing here is needed; every field is found where it is absent.
#[derive(Clone, Default)]
pub struct Settings {
    pub compose: Vec<PathBuf>,
    pub project_name: Option<String>,
    pub profiles: Vec<String>,
    pub env_files: Vec<PathBuf>,
    pub service: Option<String>,
    pub init: Option<PathBuf>,
    pub url: Option<Secret>,
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub database: Option<String>,
    pub context: Option<String>,
    pub endpoint: Option<String>,
    pub strict: Option<bool>,
    pub variables: BTreeMap<String, String>,
    pub layers: Layers,
}

/// How much is kept for the next fresh build.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layers {
    /// So many layers.
    keep: Option<usize>,
    /// Their sizes together.
    max_mb: Option<u64>,
    /// Whether a process of its own lays ready what the next build begins with.
    ahead: Option<bool>,
}

impl Layers {
    pub fn keep(self) -> Keep {
        Keep { count: self.keep.unwrap_or(6), bytes: self.max_mb.unwrap_or(2000).saturating_mul(1_000_000) }
    }

    /// Unless the user said otherwise.
    pub fn works_ahead(self) -> bool {
        self.ahead.unwrap_or(true)
    }

    fn over(self, base: Self) -> Self {
        Self {
            keep: self.keep.or(base.keep),
            max_mb: self.max_mb.or(base.max_mb),
            ahead: self.ahead.or(base.ahead),
        }
    }
}

/// The file's form. A password has no place in a file that is committed.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    compose: OneOrMany,
    project_name: Option<String>,
    profiles: Vec<String>,
    env_files: Vec<PathBuf>,
    service: Option<String>,
    init: Option<PathBuf>,
    user: Option<String>,
    database: Option<String>,
    context: Option<String>,
    endpoint: Option<String>,
    strict: Option<bool>,
    variables: BTreeMap<String, String>,
    layers: Layers,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Settings {
    /// The nearest `dbctl.toml` at or above `directory`; its paths are relative to where it lies.
    pub fn from_file(directory: &Path) -> Result<(Self, Option<PathBuf>), ProjectError> {
        let found = directory.ancestors().map(|dir| dir.join("dbctl.toml")).find(|path| path.is_file());
        let Some(path) = found else { return Ok((Self::default(), None)) };
        let text = fs::read_to_string(&path)
            .map_err(|source| ProjectError::Unreadable { path: path.clone(), source })?;
        let file: File = toml::from_str(&text)
            .map_err(|source| ProjectError::Settings { path: path.clone(), source: Box::new(source) })?;
        let base = path.parent().unwrap_or(directory);
        Ok((Self::from_parsed(file, base), Some(path)))
    }

    fn from_parsed(file: File, base: &Path) -> Self {
        let compose = match file.compose {
            OneOrMany::One(path) => vec![path],
            OneOrMany::Many(paths) => paths,
        };
        Self {
            compose: compose.iter().map(|path| base.join(path)).collect(),
            project_name: file.project_name,
            profiles: file.profiles,
            env_files: file.env_files.iter().map(|path| base.join(path)).collect(),
            service: file.service,
            init: file.init.map(|path| base.join(path)),
            user: file.user,
            database: file.database,
            context: file.context,
            endpoint: file.endpoint,
            strict: file.strict,
            variables: file.variables,
            layers: file.layers,
            url: None,
            password: None,
        }
    }

    /// The `DBCTL_*` variables; paths are relative to `directory`.
    pub fn from_environment(environment: &BTreeMap<String, String>, directory: &Path) -> Self {
        let text =
            |name: &str| environment.get(&format!("DBCTL_{name}")).filter(|value| !value.is_empty()).cloned();
        Self {
            compose: text("COMPOSE").map(|list| paths(&list, directory)).unwrap_or_default(),
            project_name: text("PROJECT_NAME"),
            service: text("SERVICE"),
            init: text("INIT").map(|path| directory.join(path)),
            url: text("URL").map(Secret::new),
            user: text("USER"),
            password: text("PASSWORD").map(Secret::new),
            database: text("DATABASE"),
            context: text("CONTEXT"),
            endpoint: text("ENDPOINT"),
            strict: text("STRICT").map(|value| matches!(value.as_str(), "1" | "true" | "yes" | "on")),
            ..Self::default()
        }
    }

    /// These settings, and where one is absent, those of `base`.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        let list = |own: Vec<PathBuf>, other| if own.is_empty() { other } else { own };
        let mut variables = base.variables;
        variables.extend(self.variables);
        Self {
            compose: list(self.compose, base.compose),
            project_name: self.project_name.or(base.project_name),
            profiles: if self.profiles.is_empty() { base.profiles } else { self.profiles },
            env_files: list(self.env_files, base.env_files),
            service: self.service.or(base.service),
            init: self.init.or(base.init),
            url: self.url.or(base.url),
            user: self.user.or(base.user),
            password: self.password.or(base.password),
            database: self.database.or(base.database),
            context: self.context.or(base.context),
            endpoint: self.endpoint.or(base.endpoint),
            strict: self.strict.or(base.strict),
            variables,
            layers: self.layers.over(base.layers),
        }
    }
}

fn paths(list: &str, directory: &Path) -> Vec<PathBuf> {
    std::env::split_paths(list).map(|path| directory.join(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let named = |service: &str| Settings { service: Some(service.into()), ..Settings::default() };
        let file = Settings { user: Some("file".into()), ..named("file") };
        let merged = named("flag").over(named("environment").over(file));
        assert_eq!(merged.service.as_deref(), Some("flag"));
        assert_eq!(merged.user.as_deref(), Some("file"));
    }

    #[test]
    fn an_unknown_key_of_the_file_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("dbctl.toml"), "serivce = 'db'\n").unwrap();
        let error = Settings::from_file(directory.path()).err().unwrap().to_string();
        assert!(error.contains("serivce"), "{error}");
    }

    #[test]
    fn paths_of_the_file_are_relative_to_it() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("dbctl.toml"), "init = 'sql'\ncompose = 'c.yaml'\n").unwrap();
        let below = directory.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let (settings, path) = Settings::from_file(&below).unwrap();
        assert_eq!(settings.init, Some(directory.path().join("sql")));
        assert_eq!(settings.compose, [directory.path().join("c.yaml")]);
        assert_eq!(path, Some(directory.path().join("dbctl.toml")));
    }
}
