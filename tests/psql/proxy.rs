//! A unix socket before the server's own, which writes down what a client asks and which errors it is told.

use std::fs;
use std::io::{self, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

/// A message of a client; data that follow each other are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub kind: u8,
    pub body: Vec<u8>,
    /// The SQLSTATEs that answered it.
    pub errors: Vec<String>,
    /// The server has become ready for more.
    pub answered: bool,
}

/// What one connection said.
#[derive(Default)]
struct Conversation {
    requests: Vec<Request>,
    /// How often the server was ready for more, the login not counted.
    answered: usize,
    logged_in: bool,
}

type Log = Arc<Mutex<Vec<Conversation>>>;

pub struct Proxy {
    pub directory: PathBuf,
    log: Log,
}

impl Proxy {
    /// Listens in `directory` under the same port as the server's socket.
    pub fn new(directory: PathBuf, server: &Path, port: u16) -> Self {
        fs::create_dir_all(&directory).unwrap();
        let name = format!(".s.PGSQL.{port}");
        let listener = UnixListener::bind(directory.join(&name)).unwrap();
        let (server, log) = (server.join(name), Log::default());
        let sink = Arc::clone(&log);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, log) = (server.clone(), Arc::clone(&sink));
                // A client that has gone away ends its conversation, nothing else.
                thread::spawn(move || drop(forward(client, &server, &log)));
            }
        });
        Self { directory, log }
    }

    /// What was asked since the last call, one connection after the other.
    pub fn take(&self) -> Vec<Request> {
        let conversations = std::mem::take(&mut *self.log.lock().unwrap());
        conversations.into_iter().flat_map(|conversation| conversation.requests).collect()
    }
}

fn forward(mut client: UnixStream, server: &Path, log: &Log) -> io::Result<()> {
    let mut server = UnixStream::connect(server)?;
    greet(&mut client, &mut server)?;
    let number = {
        let mut log = log.lock().unwrap();
        log.push(Conversation::default());
        log.len() - 1
    };
    let (from_server, to_client) = (server.try_clone()?, client.try_clone()?);
    let notes = Arc::clone(log);
    let back = thread::spawn(move || {
        carry(from_server, to_client, |kind, body| answered(&notes, number, kind, body))
    });
    let outcome = carry(client, server, |kind, body| asked(log, number, kind, body));
    let _ = back.join();
    outcome
}

/// The start of a conversation has messages without a kind.
fn greet(client: &mut UnixStream, server: &mut UnixStream) -> io::Result<()> {
    loop {
        let body = read_body(client)?;
        let code = body.first_chunk().map(|code| u32::from_be_bytes(*code));
        if let Some(SSL_REQUEST | GSS_REQUEST) = code {
            client.write_all(b"N")?;
            continue;
        }
        return server.write_all(&framed(&body));
    }
}

fn carry(from: UnixStream, mut to: UnixStream, mut note: impl FnMut(u8, &[u8])) -> io::Result<()> {
    let mut reader = BufReader::new(from);
    let mut kind = [0];
    let outcome = loop {
        let message = reader.read_exact(&mut kind).and_then(|()| read_body(&mut reader));
        let Ok(body) = message else { break Ok(()) };
        // Noted before it is passed on: nobody can have acted on it yet.
        note(kind[0], &body);
        let message = [kind.as_slice(), &framed(&body)].concat();
        if let Err(error) = to.write_all(&message) {
            break Err(error);
        }
    };
    let _ = to.shutdown(Shutdown::Write);
    outcome
}

fn read_body(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [length.to_be_bytes().as_slice(), body].concat()
}

fn asked(log: &Log, number: usize, kind: u8, body: &[u8]) {
    let mut log = log.lock().unwrap();
    let Some(conversation) = log.get_mut(number) else { return };
    match conversation.requests.last_mut() {
        Some(last) if kind == b'd' && last.kind == b'd' => last.body.extend_from_slice(body),
        _ => conversation.requests.push(Request {
            kind,
            body: body.to_vec(),
            errors: Vec::new(),
            answered: false,
        }),
    }
}

fn answered(log: &Log, number: usize, kind: u8, body: &[u8]) {
    let mut log = log.lock().unwrap();
    let Some(conversation) = log.get_mut(number) else { return };
    let answered = conversation.answered;
    // Query, Sync and FunctionCall are what the server becomes ready after. A Parse may fail before its Sync is here.
    let mut turns =
        (0..conversation.requests.len()).filter(|at| b"QSF".contains(&conversation.requests[*at].kind));
    let turn = turns.nth(answered);
    let turn = turn.or(conversation.requests.len().checked_sub(1));
    let Some(request) = turn.and_then(|at| conversation.requests.get_mut(at)) else {
        conversation.logged_in |= kind == b'Z';
        return;
    };
    match kind {
        b'Z' if conversation.logged_in => {
            request.answered = true;
            conversation.answered += 1;
        }
        b'Z' => conversation.logged_in = true,
        b'E' => request.errors.push(sqlstate(body)),
        _ => {}
    }
}

fn sqlstate(body: &[u8]) -> String {
    let code = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"));
    String::from_utf8_lossy(code.unwrap_or_default()).into_owned()
}
