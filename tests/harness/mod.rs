//! One fluent harness: a project in a directory of its own, `dbctl` run in it, and what the database says.

pub mod wire;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The image that tests run; `make test` builds it where it is absent.
pub const IMAGE: &str = "dbctl-postgres-quick:15";

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A project directory; its containers, networks and volumes go with it.
pub struct Project {
    dir: tempfile::TempDir,
    name: String,
    environment: Vec<(String, String)>,
}

impl Project {
    pub fn new() -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let dir = tempfile::Builder::new().prefix("dbctl-test-").tempdir().expect("a temporary directory");
        Self { dir, name: format!("dbctl-test-{}-{number}", std::process::id()), environment: Vec::new() }
    }

    /// With a compose file whose service `db` runs the test image, the init dir mounted as teams do.
    pub fn with_service() -> Self {
        Self::with_service_of(IMAGE)
    }

    pub fn with_service_of(image: &str) -> Self {
        let project = Self::new();
        let text = format!(
            "name: {name}\nservices:\n  db:\n    image: {image}\n    environment:\n      POSTGRES_PASSWORD: sesame\n      \
             POSTGRES_USER: app\n      POSTGRES_DB: appdb\n      POSTGRES_INITDB_ARGS: --no-sync\n    volumes:\n      \
             - data:/var/lib/postgresql/data\n      - ./init:/docker-entrypoint-initdb.d:ro\nvolumes:\n  data:\n",
            name = project.name
        );
        project.file("compose.yaml", &text)
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    pub fn script(self, name: &str, text: &str) -> Self {
        self.file(&format!("init/{name}"), text)
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().expect("below the project")).expect("a directory is made");
        fs::write(path, text).expect("a file is written");
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The container that compose's rules name.
    pub fn container(&self) -> String {
        format!("{}-db-1", self.name)
    }

    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbctl"));
        command.args(arguments).current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("XDG_CACHE_HOME", self.dir.path().join(".cache")).env_remove("DBCTL_URL");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        Ran::of(self.command(arguments))
    }

    pub fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Started {
        let mut command = self.command(arguments);
        let line = format!("{command:?}");
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dbctl starts");
        Started { line, child }
    }

    /// One value or several rows (`a|b`), asked in the container by its own psql as the superuser of the tests.
    pub fn sql(&self, sql: &str) -> String {
        let container = self.container();
        docker([
            "exec",
            "-i",
            &container,
            "psql",
            "-XqtA",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "app",
            "-d",
            "appdb",
            "-c",
            sql,
        ])
    }

    /// The scripts that are applied, by the ledger, in the order of their rows.
    pub fn applied(&self) -> Vec<String> {
        let rows = self.sql("select script from dbctl.ledger where event = 'applied' order by id");
        rows.lines().map(str::to_owned).collect()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let own = format!("label=com.docker.compose.project={}", self.name);
        // What a killed dbctl left, in a test that has failed.
        let helper = format!("label=dbctl.helper={}/db", self.name);
        let list = |kind: &[&str], filter: &str| {
            let mut arguments = kind.to_vec();
            arguments.extend(["-q", "--filter", filter]);
            let output = Command::new("docker").args(arguments).output();
            let text =
                output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
            text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let remove = |kind: &[&str], names: Vec<String>| {
            if !names.is_empty() {
                let _ = Command::new("docker").args(kind).args(names).output();
            }
        };
        let part = format!("label=dbctl.part={}/db", self.name);
        let of_twin = format!("label=dbctl.helper={}/db/twin", self.name);
        for filter in [&helper, &part, &of_twin] {
            remove(&["rm", "-f", "-v"], list(&["ps", "-a"], filter));
        }
        remove(&["rm", "-f", "-v"], list(&["ps", "-a"], &own));
        remove(&["volume", "rm", "-f"], list(&["volume", "ls"], &own));
        remove(&["network", "rm"], list(&["network", "ls"], &own));
        remove(&["image", "rm", "-f"], list(&["image", "ls"], &own));
    }
}

/// A `dbctl` that was started and runs beside the test.
pub struct Started {
    line: String,
    pub child: Child,
}

impl Started {
    pub fn kill(mut self) {
        self.child.kill().expect("dbctl is killed");
        self.child.wait().expect("dbctl is gone");
    }

    pub fn interrupt(&self) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        let pid = rustix::process::Pid::from_raw(pid).expect("a process id");
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("dbctl is signalled");
    }

    pub fn wait(self) -> Ran {
        Ran::new(self.line, &self.child.wait_with_output().expect("dbctl ends"))
    }
}

/// What a finished `dbctl` left.
pub struct Ran {
    line: String,
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Ran {
    /// Runs `dbctl` to its end.
    pub fn of(mut command: Command) -> Self {
        let line = format!("{command:?}");
        Self::new(line, &command.output().expect("dbctl starts"))
    }

    fn new(line: String, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { line, stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code() }
    }

    fn all(&self) -> String {
        let Self { line, stdout, stderr, code } = self;
        format!("{line}\nexit code {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.fails(0)
    }

    #[track_caller]
    pub fn fails(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.all());
        self
    }

    /// On either stream.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "`{text}` is missing in\n{}",
            self.all()
        );
        self
    }

    #[track_caller]
    pub fn does_not_print(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "`{text}` is in\n{}", self.all());
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.all()))
    }
}

/// Runs the Docker CLI, which must succeed; its standard output without the last line end.
#[track_caller]
pub fn docker<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> String {
    let mut command = Command::new("docker");
    command.args(arguments).stdin(Stdio::null());
    let output = command.output().expect("the docker CLI is installed");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Asks again and again until `happened`, at most for `limit`.
#[track_caller]
pub fn eventually(limit: Duration, what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < limit, "within {limit:?}, {what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A path below the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
