//! Where a program in the container, or on this machine, finds the files of this machine.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::docker::{ContainerFacts, MountedFrom};
use crate::project::init::ENTRYPOINT_DIR;

/// What stands before this machine's paths where the engine runs in a virtual machine of its own.
const DESKTOP_PREFIXES: [&str; 2] = ["/host_mnt", "/run/desktop/mnt/host"];

/// Where psql runs.
pub enum Place<'a> {
    Here,
    Container(&'a ContainerFacts),
}

impl Place<'_> {
    /// The name of this machine's file there; none where it is not to be seen.
    pub fn name_of(&self, file: &Path) -> Option<PathBuf> {
        match self {
            Self::Here => Some(plain(file)),
            Self::Container(facts) => mounted(facts, file).map(PathBuf::from),
        }
    }

    /// The working directories that a program may be given there.
    pub fn directories(&self) -> Vec<PathBuf> {
        match self {
            Self::Here => vec![plain(Path::new("."))],
            Self::Container(facts) => {
                let init = facts.mount_at(ENTRYPOINT_DIR).map(|_| PathBuf::from(ENTRYPOINT_DIR));
                [PathBuf::from("/")].into_iter().chain(init).collect()
            }
        }
    }
}

/// The absolute path without `.` and `..`, which a link is not followed for.
pub fn plain(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// Where the container sees a file of this machine.
pub fn mounted(container: &ContainerFacts, file: &Path) -> Option<String> {
    let (written, real) = (plain(file), fs::canonicalize(file).ok());
    container.mounts.iter().find_map(|mount| {
        let MountedFrom::Host(source) = &mount.source else { return None };
        let below =
            [Some(&written), real.as_ref()].into_iter().flatten().find_map(|file| below(file, source))?;
        let target = Path::new(&mount.target);
        let path = if below.as_os_str().is_empty() { target.to_owned() } else { target.join(below) };
        let path = path.to_str()?.to_owned();
        // Another mount may lie above it.
        (container.mount_at(&path) == Some(mount)).then_some(path)
    })
}

/// The way from a mount's source to the file.
fn below(file: &Path, source: &str) -> Option<PathBuf> {
    let inner = DESKTOP_PREFIXES.iter().filter_map(|prefix| source.strip_prefix(prefix));
    let real = fs::canonicalize(source).ok();
    let mut sources = [source].into_iter().chain(inner).map(Path::new).chain(real.as_deref());
    sources.find_map(|source| file.strip_prefix(source).ok()).map(Path::to_owned)
}
