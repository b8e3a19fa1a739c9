//! Crashes, kills, rivals and full disks: nothing is lost, nothing runs twice, the ledger stays true.

use std::time::{Duration, Instant};

use crate::harness::{Project, docker, eventually};

const SOON: Duration = Duration::from_secs(20);

fn numbered(count: usize, text: impl Fn(usize) -> String) -> Project {
    let project = Project::with_service().script("001_base.sql", "create table runs (script int);");
    for number in 2..=count {
        project.write(&format!("init/{number:03}_s.sql"), text(number));
    }
    project
}

/// Nothing ran twice, and the ledger says exactly what ran.
fn is_true(project: &Project, scripts: usize) {
    assert_eq!(
        project.sql("select count(*), count(distinct script) from runs"),
        format!("{0}|{0}", scripts - 1)
    );
    let rows = "select count(*), count(distinct script) from dbctl.ledger where event = 'applied'";
    assert_eq!(project.sql(rows), format!("{scripts}|{scripts}"));
}

#[test]
fn a_killed_run_is_continued_and_no_statement_runs_twice() {
    let scripts = 40;
    let project = numbered(1, |_| String::new());
    project.run(["up"]).succeeds();
    for number in 2..=scripts {
        project.write(
            &format!("init/{number:03}_s.sql"),
            format!("insert into runs values ({number}); select pg_sleep(0.02);"),
        );
    }
    for trial in 0..15 {
        let run = project.start(["up"]);
        std::thread::sleep(Duration::from_millis(60 + (trial * 37) % 240));
        run.kill();
    }
    project.run(["up"]).succeeds();
    is_true(&project, scripts);
}

#[test]
fn a_kill_at_every_moment_of_the_first_run_is_repaired_by_the_next() {
    for milliseconds in [100, 400, 700, 1000, 1400, 1900, 2500, 3200] {
        let project = numbered(5, |n| format!("insert into runs values ({n});"));
        let run = project.start(["up"]);
        std::thread::sleep(Duration::from_millis(milliseconds));
        run.kill();
        project.run(["up"]).succeeds();
        is_true(&project, 5);
        let helpers = docker(["ps", "-aq", "--filter", &format!("name={}", project.name())]);
        assert_eq!(helpers.lines().count(), 1, "killed after {milliseconds} ms: one container stays");
    }
}

#[test]
fn the_backend_of_a_killed_run_does_not_commit_behind_the_next_one() {
    let project = numbered(2, |n| format!("insert into runs values ({n}); select pg_sleep(3);"));
    project.run(["up", "--dry-run"]).succeeds();
    let run = project.start(["up"]);
    eventually(SOON, "the script begins", || {
        let ask = [
            "exec",
            &project.container(),
            "psql",
            "-XqtA",
            "-U",
            "app",
            "-d",
            "appdb",
            "-c",
            "select count(*) from pg_stat_activity where query like '%pg_sleep(3)%' and pid <> pg_backend_pid()",
        ];
        let output = std::process::Command::new("docker").args(ask).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim() == "1"
    });
    run.kill();
    project.run(["up"]).succeeds();
    is_true(&project, 2);
}

#[test]
fn two_runs_at_once_take_turns_and_the_second_does_nothing() {
    let project = numbered(6, |n| format!("insert into runs values ({n}); select pg_sleep(0.2);"));
    let first = project.start(["up"]);
    let second = project.start(["up"]);
    let (first, second) = (first.wait().succeeds(), second.wait().succeeds());
    is_true(&project, 6);
    let did = [&first, &second].map(|ran| ran.stdout.contains("6 scripts applied"));
    assert!(did[0] != did[1], "one of them ran the scripts\n{}\n{}", first.stdout, second.stdout);
    let waited =
        first.stderr.contains("waiting for another") || second.stderr.contains("waiting for another");
    assert!(waited, "the other said that it waits\n{}\n{}", first.stderr, second.stderr);
}

#[test]
fn two_runs_of_scripts_take_turns_by_the_databases_lock() {
    let project = numbered(2, |n| format!("insert into runs values ({n});"));
    project.run(["up"]).succeeds();
    project.write("init/003_slow.sql", "insert into runs values (3); select pg_sleep(2);");
    let first = project.start(["exec", "003"]);
    std::thread::sleep(Duration::from_millis(800));
    let second = project.start(["exec", "003"]);
    first.wait().succeeds();
    second.wait().succeeds().prints("waiting for another run").prints("applied already");
    is_true(&project, 3);
}

