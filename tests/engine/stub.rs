//! An engine that answers `ok` to everything and keeps what it was sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// One request as it arrived.
pub struct Request {
    pub path: String,
    /// Names in lower case, as bollard and Go's client both allow.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Listens until the test process ends.
pub struct StubEngine {
    pub host: String,
    requests: Receiver<Request>,
}

impl StubEngine {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = format!("tcp://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let sender = sender.clone();
                thread::spawn(move || serve(&stream, &sender));
            }
        });
        Self { host, requests }
    }

    /// The next request whose path has `part` in it.
    pub fn request(&self, part: &str) -> Request {
        let patience = std::time::Duration::from_secs(30);
        loop {
            let request = self.requests.recv_timeout(patience).expect("the request never came");
            if request.path.contains(part) {
                return request;
            }
        }
    }
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(header, _)| header == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

fn serve(stream: &TcpStream, sender: &Sender<Request>) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read_request(&mut reader) else { return };
    let body = match request.path.as_str() {
        path if path.contains("/build") => "{\"stream\":\"Successfully built 1\\n\"}\n",
        path if path.contains("/images/create") => {
            "{\"status\":\"Downloading\",\"id\":\"a\",\"progressDetail\":{\"current\":1,\"total\":2}}\n\
             {\"status\":\"Pull complete\",\"id\":\"a\"}\n"
        }
        _ => "{\"Id\":\"sha256:1\"}",
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = (&*stream).write_all(format!("{head}{body}").as_bytes());
    let _ = sender.send(request);
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let path = line(reader)?.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let header = line(reader)?;
        let Some((name, value)) = header.split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut request = Request { path, headers, body: Vec::new() };
    if request.header("transfer-encoding") == Some("chunked") {
        request.body = chunked(reader)?;
    }
    Some(request)
}

fn chunked(reader: &mut BufReader<&TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = u64::from_str_radix(&line(reader)?, 16).ok()?;
        reader.take(size).read_to_end(&mut body).ok()?;
        line(reader)?;
        if size == 0 {
            return Some(body);
        }
    }
}

fn line(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut text = String::new();
    reader.read_line(&mut text).ok().filter(|read| *read > 0)?;
    Some(text.trim_end().to_owned())
}
