//! The variables that fill in a compose file: the caller's, completed from `.env` files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::dotenv::{self, Variables};
use super::error::{ComposeError, EnvFileFault, Place};
use super::node::{Node, Value, below};
use super::template::{self, Fault};

#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    /// Shared by all copies: what a project's files asked for in vain.
    unset: Rc<RefCell<Vec<Unset>>>,
}

/// A variable that has neither value nor default, where the file uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    pub variable: String,
    pub place: Place,
    /// The keys that lead to it, from the file's top.
    pub path: Vec<String>,
}

impl Environment {
    #[must_use]
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self { values: variables, unset: Rc::default() }
    }

    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Adds what is not set yet: what the caller has set always wins over a file.
    pub fn complete_from(&mut self, files: &[PathBuf]) -> Result<(), ComposeError> {
        let mut found = Variables::new();
        for file in files {
            let lookup = |name: &str| self.values.get(name).or_else(|| found.get(name)).cloned();
            let more = read_env_file(file, None, &lookup)?;
            found.extend(more);
        }
        for (name, value) in found {
            self.values.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// The variables that files asked for in vain so far.
    #[must_use]
    pub fn unset(&self) -> Vec<Unset> {
        self.unset.borrow().clone()
    }

    fn note(&self, variables: Vec<String>, place: &Place, path: &[&str]) {
        let path: Vec<String> = path.iter().map(|&key| key.to_owned()).collect();
        let noted = variables.into_iter().map(|variable| Unset {
            variable,
            place: place.clone(),
            path: path.clone(),
        });
        self.unset.borrow_mut().extend(noted);
    }

    /// Replaces the variables in every text of a tree.
    pub fn fill(&self, node: &mut Node, path: &[&str]) -> Result<(), ComposeError> {
        match &mut node.value {
            Value::Text(text) if text.contains('$') => {
                let lookup = |name: &str| self.values.get(name).cloned();
                let mut unset = Vec::new();
                *text = template::substitute_noting(text, &lookup, &mut unset)
                    .map_err(|fault| explain(fault, node.place.clone(), path))?;
                self.note(unset, &node.place, path);
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

fn explain(fault: Fault, place: Place, path: &[&str]) -> ComposeError {
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
