//! One dbctl at a time works on a service's container: the database's own lock is not there yet.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::compose::service::Service;
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::{DockerError, labels};
use crate::event::{Event, Observer};
use crate::interrupt;

const PAUSE: Duration = Duration::from_millis(100);

/// Held until it is dropped; the system gives it back when the process dies, however it dies.
pub struct ContainerLock {
    _file: File,
}

impl ContainerLock {
    /// Waits until no other dbctl of this machine works on the service's container. What was observed before
    /// may have changed meanwhile.
    pub fn acquire(cache: &Path, service: &Service, observer: &mut dyn Observer) -> Result<Self> {
        Self::of(cache, &format!("{}/{}", service.project, service.name), observer)
    }

    /// As [`Self::acquire`], for one `part` of the service's.
    pub(in crate::docker) fn of_part(
        cache: &Path,
        service: &Service,
        part: &str,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        Self::of(cache, &format!("{}/{}/{part}", service.project, service.name), observer)
    }

    /// The lock of that part, unless somebody has it.
    pub(in crate::docker) fn of_part_if_free(
        cache: &Path,
        service: &Service,
        part: &str,
    ) -> Result<Option<Self>> {
        let name = format!("{}/{}/{part}", service.project, service.name);
        let failed = |source| ContainerError::system(format!("locking `{name}`"), source);
        let file = open(cache, &name).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
            Err(error) => Err(failed(error.into())),
        }
    }

    fn of(cache: &Path, name: &str, observer: &mut dyn Observer) -> Result<Self> {
        let failed = |source| ContainerError::system(format!("locking `{name}`"), source);
        let mut file = open(cache, name).map_err(failed)?;
        let mut waited = false;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::WOULDBLOCK | Errno::INTR) if interrupt::requested() => {
                    return Err(DockerError::Interrupted.into());
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => {}
                Err(error) => return Err(failed(error.into())),
            }
            if !waited {
                observer.observe(Event::ProjectBusy { holder: format!("`{name}`{}", holder(&mut file)) });
                waited = true;
            }
            std::thread::sleep(PAUSE);
        }
        let sign = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{}", std::process::id())
        };
        sign(&mut file).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn open(cache: &Path, name: &str) -> std::io::Result<File> {
    std::fs::create_dir_all(cache)?;
    // A container's name may hold what a file's name may not.
    let path = cache.join(format!("container-{}.lock", &labels::fingerprint(&[name])[..16]));
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn holder(file: &mut File) -> String {
    let mut process = String::new();
    let known = file.rewind().and_then(|()| file.read_to_string(&mut process)).is_ok() && !process.is_empty();
    if known { format!(", process {process}") } else { String::new() }
}
