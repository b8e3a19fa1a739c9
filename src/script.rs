//! One file of the init dir: its number, its kind, its checksum and the directives in its header.

mod checksum;
mod compression;
mod directive;
mod id;
mod include;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::sql::reach::{self, Reach};
use crate::sql::reader::Lines;
use crate::sql::survey::{self, Survey};
use crate::text::{self, Excerpt, Position};
pub use checksum::Checksum;
pub use compression::Compression;
pub use directive::Directives;
pub use id::ScriptId;
pub use include::resolve_include;

/// A script as it lies on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// None for a script without a number: those come last, in the order of their names.
    pub id: Option<ScriptId>,
    /// The file's name, in the container where that differs.
    pub name: String,
    pub path: PathBuf,
    pub kind: Kind,
    pub checksum: Checksum,
    pub directives: Directives,
}

/// What a script is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sql(Compression),
    Shell,
}

/// What keeps a script from being read.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("cannot read script `{}`: {source}\nnext: check that the file exists and that you may read it", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the archive `{}` is broken: {source}\nnext: compress the script again", path.display())]
    BrokenArchive { path: PathBuf, source: std::io::Error },
    #[error("`{}` is named like a script but is a directory\nnext: rename it, or move its scripts up", path.display())]
    Directory { path: PathBuf },
    #[error("unknown directive `{word}` in `{}`, line {line}{}\nnext: use one of {}", path.display(), hint(suggestion.as_deref()), directive::NAMES.join(", "))]
    UnknownDirective { path: PathBuf, line: u64, word: String, suggestion: Option<String> },
    #[error("`{}`, line {line}, includes `{file}`, which does not exist\nnext: create that file or correct its name", path.display())]
    MissingInclude { path: PathBuf, line: u64, file: String },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

impl Kind {
    /// The kind that a file's name tells; none for a file that is no script. Case matters, as to the image's
    /// entrypoint.
    pub fn of_name(name: &str) -> Option<Self> {
        const ENDINGS: [(&str, Kind); 5] = [
            (".sql", Kind::Sql(Compression::None)),
            (".sql.gz", Kind::Sql(Compression::Gzip)),
            (".sql.xz", Kind::Sql(Compression::Xz)),
            (".sql.zst", Kind::Sql(Compression::Zstd)),
            (".sh", Kind::Shell),
        ];
        ENDINGS.into_iter().find_map(|(ending, kind)| name.ends_with(ending).then_some(kind))
    }

    /// How the file is packed.
    pub fn compression(self) -> Compression {
        match self {
            Self::Sql(compression) => compression,
            Self::Shell => Compression::None,
        }
    }
}

impl Script {
    /// Reads the file once, from beginning to end, in constant memory. `init_dir` is where included files of
    /// the container's init directory are looked for.
    pub fn read(name: &str, path: &Path, kind: Kind, init_dir: &Path) -> Result<Self, ScriptError> {
        let facts = checksum::read(path, kind, init_dir)?;
        Ok(Self {
            id: ScriptId::of_name(name),
            name: name.to_owned(),
            path: path.to_owned(),
            kind,
            checksum: facts.checksum,
            directives: facts.directives,
        })
    }

    /// The script's text, decompressed while it is read.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, ScriptError> {
        self.kind.compression().open(&self.path)
    }

    /// The line at a position in the script, with the token there marked; reads up to it. None where the file
    /// has become shorter.
    pub fn excerpt(&self, position: Position) -> Result<Option<Excerpt>, ScriptError> {
        let failed = |source| self.kind.compression().error(&self.path, source);
        let mut lines = Lines::new(self.open()?);
        while let Some(line) = lines.next_line().map_err(failed)? {
            if line.place.line == position.line {
                let at = text::byte_of_character(line.bytes, position.column.saturating_sub(1));
                let length = text::token_length(&line.bytes[at..]);
                return Ok(Some(Excerpt::new(position, line.bytes, at, length)));
            }
        }
        Ok(None)
    }

    /// The hash of the script's tokens, which a change of comments or white space leaves as it is; none for a
    /// shell script, and for one that cannot be read any more.
    pub fn token_hash(&self) -> Option<String> {
        match self.kind {
            Kind::Sql(_) => self.survey().ok().map(|survey| survey.token_hash),
            Kind::Shell => None,
        }
    }

    /// What the script holds and how far it reaches, included files apart; reads it again.
    pub fn judged(&self) -> Result<(Survey, Reach), ScriptError> {
        reach::judged(self.open()?).map_err(|source| self.kind.compression().error(&self.path, source))
    }

    /// What the script holds; reads it again.
    pub fn survey(&self) -> Result<Survey, ScriptError> {
        survey::survey(self.open()?).map_err(|source| self.kind.compression().error(&self.path, source))
    }
}
