//! Ctrl-C, cancelled statements, killed servers, killed clients.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use dbctl::endpoint::Authentication;
use dbctl::interrupt;
use dbctl::session::{FailureKind, Mode, Session, Silent};
use rustix::process::{Pid, Signal, kill_process};

use super::child::{child, spawn};
use super::cluster::{Cluster, eventually, login};
use super::script::{AUTOCOMMIT, Bench, Ledger, Script, prepare};

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn is_active(bench: &Bench, fragment: &str) -> bool {
    let sql = format!(
        "select pid from pg_stat_activity where datname = current_database() and state = 'active' and query like '%{fragment}%' and pid <> pg_backend_pid()"
    );
    !bench.column(&sql).is_empty()
}

#[test]
fn a_cancelled_statement_is_an_error_like_any_other() {
    let mut bench = Bench::new();
    let canceller = bench.session.canceller();
    let watcher = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        canceller.cancel().unwrap();
    });
    let start = Instant::now();
    let failure = bench.run(&Script::new("select 1;\nselect pg_sleep(60);"), Mode::Transaction).unwrap_err();
    watcher.join().unwrap();
    assert_eq!((failure.sqlstate(), failure.number), (Some("57014"), 2));
    assert!(matches!(failure.kind, FailureKind::Server(_)));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(bench.value("select 1"), "1");
}

#[test]
fn ctrl_c_cancels_on_the_server_and_leaves_a_usable_session() {
    if let Some(mut session) = child() {
        interrupt::install().unwrap();
        let mut script = Script::new("create table t ();\nselect pg_sleep(60);\nselect 2;");
        let failure = session.run(&mut script, Mode::Transaction, &mut Ledger, &mut Silent).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Interrupted), "{failure}");
        assert_eq!((failure.number, failure.position.line), (2, 2));
        session.simple("create table after_interruption ()").unwrap();
        return;
    }
    let bench = Bench::new();
    let mut client =
        spawn("session::breaking::ctrl_c_cancels_on_the_server_and_leaves_a_usable_session", &bench.database);
    eventually("the script sleeps", || is_active(&bench, "pg_sleep"));
    let start = Instant::now();
    signal(&client, Signal::INT);
    assert!(client.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(
        bench.column("select relname from pg_class where relname in ('t', 'after_interruption')"),
        ["after_interruption"]
    );
    assert!(bench.done().is_empty());
}

#[test]
fn ctrl_c_stops_a_stream_of_statements_and_of_data() {
    if let Some(mut session) = child() {
        interrupt::install().unwrap();
        let rows = "insert into t values (pg_backend_pid());\n".repeat(1_000_000);
        let mut script = Script::new(format!("create table t (n int);\n{rows}"));
        let failure = session.run(&mut script, Mode::Transaction, &mut Ledger, &mut Silent).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Interrupted), "{failure}");
        session.simple("create table after_interruption ()").unwrap();
        return;
    }
    let bench = Bench::new();
    let mut client =
        spawn("session::breaking::ctrl_c_stops_a_stream_of_statements_and_of_data", &bench.database);
    eventually("the script runs", || is_active(&bench, "insert into t"));
    let start = Instant::now();
    signal(&client, Signal::INT);
    assert!(client.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
    assert_eq!(
        bench.column("select relname from pg_class where relname in ('t', 'after_interruption')"),
        ["after_interruption"]
    );
}

#[test]
fn a_killed_client_leaves_nothing_half_done() {
    if let Some(mut session) = child() {
        let rows = "insert into t values (1);\n".repeat(20_000);
        let mut script = Script::new(format!("insert into t values (0);\n{rows}"));
        session.run(&mut script, Mode::Transaction, &mut Ledger, &mut Silent).unwrap();
        return;
    }
    let mut bench = Bench::new();
    bench.session.simple("create table t (n int)").unwrap();
    for round in 0..8 {
        let mut client =
            spawn("session::breaking::a_killed_client_leaves_nothing_half_done", &bench.database);
        // One that is over before anybody has seen it is as good.
        let mut is_over = || client.try_wait().unwrap().is_some();
        eventually("the script runs", || is_active(&bench, "insert into t") || is_over());
        thread::sleep(Duration::from_millis(20 * round));
        client.kill().unwrap();
        client.wait().unwrap();
        eventually("the client's backend is gone", || {
            bench.column("select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()").len() == 1
        });
        let (rows, done) = (bench.value("select count(*) from t"), bench.done().len());
        assert_eq!(rows, (done * 20_001).to_string(), "rows and ledger disagree");
    }
}

#[test]
fn a_server_killed_in_the_middle_of_a_script_is_noticed_at_once() {
    for (mode, endpoint) in [(Mode::Transaction, "socket"), (AUTOCOMMIT, "tcp")] {
        let cluster = Cluster::new();
        let endpoint = if endpoint == "tcp" { cluster.tcp(Authentication::Any) } else { cluster.socket() };
        let mut session = Session::connect(&endpoint, &login("postgres", None, "postgres")).unwrap();
        prepare(&mut session);
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(500));
            cluster.kill();
            (Instant::now(), cluster)
        });
        let mut script = Script::new("select 1;\n select pg_sleep(60);\nselect 2;");
        let failure = session.run(&mut script, mode, &mut Ledger, &mut Silent).unwrap_err();
        let (killed_at, _cluster) = killer.join().unwrap();
        assert!(
            matches!(failure.kind, FailureKind::ConnectionLost { during_commit: false, .. }),
            "{failure}"
        );
        assert_eq!((failure.number, failure.position.line, failure.finished), (2, 2, 1));
        assert!(killed_at.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_connection_lost_during_commit_says_so() {
    let mut bench = Bench::new();
    bench.run(&Script::new(SLOW_COMMIT), Mode::Transaction).unwrap();
    let killer = {
        let process = bench.session.process_id().unwrap();
        let mut other = Cluster::shared().session(&bench.database);
        thread::spawn(move || {
            eventually("COMMIT runs", || {
                let sql = format!(
                    "select 1 from pg_stat_activity where pid = {process} and query = 'COMMIT' and wait_event = 'PgSleep'"
                );
                !other.simple(&sql).unwrap().rows.is_empty()
            });
            other.simple(&format!("select pg_terminate_backend({process})")).unwrap();
        })
    };
    let failure = bench.run(&Script::new("insert into t values (1);"), Mode::Transaction).unwrap_err();
    killer.join().unwrap();
    let FailureKind::ConnectionLost { during_commit, lost } = &failure.kind else { panic!("{failure}") };
    assert!(during_commit);
    assert_eq!(lost.last_words.as_ref().map(|words| words.sqlstate()), Some("57P01"));
    assert_eq!(bench.done(), ["3"]);
}

const SLOW_COMMIT: &str = "create table t (n int);
create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return null; end $$;
create constraint trigger slow after insert on t deferrable initially deferred for each row execute function slow();";
