//! A server of its own on which cases run one after the other, each on a new database; and what they leave.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::case::Case;
use super::client::{Client, STREAMS, Target, Way};
use super::proxy::{Proxy, Request};
use crate::session::cluster::{self, Cluster};

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
union all select 'system ' || name || ' ' || setting from pg_file_settings where sourcefile ~ 'auto.conf'
order by 1";

/// Everything that a run showed and left.
#[derive(Debug, Default)]
pub struct Traces {
    pub succeeded: bool,
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
    cluster: Cluster,
    proxy: Proxy,
    around: Vec<String>,
    directory: PathBuf,
}

impl Stage {
    pub fn new() -> Self {
        let cluster = Cluster::new();
        let proxy = Proxy::new(cluster.directory().join("proxy"), cluster.directory(), cluster.port());
        let directory = cluster.directory().join("work");
        let mut stage = Self { cluster, proxy, around: Vec::new(), directory };
        stage.renew();
        stage.around = stage.look_around();
        stage
    }

    /// Runs the case once, and tidies up after it.
    pub fn run(&self, client: Client, way: Way, case: &Case, through: Through) -> Traces {
        self.renew();
        self.lay_out(client, case);
        self.proxy.take();
        let succeeded = self.play(client, way, case, through);
        let mut traces = self.traces(client);
        traces.succeeded = succeeded;
        self.tidy(&traces.around);
        traces
    }

    fn renew(&self) {
        let mut session = self.cluster.session("postgres");
        session.simple(&format!("drop database if exists {DATABASE} with (force)")).unwrap();
        session.simple(&format!("create database {DATABASE}")).unwrap();
    }

    fn lay_out(&self, client: Client, case: &Case) {
        let _ = fs::remove_dir_all(&self.directory);
        fs::create_dir_all(&self.directory).unwrap();
        case.lay_out(&self.directory);
        if client == Client::Psql {
            fs::write(self.directory.join(case.file().trim_end_matches(".gz")), case.text()).unwrap();
        }
    }

    fn play(&self, client: Client, way: Way, case: &Case, through: Through) -> bool {
        let directory = match through {
            Through::Recorded => self.proxy.directory.clone(),
            Through::Direct => self.cluster.directory().to_owned(),
        };
        let target = Target { directory, port: self.cluster.port(), database: DATABASE.to_owned() };
        let script = client.command(way, case, &target);
        let mut command = patient(&script);
        let [out, err] = match client {
            Client::Session => ["/dev/null".into(), "/dev/null".into()],
            Client::Psql => STREAMS.map(|name| self.directory.join(name)),
        };
        let input = self.directory.join("files/stdin");
        let input = if input.exists() { File::open(input).unwrap() } else { File::open("/dev/null").unwrap() };
        let create = |path: PathBuf| Stdio::from(File::create(path).unwrap());
        command.stdin(input).stdout(create(out)).stderr(create(err)).current_dir(&self.directory);
        command.status().unwrap().success()
    }

    fn traces(&self, client: Client) -> Traces {
        let mut files = contents(&self.directory);
        let mut taken = |name: &str| files.remove(Path::new(name)).unwrap_or_default();
        let [stdout, stderr] = STREAMS.map(&mut taken);
        let failure = String::from_utf8_lossy(&taken(".failure")).into_owned();
        let around = self.look_around();
        let wire = self.proxy.take();
        let _ = client;
        Traces { succeeded: false, stdout, stderr, wire, dump: self.dump(), around, files, failure }
    }

    fn look_around(&self) -> Vec<String> {
        let answer = self.cluster.session("postgres").simple(AROUND).unwrap();
        answer.rows.into_iter().map(|mut row| row.remove(0).unwrap_or_default()).collect()
    }

    /// A database in which nothing was made needs no `pg_dump` to look the same as another one.
    fn dump(&self) -> String {
        if self.is_untouched() {
            return String::new();
        }
        let output = Command::new(cluster::binary("pg_dump"))
            .args(["-U", "postgres", "-d", DATABASE, "-p", &self.cluster.port().to_string(), "--create", "-h"])
            .arg(self.cluster.directory())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // Each dump has a random word of its own here.
        text.lines().filter(|line| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ")).fold(
            String::new(),
            |text, line| text + line + "\n",
        )
    }

    /// Nothing in the database is newer than the database itself, and nothing of its own has changed.
    fn is_untouched(&self) -> bool {
        const NEWER: &str = "select not exists (select from pg_class where oid >= 16384) and not exists (select from pg_proc where oid >= 16384)
            and not exists (select from pg_type where oid >= 16384) and not exists (select from pg_namespace where oid >= 16384)
            and not exists (select from pg_largeobject_metadata) and not exists (select from pg_operator where oid >= 16384)
            and not exists (select from pg_cast where oid >= 16384) and not exists (select from pg_extension where oid >= 16384)
            and not exists (select from pg_language where oid >= 16384) and not exists (select from pg_default_acl)
            and not exists (select from pg_description where objoid >= 16384) and not exists (select from pg_shdescription s join pg_database d on d.oid = s.objoid where datname = current_database())
            and not exists (select from pg_db_role_setting s join pg_database d on d.oid = setdatabase where datname = current_database())
            and not exists (select from pg_namespace where nspname = 'public' and nspacl is distinct from '{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}')
            and not exists (select from pg_event_trigger) and not exists (select from pg_collation where oid >= 16384)";
        let answer = self.cluster.session(DATABASE).simple(NEWER).unwrap();
        answer.rows == [[Some("t".to_owned())]]
    }

    /// Takes back what the script left around its database.
    fn tidy(&self, around: &[String]) {
        if around == self.around {
            return;
        }
        let mut session = self.cluster.session("postgres");
        let word = |line: &str, number: usize| line.split(' ').nth(number).unwrap_or_default().to_owned();
        let new = || around.iter().filter(|line| !self.around.contains(line));
        for line in new().filter(|line| line.starts_with("prepared ")) {
            let sql = format!("rollback prepared '{}'", word(line, 1));
            self.cluster.session(DATABASE).simple(&sql).unwrap();
        }
        session.simple(&format!("drop database {DATABASE} with (force)")).unwrap();
        for line in new().filter(|line| line.starts_with("database ") && word(line, 1) != DATABASE) {
            session.simple(&format!("drop database \"{}\" with (force)", word(line, 1))).unwrap();
        }
        session.simple("alter role postgres reset all").unwrap();
        session.simple("alter system reset all").unwrap();
        session.simple("select pg_reload_conf()").unwrap();
        for line in new().filter(|line| line.starts_with("role ") && word(line, 1) != "postgres") {
            session.simple(&format!("drop role \"{}\"", word(line, 1))).unwrap();
        }
        self.renew();
        assert_eq!(self.look_around(), self.around, "the stage is as it was");
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
