//! dbctl, or the server, is killed at every step of a fresh rebuild: one whole database is in service, and the next
//! command finishes or cleans up.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use dbctl::database::generations::Kind;

use super::project::Project;
use crate::session::cluster::Cluster;

const COMMANDS: [&[&str]; 4] = [
    &["rebuild", "--fresh", "-q"],
    &["rebuild", "--fresh", "--ahead"],
    &["undo", "-q"],
    &["snapshot", "save", "kept", "-q"],
];

/// A project whose rebuild clones a layer, keeps another one and runs two scripts; with rows that no script brings back.
fn project(cluster: &Cluster) -> Project<'_> {
    let project = Project::up(
        cluster,
        &[
            ("001_a.sql", "create table a (text text);"),
            ("002_b.sql", "create table b (text text);"),
            ("003_c.sql", "create table c (old text);"),
        ],
    );
    project.script("003_c.sql", "create table c (other text);");
    project.run(["rebuild", "--fresh", "-q"]).succeeds();
    project.sql("insert into a values ('by hand')");
    project.script("002_b.sql", "create table b (edited text);");
    project.script("003_c.sql", "create table c (edited text);");
    project
}

/// The steps that `command` passes, by a dry pass.
fn steps(project: &Project, command: &[&str]) -> Vec<String> {
    let log = project.init().parent().unwrap().join("steps");
    project.command(command.iter().copied()).env("DBCTL_FAULT_LOG", &log).output().unwrap();
    let steps = fs::read_to_string(&log).unwrap_or_default().lines().map(str::to_owned).collect();
    let _ = fs::remove_file(log);
    steps
}

/// What is in service must be the database with the row or a fresh one, never anything between; and where it is a fresh
/// one, the row is in the previous generation.
fn assert_nothing_is_lost(project: &Project, at: &str) {
    let state = "select (select count(*) from a) || ' ' || (select string_agg(column_name, ',' order by table_name, ordinal_position) \
                 from information_schema.columns where table_schema = 'public')";
    let now = project.sql(state);
    assert!(
        ["1 text,text,other", "0 text,edited,edited", "0 text,text,old"].contains(&now.as_str()),
        "{at}: {now}"
    );
    if now.starts_with('0') {
        project.run(["undo"]).succeeds();
        assert_eq!(project.sql("select text from a"), "by hand", "{at}");
        project.run(["undo"]).succeeds();
    }
}

fn assert_clean(project: &Project, at: &str) {
    let kinds = project.kinds();
    assert!(!kinds.contains(&Kind::Building), "{at}: {kinds:?}");
    let stray = project.sql(
        "select count(*) from pg_database where datname ~ '^dbctl_' and shobj_description(oid, 'pg_database') is null",
    );
    assert_eq!(stray, "0", "{at}");
}

/// Nothing is lost, the next rebuild comes to its end, and nothing stray stays.
fn assert_goes_on(project: &Project, at: &str) {
    assert_nothing_is_lost(project, at);
    project.run(["rebuild", "--fresh"]).succeeds();
    assert_eq!(project.dump(), project.by_psql().unwrap(), "{at}");
    project.ahead();
    assert_clean(project, at);
}

#[test]
fn killed_at_any_step_nothing_is_lost_and_the_next_command_cleans_up() {
    let cluster = Cluster::new();
    let mut points = 0;
    for command in COMMANDS {
        let steps = steps(&project(&cluster), command);
        assert!(!steps.is_empty() || command[0] == "undo", "{command:?} passes no step");
        for step in &steps {
            let project = project(&cluster);
            let output = project.command(command.iter().copied()).env("DBCTL_FAULT", step).output().unwrap();
            assert_eq!(output.status.code(), None, "{command:?} at {step}: it was to be killed");
            let at = format!("{command:?} killed at {step}");
            project.run(["rebuild", "--fresh", "--dry-run"]).succeeds();
            assert_goes_on(&project, &at);
            points += 1;
        }
    }
    println!("{points} kill points of dbctl");
    assert!(points > 15, "{points}");
}

#[test]
fn where_the_server_dies_at_any_step_nothing_is_lost() {
    let cluster = Cluster::new();
    let postmaster = format!("kill -9 $(head -1 {}/data/postmaster.pid)", cluster.directory().display());
    let steps = steps(&project(&cluster), COMMANDS[0]);
    for step in &steps {
        let project = project(&cluster);
        let mut command = project.command(COMMANDS[0].iter().copied());
        let output = command.env("DBCTL_FAULT", step).env("DBCTL_FAULT_DO", &postmaster).output().unwrap();
        cluster.start_again();
        let at = format!("server killed at {step}: {:?}", output.status.code());
        assert_goes_on(&project, &at);
    }
    println!("{} kill points of the server", steps.len());
}

/// Between the steps, too: the moments are spread over what a rebuild takes.
#[test]
fn killed_at_any_moment_nothing_is_lost_and_the_next_command_cleans_up() {
    const TRIALS: u64 = 24;
    let cluster = Cluster::new();
    let mut killed = 0;
    for trial in 0..TRIALS {
        let project = project(&cluster);
        let mut command = project.command(COMMANDS[0].iter().copied());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(trial * 10));
        let _ = child.kill();
        let status = child.wait().unwrap();
        killed += u64::from(status.code().is_none());
        let at = format!("killed after {} ms: {status}", trial * 10);
        project.run(["rebuild", "--fresh", "--dry-run"]).succeeds();
        assert_goes_on(&project, &at);
    }
    println!("{killed} of {TRIALS} random moments were before the end");
    assert!(killed > 5, "{killed}");
}
