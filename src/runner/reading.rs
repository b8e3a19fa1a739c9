//! How psql reads a script: it opens the file, or is fed its text with the includes named as psql finds them.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::RunError;
use super::files::including;
use super::place::{Place, plain};
use super::prepare::DEEPEST;
use crate::script::{Compression, Script, resolve_include};
use crate::sql::survey::{self, Include, Survey};

/// A way of reading that leads psql to every file that the script includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// psql's working directory.
    pub directory: PathBuf,
    /// The script, where psql opens it; else psql is fed.
    pub file: Option<PathBuf>,
    /// What stands in the text that psql is fed instead of these bytes.
    edits: VecDeque<(Range<u64>, Vec<u8>)>,
}

/// A file that is included by a script, or by another that is.
struct Inclusion {
    including: PathBuf,
    include: Include,
    target: PathBuf,
}

/// A text that psql is to run.
pub struct Top<'a> {
    /// As messages call it.
    pub name: String,
    /// What its `\ir` count from.
    pub path: &'a Path,
    /// psql cannot open it.
    pub is_packed: bool,
    /// The file of this machine that an include means in another; none where nobody knows.
    pub resolve: &'a dyn Fn(&Include, &Path) -> Option<PathBuf>,
}

impl Reading {
    /// Fails for the first included file that psql cannot find, however it is called.
    pub fn of(script: &Script, survey: &Survey, place: &Place) -> Result<Self, RunError> {
        let init_dir = script.path.parent().unwrap_or(Path::new(""));
        let resolve = |include: &Include, including: &Path| {
            Some(resolve_include(include.file.as_deref()?, include.relative, including, init_dir))
        };
        let is_packed = script.kind.compression() != Compression::None;
        let top = Top { name: script.name.clone(), path: &script.path, is_packed, resolve: &resolve };
        Self::of_text(&top, survey, place)
    }

    /// The same for any text.
    pub fn of_text(top: &Top, survey: &Survey, place: &Place) -> Result<Self, RunError> {
        let own = place.name_of(top.path).filter(|_| !top.is_packed);
        let mut inclusions = Inclusions { resolve: top.resolve, found: Vec::new() };
        inclusions.add(survey, top.path, 0)?;
        let search = Search { place, script: top.path, own, inclusions: &inclusions.found };
        search.best().map_err(|hidden| RunError::Hidden {
            script: top.name.clone(),
            file: hidden.including.display().to_string(),
            line: hidden.include.position.line,
            included: String::from_utf8_lossy(hidden.include.file.as_deref().unwrap_or_default())
                .into_owned(),
            place: if matches!(place, Place::Here) { "from where it runs" } else { "in the container" },
        })
    }

    /// The text that psql is fed.
    pub fn fed(&self, text: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        if self.edits.is_empty() {
            return text;
        }
        Box::new(Edited { text, edits: self.edits.clone(), at: 0, instead: Cursor::default() })
    }
}

struct Inclusions<'a> {
    resolve: &'a dyn Fn(&Include, &Path) -> Option<PathBuf>,
    found: Vec<Inclusion>,
}

impl Inclusions<'_> {
    fn add(&mut self, survey: &Survey, including: &Path, depth: usize) -> Result<(), RunError> {
        for include in survey.includes.iter().filter(|_| depth < DEEPEST) {
            // One that is not there, or is never reached, is found when psql would find it.
            let target = (self.resolve)(include, including).filter(|target| target.is_file());
            let Some(target) = target else { continue };
            let (including, include) = (including.to_owned(), include.clone());
            self.found.push(Inclusion { including, include, target: target.clone() });
            let unreadable = |source| RunError::Unreadable { path: target.clone(), source };
            let inner =
                survey::survey(std::fs::File::open(&target).map_err(unreadable)?).map_err(unreadable)?;
            self.add(&inner, &target, depth + 1)?;
        }
        Ok(())
    }
}

