//! What a build sends to the engine: the context's files and the Dockerfile, as a list, a hash and a tar.

use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::compose::service::Build;
use crate::docker::ignore::{Ignore, IgnoreError, Verdict};

/// The name under which a Dockerfile travels that is no file of the context.
const SENT_DOCKERFILE: &str = ".dbctl.Dockerfile";
const IGNORE_FILE: &str = ".dockerignore";

/// Why a context cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BuildContextError {
    #[error(
        "the build context `{0}` is not on this machine, and dbctl builds from local directories only\n\
         next: `docker compose build`, then the same command"
    )]
    Remote(String),
    #[error("the build context `{}` is not a directory\nnext: correct `build.context`", .0.display())]
    NoDirectory(PathBuf),
    #[error("the Dockerfile `{}` does not exist\nnext: correct `build.dockerfile`", .0.display())]
    NoDockerfile(PathBuf),
    #[error("`{}`, {source}", path.display())]
    Ignore { path: PathBuf, source: IgnoreError },
    #[error(
        "`{}` of the build context cannot be read: {source}\n\
         next: correct its permissions, or name it in `.dockerignore`",
        path.display()
    )]
    Unreadable { path: PathBuf, source: io::Error },
}

/// The files that a build depends on, read from disk.
pub(in crate::docker) struct BuildContext {
    /// Sorted by path, a directory before what it holds.
    entries: Vec<Entry>,
    /// Files that are made for the journey, by name.
    made: Vec<(&'static str, String)>,
    /// The Dockerfile's name within the tar.
    pub dockerfile: String,
    pub dockerfile_text: String,
}

struct Entry {
    /// Relative to the context.
    name: PathBuf,
    path: PathBuf,
    metadata: Metadata,
}

impl BuildContext {
    /// Lists what `build` sends; no file of the context but the Dockerfile and the ignore file is opened.
    pub(in crate::docker) fn read(build: &Build) -> Result<Self, BuildContextError> {
        let root = local_root(&build.context)?;
        let dockerfile = DockerfileSource::of(build, &root)?;
        let (mut ignore, ignore_is_own) = read_ignore(&root, dockerfile.path())?;
        match dockerfile.inside(&root) {
            // The engine reads `.dockerignore` once more, to hide the Dockerfile from COPY where the rules
            // do; it knows nothing of an ignore file of the Dockerfile's own.
            Some(name) if !ignore_is_own => {
                ignore.always_send(IGNORE_FILE);
                ignore.always_send(&name);
                let entries = walked(&root, &ignore)?;
                Ok(Self { entries, made: Vec::new(), dockerfile: name, dockerfile_text: dockerfile.text })
            }
            _ => Self::with_sent_dockerfile(walked(&root, &ignore)?, dockerfile.text),
        }
    }

    /// Adds the Dockerfile under a name that the engine is told to hide from COPY.
    fn with_sent_dockerfile(
        mut entries: Vec<Entry>,
        dockerfile_text: String,
    ) -> Result<Self, BuildContextError> {
        let at = entries.iter().position(|entry| entry.name == Path::new(IGNORE_FILE));
        let rules = match at.map(|at| entries.remove(at)) {
            Some(entry) => read_text(&entry.path)?,
            None => IGNORE_FILE.to_owned(),
        };
        let made = vec![
            (IGNORE_FILE, format!("{rules}\n{SENT_DOCKERFILE}\n")),
            (SENT_DOCKERFILE, dockerfile_text.clone()),
        ];
        Ok(Self { entries, made, dockerfile: SENT_DOCKERFILE.to_owned(), dockerfile_text })
    }

    /// A hash over paths, modes and contents of all that is sent, and over the build's settings: while it
    /// stays the same, the image need not be built again.
    pub(in crate::docker) fn hash(&self, build: &Build) -> Result<String, BuildContextError> {
        let mut hash = Hash(Sha256::new());
        hash.settings(build);
        hash.field(self.dockerfile_text.as_bytes());
        for (name, text) in &self.made {
            hash.field(name.as_bytes());
            hash.field(text.as_bytes());
        }
        for entry in &self.entries {
            hash.entry(entry).map_err(|source| unreadable(&entry.path, source))?;
        }
        Ok(hash.finish())
    }

    /// Writes the tar. Files keep mode and time and belong to root, as `docker build` sends them.
    pub(in crate::docker) fn write_to(&self, writer: impl Write) -> io::Result<()> {
        let mut tar = tar::Builder::new(writer);
        for (name, text) in &self.made {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            tar.append_data(&mut header, name, text.as_bytes())?;
        }
        for entry in &self.entries {
            let named = |error: io::Error| io::Error::new(error.kind(), entry.described(&error));
            entry.append_to(&mut tar).map_err(named)?;
        }
        tar.into_inner()?.flush()
    }

    #[cfg(test)]
    pub(in crate::docker) fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.name.display().to_string()).collect()
    }
}

struct DockerfileSource {
    path: Option<PathBuf>,
    text: String,
}

