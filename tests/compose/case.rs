//! One folder of the corpus: compose files, and in `case.toml` how they are asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dbctl::compose::{self, Request};
use serde::Deserialize;
use serde_json::Value;

use crate::compose::oracle;

/// What stands in `case.toml`; without the file, everything is at its default.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    /// Where the user stands, below the case's folder.
    dir: String,
    files: Vec<PathBuf>,
    profiles: Vec<String>,
    project_name: Option<String>,
    env_files: Vec<PathBuf>,
    environment: BTreeMap<String, String>,
    /// Both must refuse; dbctl's error must hold this text.
    refused: Option<String>,
    /// Compose refuses, dbctl prints `expected.json`: where they differ on purpose.
    differs: bool,
}

pub struct Case {
    name: String,
    folder: PathBuf,
    asked: Asked,
}

impl Case {
    pub fn all() -> Vec<Self> {
        let entries = fs::read_dir(corpus()).expect("the corpus is there");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("readable").file_name()).collect();
        names.sort();
        names.iter().map(|name| Self::named(&name.to_string_lossy())).collect()
    }

    pub fn named(name: &str) -> Self {
        let folder = corpus().join(name);
        let asked = match fs::read_to_string(folder.join("case.toml")) {
            Ok(text) => toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}")),
            Err(_) => Asked::default(),
        };
        Self { name: name.to_owned(), folder, asked }
    }

    /// How dbctl's model differs from what was expected.
    pub fn fault(&self) -> Option<String> {
        let ours = if self.asked.refused.is_some() { self.load_candidates() } else { self.load() };
        let theirs = self.ask_oracle();
        let fault = match (&self.asked.refused, ours, theirs) {
            (Some(text), Err(error), Err(_)) if error.contains(text) => return None,
            (Some(text), ours, theirs) => {
                format!("both should refuse, dbctl with `{text}`\ndbctl: {ours:?}\ncompose: {theirs:?}")
            }
            (None, Ok(ours), Err(_)) if self.asked.differs => differences(&ours, &self.expected())?,
            (None, ours, theirs) if self.asked.differs => {
                format!("compose should refuse, dbctl not\ndbctl: {ours:?}\ncompose: {theirs:?}")
            }
            (None, Ok(ours), Ok(theirs)) => differences(&ours, &theirs)?,
            (None, ours, theirs) => format!("dbctl: {ours:?}\ncompose: {theirs:?}"),
        };
        Some(format!("=== {}\n{fault}", self.name))
    }

    /// The model in canonical form, or the error's text.
    pub fn load(&self) -> Result<Value, String> {
        let loaded = compose::load(&self.request()).and_then(|compose| compose.to_json());
        loaded.map_err(|error| error.to_string())
    }

    /// The model after its Postgres services were read: only then are their keys judged.
    fn load_candidates(&self) -> Result<Value, String> {
        let compose = compose::load(&self.request()).map_err(|error| error.to_string())?;
        for name in compose.postgres_candidates() {
            compose.service(name).map_err(|error| error.to_string())?;
        }
        self.load()
    }

    pub fn request(&self) -> Request {
        Request {
            working_dir: self.dir(),
            files: self.asked.files.clone(),
            project_name: self.asked.project_name.clone(),
            profiles: self.asked.profiles.clone(),
            env_files: self.asked.env_files.clone(),
            environment: self.environment(),
        }
    }

    fn dir(&self) -> PathBuf {
        if self.asked.dir.is_empty() { self.folder.clone() } else { self.folder.join(&self.asked.dir) }
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let mut environment = self.asked.environment.clone();
        environment.insert("HOME".to_owned(), "/home/dev".to_owned());
        environment
    }

    fn ask_oracle(&self) -> Result<Value, String> {
        let mut command = Command::new(oracle::plugin());
        command
            .current_dir(self.dir())
            .env_clear()
            .envs(self.environment())
            .env("DOCKER_CONFIG", "/nonexistent");
        command.args(self.asked.files.iter().flat_map(|file| [Path::new("-f"), file]));
        command.args(self.asked.profiles.iter().flat_map(|profile| ["--profile", profile]));
        command.args(self.asked.env_files.iter().flat_map(|file| [Path::new("--env-file"), file]));
        command.args(self.asked.project_name.iter().flat_map(|name| ["-p", name]));
        command.args(["config", "--format", "json"]);
        let printed = oracle::outcome(&command.output().expect("the plugin runs"))?;
        // Compose doubles each `$`, so that its output could be read again.
        let printed = printed.replace("$$", "$");
        serde_json::from_str(&printed).map_err(|error| error.to_string())
    }

    /// `expected.json`, in which `{dir}` is the case's folder.
    fn expected(&self) -> Value {
        let text = fs::read_to_string(self.folder.join("expected.json")).expect("expected.json is there");
        serde_json::from_str(&text.replace("{dir}", &self.folder.to_string_lossy())).expect("it is JSON")
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose/corpus")
}

/// The paths at which two models differ, with both values.
fn differences(ours: &Value, theirs: &Value) -> Option<String> {
    let mut found = Vec::new();
    compare(ours, theirs, "", &mut found);
    if found.is_empty() { None } else { Some(found.join("\n")) }
}

fn compare(ours: &Value, theirs: &Value, path: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let side = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                match (side(one), side(other)) {
                    (Some(a), Some(b)) => compare(&a, &b, &format!("{path}.{key}"), found),
                    (a, b) => found.push(format!("{path}.{key}: dbctl {a:?}, compose {b:?}")),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (a, b)) in one.iter().zip(other).enumerate() {
                compare(a, b, &format!("{path}[{at}]"), found);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        _ if ours == theirs => {}
        _ => found.push(format!("{path}: dbctl {ours}, compose {theirs}")),
    }
}
