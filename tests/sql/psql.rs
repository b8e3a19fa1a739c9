//! The oracle: a real psql, talking to a server that only writes down what it is sent.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the recording server tells of itself.
#[derive(Clone, Copy)]
pub struct Server {
    pub client_encoding: &'static str,
    pub standard_conforming_strings: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self { client_encoding: "UTF8", standard_conforming_strings: true }
    }
}

/// What a run of psql left: the texts of its Query messages and its output.
pub struct Recording {
    pub queries: Vec<Vec<u8>>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

/// Runs the files, each with a scanner of its own, in one psql; queries are recorded in order.
pub fn run(server: Server, files: &[&Path], arguments: &[&str]) -> Recording {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let queries = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&queries);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A psql that has gone away ends its conversation, nothing else.
            let _ = converse(stream, server, &sink);
        }
    });
    let Output { stdout, stderr, .. } = command(port, files, arguments).output().expect("psql runs");
    let queries = std::mem::take(&mut *queries.lock().expect("no panic"));
    Recording { queries, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() }
}

fn command(port: u16, files: &[&Path], arguments: &[&str]) -> Command {
    let mut command = Command::new(newest());
    command
        .env_clear()
        .env("PATH", "/nowhere")
        .current_dir("/")
        .env("LC_ALL", "C.UTF-8")
        .env("PGSSLMODE", "disable");
    command.args(["-X", "-q", "-h", "127.0.0.1", "-U", "nobody", "-d", "nothing", "-p", &port.to_string()]);
    command.args(arguments);
    for file in files {
        command.arg("-f").arg(file);
    }
    command
}

/// The psql of the newest server package.
pub fn newest() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin/psql")).filter(|psql| psql.exists());
    let number = |psql: &PathBuf| {
        psql.iter().rev().nth(2).and_then(|version| version.to_str()?.parse::<u32>().ok()).unwrap_or(0)
    };
    found.max_by_key(number).expect("a psql under /usr/lib/postgresql/*/bin: install postgresql-client")
}

fn converse(mut stream: TcpStream, server: Server, sink: &Mutex<Vec<Vec<u8>>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    read_body(&mut stream, length)?;
    stream.write_all(&greeting(server))?;
    loop {
        let mut kind = [0; 1];
        stream.read_exact(&mut kind)?;
        stream.read_exact(&mut length)?;
        let mut body = read_body(&mut stream, length)?;
        if kind[0] == b'Q' {
            body.pop();
            let mut answer = changed_settings(&body);
            sink.lock().expect("no panic").push(body);
            answer.extend(message(b'C', b"\0"));
            answer.extend(message(b'Z', b"I"));
            stream.write_all(&answer)?;
        }
    }
}

fn read_body(stream: &mut TcpStream, length: [u8; 4]) -> io::Result<Vec<u8>> {
    let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn greeting(server: Server) -> Vec<u8> {
    let strings = if server.standard_conforming_strings { "on" } else { "off" };
    let mut text = message(b'R', &[0, 0, 0, 0]);
    text.extend(parameter("server_version", "15.0"));
    text.extend(parameter("client_encoding", server.client_encoding));
    text.extend(parameter("standard_conforming_strings", strings));
    text.extend(message(b'K', &[0; 8]));
    text.extend(message(b'Z', b"I"));
    text
}

/// The one setting that a script may change here.
fn changed_settings(query: &[u8]) -> Vec<u8> {
    match query {
        b"set standard_conforming_strings = off;" => parameter("standard_conforming_strings", "off"),
        b"set standard_conforming_strings = on;" => parameter("standard_conforming_strings", "on"),
        _ => Vec::new(),
    }
}

fn parameter(name: &str, value: &str) -> Vec<u8> {
    message(b'S', format!("{name}\0{value}\0").as_bytes())
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short message");
    [&[kind], length.to_be_bytes().as_slice(), body].concat()
}
