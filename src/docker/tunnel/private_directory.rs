//! A directory that only the user may enter, for a socket; those of dead processes are cleared away.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::docker::container_error::{ContainerError, Result};

const PREFIX: &str = "dbctl-tunnel-";
/// The shortest limit for a socket's path is macOS's: 104 bytes with the closing zero.
const LONGEST_PATH: usize = 103;
const SOCKET: &str = "/.s.PGSQL.5432";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Removed with all that is in it when it is dropped.
pub(super) struct PrivateDirectory {
    path: PathBuf,
}

impl PrivateDirectory {
    pub fn create(base: &Path) -> Result<Self> {
        clear_away(base);
        loop {
            let path = place(base);
            // Creation fails where something is already there: nobody can have prepared the directory.
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                // In a container of its own, every dbctl may have the same process id.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(ContainerError::system(format!("making `{}`", path.display()), error));
                }
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A new name each time; below `/tmp` where `base` is too long for a socket.
fn place(base: &Path) -> PathBuf {
    let name = format!("{PREFIX}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = base.join(&name);
    let fits = path.as_os_str().as_bytes().len() + SOCKET.len() <= LONGEST_PATH;
    if fits { path } else { Path::new("/tmp").join(name) }
}

/// Removes what killed processes left; what belongs to other users refuses.
fn clear_away(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|rest| rest.split('-').next());
        if process.and_then(|process| process.parse().ok()).is_some_and(is_dead) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_dead(process: i32) -> bool {
    Pid::from_raw(process).is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::PrivateDirectory;

    #[test]
    fn only_the_user_may_enter_and_nothing_stays_behind() {
        let base = tempfile::tempdir().unwrap();
        let directory = PrivateDirectory::create(base.path()).unwrap();
        let mode = std::fs::metadata(directory.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(directory);
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_dead_process_left_is_cleared_away_and_what_a_living_one_has_stays() {
        let base = tempfile::tempdir().unwrap();
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let stale = base.path().join(format!("dbctl-tunnel-{}-0", ended.id()));
        let living = base.path().join("dbctl-tunnel-1-0");
        std::fs::create_dir(&stale).unwrap();
        std::fs::create_dir(&living).unwrap();
        let _directory = PrivateDirectory::create(base.path()).unwrap();
        assert!(!stale.exists() && living.exists());
    }

    #[test]
    fn a_long_base_gives_way_to_one_that_a_socket_path_fits_into() {
        let base = tempfile::tempdir().unwrap();
        let long = base.path().join("x".repeat(90));
        std::fs::create_dir(&long).unwrap();
        let directory = PrivateDirectory::create(&long).unwrap();
        assert!(directory.path().starts_with("/tmp") && directory.path().as_os_str().len() < 60);
    }
}