impl DockerfileSource {
    fn of(build: &Build, root: &Path) -> Result<Self, BuildContextError> {
        if let Some(text) = &build.dockerfile_inline {
            return Ok(Self { path: None, text: text.clone() });
        }
        let mut path = root.join(&build.dockerfile);
        if !path.is_file() && path.file_name().is_some_and(|name| name == "Dockerfile") {
            path.set_file_name("dockerfile");
        }
        if !path.is_file() {
            return Err(BuildContextError::NoDockerfile(root.join(&build.dockerfile)));
        }
        let text = read_text(&path)?;
        Ok(Self { path: Some(path), text })
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Its name within the context, where it is a file of it.
    fn inside(&self, root: &Path) -> Option<String> {
        let path = fs::canonicalize(self.path()?).ok()?;
        Some(path.strip_prefix(root).ok()?.to_str()?.to_owned())
    }
}

/// The context as a directory without symbolic links in its own path.
fn local_root(context: &Path) -> Result<PathBuf, BuildContextError> {
    let text = context.to_string_lossy();
    if text.contains("://") || text.starts_with("git@") || text.starts_with("github.com/") {
        return Err(BuildContextError::Remote(text.into_owned()));
    }
    let directory = || BuildContextError::NoDirectory(context.to_owned());
    fs::canonicalize(context).ok().filter(|root| root.is_dir()).ok_or_else(directory)
}

/// The rules in force, and whether they are the Dockerfile's own (`<Dockerfile>.dockerignore`).
fn read_ignore(root: &Path, dockerfile: Option<&Path>) -> Result<(Ignore, bool), BuildContextError> {
    let own = dockerfile.map(|path| {
        let mut own = path.as_os_str().to_owned();
        own.push(IGNORE_FILE);
        PathBuf::from(own)
    });
    let own = own.filter(|path| path.is_file());
    let is_own = own.is_some();
    let path = own.unwrap_or_else(|| root.join(IGNORE_FILE));
    if !path.is_file() {
        return Ok((Ignore::default(), false));
    }
    let text = read_text(&path)?;
    match Ignore::parse(&text) {
        Ok(ignore) => Ok((ignore, is_own)),
        Err(source) => Err(BuildContextError::Ignore { path, source }),
    }
}

fn read_text(path: &Path) -> Result<String, BuildContextError> {
    let bytes = fs::read(path).map_err(|source| unreadable(path, source))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(path: &Path, source: io::Error) -> BuildContextError {
    BuildContextError::Unreadable { path: path.to_owned(), source }
}

fn walked(root: &Path, ignore: &Ignore) -> Result<Vec<Entry>, BuildContextError> {
    let mut entries = Vec::new();
    walk(root, Path::new(""), &Verdict::default(), ignore, &mut entries)?;
    Ok(entries)
}

fn walk(
    directory: &Path,
    name: &Path,
    above: &Verdict,
    ignore: &Ignore,
    entries: &mut Vec<Entry>,
) -> Result<(), BuildContextError> {
    for child in sorted(directory).map_err(|source| unreadable(directory, source))? {
        let path = directory.join(&child);
        let name = name.join(&child);
        let text = name.to_string_lossy();
        let verdict = ignore.judge(&text, above);
        let metadata = fs::symlink_metadata(&path).map_err(|source| unreadable(&path, source))?;
        let descends = metadata.is_dir() && (!verdict.ignored || ignore.may_save_below(&text));
        // A socket has no place in a tar; `docker build` leaves it out, too.
        if !verdict.ignored && !metadata.file_type().is_socket() {
            entries.push(Entry { name: name.clone(), path: path.clone(), metadata });
        }
        if descends {
            walk(&path, &name, &verdict, ignore, entries)?;
        }
    }
    Ok(())
}

fn sorted(directory: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

impl Entry {
    fn append_to<W: Write>(&self, tar: &mut tar::Builder<W>) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_metadata_in_mode(&self.metadata, tar::HeaderMode::Complete);
        header.set_uid(0);
        header.set_gid(0);
        if self.metadata.is_symlink() {
            return tar.append_link(&mut header, &self.name, fs::read_link(&self.path)?);
        }
        if self.metadata.is_file() {
            let whole = Whole(File::open(&self.path)?.take(self.metadata.len()));
            return tar.append_data(&mut header, &self.name, whole);
        }
        header.set_size(0);
        tar.append_data(&mut header, &self.name, io::empty())
    }

    fn described(&self, error: &io::Error) -> String {
        format!("`{}` of the build context: {error}", self.name.display())
    }
}

/// A file that must not have shrunk since it was listed: the tar's header has promised its size.
struct Whole(io::Take<File>);

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        if count == 0 && self.0.limit() > 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it changed while it was sent"));
        }
        Ok(count)
    }
}

/// Fields are preceded by their lengths, so that no two different builds feed the same bytes.
struct Hash(Sha256);

impl Hash {
    fn field(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn settings(&mut self, build: &Build) {
        self.field(b"dbctl build context 1");
        for map in [&build.args, &build.labels] {
            self.field(&map.len().to_le_bytes());
            for text in map.iter().flat_map(|(name, value)| [name, value]) {
                self.field(text.as_bytes());
            }
        }
        for list in [&build.extra_hosts, &build.platforms] {
            self.field(list.join("\n").as_bytes());
        }
        let shm_size = build.shm_size.map(|size| size.to_string());
        for option in [&build.target, &build.network, &shm_size] {
            self.field(option.as_deref().unwrap_or_default().as_bytes());
        }
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.field(entry.name.as_os_str().as_bytes());
        self.0.update(entry.metadata.permissions().mode().to_le_bytes());
        if entry.metadata.is_symlink() {
            self.field(fs::read_link(&entry.path)?.as_os_str().as_bytes());
        } else if entry.metadata.is_file() {
            self.0.update(entry.metadata.len().to_le_bytes());
            io::copy(&mut File::open(&entry.path)?, self)?;
        }
        Ok(())
    }

    fn finish(self) -> String {
        self.0.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "build_context_tests.rs"]
mod tests;
