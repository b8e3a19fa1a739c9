//! The variables that fill in a compose file: the caller's, completed from `.env` files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::dotenv::{self, Variables};
use super::error::{ComposeError, EnvFileFault};
use super::node::{Node, Value, below};
use super::template::{self, Fault};

#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    #[must_use]
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Adds what is not set yet: what the caller has set always wins over a file.
    pub fn complete_from(&mut self, files: &[PathBuf]) -> Result<(), ComposeError> {
        let mut found = Variables::new();
        for file in files {
            let lookup = |name: &str| self.0.get(name).or_else(|| found.get(name)).cloned();
            let more = read_env_file(file, None, &lookup)?;
            found.extend(more);
        }
        for (name, value) in found {
            self.0.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// Replaces the variables in every text of a tree.
    pub fn fill(&self, node: &mut Node, path: &[&str]) -> Result<(), ComposeError> {
        match &mut node.value {
            Value::Text(text) if text.contains('$') => {
                let lookup = |name: &str| self.0.get(name).cloned();
                *text = template::substitute(text, &lookup)
                    .map_err(|fault| explain(fault, node.place.clone(), path))?;
            }
            Value::List(items) => {
                for item in items {
                    self.fill(item, path)?;
                }
            }
            Value::Map(map) => {
                for (key, value) in map {
                    self.fill(value, &below(path, key))?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn explain(fault: Fault, place: super::error::Place, path: &[&str]) -> ComposeError {
    let key = path.join(".");
    match fault {
        Fault::Invalid => ComposeError::Template { place, key },
        Fault::Required { variable, message } => {
            ComposeError::VariableRequired { place, key, variable, message }
        }
    }
}

/// The variables of one file; `format` is the one of `env_file`.
pub fn read_env_file(
    file: &Path,
    format: Option<&str>,
    lookup: template::Lookup<'_>,
) -> Result<Variables, ComposeError> {
    let bytes =
        fs::read(file).map_err(|source| ComposeError::Unreadable { path: file.to_owned(), source })?;
    let fault = |line, cause| ComposeError::EnvFile { file: file.to_owned(), line, cause };
    let text = String::from_utf8(bytes).map_err(|_| fault(1, EnvFileFault::NotUtf8))?;
    if format == Some("raw") {
        return Ok(dotenv::parse_raw(&text));
    }
    dotenv::parse(&text, lookup).map_err(|(line, cause)| fault(line, cause))
}