#[test]
fn a_container_killed_in_the_middle_of_a_script_is_an_error_within_seconds() {
    let project = numbered(2, |n| format!("insert into runs values ({n});"));
    project.run(["up"]).succeeds();
    project.write("init/003_slow.sql", "insert into runs values (3);\nselect pg_sleep(60);");
    let run = project.start(["up"]);
    std::thread::sleep(Duration::from_secs(2));
    docker(["kill", &project.container()]);
    let killed = Instant::now();
    run.wait().fails(5).prints("003_slow.sql").prints("connection");
    assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());
    project.write("init/003_slow.sql", "insert into runs values (3);");
    project.run(["up"]).succeeds();
    is_true(&project, 3);
}

#[test]
fn ctrl_c_cancels_the_statement_on_the_server_records_it_and_exits_130() {
    let project = numbered(2, |n| format!("insert into runs values ({n});"));
    project.run(["up"]).succeeds();
    project.write("init/003_slow.sql", "insert into runs values (3);\nselect pg_sleep(60);");
    let run = project.start(["up"]);
    std::thread::sleep(Duration::from_secs(2));
    run.interrupt();
    let asked = Instant::now();
    run.wait().fails(130).prints("interrupted").prints("003_slow.sql");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let at_work =
        "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()";
    assert_eq!(project.sql(at_work), "0");
    let event =
        "select event || ' ' || (error ->> 'message') from dbctl.ledger where script = '003_slow.sql'";
    assert!(project.sql(event).starts_with("failed interrupted"), "{}", project.sql(event));
    project.write("init/003_slow.sql", "insert into runs values (3);");
    project.run(["up"]).succeeds();
    is_true(&project, 3);
}

#[test]
fn a_connection_lost_during_commit_is_resolved_by_asking_the_ledger() {
    let project = numbered(2, |n| format!("insert into runs values ({n});"));
    project.run(["up"]).succeeds();
    // The deferred trigger ends the session from within COMMIT, after the row was written: not committed.
    project.write(
        "init/003_lost.sql",
        "create table lost (id int);\n\
         create function die() returns trigger language plpgsql as\n\
         $$ begin perform pg_sleep(0.2); perform pg_terminate_backend(pg_backend_pid()); return null; end $$;\n\
         create constraint trigger t after insert on dbctl.ledger deferrable initially deferred\n\
           for each row execute function die();\n",
    );
    project.run(["up"]).fails(5).prints("003_lost.sql").prints("not committed");
    assert_eq!(project.sql("select to_regclass('lost') is null"), "t");
    project.write("init/003_lost.sql", "insert into runs values (3);");
    project.run(["up"]).succeeds();
    is_true(&project, 3);
}

#[test]
fn a_full_disk_in_the_container_is_a_clear_error_and_the_ledger_stays_true() {
    let project = Project::new();
    let volume = "driver_opts: {type: tmpfs, device: tmpfs, o: size=140m}";
    let text = format!(
        "name: {}\nservices:\n  db:\n    image: {}\n    environment: {{POSTGRES_PASSWORD: sesame, POSTGRES_USER: app, POSTGRES_DB: appdb}}\n    \
         volumes: ['./init:/docker-entrypoint-initdb.d:ro', 'data:/var/lib/postgresql/data']\n\
         volumes:\n  data:\n    driver: local\n    {volume}\n",
        project.name(),
        crate::harness::IMAGE
    );
    let label = |key: &str, value: &str| format!("com.docker.compose.{key}={value}");
    let (own, name) = (label("project", project.name()), format!("{}_data", project.name()));
    docker([
        "volume",
        "create",
        "--label",
        &own,
        "--label",
        &label("volume", "data"),
        "-o",
        "type=tmpfs",
        "-o",
        "device=tmpfs",
        "-o",
        "o=size=140m",
        &name,
    ]);
    // Such a volume lives as long as a container uses it.
    docker([
        "run",
        "-d",
        "--label",
        &own,
        "-v",
        &format!("{name}:/held"),
        "--entrypoint",
        "sleep",
        crate::harness::IMAGE,
        "600",
    ]);
    let project = project
        .file("compose.yaml", &text)
        .script("001_base.sql", "create table runs (script int);")
        .script("002_s.sql", "insert into runs values (2);")
        .script(
            "003_big.sql",
            "create table big as select repeat(md5(i::text), 30) as t from generate_series(1, 2000000) i;",
        );
    project.run(["up"]).fails(1).prints("003_big.sql").prints("53100");
    assert_eq!(project.applied(), ["001_base.sql", "002_s.sql"]);
    project.write("init/003_big.sql", "insert into runs values (3);");
    project.run(["up"]).succeeds();
    is_true(&project, 3);
}
