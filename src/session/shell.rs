//! Commands on this machine, for scripts whose caller allows them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Where commands run, and what of their environment the script has changed.
#[derive(Default)]
pub(super) struct Environment {
    /// What `\setenv` has changed; none where it has unset a name.
    pub changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Where `\cd` has led; empty where it has not been used.
    pub directory: PathBuf,
}

/// What a command writes to its standard output.
pub(super) fn output_of(command: &[u8], environment: &Environment) -> io::Result<Vec<u8>> {
    let output = shell(command, environment).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    Ok(output.stdout)
}

/// A command whose output is read.
pub(super) struct Source(Child);

impl Source {
    pub fn new(command: &[u8], environment: &Environment) -> io::Result<Self> {
        shell(command, environment).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map(Self)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stdout.as_mut().map_or(Ok(0), |out| out.read(buffer))
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        drop(self.0.stdout.take());
        let _ = self.0.wait();
    }
}

/// A command that is written to; ended, and waited for, when it is dropped.
pub(super) struct Sink(Child);

impl Sink {
    pub fn new(command: &[u8], environment: &Environment) -> io::Result<Self> {
        shell(command, environment).stdin(Stdio::piped()).spawn().map(Self)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.stdin.as_mut().map_or(Ok(bytes.len()), |input| input.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.stdin.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn shell(command: &[u8], environment: &Environment) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(OsStr::from_bytes(command));
    if !environment.directory.as_os_str().is_empty() {
        shell.current_dir(&environment.directory);
    }
    for (name, value) in &environment.changes {
        let name = OsStr::from_bytes(name);
        match value {
            Some(value) => shell.env(name, OsStr::from_bytes(value)),
            None => shell.env_remove(name),
        };
    }
    shell
}
