//! Input that can be read only once, read ahead so that it can be looked through before it is run.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal as _, Read, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use super::attempt::fresh_id;
use crate::interrupt::{Patient, wait_for};

/// So many bytes are read ahead at most; what is behind them is run as it comes.
const AHEAD: u64 = 64 * 1024 * 1024;

/// Whoever writes a statement and waits for its answer writes nothing more: it is run after this time.
const PAUSE: Duration = Duration::from_secs(1);

const PIECE: usize = 64 * 1024;

/// Standard input or a pipe, and what was read of it.
pub struct StandardInput {
    /// The input itself where it is a file, else a copy of what was read ahead.
    ahead: File,
    /// Where the text begins in it.
    start: u64,
    /// What is still to come.
    rest: Option<File>,
}

impl StandardInput {
    /// Standard input itself.
    pub fn of_process() -> io::Result<File> {
        Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
    }

    /// Reads to its end, to a pause, or as much as is kept, into an unnamed file in `directory`; none for a
    /// terminal, whose every line is to be carried out at once.
    pub fn read_ahead(mut input: File, directory: &Path) -> io::Result<Option<Self>> {
        if input.is_terminal() {
            return Ok(None);
        }
        if input.metadata()?.is_file() {
            let start = input.stream_position()?;
            return Ok(Some(Self { ahead: input, start, rest: None }));
        }
        let mut ahead = unnamed(directory)?;
        let is_whole = copy(&mut input, &mut ahead)?;
        Ok(Some(Self { ahead, start: 0, rest: (!is_whole).then_some(input) }))
    }

    /// Whether nothing is to come but what was read.
    pub fn is_whole(&self) -> bool {
        self.rest.is_none()
    }

    /// What was read ahead, from its beginning.
    pub fn ahead(&mut self) -> io::Result<&mut File> {
        self.ahead.seek(SeekFrom::Start(self.start))?;
        Ok(&mut self.ahead)
    }

    /// All of it.
    pub fn open(mut self) -> io::Result<Box<dyn Read + Send>> {
        self.ahead.seek(SeekFrom::Start(self.start))?;
        Ok(match self.rest {
            None => Box::new(self.ahead),
            Some(rest) => Box::new(self.ahead.chain(Patient(rest))),
        })
    }
}

/// Whether a second reader would find nothing left.
pub fn is_read_once(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

/// A file that nobody else can open, and that is gone with this process, however it ends.
fn unnamed(directory: &Path) -> io::Result<File> {
    let path = directory.join(format!("dbctl-{}", fresh_id()));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// Whether the input's end was reached.
fn copy(input: &mut File, ahead: &mut File) -> io::Result<bool> {
    let (mut piece, mut length) = (vec![0; PIECE], 0);
    while length < AHEAD && wait_for(input, (length > 0).then_some(PAUSE))? {
        match input.read(&mut piece) {
            Ok(0) => return Ok(true),
            Ok(count) => {
                ahead.write_all(&piece[..count])?;
                length += count as u64;
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}
