//! One dbctl at a time changes a project's container, on this machine.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::ProjectError;
use crate::event::{Event, Observer};
use crate::interrupt;

const POLL: Duration = Duration::from_millis(50);

/// Held as long as this lives; the system releases it with the process, however that ends.
pub struct ProjectLock {
    _file: File,
}

impl ProjectLock {
    /// Takes the lock of `project`, waiting for its holder as long as that takes.
    pub fn take(cache_dir: &Path, project: &str, observer: &mut dyn Observer) -> Result<Self, ProjectError> {
        let path = cache_dir.join("locks").join(format!("{project}.lock"));
        let failed = |source| ProjectError::Lock { path: path.clone(), source };
        fs::create_dir_all(cache_dir.join("locks")).map_err(failed)?;
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        wait(&mut file, observer).map_err(failed)?;
        // Who waits reads this; a failure to write it costs a name in a message.
        let _ = file.set_len(0).and_then(|()| write!(file, "process {}", std::process::id()));
        Ok(Self { _file: file })
    }
}

fn wait(file: &mut File, observer: &mut dyn Observer) -> std::io::Result<()> {
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return file.seek(SeekFrom::Start(0)).map(drop),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if interrupt::requested() => {
                return Err(std::io::ErrorKind::Interrupted.into());
            }
            Err(TryLockError::WouldBlock) => {}
        }
        if !told {
            observer.observe(Event::ProjectBusy { holder: holder(file) });
            told = true;
        }
        thread::sleep(POLL);
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text));
    if read.is_ok() && !text.is_empty() { text } else { "a process that has just begun".to_owned() }
}
