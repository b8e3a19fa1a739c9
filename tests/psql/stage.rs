//! A server of its own on which cases run one after the other, each on a new database; and what they leave.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::case::Case;
use super::client::{Client, STREAMS, Target, Way};
use super::ground::Ground;
use super::proxy::Request;
use crate::session::cluster;
use dbctl::session::Session;

const DATABASE: &str = "work";

/// What is there beside the new database: roles and their settings, databases, settings of the system.
const AROUND: &str = "
select 'role ' || rolname || ' ' || (to_jsonb(r) - 'oid' - 'rolpassword' - 'rolname')::text from pg_roles r
    where rolname !~ '^pg_'
union all select 'member ' || roleid::regrole || ' ' || member::regrole || ' ' || admin_option from pg_auth_members
    where roleid::regrole::text !~ '^pg_'
union all select 'database ' || datname || ' ' || datdba::regrole || ' ' || datconnlimit || coalesce(datacl::text, '') from pg_database
union all select 'setting ' || coalesce(datname, '') || ' ' || setrole::regrole || ' ' || setconfig::text
    from pg_db_role_setting left join pg_database d on d.oid = setdatabase
union all select 'prepared ' || gid from pg_prepared_xacts
order by 1";

/// Everything that a run showed and left.
#[derive(Debug, Default)]
pub struct Traces {
    /// The client's exit code; none where a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub wire: Vec<Request>,
    /// The database as `pg_dump` writes it.
    pub dump: String,
    pub around: Vec<String>,
    /// The files of the working directory.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// Where dbctl says that the script failed.
    pub failure: String,
}

/// Whether the recording proxy stands between client and server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    Recorded,
    Direct,
}

pub struct Stage {
    ground: Ground,
    /// In another database than the one that comes and goes.
    session: RefCell<Session>,
    directory: PathBuf,
    /// What is there before any script.
    around: Vec<String>,
    dump: String,
    /// The server's next transaction, when the database was last new.
    transaction: RefCell<String>,
}

impl Stage {
    pub fn new(ground: Ground) -> Self {
        let directory = ground.directory().join("work");
        let session = RefCell::new(ground.session("postgres"));
        let mut stage = Self {
            ground,
            session,
            directory,
            around: Vec::new(),
            dump: String::new(),
            transaction: RefCell::default(),
        };
        // A transaction that nobody asked for would look like a script's.
        stage.ask("alter system set autovacuum = off");
        stage.ask("select pg_reload_conf()");
        stage.renew();
        stage.around = stage.ask(AROUND);
        stage.dump = stage.dump_database();
        stage
    }

    /// Runs the case once, and tidies up after it.
    pub fn run(&self, client: Client, way: Way, case: &Case, through: Through) -> Traces {
        self.lay_out(client, case);
        self.ground.recorded();
        let code = self.play(client, way, case, through);
        let traces = self.traces(case, code);
        self.tidy(&traces.around);
        traces
    }

    /// The first column of the answer.
    fn ask(&self, sql: &str) -> Vec<String> {
        let answer = self.session.borrow_mut().simple(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        answer.rows.into_iter().map(|mut row| row.remove(0).unwrap_or_default()).collect()
    }

    fn renew(&self) {
        self.ask(&format!("drop database if exists {DATABASE} with (force)"));
        self.ask(&format!("create database {DATABASE}"));
        self.transaction.replace(self.next_transaction());
    }

    fn next_transaction(&self) -> String {
        self.ask("select pg_snapshot_xmax(pg_current_snapshot())").remove(0)
    }

    /// Nothing was written in this server: no transaction had to have a number.
    fn is_untouched(&self) -> bool {
        self.next_transaction() == *self.transaction.borrow()
    }

    fn lay_out(&self, client: Client, case: &Case) {
        let _ = fs::remove_dir_all(&self.directory);
        fs::create_dir_all(&self.directory).unwrap();
        case.lay_out(&self.directory);
        if client == Client::Psql {
            fs::write(self.directory.join(case.file().trim_end_matches(".gz")), case.text()).unwrap();
        }
    }

    fn play(&self, client: Client, way: Way, case: &Case, through: Through) -> Option<i32> {
        let target = self.target(client, through);
        let script = client.command(way, case, &target);
        let mut command = patient(&script);
        let [out, err] = client.streams().map(|name| self.directory.join(name));
        let input = self.directory.join("files/stdin");
        let input =
            if input.exists() { File::open(input).unwrap() } else { File::open("/dev/null").unwrap() };
        let create = |path: PathBuf| Stdio::from(File::create(path).unwrap());
        command.stdin(input).stdout(create(out)).stderr(create(err)).current_dir(&self.directory);
        command.status().unwrap().code()
    }

    fn target(&self, client: Client, through: Through) -> Target {
        let (host, port) = match (through, client) {
            (Through::Recorded, _) => self.ground.proxy(),
            (Through::Direct, Client::Tunnelled) => self.ground.tunnel(),
            (Through::Direct, _) => self.ground.server(),
        };
        Target { host, port, database: DATABASE.to_owned() }
    }

    fn traces(&self, case: &Case, code: Option<i32>) -> Traces {
        let mut files = contents(&self.directory);
        let mut taken = |name: &str| files.remove(Path::new(name)).unwrap_or_default();
        let [stdout, stderr] = STREAMS.map(&mut taken);
        let failure = String::from_utf8_lossy(&taken(".failure")).into_owned();
        let file = case.file();
        taken(&file);
        taken(file.trim_end_matches(".gz"));
        let (wire, around) = (self.ground.recorded(), self.ask(AROUND));
        let dump = if self.is_untouched() { self.dump.clone() } else { self.dump_database() };
        Traces { code, stdout, stderr, wire, dump, around, files, failure }
    }

    fn dump_database(&self) -> String {
        let (host, port) = self.ground.server();
        let output = Command::new(cluster::binary("pg_dump"))
            .args(["-U", "postgres", "-d", DATABASE, "--create", "-h", &host, "-p", &port.to_string()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout);
        // Each dump has a random word of its own here.
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict "));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Takes back what the script left.
    fn tidy(&self, around: &[String]) {
        if around == self.around && self.is_untouched() {
            return;
        }
        let new: Vec<_> = around.iter().filter(|line| !self.around.contains(line)).collect();
        let named = |kind: &str, but: &'static str| {
            let kind = format!("{kind} ");
            let names = new.iter().filter_map(move |line| line.strip_prefix(&kind)?.split(' ').next());
            names.filter(|name| *name != but).map(str::to_owned).collect::<Vec<_>>()
        };
        for name in named("prepared", "") {
            let sql = format!("rollback prepared '{name}'");
            self.ground.session(DATABASE).simple(&sql).unwrap();
        }
        for name in named("database", DATABASE) {
            self.ask(&format!("drop database \"{name}\" with (force)"));
        }
        self.ask(&format!("drop database {DATABASE} with (force)"));
        for name in named("role", "postgres") {
            self.ask(&format!("drop role \"{name}\""));
        }
        self.renew();
        assert_eq!(self.ask(AROUND), self.around, "the stage is as it was");
    }
}

/// The command under a limit of time: a client that waits for ever is a difference, not a hang.
fn patient(script: &Command) -> Command {
    let mut command = Command::new("timeout");
    command.arg("60").arg(script.get_program()).args(script.get_args());
    for (name, value) in script.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(directory).unwrap().to_owned(), text);
            }
        }
    }
    found
}
