//! A script on disk as the session reads it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::script::Script;
use crate::session::ScriptSource;

/// The script's text, decompressed, and the files that it includes.
pub struct Source<'a> {
    script: &'a Script,
    variables: &'a BTreeMap<String, String>,
}

impl<'a> Source<'a> {
    pub fn new(script: &'a Script, variables: &'a BTreeMap<String, String>) -> Self {
        Self { script, variables }
    }
}

impl ScriptSource for Source<'_> {
    fn name(&self) -> String {
        self.script.path.display().to_string()
    }

    fn open(&mut self) -> io::Result<Box<dyn Read>> {
        self.script.open()
    }

    fn include(&mut self, name: &str, relative_to: Option<&str>) -> io::Result<(String, Box<dyn Read>)> {
        let base = relative_to.and_then(|file| Path::new(file).parent());
        let path = base.map_or_else(|| PathBuf::from(name), |base| base.join(name));
        let file = File::open(&path)?;
        Ok((path.display().to_string(), Box::new(file)))
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
