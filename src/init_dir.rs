//! The init dir: the ordered, validated set of scripts on disk.

mod selection;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::parallel::{self, USUAL_STACK};
use crate::script::{Kind, Script, ScriptError, ScriptId};
pub use selection::SelectError;

/// The scripts of a project in the order in which they run.
#[derive(Clone, Debug)]
pub struct InitDir {
    /// Numbered scripts by number, then the others by the bytes of their names.
    pub scripts: Vec<Script>,
    pub warnings: Vec<Ignored>,
}

/// A script by its name alone: nothing of it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: Option<ScriptId>,
    pub name: String,
    pub path: PathBuf,
    pub kind: Kind,
}

/// Something in the init dir that is not run. Its text is a warning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    #[error("`{0}` is a directory: scripts in it are not run")]
    Directory(String),
    #[error("`{0}` is not a script (`.sql`, `.sql.gz`, `.sql.xz`, `.sql.zst`, `.sh`) and is not run")]
    OtherFile(String),
}

/// What keeps an init dir from being used.
#[derive(Debug, thiserror::Error)]
pub enum InitDirError {
    #[error("cannot read the init dir `{}`: {source}\nnext: check that it exists, or name another one", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("number {number} is used twice: `{first}` and `{second}`\nnext: give one of them another number")]
    DuplicateNumber { number: String, first: String, second: String },
    #[error(transparent)]
    Script(#[from] ScriptError),
}

impl InitDir {
    /// Reads every script of the directory once. Hidden files are passed over, as the entrypoint does.
    pub fn read(path: &Path) -> Result<Self, InitDirError> {
        Self::from_entries(entries(path)?, path)
    }

    /// The same for files that are mounted one by one, each with its name in the container.
    pub fn from_files(files: Vec<(String, PathBuf)>) -> Result<Self, InitDirError> {
        let directory = files.first().and_then(|(_, path)| path.parent()).unwrap_or(Path::new("")).to_owned();
        Self::from_entries(files, &directory)
    }

    fn from_entries(files: Vec<(String, PathBuf)>, directory: &Path) -> Result<Self, InitDirError> {
        let (named, warnings) = named(files);
        let read = |Named { name, path, kind, .. }: &Named| Script::read(name, path, *kind, directory);
        let scripts = parallel::each(named.len(), USUAL_STACK, |index| read(&named[index]));
        let scripts = scripts.into_iter().collect::<Result<Vec<_>, _>>()?;
        refuse_duplicates(&scripts)?;
        Ok(Self { scripts, warnings })
    }

    /// The scripts that the user names, in the order in which they run, each once: by number (`29`, `029`), name,
    /// path, or range (`027..029`, `027..`, `..029`, both ends included).
    pub fn select(&self, selection: &[String]) -> Result<Vec<&Script>, SelectError> {
        let names: Vec<Named> = self.scripts.iter().map(Named::of).collect();
        let chosen = selection::select(&names, selection)?;
        Ok(chosen.into_iter().map(|index| &self.scripts[index]).collect())
    }
}

impl Named {
    fn of(script: &Script) -> Self {
        Self { id: script.id, name: script.name.clone(), path: script.path.clone(), kind: script.kind }
    }

    /// The scripts of a directory in the order in which they run, numbers that are used twice included.
    pub fn list(directory: &Path) -> Result<Vec<Self>, InitDirError> {
        Ok(named(entries(directory)?).0)
    }

    /// The same for files that are mounted one by one.
    pub fn of_files(files: Vec<(String, PathBuf)>) -> Vec<Self> {
        named(files).0
    }

    /// The places of those that the user names, as [`InitDir::select`] understands them.
    pub fn select(scripts: &[Self], selection: &[String]) -> Result<Vec<usize>, SelectError> {
        selection::select(scripts, selection)
    }
}

/// The files of a directory by name. Hidden ones are passed over.
fn entries(path: &Path) -> Result<Vec<(String, PathBuf)>, InitDirError> {
    let unreadable = |source| InitDirError::Read { path: path.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if !name.as_encoded_bytes().starts_with(b".") {
            files.push((name.to_string_lossy().into_owned(), path.join(name)));
        }
    }
    Ok(files)
}

/// Those that are scripts, in order, and a word about the others.
fn named(mut files: Vec<(String, PathBuf)>) -> (Vec<Named>, Vec<Ignored>) {
    files.sort();
    let (mut scripts, mut warnings) = (Vec::new(), Vec::new());
    for (name, path) in files {
        match Kind::of_name(&name) {
            Some(kind) => scripts.push(Named { id: ScriptId::of_name(&name), name, path, kind }),
            None if path.is_dir() => warnings.push(Ignored::Directory(name)),
            None => warnings.push(Ignored::OtherFile(name)),
        }
    }
    scripts.sort_by_key(|script| (script.id.is_none(), script.id));
    (scripts, warnings)
}

fn refuse_duplicates(scripts: &[Script]) -> Result<(), InitDirError> {
    for pair in scripts.windows(2) {
        if let Some(id) = pair[0].id.filter(|_| pair[0].id == pair[1].id) {
            return Err(InitDirError::DuplicateNumber {
                number: id.to_string(),
                first: pair[0].name.clone(),
                second: pair[1].name.clone(),
            });
        }
    }
    Ok(())
}
