//! Living with what exists: containers that compose or the entrypoint filled, psql, logs, doctor, any server.

use std::io::Write;
use std::process::Stdio;

use crate::harness::{Project, docker};

/// Starts the service the way compose would have, without dbctl: the entrypoint runs the scripts.
fn started_without_dbctl(project: &Project) {
    let name = project.container();
    let label = |key: &str, value: &str| format!("com.docker.compose.{key}={value}");
    let volume = format!("{}_data", project.name());
    let init = format!("{}:/docker-entrypoint-initdb.d:ro", project.path().join("init").display());
    docker([
        "volume",
        "create",
        "--label",
        &label("project", project.name()),
        "--label",
        &label("volume", "data"),
        &volume,
    ]);
    docker([
        "run",
        "-d",
        "--name",
        &name,
        "--label",
        &label("project", project.name()),
        "--label",
        &label("service", "db"),
        "--label",
        &label("container-number", "1"),
        "--label",
        &label("oneoff", "False"),
        "-e",
        "POSTGRES_PASSWORD=sesame",
        "-e",
        "POSTGRES_USER=app",
        "-e",
        "POSTGRES_DB=appdb",
        "-v",
        &format!("{volume}:/var/lib/postgresql/data"),
        "-v",
        &init,
        crate::harness::IMAGE,
    ]);
}

#[test]
fn scripts_that_the_entrypoint_ran_are_adopted_and_not_run_again() {
    let project = Project::with_service()
        .script("001_a.sql", "create table runs (what text); insert into runs values ('1');")
        .script("002_b.sql", "insert into runs values ('2');");
    started_without_dbctl(&project);
    crate::harness::eventually(std::time::Duration::from_secs(60), "the entrypoint ends", || {
        docker(["logs", &project.container()]).contains("init process complete")
    });
    project.write("init/003_c.sql", "insert into runs values ('3');");
    project.run(["up"]).succeeds().prints("adopted");
    assert_eq!(project.sql("select string_agg(what, ' ') from runs"), "1 2 3");
    assert_eq!(
        project.sql("select string_agg(event, ' ' order by id) from dbctl.ledger"),
        "adopted adopted applied"
    );
    project.run(["up"]).succeeds().prints("nothing to do");
}

#[test]
fn a_filled_database_without_evidence_is_refused_until_adopted() {
    let project = Project::with_service()
        .script("001_a.sql", "create table runs (what text); insert into runs values ('1');");
    project.run(["up"]).succeeds();
    project.sql("drop schema dbctl cascade");
    docker(["rm", "-f", &project.container()]);
    project.run(["up"]).fails(1).prints("dbctl adopt --through");
    project.run(["adopt", "--through", "001"]).succeeds();
    project.run(["up"]).succeeds().prints("nothing to do");
    assert_eq!(project.sql("select count(*) from runs"), "1");
}

#[test]
fn psql_runs_commands_in_the_container_and_passes_its_exit_code_on() {
    let project = Project::with_service().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    project.run(["psql", "-c", "select seven from a"]).succeeds().prints("(1 row)");
    project.run(["psql", "-c", "select 1/0"]).fails(1).prints("division by zero");
    let mut child =
        project.command(["psql", "--", "-At"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"select seven + 1 from a;\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "8\n");
}

#[test]
fn logs_shows_what_the_server_wrote() {
    let project = Project::with_service().script("001_a.sql", "select 1;");
    project.run(["up"]).succeeds();
    project.run(["logs", "-n", "5"]).succeeds().prints("database system is ready to accept connections");
}

#[test]
fn doctor_says_what_was_found_and_where_it_came_from() {
    let project = Project::with_service().script("001_a.sql", "select 1;");
    project
        .run(["doctor"])
        .succeeds()
        .prints("compose.yaml")
        .prints("mounted at /docker-entrypoint-initdb.d")
        .prints("db");
    project.run(["up"]).succeeds();
    let found = project.run(["doctor", "--json"]).succeeds().json();
    assert!(found["findings"].as_array().is_some_and(|findings| findings.len() > 5), "{found}");
}

#[test]
fn the_same_scripts_run_against_any_server_by_url() {
    let project = Project::with_service().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    let address = docker([
        "inspect",
        "-f",
        "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
        &project.container(),
    ]);
    project.sql("create database other");
    let url = format!("postgres://app:sesame@{address}/other?target_session_attrs=read-write");
    let project = project.variable("DBCTL_URL", &url);
    project.run(["up"]).succeeds().prints("1 script applied");
    project.run(["up"]).succeeds().prints("nothing to do");
    project.run(["status"]).succeeds().prints("applied").does_not_print("sesame");
    let wrong = url.replace("sesame", "mellon");
    project.run(["up", "--url", &wrong]).fails(5).prints("app").does_not_print("mellon");
}

#[test]
fn every_rung_of_the_endpoint_ladder_leads_to_the_server() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    let compose = std::fs::read_to_string(project.path().join("compose.yaml")).unwrap();
    project.write(
        "compose.yaml",
        compose.replace(
            "    volumes:\n      - data",
            "    ports: ['127.0.0.1::5432']\n    volumes:\n      - data",
        ),
    );
    project.run(["up"]).succeeds();
    for (index, rung) in ["address", "tunnel", "port"].iter().enumerate() {
        project.write(&format!("init/{:03}_r.sql", index + 2), format!("create table r_{rung} ();"));
        project.run(["up", "--endpoint", rung]).succeeds().prints("1 script applied");
    }
}
