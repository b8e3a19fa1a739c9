//! Scripts in memory, run by a session, and the same scripts run by the real psql.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use dbctl::session::{Bookkeeping, Mode, Output, Printer, Ran, ScriptFailure, ScriptSource, Session, Silent};

use super::cluster::Cluster;

pub const AUTOCOMMIT: Mode = Mode::Autocommit { resume_after: 0 };

/// A script `t.sql` and the files that it may include, by name.
#[derive(Clone, Default)]
pub struct Script {
    files: BTreeMap<String, Vec<u8>>,
}

impl Script {
    pub fn new(text: impl AsRef<[u8]>) -> Self {
        Self::default().file("t.sql", text)
    }

    pub fn file(mut self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.files.insert(name.to_owned(), text.as_ref().to_vec());
        self
    }

    /// Writes the files into a directory of their own, for psql.
    pub fn write(&self, cluster: &Cluster, name: &str) -> PathBuf {
        let directory = cluster.directory().join(name);
        for (file, text) in &self.files {
            let path = directory.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        directory
    }
}

impl ScriptSource for Script {
    fn name(&self) -> String {
        "t.sql".to_owned()
    }

    fn open(&mut self) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(Cursor::new(self.files["t.sql"].clone())))
    }

    fn environment(&self, name: &[u8]) -> Option<Vec<u8>> {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        std::env::var_os(std::ffi::OsStr::from_bytes(name)).map(std::ffi::OsString::into_vec)
    }

    fn include(&mut self, name: &Path, relative_to: Option<&Path>) -> io::Result<(PathBuf, Box<dyn Read>)> {
        let name = relative_to.and_then(Path::parent).unwrap_or(Path::new("")).join(name);
        let text = name.to_str().and_then(|name| self.files.get(name));
        let text = text.ok_or_else(|| io::Error::from_raw_os_error(2))?;
        Ok((name, Box::new(Cursor::new(text.clone()))))
    }
}

/// Writes into the tables that [`prepare`] makes.
pub struct Ledger;

pub fn prepare(session: &mut Session) {
    session.simple("create schema ledger; create table ledger.done (statements int); create table ledger.progress (finished int)").unwrap();
}

impl Bookkeeping for Ledger {
    fn begin(&mut self) -> Vec<String> {
        vec!["BEGIN".into()]
    }

    fn applied(&mut self, ran: &Ran) -> Vec<String> {
        vec![format!("INSERT INTO ledger.done VALUES ({})", ran.statements), "COMMIT".into()]
    }

    fn progress(&mut self, finished: u32) -> String {
        format!("INSERT INTO ledger.progress VALUES ({finished})")
    }
}

/// A session on a database of its own, with a ledger.
pub struct Bench {
    pub session: Session,
    pub database: String,
}

impl Bench {
    pub fn new() -> Self {
        let database = Cluster::shared().database();
        let mut session = Cluster::shared().session(&database);
        prepare(&mut session);
        Self { session, database }
    }

    pub fn run(&mut self, script: &Script, mode: Mode) -> Result<Ran, Box<ScriptFailure>> {
        self.session.run(&mut script.clone(), mode, &mut Ledger, &mut Silent)
    }

    pub fn run_with(
        &mut self,
        script: &Script,
        mode: Mode,
        output: &mut dyn Output,
    ) -> Result<Ran, Box<ScriptFailure>> {
        self.session.run(&mut script.clone(), mode, &mut Ledger, output)
    }

    /// What the script shows on stdout and stderr.
    pub fn shown(&mut self, script: &Script, mode: Mode) -> (String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut out, &mut err);
        let outcome = self.run_with(script, mode, &mut printer);
        printer.finish().unwrap();
        outcome.unwrap();
        (String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err).into_owned())
    }

    /// The only value of a query.
    pub fn value(&mut self, sql: &str) -> String {
        self.session.simple(sql).unwrap().rows.remove(0).remove(0).unwrap_or_default()
    }

    /// The first column, from a connection of its own.
    pub fn column(&self, sql: &str) -> Vec<String> {
        let answer = Cluster::shared().session(&self.database).simple(sql).unwrap();
        answer.rows.into_iter().map(|mut row| row.remove(0).unwrap_or_default()).collect()
    }

    pub fn done(&self) -> Vec<String> {
        self.column("select statements from ledger.done")
    }

    pub fn progress(&self) -> Vec<String> {
        self.column("select finished from ledger.progress order by ctid")
    }
}

/// What a run leaves that can be compared: both streams, and psql's exit status.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    pub out: String,
    pub err: String,
    pub status: i32,
}

/// What the real psql shows for the script, as it stands and without stopping at errors unless it says so.
pub fn psql_plain(database: &str, script: &Script) -> Shown {
    let cluster = Cluster::shared();
    let directory = script.write(cluster, database);
    let mut command = cluster.psql(database);
    let output =
        command.args(["-v", "ON_ERROR_STOP=0", "-f", "t.sql"]).current_dir(directory).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Shown { out: text(&output.stdout), err: text(&output.stderr), status: output.status.code().unwrap() }
}

impl Bench {
    /// What the session shows for the script in [`Mode::Plain`].
    pub fn plain(&mut self, script: &Script) -> Shown {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut out, &mut err);
        let outcome = self.run_with(script, Mode::Plain, &mut printer);
        printer.finish().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Shown { out: text(&out), err: text(&err), status: if outcome.is_ok() { 0 } else { 3 } }
    }
}

/// The script does through the session what it does through the real psql; what psql showed.
pub fn same_as_psql(text: &str) -> Shown {
    let mut bench = Bench::new();
    let database = Cluster::shared().database();
    prepare(&mut Cluster::shared().session(&database));
    let files = Cluster::shared().directory().join(format!("{database}_files"));
    std::fs::create_dir_all(&files).unwrap();
    // Each side has its own database and its own directory for files; both are called the same in the output.
    let run = |own: &str, side: &str| {
        let directory = files.join(side);
        std::fs::create_dir_all(&directory).unwrap();
        Script::new(text.replace("DATABASE", own).replace("FILES", directory.to_str().unwrap()))
    };
    let neutral = |shown: Shown, own: &str, side: &str| {
        let directory = files.join(side).to_str().unwrap().to_owned();
        let tidy = |text: String| text.replace(&directory, "FILES").replace(own, "DATABASE");
        Shown { out: tidy(shown.out), err: tidy(shown.err), status: shown.status }
    };
    let psqls = neutral(psql_plain(&database, &run(&database, "psql")), &database, "psql");
    let name = bench.database.clone();
    let ours = neutral(bench.plain(&run(&name, "dbctl")), &name, "dbctl");
    for (ours, psqls) in
        ours.out.lines().zip(psqls.out.lines()).chain(ours.err.lines().zip(psqls.err.lines()))
    {
        assert_eq!(ours, psqls);
    }
    assert_eq!(ours, psqls);
    let tables = "select string_agg(query_to_xml('table ' || oid::regclass, false, true, '')::text, ',' order by relname)
        from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace";
    let theirs = Cluster::shared().session(&database).simple(tables).unwrap();
    assert_eq!(Cluster::shared().session(&name).simple(tables).unwrap(), theirs);
    psqls
}

/// What the real psql shows for the script, in a database of its own.
pub fn psql_shows(script: &Script) -> (String, String) {
    let cluster = Cluster::shared();
    let database = cluster.database();
    prepare(&mut cluster.session(&database));
    let directory = script.write(cluster, &database);
    let output = cluster.psql(&database).args(["-f", "t.sql"]).current_dir(directory).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "psql failed: {}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}
