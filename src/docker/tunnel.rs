//! A unix socket on this side, the server's port inside the container on the other: each connection goes
//! through a process that an exec starts there.

mod forwarder;
mod private_directory;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bollard::container::LogOutput;
use futures_util::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Runtime;
use tokio::task::{AbortHandle, JoinSet};

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::exec::{Command, ExecInput, ExecOutput, Running, start};
use crate::docker::{ContainerFacts, DockerError, Engine};
use crate::endpoint::{Address, Authentication, Endpoint};

use forwarder::Forwarder;
use private_directory::PrivateDirectory;

/// Bytes that are moved at once; the engine itself moves 32 KiB.
const PIECE: usize = 64 * 1024;
/// How long the forwarder may take to end after its client has gone.
const FAREWELL: Duration = Duration::from_secs(5);

/// An open tunnel. It ends, with all its connections, when it is dropped.
struct Tunnel {
    acceptor: AbortHandle,
    /// Keeps the runtime, in which the tunnel lives, from ending before it.
    _runtime: Arc<Runtime>,
    _directory: PrivateDirectory,
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

/// Where each connection leads.
#[derive(Clone)]
struct Target {
    client: bollard::Docker,
    container: String,
    command: Command,
}

impl Engine {
    /// Opens a tunnel to `port` inside a running container; its socket lies in a directory of its own below
    /// `base`, and goes with the endpoint.
    pub fn tunnel(&self, container: &ContainerFacts, port: u16, base: &Path) -> Result<Endpoint> {
        let forwarder = Forwarder::of(self, container)?;
        let directory = PrivateDirectory::create(base)?;
        let target = Target {
            client: self.client().clone(),
            container: container.id.clone(),
            command: forwarder.command(port),
        };
        let socket = directory.path().join(".s.PGSQL.5432");
        let listener = {
            let _inside = self.runtime().enter();
            UnixListener::bind(&socket).map_err(|source| {
                ContainerError::system(format!("listening on `{}`", socket.display()), source)
            })?
        };
        let acceptor = self.runtime().spawn(accept(listener, target)).abort_handle();
        let address = Address::Unix { directory: directory.path().to_owned(), port: 5432 };
        let tunnel = Tunnel { acceptor, _runtime: Arc::clone(self.runtime()), _directory: directory };
        Ok(Endpoint::new(address, Authentication::Any).kept_by(tunnel))
    }
}

async fn accept(listener: UnixListener, target: Target) {
    // Dropping the set ends the connections with the tunnel.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(forward(stream, target.clone())); }
                // Out of descriptors, most likely: the next connection may find some.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Moves bytes until one side ends. A failure shows itself to the client as the end of its connection.
async fn forward(stream: UnixStream, target: Target) -> std::result::Result<(), DockerError> {
    let Running { output, input, .. } =
        start(&target.client, &target.container, target.command.config(true)).await?;
    let (from_client, to_client) = stream.into_split();
    let mut down = std::pin::pin!(download(output, to_client));
    tokio::select! {
        () = &mut down => {}
        () = upload(from_client, input) => {
            let _ = tokio::time::timeout(FAREWELL, down).await;
        }
    }
    Ok(())
}

async fn upload(mut client: OwnedReadHalf, mut container: ExecInput) {
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = client.read(&mut piece).await {
        if container.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
    // Dropping the input would not close it: the forwarder would wait for ever.
    let _ = container.shutdown().await;
}

async fn download(mut container: ExecOutput, mut client: OwnedWriteHalf) {
    while let Some(Ok(piece)) = container.next().await {
        if let LogOutput::StdOut { message } = piece
            && client.write_all(&message).await.is_err()
        {
            return;
        }
    }
}
