//! What can run a script: psql, and dbctl in its several ways.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use dbctl::endpoint::{Address, Authentication, Endpoint};
use dbctl::session::{Bookkeeping, Mode, Permissions, Printer, Ran, ScriptSource, Session, canonical};

use super::case::Case;
use crate::session::cluster::{self, login};

/// Who runs the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Psql,
    /// `dbctl run --psql-output`.
    Program,
    /// The same through an exec in the server's container.
    Tunnelled,
    /// The session as a library, in a process of its own, which waits for each answer before it sends the next
    /// statement.
    Unhurried,
    /// The session as it runs scripts of the init dir: in one transaction with its bookkeeping.
    Transaction,
    /// The same statement by statement, each with its progress row.
    Autocommit,
}

/// How far an error reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Statement by statement.
    Plain,
    SingleTransaction,
}

/// Where the server's socket is, or what stands before it.
pub struct Target {
    /// A directory, or an address.
    pub host: String,
    pub port: u16,
    pub database: String,
}

impl Client {
    /// Whether its errors are the caller's to show.
    pub fn returns_errors(self) -> bool {
        matches!(self, Self::Transaction | Self::Autocommit)
    }

    /// Its process is the test's, and has no exit code of its own.
    pub fn is_library(self) -> bool {
        matches!(self, Self::Unhurried | Self::Transaction | Self::Autocommit)
    }

    /// Where its two streams are found in the working directory; a library's are not those of its process, which
    /// belong to the tests' own words.
    pub fn streams(self) -> [&'static str; 2] {
        if self.is_library() { ["/dev/null"; 2] } else { STREAMS }
    }

    /// The command that runs the case in the working directory.
    pub fn command(self, way: Way, case: &Case, target: &Target) -> Command {
        let mut command = match self {
            Self::Psql => psql(way, case, target),
            Self::Unhurried | Self::Transaction | Self::Autocommit => session(self, way, case, target),
            Self::Program | Self::Tunnelled => program(way, case, target),
        };
        for name in ["PGOPTIONS", "PGDATABASE", "PGUSER", "PGHOST", "PGPORT", "PGCLIENTENCODING"] {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C.UTF-8").env("CASE_ENVIRONMENT", "from outside");
        command
    }
}

fn psql(way: Way, case: &Case, target: &Target) -> Command {
    let mut command = Command::new(cluster::binary("psql"));
    command.args(["-X", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", &target.database]);
    command.args(["-h", &target.host, "-p", &target.port.to_string()]);
    if way == Way::SingleTransaction {
        command.arg("--single-transaction");
    }
    for variable in case.given() {
        command.args(["-v", &variable]);
    }
    command.args(["-f", case.file().trim_end_matches(".gz")]);
    command
}

fn program(way: Way, case: &Case, target: &Target) -> Command {
    let host = target.host.replace('/', "%2F");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbctl"));
    command.args(["run", "--psql-output", "--allow-shell", "--url"]);
    command.arg(format!("postgres://postgres@{host}:{}/{}", target.port, target.database));
    if way == Way::SingleTransaction {
        command.arg("--single-transaction");
    }
    for variable in case.given() {
        command.args(["-v", &variable]);
    }
    command.arg(case.file());
    command
}

const CHILD: &str = "DBCTL_PSQL_CHILD";

/// The two streams of a session that runs in a process of its own; the process's own are the test harness's.
pub const STREAMS: [&str; 2] = [".stdout", ".stderr"];

fn session(client: Client, way: Way, case: &Case, target: &Target) -> Command {
    let (client, way) = (format!("{client:?}"), format!("{way:?}"));
    let (host, port) = (target.host.clone(), target.port.to_string());
    let words = [client, way, host, port, target.database.clone(), case.file()];
    let words: Vec<_> = words.into_iter().chain(case.given()).collect();
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", super::corpus::SESSION_TEST, "--nocapture"]);
    command.env(CHILD, words.join("\n"));
    command
}

/// A script on the disk, included files beside it.
pub struct OnDisk {
    pub name: String,
    pub given: Vec<(String, String)>,
}

impl ScriptSource for OnDisk {
    fn name(&self) -> String {
        self.name.trim_end_matches(".gz").to_owned()
    }

    fn open(&mut self) -> io::Result<Box<dyn Read>> {
        let file = File::open(&self.name)?;
        if std::path::Path::new(&self.name).extension().is_some_and(|extension| extension == "gz") {
            return Ok(Box::new(flate2::read::MultiGzDecoder::new(file)));
        }
        Ok(Box::new(file))
    }

    fn include(&mut self, name: &Path, relative_to: Option<&Path>) -> io::Result<(PathBuf, Box<dyn Read>)> {
        let directory = relative_to.and_then(Path::parent).unwrap_or(Path::new(""));
        let name = canonical(&directory.join(name));
        let file = File::open(&name)?;
        Ok((name, Box::new(file)))
    }

    fn environment(&self, name: &[u8]) -> Option<Vec<u8>> {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        std::env::var_os(std::ffi::OsStr::from_bytes(name)).map(std::ffi::OsString::into_vec)
    }

    fn permissions(&self) -> Permissions {
        Permissions { allow_shell: true }
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.given.clone()
    }
}

/// The runner's own statement after each of the script's, where those commit one by one.
pub const PROGRESS: &str = "select 'bookkeeping'";

/// `BEGIN` and `COMMIT`, as `psql --single-transaction` has them.
struct Frame;

impl Bookkeeping for Frame {
    fn begin(&mut self) -> Vec<String> {
        vec!["BEGIN".into()]
    }

    fn applied(&mut self, _ran: &Ran) -> Vec<String> {
        vec!["COMMIT".into()]
    }

    fn progress(&mut self, _finished: u32) -> String {
        PROGRESS.to_owned()
    }
}

/// The other end of [`session`]: in the process that it starts, runs the script and ends.
pub fn serve() {
    let Ok(words) = env::var(CHILD) else { return };
    let mut words = words.lines();
    let mut word = || words.next().unwrap().to_owned();
    let (client, way) = (word(), word());
    let address = Address::Unix { directory: word().into(), port: word().parse().unwrap() };
    let (database, name) = (word(), word());
    let given = words
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut source = OnDisk { name, given: given.collect() };
    let endpoint = Endpoint::new(address, Authentication::Any);
    let login =
        dbctl::session::Login { application_name: "psql".to_owned(), ..login("postgres", None, &database) };
    let mut session = Session::connect(&endpoint, &login).unwrap();
    let mode = match (client.as_str(), way.as_str()) {
        ("Transaction", _) => Mode::Transaction,
        ("Autocommit", _) => Mode::Autocommit { resume_after: 0 },
        (_, "Plain") => Mode::Plain,
        _ => Mode::Single,
    };
    if client == "Unhurried" {
        session.stop_pipelining();
        source.given.insert(0, ("ON_ERROR_STOP".to_owned(), "1".to_owned()));
    }
    let succeeded = run(session, source, mode);
    std::process::exit(if succeeded { 0 } else { 3 });
}

fn run(mut session: Session, mut source: OnDisk, mode: Mode) -> bool {
    let [out, err] = STREAMS.map(|name| File::create(name).unwrap());
    let mut printer = Printer::new(out, err);
    let outcome = session.run(&mut source, mode, &mut Frame, &mut printer);
    printer.finish().unwrap();
    if let Err(failure) = &outcome {
        fs::write(".failure", failure.to_string()).unwrap();
    }
    outcome.is_ok()
}
