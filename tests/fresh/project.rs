//! An init dir and a database on a test server, reached by `--url`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use dbctl::database::generations::{Generations, Kind};

use crate::harness::Ran;
use crate::session::cluster::{Cluster, binary, login};

pub struct Project<'a> {
    cluster: &'a Cluster,
    pub database: String,
    directory: tempfile::TempDir,
}

impl<'a> Project<'a> {
    pub fn new(cluster: &'a Cluster) -> Self {
        let directory = tempfile::Builder::new().prefix("dbctl-fresh-").tempdir().unwrap();
        fs::create_dir(directory.path().join("init")).unwrap();
        fs::write(directory.path().join("dbctl.toml"), "[layers]\nahead = false\n").unwrap();
        Self { cluster, database: cluster.database(), directory }
    }

    /// With these scripts, and brought up.
    pub fn up(cluster: &'a Cluster, scripts: &[(&str, &str)]) -> Self {
        let project = Self::new(cluster);
        for (name, text) in scripts {
            project.script(name, text);
        }
        project.run(["up"]).succeeds();
        project
    }

    pub fn init(&self) -> PathBuf {
        self.directory.path().join("init")
    }

    pub fn script(&self, name: &str, text: &str) {
        fs::write(self.init().join(name), text).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.init().join(name)).unwrap();
    }

    pub fn command<'b>(&self, arguments: impl IntoIterator<Item = &'b str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbctl"));
        let url = format!("postgres://postgres@127.0.0.1:{}/{}", self.cluster.port(), self.database);
        command.args(arguments).args(["--url", &url]).current_dir(self.directory.path());
        command.env("XDG_CACHE_HOME", self.directory.path().join(".cache")).stdin(Stdio::null());
        command
    }

    pub fn run<'b>(&self, arguments: impl IntoIterator<Item = &'b str>) -> Ran {
        Ran::of(self.command(arguments))
    }

    /// A fresh rebuild, as JSON.
    pub fn rebuild(&self) -> serde_json::Value {
        self.run(["rebuild", "--fresh", "--json"]).succeeds().json()
    }

    /// What is laid ready for the next rebuild; the process that does so by itself is only waited for.
    pub fn ahead(&self) {
        self.run(["rebuild", "--fresh", "--ahead"]).succeeds();
    }

    pub fn sql(&self, sql: &str) -> String {
        let output = self.cluster.psql(&self.database).args(["-qtA", "-c", sql]).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    pub fn dump(&self) -> String {
        dump(self.cluster, &self.database)
    }

    /// The kinds of databases beside the one in service.
    pub fn kinds(&self) -> Vec<Kind> {
        let login = login("postgres", None, &self.database);
        let mut generations = Generations::connect(&self.cluster.socket(), &login).unwrap();
        let mut kinds: Vec<Kind> =
            generations.list().unwrap().into_iter().map(|found| found.mark.kind).collect();
        kinds.sort();
        kinds
    }

    /// What psql makes of the same scripts in an empty database; none where it fails.
    pub fn by_psql(&self) -> Option<String> {
        let database = self.cluster.database();
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.init()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let mut command = self.cluster.psql(&database);
        command.arg("-q").args(files.iter().flat_map(|file| ["-f".as_ref(), file.as_os_str()]));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let succeeded = command.status().unwrap().success();
        let dump = succeeded.then(|| dump(self.cluster, &database));
        self.cluster.session("postgres").simple(&format!("drop database {database}")).unwrap();
        dump
    }
}

/// Schema and data without dbctl's own, and without the random words of newer versions.
fn dump(cluster: &Cluster, database: &str) -> String {
    let mut command = Command::new(binary("pg_dump"));
    command.args(["-U", "postgres", "-p", &cluster.port().to_string(), "-N", "dbctl", "-d", database, "-h"]);
    let output = command.arg(cluster.directory()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let is_kept = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
    text.lines().filter(is_kept).collect::<Vec<_>>().join("\n")
}
