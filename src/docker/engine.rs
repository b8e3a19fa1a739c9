//! The engine: a connection to it, and the runtime in which the conversation happens.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bollard::Docker;
use tokio::runtime::{Builder, Runtime};

use crate::docker::DockerError;
use crate::docker::connect::{self, Candidate, ConnectError, Fault};
use crate::docker::registry;
use crate::interrupt;

const LOOPBACK: &str = "127.0.0.1";

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

impl Connection {
    /// The Docker CLI's configuration directory.
    pub(in crate::docker) fn config_dir(&self) -> Option<PathBuf> {
        self.config_dir.clone().or_else(|| self.home.as_ref().map(|home| home.join(".docker")))
    }

    /// A socket of the user's own belongs to a virtual machine or a network namespace: its containers'
    /// addresses lead nowhere from here.
    fn reaches_containers(&self, candidate: &Candidate) -> bool {
        let private = [&self.home, &self.runtime_dir];
        cfg!(target_os = "linux")
            && candidate.socket().is_some_and(|path| {
                !path.starts_with("/run/user")
                    && private.into_iter().flatten().all(|dir| !path.starts_with(dir))
            })
    }
}

/// An engine that answered. A clone of it is cheap.
#[derive(Clone)]
pub struct Engine {
    runtime: Arc<Runtime>,
    client: Docker,
    local: bool,
    candidate: Candidate,
    config_dir: Option<PathBuf>,
}

/// What `dbctl doctor` shows of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Who named the place: a variable, a context, a product's default.
    pub found_by: String,
    pub host: String,
    /// The product, `Docker Engine - Community` for example, where it has a name.
    pub product: Option<String>,
    pub version: String,
    pub api_version: String,
    /// `linux/amd64`.
    pub platform: String,
}

impl Engine {
    /// Finds the engine and makes sure that it answers.
    ///
    /// # Errors
    /// [`DockerError::Connect`] with every place that was tried and why it failed.
    pub fn connect(connection: &Connection) -> Result<Self, DockerError> {
        let runtime = runtime()?;
        let mut attempts = Vec::new();
        for candidate in connect::candidates(connection)? {
            match candidate.client()?.and_then(|client| answering(&runtime, client, &candidate)) {
                Ok(client) => {
                    let local = connection.reaches_containers(&candidate);
                    let config_dir = connection.config_dir();
                    return Ok(Self { runtime, client, local, candidate, config_dir });
                }
                Err(fault) => attempts.push(candidate.failed(fault)),
            }
        }
        Err(ConnectError::Unreachable(attempts).into())
    }

    /// Where the engine was found and which it is.
    pub fn describe(&self) -> Result<Description, DockerError> {
        let version = self.run(self.client.version())?;
        Ok(Description {
            found_by: self.candidate.source.clone(),
            host: self.candidate.host.clone(),
            product: version.platform.map(|platform| platform.name).filter(|name| !name.is_empty()),
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            platform: format!("{}/{}", version.os.unwrap_or_default(), version.arch.unwrap_or_default()),
        })
    }

    /// The Docker CLI's configuration directory: registry credentials are found there.
    pub(in crate::docker) fn config_dir(&self) -> Option<&Path> {
        self.config_dir.as_deref()
    }

    /// Whether the engine runs on this host, so that its containers' addresses may be reachable from here.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// The host on which published ports answer: this one, unless the engine is spoken to over a network.
    pub(in crate::docker) fn ports_host(&self) -> &str {
        let Some((scheme, rest)) = self.candidate.host.split_once("://") else { return LOOPBACK };
        if !matches!(scheme, "tcp" | "http" | "https" | "ssh") {
            return LOOPBACK;
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let place = authority.rsplit('@').next().unwrap_or_default();
        match place.strip_prefix('[').and_then(|bracketed| bracketed.split(']').next()) {
            Some(address) => address,
            None => place.split(':').next().unwrap_or_default(),
        }
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

/// The client, once something answers it.
///
/// bollard puts no version into its URLs, so an engine answers with its newest API, and neither an engine's
/// minimum version nor a newer maximum matters. Negotiation would only ask `/version`, which engines answer by
/// running their runtimes' binaries; a ping costs a tenth of that.
fn answering(runtime: &Runtime, client: Docker, candidate: &Candidate) -> Result<Docker, Fault> {
    let client = client.with_request_modifier(registry::with_url_safe_credentials);
    match runtime.block_on(async { tokio::time::timeout(candidate.patience(), client.ping()).await }) {
        Ok(Ok(_)) => Ok(client),
        Ok(Err(error)) => Err(Fault::from(&error)),
        Err(_) => Err(Fault::Silent),
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
