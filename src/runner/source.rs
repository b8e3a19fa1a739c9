//! A script on disk as the session reads it.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::Run;
use crate::script::{Script, resolve_include};
use crate::session::{Permissions, ScriptSource};

/// The script's text, decompressed, and the files that it includes.
pub struct Source<'a> {
    script: &'a Script,
    run: &'a Run<'a>,
}

impl<'a> Source<'a> {
    pub fn new(script: &'a Script, run: &'a Run) -> Self {
        Self { script, run }
    }
}

impl ScriptSource for Source<'_> {
    fn name(&self) -> String {
        self.script.path.display().to_string()
    }

    fn open(&mut self) -> io::Result<Box<dyn Read>> {
        let text = self.script.open().map_err(io::Error::other)?;
        Ok(text)
    }

    fn path(&self) -> PathBuf {
        self.script.path.clone()
    }

    fn include(&mut self, name: &Path, relative_to: Option<&Path>) -> io::Result<(PathBuf, Box<dyn Read>)> {
        let including = relative_to.unwrap_or(&self.script.path);
        let init_dir = self.script.path.parent().unwrap_or(Path::new(""));
        let path = resolve_include(name.as_os_str().as_bytes(), relative_to.is_some(), including, init_dir);
        let file = File::open(&path)?;
        Ok((path, Box::new(file)))
    }

    fn environment(&self, name: &[u8]) -> Option<Vec<u8>> {
        crate::project::environment_variable(name)
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.run.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn permissions(&self) -> Permissions {
        Permissions { allow_shell: self.run.allow_shell }
    }
}