struct Search<'a> {
    place: &'a Place<'a>,
    script: &'a Path,
    /// The script's name there, if psql can open it.
    own: Option<PathBuf>,
    inclusions: &'a [Inclusion],
}

impl<'a> Search<'a> {
    /// psql opens the script itself if there is any working directory in which that is right.
    fn best(&self) -> Result<Reading, &'a Inclusion> {
        let directories = self.place.directories();
        let opened = directories.iter().find_map(|directory| self.opened(directory));
        let mut fed = directories.iter().map(|directory| self.fed(directory));
        match opened {
            Some(reading) => Ok(reading),
            None => fed.find(Result::is_ok).unwrap_or_else(|| self.fed(&directories[0])),
        }
    }

    fn opened(&self, directory: &Path) -> Option<Reading> {
        let found = |inclusion: &Inclusion| self.is_found(inclusion, directory, self.own.as_deref());
        let reading =
            Reading { directory: directory.to_owned(), file: Some(self.own.clone()?), ..Reading::default() };
        self.inclusions.iter().all(found).then_some(reading)
    }

    fn fed(&self, directory: &Path) -> Result<Reading, &'a Inclusion> {
        let mut reading = Reading { directory: directory.to_owned(), ..Reading::default() };
        for inclusion in self.inclusions {
            // What it is fed has no place of its own: names count from the working directory.
            if self.is_found(inclusion, directory, Some(&directory.join("-"))) {
                continue;
            }
            let target = self.place.name_of(&inclusion.target).filter(|_| inclusion.including == self.script);
            let command = including(&target.ok_or(inclusion)?);
            let Include { position, end, .. } = inclusion.include;
            reading.edits.push_back((position.offset..end, command.trim_ascii_end().into()));
        }
        Ok(reading)
    }

    /// Whether psql finds the file by itself, where it sees the script as `top`.
    fn is_found(&self, inclusion: &Inclusion, directory: &Path, top: Option<&Path>) -> bool {
        let Inclusion { including, include, target } = inclusion;
        let Some(target) = self.place.name_of(target) else { return false };
        let including =
            if including == self.script { top.map(Path::to_owned) } else { self.place.name_of(including) };
        let Some(including) = including else { return false };
        let from = if include.relative { including.parent().unwrap_or(directory) } else { directory };
        let written = Path::new(OsStr::from_bytes(include.file.as_deref().unwrap_or_default()));
        plain(&from.join(written)) == target
    }
}

/// A text in which some bytes are others.
struct Edited {
    text: Box<dyn Read + Send>,
    edits: VecDeque<(Range<u64>, Vec<u8>)>,
    at: u64,
    instead: Cursor<Vec<u8>>,
}

impl Read for Edited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.instead.read(buffer)? {
                0 => {}
                count => return Ok(count),
            }
            if self.edits.front().is_none_or(|(place, _)| place.start > self.at) {
                break;
            }
            let Some((place, text)) = self.edits.pop_front() else { break };
            io::copy(&mut (&mut self.text).take(place.end - place.start), &mut io::sink())?;
            (self.at, self.instead) = (place.end, Cursor::new(text));
        }
        let left = self.edits.front().map_or(u64::MAX, |(place, _)| place.start - self.at);
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = self.text.read(&mut buffer[..most])?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_edited_however_it_is_read() {
        for size in [1, 2, 5, 100] {
            let edits = [(0..2, b"xyz".to_vec()), (4..4, b"+".to_vec()), (6..8, Vec::new())];
            let (text, instead) = (Box::new(Cursor::new(b"ab01cdefgh".to_vec())), Cursor::default());
            let mut edited = Edited { text, edits: edits.into(), at: 0, instead };
            let (mut found, mut buffer) = (Vec::new(), vec![0; size]);
            while let count @ 1.. = edited.read(&mut buffer).expect("memory can be read") {
                found.extend_from_slice(&buffer[..count]);
            }
            assert_eq!(String::from_utf8_lossy(&found), "xyz01+cdgh", "{size}");
        }
    }
}
