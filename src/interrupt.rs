//! Ctrl-C and SIGTERM as a flag that can be asked and a descriptor that can be polled.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

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
