//! A way to the engine that can be cut.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;

/// The engine's socket under another name, until the file `cut` is there.
pub struct Wire {
    pub socket: PathBuf,
    pub cut: PathBuf,
}

impl Wire {
    pub fn new(directory: &Path) -> Self {
        let (socket, cut) = (directory.join("engine.sock"), directory.join("cut"));
        let _ = (fs::remove_file(&socket), fs::remove_file(&cut));
        let listener = UnixListener::bind(&socket).unwrap();
        let sign = cut.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(engine)) = (client, UnixStream::connect("/var/run/docker.sock")) else {
                    return;
                };
                for (from, to) in [(&client, &engine), (&engine, &client)] {
                    let (from, to, sign) = (from.try_clone().unwrap(), to.try_clone().unwrap(), sign.clone());
                    thread::spawn(move || pass(from, to, &sign));
                }
            }
        });
        Self { socket, cut }
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, cut: &Path) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        if cut.exists() {
            let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
            return;
        }
        if to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
