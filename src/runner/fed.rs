//! Named files as psql is to read them: it opens those that it can, and is fed the one that it cannot.

use std::path::{Path, PathBuf};

use super::RunError;
use super::files::{Files, STDIN, compression, is_standard_input, target};
use super::place::Place;
use super::psql::Text;
use super::reading::{Reading, Top};
use crate::script::Compression;
use crate::sql::survey::Include;

impl Files<'_> {
    /// Fails where psql would have to be fed more than one of them, or cannot find what one includes.
    pub fn for_psql(&mut self, place: &Place) -> Result<Text, RunError> {
        let is_opened =
            |name: &&PathBuf| matches!(place, Place::Here) && is_plain(name) && !self.is_read_ahead(name);
        let fed: Vec<_> = self.names.iter().filter(|name| !is_opened(name)).collect();
        let fed = match fed.as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => return Err(RunError::FedTwice { files: self.title() }),
        };
        let as_named = |name: &PathBuf| if Some(name) == fed { "-".into() } else { name.clone().into() };
        let files = self.names.iter().map(as_named).collect();
        let directory = Some(self.directory.to_owned());
        let Some(fed) = fed else { return Ok(Text { files, directory, ..Text::default() }) };
        let reading = self.reading(fed, place)?;
        let unreadable = |source| RunError::Unreadable { path: fed.clone(), source };
        let text = match self.read_once(fed).map_err(unreadable)? {
            Some(text) => text,
            None => self.text(fed)?,
        };
        Ok(Text { files, input: Some(reading.fed(text)), directory: Some(reading.directory) })
    }

    /// How psql is fed the file; it is not to open it.
    fn reading(&mut self, name: &Path, place: &Place) -> Result<Reading, RunError> {
        let survey = self.survey(name)?;
        let directory = self.directory;
        let path = directory.join(if is_standard_input(name) { Path::new(STDIN) } else { name });
        let resolve = |include: &Include, including: &Path| target(include, including, directory);
        let top = Top { name: name.display().to_string(), path: &path, is_packed: true, resolve: &resolve };
        Reading::of_text(&top, &survey, place)
    }
}

/// psql on this machine can open it.
fn is_plain(name: &Path) -> bool {
    !is_standard_input(name) && compression(name) == Compression::None
}
