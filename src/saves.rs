//! Saves in the init dir, told once however many steps an editor takes. The only user of `notify`.
//!
//! `notify-debouncer-mini` would tell of files that were only read, as dbctl does itself after each save.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use thiserror::Error;

use crate::interrupt;

/// After so long a silence a save is complete: editors write, rename and set times within few milliseconds.
const SILENCE: Duration = Duration::from_millis(12);
/// Whoever writes without end is told of all the same.
const AT_MOST: Duration = Duration::from_millis(300);
/// How often a Ctrl-C is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

#[derive(Debug, Error)]
pub enum SavesError {
    #[error("`{}` cannot be watched: {source}\nnext: see that it exists; on Linux, `fs.inotify.max_user_watches` may be too low", path.display())]
    Watch { path: PathBuf, source: notify::Error },
    #[error("files cannot be watched on this machine: {source}")]
    Unavailable { source: notify::Error },
}

/// Watches as long as it lives.
pub struct Saves {
    _watcher: RecommendedWatcher,
    events: Receiver<BTreeSet<PathBuf>>,
}

impl Saves {
    /// Of all files in these directories and below.
    pub fn of<'a>(directories: impl IntoIterator<Item = &'a Path>) -> Result<Self, SavesError> {
        let (sender, events) = mpsc::channel();
        let tell = move |event: notify::Result<Event>| {
            // An overflow tells no paths: something was saved.
            let paths = event.map_or_else(|_| Some(BTreeSet::new()), changed);
            if let Some(paths) = paths {
                let _ = sender.send(paths);
            }
        };
        let mut watcher =
            notify::recommended_watcher(tell).map_err(|source| SavesError::Unavailable { source })?;
        for path in directories {
            let failed = |source| SavesError::Watch { path: path.to_owned(), source };
            watcher.watch(path, RecursiveMode::Recursive).map_err(failed)?;
        }
        Ok(Self { _watcher: watcher, events })
    }

    /// Waits for a save, calls `first_sign` at the first of it, and gives the paths it touched. None after a Ctrl-C.
    pub fn wait(&mut self, first_sign: impl FnOnce()) -> Option<BTreeSet<PathBuf>> {
        let mut touched = loop {
            if interrupt::requested() {
                return None;
            }
            match self.events.recv_timeout(LOOK_AGAIN) {
                Ok(paths) => break paths,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        };
        first_sign();
        let begun = Instant::now();
        while begun.elapsed() < AT_MOST
            && let Ok(more) = self.events.recv_timeout(SILENCE)
        {
            touched.extend(more);
        }
        Some(touched)
    }
}

/// The files that an event changes; none of one that only reads.
fn changed(event: Event) -> Option<BTreeSet<PathBuf>> {
    let changes = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    changes.then(|| event.paths.into_iter().collect())
}
