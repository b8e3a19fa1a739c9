//! `\\i` and `\\ir`.

use std::path::{Component, Path, PathBuf};

use super::{MetaError, Trouble};
use crate::session::run::Run;
use crate::session::script::Input;
use crate::sql::reader::Lines;

impl Run<'_> {
    pub(super) fn include(&mut self, command: &str, relative: bool) -> Result<(), Trouble> {
        let written = self.required(command)?;
        if written == b"-" {
            return Ok(self.read_standard_input()?);
        }
        let name = canonical(&self.expanded(&written));
        let current = self.input().path.clone();
        let led = &self.variables.environment.directory;
        let (name, beside) = if relative { (name, Some(current.as_path())) } else { (led.join(name), None) };
        let shown = beside
            .and_then(Path::parent)
            .map_or_else(|| name.clone(), |beside| canonical(&beside.join(&name)));
        let opened = self.source.include(&name, beside);
        let (path, text) = opened
            .map_err(|source| MetaError::Include { name: shown.to_string_lossy().into_owned(), source })?;
        Ok(self.read_input(Input::new(path.to_string_lossy().into_owned(), path, Lines::new(text)))?)
    }
}

/// The path without what leads nowhere, as psql writes it: it follows no link.
pub fn canonical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        let last = plain.components().next_back();
        match (component, last) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(plain.pop()),
            (other, _) => plain.push(other),
        }
    }
    if plain.as_os_str().is_empty() && !path.as_os_str().is_empty() { ".".into() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_psql_writes_it() {
        for (path, plain) in [
            ("./a//b/../c.sql", "a/c.sql"),
            ("../../a", "../../a"),
            ("/../a/.", "/a"),
            ("a/..", "."),
            ("", ""),
        ] {
            assert_eq!(canonical(Path::new(path)), Path::new(plain), "{path}");
        }
    }
}
