//! Ctrl-C and SIGTERM as a flag that can be asked and a descriptor that can be polled.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static WAKE: OnceLock<UnixStream> = OnceLock::new();

/// From now on the first SIGINT or SIGTERM sets the flag instead of ending the process; a second one ends
/// it at once with 130.
///
/// # Errors
/// When the system refuses a signal handler or a socket pair.
pub fn install() -> io::Result<()> {
    let (reader, writer) = UnixStream::pair()?;
    writer.set_nonblocking(true)?;
    let mut signals =
        signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM])?;
    if WAKE.set(reader).is_err() {
        return Ok(());
    }
    std::thread::spawn(move || {
        for _ in &mut signals {
            if REQUESTED.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
            // The byte is never read: the descriptor stays readable from now on.
            let _ = io::Write::write(&mut &writer, b"!");
        }
    });
    Ok(())
}

/// Whether the user asked to stop.
#[must_use]
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Becomes readable, and stays so, when the user asks to stop; none before [`install`].
#[must_use]
pub fn descriptor() -> Option<BorrowedFd<'static>> {
    WAKE.get().map(AsFd::as_fd)
}

/// Opens a file without waiting for whoever writes it: for a pipe's writer the first reading waits.
///
/// # Errors
/// Those of opening.
pub fn open(path: &Path) -> io::Result<Patient<File>> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    OpenOptions::new().read(true).custom_flags(flags).open(path).map(Patient)
}

/// Input whose reading ends with an error when the user asks to stop, however long it gives nothing.
pub struct Patient<F>(pub F);

impl<F: Read + AsFd> Read for Patient<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            wait_for(&self.0, None)?;
            match self.0.read(buffer) {
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
                outcome => return outcome,
            }
        }
    }
}

/// Waits until there is something to read; false once the time is over.
///
/// # Errors
/// When the user asks to stop, and what the system says.
pub fn wait_for(input: &impl AsFd, time: Option<Duration>) -> io::Result<bool> {
    let time = time.map(|time| Timespec::try_from(time).map_err(io::Error::other)).transpose()?;
    let stop = descriptor();
    let mut watched = vec![PollFd::new(input, PollFlags::IN)];
    watched.extend(stop.as_ref().map(|stop| PollFd::new(stop, PollFlags::IN)));
    loop {
        match poll(&mut watched, time.as_ref()) {
            _ if requested() => return Err(io::Error::other("interrupted")),
            Err(Errno::INTR) => {}
            Ok(count) => return Ok(count > 0),
            Err(error) => return Err(error.into()),
        }
    }
}
