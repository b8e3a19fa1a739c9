//! The engine: a connection to it, and the runtime in which the conversation happens.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use bollard::{API_DEFAULT_VERSION, Docker};
use tokio::runtime::{Builder, Runtime};

use crate::docker::DockerError;
use crate::interrupt;

/// What the user's surroundings say about where the engine is; only `project` reads them.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// `--context`.
    pub context_flag: Option<String>,
    /// `DOCKER_HOST`.
    pub host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub context: Option<String>,
    /// `DOCKER_CONFIG`, else `~/.docker`.
    pub config_dir: Option<PathBuf>,
    pub tls: Tls,
    pub home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub runtime_dir: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub config_home: Option<PathBuf>,
}

/// `DOCKER_TLS_VERIFY` (set and not empty) and `DOCKER_CERT_PATH`.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    pub verify: bool,
    pub cert_path: Option<PathBuf>,
}

/// An engine that answered.
pub struct Engine {
    runtime: Arc<Runtime>,
    client: Docker,
    local: bool,
}

impl Engine {
    /// Finds the engine and makes sure that it answers.
    pub fn connect(_connection: &Connection) -> Result<Self, DockerError> {
        let runtime = runtime()?;
        let client = Docker::connect_with_unix("/var/run/docker.sock", 120, API_DEFAULT_VERSION)?;
        Ok(Self { runtime, client, local: true })
    }

    /// Whether the engine runs on this host, so that its containers' addresses may be reachable from here.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Waits for `future`, which ends early with [`DockerError::Interrupted`] when the user asks to stop.
    pub(in crate::docker) fn run<T, E>(
        &self,
        future: impl Future<Output = Result<T, E>>,
    ) -> Result<T, DockerError>
    where
        DockerError: From<E>,
    {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = interrupted() => Err(DockerError::Interrupted),
                done = future => Ok(done?),
            }
        })
    }

    /// Waits for `future` to its end even after Ctrl-C: for cleaning up.
    pub(in crate::docker) fn finish<T, E>(
        &self,
        future: impl Future<Output = Result<T, E>>,
    ) -> Result<T, DockerError>
    where
        DockerError: From<E>,
    {
        Ok(self.runtime.block_on(future)?)
    }

    /// Tasks spawned here go on while nobody waits in [`Engine::run`].
    pub(in crate::docker) fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// bollard's client; a clone of it is cheap and may move into a task.
    pub(in crate::docker) fn client(&self) -> &Docker {
        &self.client
    }
}

/// One worker serves what runs in the background; who calls [`Engine::run`] drives its own future.
fn runtime() -> Result<Arc<Runtime>, DockerError> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("dbctl-docker")
        .enable_all()
        .build()
        .map(Arc::new)
        .map_err(|source| DockerError::System { doing: "starting the thread that talks to Docker", source })
}

/// Completes when the user asks to stop; never, where no signal handler is installed.
async fn interrupted() {
    if interrupt::requested() {
        return;
    }
    match wake() {
        Some(wake) => drop(wake.readable().await),
        None => std::future::pending().await,
    }
}

/// A descriptor can be registered with the runtime once only, and several runs may wait at the same time: each
/// takes a copy.
fn wake() -> Option<tokio::net::UnixStream> {
    let copy = interrupt::descriptor()?.try_clone_to_owned().ok()?;
    let stream = std::os::unix::net::UnixStream::from(copy);
    stream.set_nonblocking(true).ok()?;
    tokio::net::UnixStream::from_std(stream).ok()
}
