//! A real `PgBouncer` between dbctl and a server.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::harness::Project;
use crate::session::cluster::{Cluster, eventually};

/// One `PgBouncer`, gone at the end of its test.
struct Pooler {
    process: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Pooler {
    fn start(cluster: &Cluster, mode: &str) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pgbouncer.ini");
        let servers =
            format!("* = host={} port={} user=postgres", cluster.directory().display(), cluster.port());
        let own = format!(
            "listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}"
        );
        fs::write(&file, format!("[databases]\n{servers}\n[pgbouncer]\n{own}\n")).unwrap();
        let mut command = Command::new("pgbouncer");
        // It refuses to run as root, and reads its file before it becomes another user.
        if rustix::process::geteuid().is_root() {
            command.args(["-u", "postgres"]);
        }
        let process = command.arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("the pooler listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        Self { process, port, _directory: directory }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_pooler_in_transaction_mode_is_refused_before_anything_runs() {
    let cluster = Cluster::shared();
    let (pooler, database) = (Pooler::start(cluster, "transaction"), cluster.database());
    let project = Project::new().script("001_a.sql", "create table a ();");
    project
        .run(["up", "--url", &pooler.url(&database)])
        .fails(5)
        .prints("pooler in transaction mode")
        .prints("nothing was run");
    let relations = "select 1 from pg_class where relname in ('a', 'ledger')";
    assert!(cluster.session(&database).simple(relations).unwrap().rows.is_empty());
}

#[test]
fn a_pooler_in_session_mode_is_as_good_as_the_server() {
    let cluster = Cluster::shared();
    let (pooler, database) = (Pooler::start(cluster, "session"), cluster.database());
    let project =
        Project::new().script("001_a.sql", "create table a ();").script("002_b.sql", "create table b ();");
    project.run(["up", "--url", &pooler.url(&database)]).succeeds().prints("2 scripts applied");
    project.run(["up", "--url", &pooler.url(&database)]).succeeds().prints("nothing to do");
}
