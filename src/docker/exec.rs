//! Commands inside a running container.

mod terminal;

use std::io::Read;
use std::pin::Pin;

use bollard::container::LogOutput;
use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use futures_util::{Stream, StreamExt as _};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::{ContainerFacts, DockerError, Engine};
use crate::secret::Secret;

pub use terminal::Terminal;

/// Bytes that are moved at once.
const PIECE: usize = 64 * 1024;

/// A command to be run in a container.
#[derive(Clone, Default)]
pub struct Command {
    pub words: Vec<String>,
    pub environment: Vec<(String, Secret)>,
    /// The container's own user unless given.
    pub user: Option<String>,
    pub working_dir: Option<String>,
}

/// Where a piece of output came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Out,
    Error,
}

/// All that a command wrote, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub code: i64,
    pub out: Vec<u8>,
    pub error: Vec<u8>,
}

pub(in crate::docker) type ExecOutput =
    Pin<Box<dyn Stream<Item = std::result::Result<LogOutput, bollard::errors::Error>> + Send>>;
pub(in crate::docker) type ExecInput = Pin<Box<dyn AsyncWrite + Send>>;

/// A command that runs.
pub(in crate::docker) struct Running {
    pub id: String,
    pub output: ExecOutput,
    pub input: ExecInput,
}

impl Command {
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self { words: words.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    pub(in crate::docker) fn config(&self, input: bool) -> ExecConfig {
        let pair = |(key, value): &(String, Secret)| format!("{key}={}", value.reveal());
        ExecConfig {
            cmd: Some(self.words.clone()),
            env: Some(self.environment.iter().map(pair).collect()),
            user: self.user.clone(),
            working_dir: self.working_dir.clone(),
            attach_stdin: Some(input),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..ExecConfig::default()
        }
    }
}

impl Output {
    fn take(&mut self, channel: Channel, bytes: &[u8]) {
        match channel {
            Channel::Out => self.out.extend_from_slice(bytes),
            Channel::Error => self.error.extend_from_slice(bytes),
        }
    }
}

impl Engine {
    /// Runs a command to its end and gives its exit code. `input` is read to its end, while `output` is told
    /// every piece of the command's output as it arrives.
    pub fn exec(
        &self,
        container: &ContainerFacts,
        command: &Command,
        input: Option<Box<dyn Read + Send>>,
        output: &mut dyn FnMut(Channel, &[u8]),
    ) -> Result<i64> {
        let code = self.run(async {
            let running = start(self.client(), &container.id, command.config(input.is_some())).await?;
            let feeder = tokio::spawn(feed(input, running.input));
            let drained = drain(running.output, output).await;
            feeder.abort();
            drained?;
            exit_code(self.client(), &running.id).await
        });
        code.map_err(|error| unrunnable(container, command, error))
    }

    /// As [`Engine::ask`], and to its end even after Ctrl-C.
    pub(in crate::docker) fn ask_to_the_end(
        &self,
        container: &ContainerFacts,
        command: &Command,
        input: Option<Vec<u8>>,
    ) -> Result<Output> {
        let mut answer = Output { code: 0, out: Vec::new(), error: Vec::new() };
        let code = self.finish(async {
            let running = start(self.client(), &container.id, command.config(input.is_some())).await?;
            let input = input.map(|bytes| Box::new(std::io::Cursor::new(bytes)) as Box<dyn Read + Send>);
            let feeder = tokio::spawn(feed(input, running.input));
            let drained = drain(running.output, &mut |channel, bytes| answer.take(channel, bytes)).await;
            feeder.abort();
            drained?;
            exit_code(self.client(), &running.id).await
        });
        answer.code = code.map_err(|error| unrunnable(container, command, error))?;
        Ok(answer)
    }

    /// Runs a command to its end and gives all that it wrote.
    pub fn ask(&self, container: &ContainerFacts, command: &Command) -> Result<Output> {
        let mut answer = Output { code: 0, out: Vec::new(), error: Vec::new() };
        answer.code =
            self.exec(container, command, None, &mut |channel, bytes| answer.take(channel, bytes))?;
        Ok(answer)
    }
}

pub(in crate::docker) async fn start(
    client: &bollard::Docker,
    container: &str,
    config: ExecConfig,
) -> std::result::Result<Running, DockerError> {
    let tty = config.tty.unwrap_or(false);
    let id = client.create_exec(container, config).await?.id;
    let options = bollard::exec::StartExecOptions { detach: false, tty, output_capacity: Some(PIECE) };
    match client.start_exec(&id, Some(options)).await? {
        StartExecResults::Attached { output, input } => Ok(Running { id, output, input }),
        StartExecResults::Detached => unreachable!("the request says that it is not detached"),
    }
}

pub(in crate::docker) async fn exit_code(
    client: &bollard::Docker,
    id: &str,
) -> std::result::Result<i64, DockerError> {
    Ok(client.inspect_exec(id).await?.exit_code.unwrap_or_default())
}

async fn drain(
    mut output: ExecOutput,
    tell: &mut dyn FnMut(Channel, &[u8]),
) -> std::result::Result<(), DockerError> {
    while let Some(piece) = output.next().await {
        match piece? {
            LogOutput::StdErr { message } => tell(Channel::Error, &message),
            LogOutput::StdOut { message } | LogOutput::Console { message } | LogOutput::StdIn { message } => {
                tell(Channel::Out, &message);
            }
        }
    }
    Ok(())
}

/// Feeds the command. Reading blocks, so a thread of its own does it; a command that ends early is no error.
async fn feed(source: Option<Box<dyn Read + Send>>, mut input: ExecInput) {
    if let Some(source) = source {
        let (sender, mut pieces) = mpsc::channel::<Vec<u8>>(2);
        std::thread::spawn(move || read_pieces(source, &sender));
        while let Some(piece) = pieces.recv().await {
            if input.write_all(&piece).await.is_err() {
                return;
            }
        }
    }
    // Dropping the input would leave the command waiting for more.
    let _ = input.shutdown().await;
}

fn read_pieces(mut source: Box<dyn Read + Send>, pieces: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; PIECE];
    while let Ok(length @ 1..) = source.read(&mut buffer) {
        if pieces.blocking_send(buffer[..length].to_vec()).is_err() {
            return;
        }
    }
}

fn unrunnable(container: &ContainerFacts, command: &Command, error: DockerError) -> ContainerError {
    match error.status() {
        Some(400 | 404 | 409 | 500) => ContainerError::Exec {
            name: container.name.clone(),
            command: command.words.join(" "),
            cause: error.to_string(),
        },
        _ => error.into(),
    }
}
