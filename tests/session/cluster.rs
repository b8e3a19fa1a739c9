//! A throw-away cluster on this machine, gone when the test process ends, however it ends.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use dbctl::endpoint::{Address, Authentication, Endpoint};
use dbctl::secret::Secret;
use dbctl::session::{Login, Session};
use rustix::process::{Pid, Signal, kill_process};

const HBA: &str = "\
local all all trust
host all scram_user 127.0.0.1/32 scram-sha-256
host all md5_user 127.0.0.1/32 md5
host all plain_user 127.0.0.1/32 password
host all cert_user 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
";

/// Makes the users of [`HBA`], each with the password `sésame`.
const USERS: &str = "\
set password_encryption = 'md5'; create role md5_user login password 'sésame';
set password_encryption = 'scram-sha-256'; create role scram_user login password 'sésame';
create role plain_user login password 'sésame';";

pub struct Cluster {
    directory: PathBuf,
    port: u16,
    // The guardian's standard input: closed when this process ends, and the guardian then cleans up.
    _guardian: Child,
}

impl Cluster {
    /// The one that most tests share, each with a database of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    /// One of its own, for tests that kill the server.
    pub fn new() -> Self {
        let directory = stdout(as_postgres("mktemp").args(["-d", "/tmp/dbctl-session.XXXXXX"]));
        let directory = PathBuf::from(directory.trim());
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let data = directory.join("data");
        let guardian = guardian(&directory);
        stdout(
            as_postgres(&binary("initdb"))
                .args(["--no-sync", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"])
                .arg(&data),
        );
        fs::write(data.join("pg_hba.conf"), HBA).unwrap();
        let cluster = Self { directory, port, _guardian: guardian };
        cluster.start();
        cluster.session("postgres").simple(USERS).unwrap();
        cluster
    }

    /// Starts the server; after [`Self::kill`], too.
    pub fn start(&self) {
        let options = format!(
            "-k {} -p {} -c fsync=off -c listen_addresses=127.0.0.1 -c max_prepared_transactions=5",
            self.directory.display(),
            self.port
        );
        stdout(
            as_postgres(&binary("pg_ctl"))
                .args(["start", "-w", "-o", &options, "-l"])
                .arg(self.directory.join("log"))
                .arg("-D")
                .arg(self.directory.join("data")),
        );
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn socket(&self) -> Endpoint {
        let address = Address::Unix { directory: self.directory.clone(), port: self.port };
        Endpoint::new(address, Authentication::Any)
    }

    pub fn tcp(&self, authentication: Authentication) -> Endpoint {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Endpoint::new(Address::Tcp { host, port: self.port }, authentication)
    }

    pub fn session(&self, database: &str) -> Session {
        Session::connect(&self.socket(), &login("postgres", None, database)).unwrap()
    }

    /// A new empty database; its name.
    pub fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        self.session("postgres").simple(&format!("create database {name}")).unwrap();
        name
    }

    /// The real psql on a database, without the user's own settings.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(binary("psql"));
        command
            .args([
                "-X",
                "-U",
                "postgres",
                "-v",
                "ON_ERROR_STOP=1",
                "-p",
                &self.port.to_string(),
                "-d",
                database,
            ])
            .arg("-h")
            .arg(&self.directory)
            .env_remove("PGOPTIONS")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(&self.directory);
        command
    }

    /// Ends the server the way a power cut does.
    pub fn kill(&self) {
        stdout(
            as_postgres(&binary("pg_ctl"))
                .args(["stop", "-m", "immediate", "-D"])
                .arg(self.directory.join("data")),
        );
    }
}

impl Cluster {
    /// Starts a server that was killed alone: its processes end by themselves.
    pub fn start_again(&self) {
        let file = self.directory.join("data/postmaster.pid");
        let text = fs::read_to_string(&file).unwrap_or_default();
        if let Some(pid) = text.lines().next().and_then(|line| line.parse().ok()) {
            eventually("the server is dead", || is_dead(pid));
            let _ = fs::remove_file(&file);
            let _ = fs::remove_file(self.directory.join(format!(".s.PGSQL.{}.lock", self.port)));
        }
        eventually("the shared memory is free", || {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.start())).is_ok()
        });
    }

    /// `kill -9` for the server and each of its processes.
    pub fn kill_hard(&self) {
        let file = fs::read_to_string(self.directory.join("data/postmaster.pid")).unwrap();
        let server: i32 = file.lines().next().unwrap().parse().unwrap();
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
        let children = children.split_whitespace().map(|pid| pid.parse().unwrap());
        let processes: Vec<i32> = [server].into_iter().chain(children).collect();
        for pid in &processes {
            let _ = kill_process(Pid::from_raw(*pid).unwrap(), Signal::KILL);
        }
        eventually("every process is dead", || processes.iter().all(|pid| is_dead(*pid)));
        // A dead process that nobody reaps would be taken for a server that runs.
        fs::remove_file(self.directory.join("data/postmaster.pid")).unwrap();
        fs::remove_file(self.directory.join(format!(".s.PGSQL.{}.lock", self.port))).unwrap();
    }
}

fn is_dead(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('Z'))
}

pub fn login(user: &str, password: Option<&str>, database: &str) -> Login {
    Login {
        user: user.to_owned(),
        password: password.map(Secret::new),
        database: database.to_owned(),
        application_name: "dbctl tests".to_owned(),
        options: Vec::new(),
    }
}

/// Asks until the answer is yes, at most ten seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "never happened: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn guardian(directory: &Path) -> Child {
    let script = "cat >/dev/null; \"$1\" stop -m immediate -D \"$0/data\"; rm -rf \"$0\"";
    as_postgres("sh")
        .args(["-c", script])
        .arg(directory)
        .arg(binary("pg_ctl"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The server refuses to run as root.
fn as_postgres(program: &str) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", program]);
    command.current_dir("/tmp");
    command
}

/// A program of the newest server among Debian's packages.
pub fn binary(name: &str) -> String {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .max()
        .expect("these tests need PostgreSQL's server binaries in /usr/lib/postgresql/*/bin");
    format!("/usr/lib/postgresql/{newest}/bin/{name}")
}

fn stdout(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
