//! Commands on this machine, for scripts whose caller allows them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::rc::Rc;

use crate::interrupt::{self, Patient};

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

/// How a command ended, known once nobody reads it or writes to it any more.
#[derive(Clone, Default)]
pub(super) struct Ending(Rc<Cell<Option<ExitStatus>>>);

impl Ending {
    /// What psql says of it; nothing where all is well.
    pub fn complaint(&self) -> Option<String> {
        let status = self.0.get()?;
        match (status.code(), status.signal()) {
            (Some(0), _) => None,
            (Some(126), _) => Some("command not executable".to_owned()),
            (Some(127), _) => Some("command not found".to_owned()),
            (Some(code), _) => Some(format!("child process exited with exit code {code}")),
            (_, signal) => Some(terminated(signal.unwrap_or_default())),
        }
    }

    fn wait(&self, child: &mut Child) {
        if interrupt::requested() {
            // One that has ended by itself needs no signal.
            let _ = child.kill();
        }
        self.0.set(child.wait().ok());
    }
}

/// With the signal's description as the C library has it.
fn terminated(signal: i32) -> String {
    let word = match signal {
        1 => "Hangup",
        2 => "Interrupt",
        6 => "Aborted",
        9 => "Killed",
        11 => "Segmentation fault",
        13 => "Broken pipe",
        15 => "Terminated",
        _ => "unrecognized signal",
    };
    format!("child process was terminated by signal {signal}: {word}")
}

/// A command whose output is read.
pub(super) struct Source {
    child: Child,
    output: Option<Patient<ChildStdout>>,
    ending: Ending,
}

impl Source {
    pub fn new(command: &[u8], environment: &Environment) -> io::Result<Self> {
        let mut child = shell(command, environment).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().map(Patient);
        Ok(Self { child, output, ending: Ending::default() })
    }

    pub fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.output.as_mut().map_or(Ok(0), |out| out.read(buffer))
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        drop(self.output.take());
        self.ending.wait(&mut self.child);
    }
}

/// A command that is written to; ended, and waited for, when it is dropped.
pub(super) struct Sink {
    child: Child,
    ending: Ending,
}

impl Sink {
    pub fn new(command: &[u8], environment: &Environment) -> io::Result<Self> {
        let child = shell(command, environment).stdin(Stdio::piped()).spawn()?;
        Ok(Self { child, ending: Ending::default() })
    }

    pub fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.child.stdin.as_mut().map_or(Ok(bytes.len()), |input| input.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.child.stdin.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.ending.wait(&mut self.child);
    }
}

fn shell(command: &[u8], environment: &Environment) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg0("sh").arg("-c").arg(OsStr::from_bytes(command));
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
