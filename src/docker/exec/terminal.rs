//! A command in the container at the user's terminal: `psql`, as if it ran here.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;

use bollard::exec::ResizeExecOptions;
use futures_util::StreamExt as _;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::SIGWINCH;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::exec::{Command, ExecInput, ExecOutput, exit_code, start, unrunnable};
use crate::docker::{ContainerFacts, DockerError, Engine};

/// Where the user types and looks.
pub struct Terminal {
    input: File,
    output: File,
}

impl Terminal {
    /// The process's own; none where input or output is no terminal.
    #[must_use]
    pub fn of_process() -> Option<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned().ok()?;
        let output = io::stdout().as_fd().try_clone_to_owned().ok()?;
        Self::of(input, output)
    }

    /// None where one of the two is no terminal.
    #[must_use]
    pub fn of(input: OwnedFd, output: OwnedFd) -> Option<Self> {
        (isatty(&input) && isatty(&output)).then(|| Self { input: input.into(), output: output.into() })
    }

    fn size(&self) -> Option<ResizeExecOptions> {
        let size = tcgetwinsize(&self.output).ok()?;
        Some(ResizeExecOptions { height: size.ws_row, width: size.ws_col })
    }
}

impl Engine {
    /// Runs a command at the user's terminal until it ends, and gives its exit code. Every key, Ctrl-C too,
    /// goes to the command; its terminal is always as large as the user's.
    pub fn interact(
        &self,
        container: &ContainerFacts,
        command: &Command,
        terminal: &Terminal,
    ) -> Result<i64> {
        let failed = |source| ContainerError::system("talking to the terminal", source);
        let keys = Keys::read(terminal.input.try_clone().map_err(failed)?).map_err(failed)?;
        let _raw = RawMode::enter(&terminal.input).map_err(failed)?;
        let code = self.run(async {
            let config = bollard::models::ExecConfig { tty: Some(true), ..command.config(true) };
            let running = start(self.client(), &container.id, config).await?;
            tokio::select! {
                shown = show(running.output, &terminal.output) => shown?,
                () = keys.forward(running.input) => {}
                () = self.follow_size(&running.id, terminal) => {}
            }
            exit_code(self.client(), &running.id).await
        });
        code.map_err(|error| unrunnable(container, command, error))
    }

    async fn follow_size(&self, exec: &str, terminal: &Terminal) {
        let changes = size_changes();
        loop {
            if let Some(size) = terminal.size() {
                // A command that has just ended has no size any more.
                let _ = self.client().resize_exec(exec, size).await;
            }
            match &changes {
                Ok(changes) => drained(changes).await,
                Err(_) => std::future::pending().await,
            }
        }
    }
}

/// Becomes readable whenever the terminal's size changes.
fn size_changes() -> io::Result<tokio::net::UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(SIGWINCH, writer)?;
    reader.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(reader)
}

async fn drained(stream: &tokio::net::UnixStream) {
    if stream.readable().await.is_err() {
        std::future::pending::<()>().await;
    }
    let mut bytes = [0; 64];
    while stream.try_read(&mut bytes).is_ok_and(|length| length > 0) {}
}

async fn show(mut output: ExecOutput, mut screen: &File) -> std::result::Result<(), DockerError> {
    while let Some(piece) = output.next().await {
        let bytes = piece?.into_bytes();
        screen
            .write_all(&bytes)
            .map_err(|source| DockerError::System { doing: "writing to the terminal", source })?;
    }
    Ok(())
}

/// What the user types, read by a thread that ends when this is dropped.
struct Keys {
    pieces: mpsc::Receiver<Vec<u8>>,
    _alive: UnixStream,
}

impl Keys {
    fn read(mut input: File) -> io::Result<Self> {
        let (alive, ended) = UnixStream::pair()?;
        let (sender, pieces) = mpsc::channel(16);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while waits_for_key(&input, &ended) {
                match input.read(&mut bytes) {
                    Ok(length @ 1..) if sender.blocking_send(bytes[..length].to_vec()).is_ok() => {}
                    _ => return,
                }
            }
        });
        Ok(Self { pieces, _alive: alive })
    }

    /// Never completes: the command decides when it is over.
    async fn forward(mut self, mut input: ExecInput) {
        while let Some(piece) = self.pieces.recv().await {
            if input.write_all(&piece).await.is_err() || input.flush().await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    }
}

/// True when a key can be read; false when nobody wants it any more.
fn waits_for_key(input: &File, ended: &UnixStream) -> bool {
    let mut both = [PollFd::new(input, PollFlags::IN), PollFd::new(ended, PollFlags::IN)];
    loop {
        match poll(&mut both, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
            Ok(_) => return both[1].revents().is_empty(),
        }
    }
}

/// The terminal passes every key through while this lives.
struct RawMode {
    terminal: File,
    before: Termios,
}

impl RawMode {
    fn enter(terminal: &File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(terminal, OptionalActions::Now, &raw)?;
        Ok(Self { terminal: terminal.try_clone()?, before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}
