//! `kill -9` of `dbctl rebuild --fresh` at every step of its way through a twin, and of `dbctl undo`: one whole cluster is in
//! service, and the next command finishes or cleans up.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::commands::whole::strays;
use crate::harness::{Project, docker};

const REBUILD: [&str; 3] = ["rebuild", "--fresh", "--whole-cluster"];
/// From here on there is only one way.
const DECIDED: &str = "exchange.begun";

/// A cluster with a row of its own, and a role edited since.
pub fn project() -> Project {
    let project = Project::with_service()
        .script("001_roles.sql", "create role ada login;")
        .script("002_customers.sql", "create table customers as select generate_series(1, 1000) as id;");
    project.run(["up"]).succeeds();
    project.sql("insert into customers values (4711)");
    project.write("init/001_roles.sql", "create role ada nologin;");
    project
}

/// The steps of an undisturbed pass.
pub fn steps(project: &Project, arguments: &[&str]) -> Vec<String> {
    let log = project.path().join("steps");
    let mut command = project.command(arguments);
    let output = command.env("DBCTL_FAULT_LOG", &log).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect()
}

fn killed(project: &Project, arguments: &[&str], step: &str) -> ExitStatus {
    project.command(arguments).env("DBCTL_FAULT", step).output().unwrap().status
}

/// Whether the new cluster is in service once the next command has brought the service up. The old one is whole, and
/// in service in the end.
fn recovered(project: &Project, place: &str) -> bool {
    project.run(["up"]).succeeds();
    let is_new = project.sql("select rolcanlogin from pg_roles where rolname = 'ada'") == "f";
    assert_eq!(
        project.sql("select count(*) from customers"),
        if is_new { "1000" } else { "1001" },
        "{place}"
    );
    assert_eq!(strays(project), "", "{place}");
    let entries = docker(["exec", &project.container(), "ls", "-A", "/var/lib/postgresql/data/dbctl"]);
    assert!(!entries.lines().any(|entry| entry == "new" || entry == "journal"), "{place}: {entries}");
    if is_new {
        project.run(["undo"]).succeeds();
    }
    assert_eq!(project.sql("select count(*) from customers where id = 4711"), "1", "{place}");
    is_new
}

#[test]
fn killed_at_any_step_of_the_way_through_a_twin_one_whole_cluster_is_in_service() {
    let project = project();
    let steps = steps(&project, &REBUILD);
    assert!(recovered(&project, "no kill"));
    let decided = steps.iter().position(|step| step == DECIDED).unwrap();
    for (number, step) in steps.iter().enumerate() {
        assert!(!killed(&project, &REBUILD, step).success(), "{step}");
        assert_eq!(recovered(&project, step), number >= decided, "{step}");
    }
    println!("{} kill points: {steps:?}", steps.len());
}

#[test]
fn a_service_that_somebody_starts_before_the_first_rename_keeps_its_data() {
    let project = project();
    for step in ["exchange.journal_written", "exchange.looked"] {
        assert!(!killed(&project, &REBUILD, step).success(), "{step}");
        docker(["start", &project.container()]);
        project.run(["up"]).succeeds();
        project.sql(&format!("create table at_{} ()", step.replace('.', "_")));
        project.run(["down"]).succeeds();
        assert!(!recovered(&project, step), "{step}");
        project.sql(&format!("drop table at_{}", step.replace('.', "_")));
    }
}

