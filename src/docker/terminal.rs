//! A command in the container that a person talks to: the terminal is handed over, and taken back at the end.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use bollard::container::LogOutput;
use bollard::query_parameters::ResizeExecOptionsBuilder;
use futures_util::StreamExt as _;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::exec::{Command, exit_code, start};
use crate::docker::{ContainerFacts, DockerError, Engine};

/// How often the terminal's size is looked at.
const LOOK: Duration = Duration::from_millis(250);

impl Engine {
    /// Runs a command to its end on the caller's terminal and gives its exit code. Ctrl-C goes to the command.
    pub fn interactive(&self, container: &ContainerFacts, command: &Command) -> Result<i64> {
        let _raw = RawTerminal::enter().map_err(|source| ContainerError::system("using the terminal", source))?;
        let mut config = command.config(true);
        config.tty = Some(true);
        let code = self.finish(async {
            let mut running = start(self.client(), &container.id, config).await?;
            let mut typed = keyboard();
            let mut look = tokio::time::interval(LOOK);
            let mut size = (0, 0);
            loop {
                tokio::select! {
                    piece = running.output.next() => match piece {
                        Some(piece) => show(&piece?),
                        None => break,
                    },
                    Some(bytes) = typed.recv() => {
                        let sent = running.input.write_all(&bytes).await;
                        sent.map_err(|source| DockerError::System { doing: "passing keys on", source })?;
                    }
                    _ = look.tick() => self.follow_size(&running.id, &mut size).await,
                }
            }
            exit_code(self.client(), &running.id).await
        });
        code.map_err(ContainerError::Docker)
    }

    /// A size that cannot be told to the command is one that it does not need.
    async fn follow_size(&self, exec: &str, known: &mut (u16, u16)) {
        let Ok(now) = tcgetwinsize(std::io::stdout()) else { return };
        if (now.ws_col, now.ws_row) != *known {
            *known = (now.ws_col, now.ws_row);
            let size = ResizeExecOptionsBuilder::default().w(i32::from(now.ws_col)).h(i32::from(now.ws_row)).build();
            let _ = self.client().resize_exec(exec, size).await;
        }
    }
}

fn show(piece: &LogOutput) {
    let mut out = std::io::stdout();
    let _ = out.write_all(piece.as_ref()).and_then(|()| out.flush());
}

/// Keys as they are typed. The thread ends with the process: a read of the keyboard cannot be broken off.
fn keyboard() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = std::io::stdin().read(&mut buffer) {
            if sender.blocking_send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The terminal gives every key at once and unchanged as long as this lives.
struct RawTerminal {
    before: Termios,
}

impl RawTerminal {
    fn enter() -> std::io::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(std::io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        // Nothing better can be done about a terminal that went away.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}
