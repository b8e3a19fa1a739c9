//! The forwarder: a private unix socket, each connection of which goes on to a server through TLS.

use std::fs::{self, DirBuilder};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustls::ClientConnection;

use crate::endpoint::sasl::OfferFilter;
use crate::endpoint::tls::{Dialer, Dialled};

/// libpq builds the socket's name from a port; the directory is private, so that any will do.
const PORT: u16 = 5432;
const PIECE: usize = 16 * 1024;

/// Forwards until it is dropped; connections that are open then end on their own.
pub(super) struct Forwarder {
    directory: PathBuf,
    stopped: Arc<AtomicBool>,
}

impl Forwarder {
    pub(super) fn start(runtime_dir: &Path, dialer: Dialer) -> io::Result<Self> {
        let directory = private_directory(runtime_dir)?;
        let forwarder = Self { directory, stopped: Arc::default() };
        let listener = UnixListener::bind(forwarder.socket())?;
        let (stopped, dialer) = (Arc::clone(&forwarder.stopped), Arc::new(dialer));
        thread::Builder::new().name("dbctl-tls".to_owned()).spawn(move || {
            for client in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let dialer = Arc::clone(&dialer);
                thread::spawn(move || forward(client, &dialer));
            }
        })?;
        Ok(forwarder)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    #[expect(clippy::unused_self, reason = "the port belongs to the forwarder's address")]
    pub(super) fn port(&self) -> u16 {
        PORT
    }

    fn socket(&self) -> PathBuf {
        self.directory.join(format!(".s.PGSQL.{PORT}"))
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a client.
        let _ = UnixStream::connect(self.socket());
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn private_directory(parent: &Path) -> io::Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = parent.join(format!("dbctl-tls-{}-{number}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn forward(mut client: UnixStream, dialer: &Dialer) {
    let said = match dialer.dial() {
        Ok(Dialled::Tls(server, tls)) => {
            // However the conversation ends, both sides see their sockets close.
            let _ = Conversation::new(client, server, *tls).and_then(|mut both| both.run());
            return;
        }
        Ok(Dialled::Plain(_)) => "the server no longer offers TLS".to_owned(),
        Err(error) => error.to_string(),
    };
    let _ = client.write_all(&fatal(&said));
}

/// The protocol's way to say why a connection is refused (08006, `connection_failure`).
fn fatal(said: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C08006\0M{said}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap_or(u32::MAX);
    [b"E".as_slice(), &length.to_be_bytes(), fields.as_bytes()].concat()
}

/// One client and one server. Neither side is read while what it said before is still on its way, so memory
/// does not grow; each side can always be written to while the other is read, so neither blocks the other.
struct Conversation {
    client: UnixStream,
    server: TcpStream,
    tls: ClientConnection,
    filter: OfferFilter,
    to_client: Vec<u8>,
    client_done: bool,
    server_done: bool,
}

impl Conversation {
    fn new(client: UnixStream, server: TcpStream, tls: ClientConnection) -> io::Result<Self> {
        client.set_nonblocking(true)?;
        server.set_nonblocking(true)?;
        let mut both = Self {
            client,
            server,
            tls,
            filter: OfferFilter::default(),
            to_client: Vec::new(),
            client_done: false,
            server_done: false,
        };
        both.take_decrypted()?;
        Ok(both)
    }

    fn run(&mut self) -> io::Result<()> {
        while !self.finished() {
            let (client, server) = self.ready()?;
            if server.contains(PollFlags::OUT) {
                unblocked(self.tls.write_tls(&mut self.server))?;
            }
            if client.contains(PollFlags::OUT) {
                self.write_client()?;
            }
            if ended_or_readable(server) && self.wants_server() {
                self.read_server()?;
            }
            if ended_or_readable(client) && self.wants_client() {
                self.read_client()?;
            }
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        let told = self.to_client.is_empty();
        (self.server_done && told) || (self.client_done && !self.tls.wants_write())
    }

    fn wants_server(&self) -> bool {
        !self.server_done && self.to_client.is_empty()
    }

    fn wants_client(&self) -> bool {
        !self.client_done && !self.tls.wants_write()
    }

    fn ready(&self) -> io::Result<(PollFlags, PollFlags)> {
        let wanted = |read: bool, write: bool| {
            let read = if read { PollFlags::IN } else { PollFlags::empty() };
            read | if write { PollFlags::OUT } else { PollFlags::empty() }
        };
        let client = wanted(self.wants_client(), !self.to_client.is_empty());
        let server = wanted(self.wants_server(), self.tls.wants_write());
        let mut watched = [PollFd::new(&self.client, client), PollFd::new(&self.server, server)];
        loop {
            match poll(&mut watched, None) {
                Ok(_) => return Ok((watched[0].revents(), watched[1].revents())),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn read_server(&mut self) -> io::Result<()> {
        match unblocked(self.tls.read_tls(&mut self.server))? {
            None => return Ok(()),
            Some(0) => self.server_done = true,
            Some(_) => {}
        }
        self.take_decrypted()
    }

    fn take_decrypted(&mut self) -> io::Result<()> {
        let state = self.tls.process_new_packets().map_err(io::Error::other)?;
        let mut piece = vec![0; state.plaintext_bytes_to_read()];
        self.tls.reader().read_exact(&mut piece)?;
        self.to_client.extend(self.filter.pass(&piece));
        self.server_done |= state.peer_has_closed();
        Ok(())
    }

    fn read_client(&mut self) -> io::Result<()> {
        let mut piece = [0; PIECE];
        match unblocked(self.client.read(&mut piece))? {
            None => {}
            Some(0) => {
                self.client_done = true;
                self.tls.send_close_notify();
            }
            Some(count) => self.tls.writer().write_all(&piece[..count])?,
        }
        Ok(())
    }

    fn write_client(&mut self) -> io::Result<()> {
        if let Some(count) = unblocked(self.client.write(&self.to_client))? {
            self.to_client.drain(..count);
        }
        Ok(())
    }
}

/// A side that hung up is read to its end.
fn ended_or_readable(ready: PollFlags) -> bool {
    ready.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR)
}

/// None where the socket had nothing to give or no room.
fn unblocked<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