#[test]
fn a_cluster_whose_server_does_not_start_goes_again_by_undo() {
    let project = project();
    project.run(REBUILD).succeeds();
    project.sql("alter system set shared_preload_libraries = 'nowhere'");
    docker(["stop", &project.container()]);
    let up = project.run(["up"]).fails(4);
    assert!(
        up.stderr.contains("or: `dbctl undo` brings the data directory back that was replaced at 20"),
        "{}",
        up.stderr
    );
    let undone = project.run(["undo"]).succeeds();
    assert!(undone.stderr.contains("does not start"), "{}", undone.stderr);
    assert!(undone.stdout.contains("the previous data directory is in service again"), "{}", undone.stdout);
    assert_eq!(project.sql("select count(*) from customers where id = 4711"), "1");
    assert_eq!(strays(&project), "");
    project.run(["undo"]).fails(4).prints("so what was in service before is so again");
    assert_eq!(project.sql("select count(*) from customers where id = 4711"), "1");
    docker(["stop", &project.container()]);
    project.run(["undo"]).fails(4).prints("service `db` has no running container");
    project.run(["up"]).succeeds();
    assert_eq!(project.sql("select count(*) from customers where id = 4711"), "1");
}

#[test]
fn an_undo_that_is_repeated_after_a_kill_does_not_go_back_and_forth() {
    let project = project();
    project.run(REBUILD).succeeds();
    for step in ["exchange.begun", "exchange.moved"] {
        assert!(!killed(&project, &["undo"], step).success());
        project.run(["undo"]).fails(4).prints("service `db` has no running container");
        project.run(["up"]).succeeds();
        assert_eq!(project.sql("select count(*) from customers where id = 4711"), "1", "{step}");
        project.run(["undo"]).succeeds();
    }
}

#[test]
fn a_server_that_was_started_in_the_middle_of_an_exchange_does_not_keep_the_next_command() {
    let project = project();
    assert!(!killed(&project, &REBUILD, "exchange.journal_written").success());
    let container = project.container();
    docker(["start", &container]);
    let serves = "until pg_isready -q -h 127.0.0.1; do sleep 0.1; done";
    let first_rename =
        "cd /var/lib/postgresql/data && set -- $(sed -n 2,3p dbctl/journal) && mkdir -p ${2%/*} && mv $1 $2";
    docker(["exec", &container, "sh", "-ec", &format!("{serves}; {first_rename}")]);
    assert!(recovered(&project, "started in the middle"));
}

#[test]
fn a_twin_begins_with_nothing_where_another_ones_container_was_pruned() {
    let project = project().script("003_gone.sql", "create table gone ();");
    assert!(!killed(&project, &REBUILD, "fresh.twin_built").success());
    let twin = docker(["ps", "-aq", "--filter", &format!("label=dbctl.twin={}/db/twin", project.name())]);
    docker(["rm", "-f", &twin]);
    std::fs::remove_file(project.path().join("init/003_gone.sql")).unwrap();
    project.run(REBUILD).succeeds();
    assert_eq!(project.sql("select to_regclass('gone') is null, (select count(*) from customers)"), "t|1000");
    assert_eq!(project.applied(), ["001_roles.sql", "002_customers.sql"]);
}

#[test]
fn killed_at_any_step_of_undo_one_whole_cluster_is_in_service() {
    let project = project();
    project.run(REBUILD).succeeds();
    project.run(["undo"]).succeeds();
    let steps = steps(&project, &["undo"]);
    assert!(recovered(&project, "no kill"));
    let decided = steps.iter().position(|step| step == DECIDED).unwrap();
    for (number, step) in steps.iter().enumerate() {
        assert!(!killed(&project, &["undo"], step).success(), "{step}");
        assert_eq!(recovered(&project, step), number >= decided, "{step}");
    }
    println!("{} kill points: {steps:?}", steps.len());
}

#[test]
fn killed_at_any_moment_one_whole_cluster_is_in_service() {
    let project = project();
    let begun = Instant::now();
    project.run(REBUILD).succeeds();
    let whole = begun.elapsed();
    assert!(recovered(&project, "no kill"));
    let trials = 6;
    for trial in 1..=trials {
        let started = project.start(REBUILD);
        let delay: Duration = whole * trial / trials;
        std::thread::sleep(delay);
        started.kill();
        let is_new = recovered(&project, &format!("after {delay:?}"));
        println!("killed after {delay:?} of {whole:?}: {}", if is_new { "new" } else { "old" });
    }
}
