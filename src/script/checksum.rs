//! The checksum: sha256 of a script's text, line ends normalised, and of what it includes.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::{Compression, Directives, Kind, ScriptError, include};

/// How much of a script's beginning is looked through for directives.
const HEAD: usize = 16 * 1024;
const BLOCK: usize = 32 * 1024;

/// What tells one state of a script from another, in hexadecimal. For a script that includes nothing it is what
/// `sha256sum` says of the file (with LF line ends).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checksum(String);

impl Checksum {
    /// A checksum as the ledger keeps it.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The checksum of the script with these variables set; the same where there are none.
    #[must_use]
    pub fn with_variables<'a>(self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut variables = variables.into_iter().peekable();
        if variables.peek().is_none() {
            return self;
        }
        let mut hash = Sha256::new_with_prefix(&self.0);
        for (name, value) in variables {
            hash.update(format!("\0{}:{name}={value}", name.len()));
        }
        Self::of(hash)
    }

    fn of(hash: Sha256) -> Self {
        let mut text = String::with_capacity(64);
        for byte in hash.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) struct Facts {
    pub checksum: Checksum,
    pub directives: Directives,
}

pub(super) fn read(path: &Path, kind: Kind, init_dir: &Path) -> Result<Facts, ScriptError> {
    let mut reading = Reading { hash: LineEndings::default(), seen: BTreeSet::new(), init_dir };
    let head = reading.file(path, kind)?;
    let directives = Directives::parse(&head, kind, path)?;
    Ok(Facts { checksum: Checksum::of(reading.hash.finish()), directives })
}

struct Reading<'a> {
    hash: LineEndings,
    seen: BTreeSet<PathBuf>,
    init_dir: &'a Path,
}

impl Reading<'_> {
    /// Adds a file and what it includes; returns its beginning.
    fn file(&mut self, path: &Path, kind: Kind) -> Result<Vec<u8>, ScriptError> {
        let compression = kind.compression();
        let text = self.text(compression.open(path)?);
        let (head, may_include) = text.map_err(|source| compression.error(path, source))?;
        if may_include && kind != Kind::Shell {
            self.includes(path, compression)?;
        }
        Ok(head)
    }

    /// The text's beginning, and whether a `\i` may be in it.
    fn text(&mut self, mut input: impl Read) -> io::Result<(Vec<u8>, bool)> {
        let mut block = vec![0; BLOCK];
        let (mut head, mut may_include, mut last) = (Vec::new(), false, 0);
        loop {
            let count = match input.read(&mut block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result?,
            };
            if count == 0 {
                return Ok((head, may_include));
            }
            let text = &block[..count];
            may_include |= (last == b'\\' && text[0] == b'i') || memmem::find(text, b"\\i").is_some();
            last = text[count - 1];
            head.extend_from_slice(&text[..count.min(HEAD.saturating_sub(head.len()))]);
            self.hash.update(text);
        }
    }

    fn includes(&mut self, path: &Path, compression: Compression) -> Result<(), ScriptError> {
        for (line, file, target) in include::literal(path, compression, self.init_dir)? {
            if !target.is_file() {
                return Err(ScriptError::MissingInclude { path: path.to_owned(), line, file });
            }
            // A file that includes itself is the session's to refuse.
            if self.seen.insert(target.clone()) {
                self.hash.separate(&file);
                self.file(&target, Kind::Sql(Compression::None))?;
            }
        }
        Ok(())
    }
}

/// A hash that takes CR LF for LF, wherever blocks are cut.
#[derive(Default)]
struct LineEndings {
    hash: Sha256,
    held_back: bool,
}

impl LineEndings {
    fn update(&mut self, block: &[u8]) {
        if std::mem::take(&mut self.held_back) && block.first() != Some(&b'\n') {
            self.hash.update(b"\r");
        }
        let mut rest = block;
        while let Some(at) = memmem::find(rest, b"\r\n") {
            self.hash.update(&rest[..at]);
            rest = &rest[at + 1..];
        }
        if let Some(text) = rest.strip_suffix(b"\r") {
            self.held_back = true;
            rest = text;
        }
        self.hash.update(rest);
    }

    fn separate(&mut self, name: &str) {
        self.update(format!("\0{}:{name}\0", name.len()).as_bytes());
    }

    fn finish(mut self) -> Sha256 {
        self.update(b"");
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(blocks: &[&str]) -> Checksum {
        let mut hash = LineEndings::default();
        for block in blocks {
            hash.update(block.as_bytes());
        }
        Checksum::of(hash.finish())
    }

    #[test]
    fn line_ends_do_not_count_wherever_blocks_are_cut() {
        let plain = of(&["a\nb\n\nc\rd"]);
        assert_eq!(plain, of(&["a\r\nb\r\n\r\nc\rd"]));
        assert_eq!(plain, of(&["a\r", "\nb\r", "\n", "\r", "\nc\r", "d"]));
        assert_ne!(plain, of(&["a\nb\n\nc\nd"]));
        assert_ne!(of(&["a\r"]), of(&["a"]));
        assert_eq!(
            of(&["abc"]).to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn variables_change_a_checksum_and_none_leave_it() {
        let plain = of(&["a"]);
        assert_eq!(plain.clone().with_variables([]), plain);
        assert_ne!(plain.clone().with_variables([("a", "1")]), plain);
        assert_ne!(plain.clone().with_variables([("a", "1")]), plain.with_variables([("a", "2")]));
    }
}
