//! The sample project, from a fresh copy of it.

use std::process::Command;

use crate::harness::{Project, docker, repository};

/// A copy of `init/` and `compose/` under a project name of its own.
fn copy() -> Project {
    let project = Project::new().variable("POSTGRES_IMAGE", crate::harness::IMAGE);
    for part in ["init", "compose"] {
        let status = Command::new("cp").arg("-a").arg(repository(part)).arg(project.path()).status().unwrap();
        assert!(status.success());
    }
    let path = project.path().join("compose/compose.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let named =
        text.replace("container_name: postgres-db", &format!("container_name: {}", project.container()));
    std::fs::write(&path, named).unwrap();
    let name = project.name().to_owned();
    project.variable("COMPOSE_PROJECT_NAME", &name)
}

fn ask(project: &Project, sql: &str) -> String {
    docker(["exec", &project.container(), "psql", "-XqtA", "-U", "arasul", "-d", "arasul_db", "-c", sql])
}

#[test]
fn all_29_scripts_are_applied_and_a_thirtieth_runs_by_exec() {
    let project = copy();
    project.run(["up"]).succeeds().prints("29 scripts applied, 29 in place");
    let applied = "select count(distinct script) from dbctl.ledger where event = 'applied'";
    assert_eq!(ask(&project, applied), "29");
    project.run(["up"]).succeeds().prints("nothing to do: 29 scripts in place");
    project.write("init/030_widgets.sql", "CREATE TABLE IF NOT EXISTS widgets (id SERIAL PRIMARY KEY);");
    project.run(["exec", "030"]).succeeds().prints("030_widgets.sql");
    let dockerfile = std::fs::read_to_string(project.path().join("compose/Dockerfile")).unwrap();
    project.write("compose/Dockerfile", format!("{dockerfile}\nLABEL generation=\"2\"\n"));
    project.run(["rebuild"]).succeeds().prints("30 scripts in place");
    assert_eq!(ask(&project, applied), "30");
    assert_eq!(docker(["inspect", "-f", "{{.Config.Labels.generation}}", &project.container()]), "2");
    let others = docker([
        "ps",
        "-a",
        "--format",
        "{{.Names}}",
        "--filter",
        &format!("label=com.docker.compose.project={}", project.name()),
    ]);
    assert_eq!(others, project.container(), "no other service was touched");
}

#[test]
fn by_layers_by_twin_and_on_an_empty_volume_the_cluster_is_the_same() {
    // Some rows hold the time at which they were made, or a random key.
    let cluster = |project: &Project| {
        let text = super::fresh::cluster_of(project, "arasul");
        let plain = text.lines().map(|line| line.split('\t').map(masked).collect::<Vec<_>>().join("\t"));
        plain.collect::<Vec<_>>()
    };
    let project = copy();
    project.run(["up"]).succeeds();
    let expected = cluster(&project);
    ask(&project, "create table by_hand ()");
    project.run(["rebuild", "--fresh"]).succeeds().prints("building through a twin");
    assert_same(&cluster(&project), &expected);

    // A shell script may read anything: no layer holds it, or what comes after it.
    let without_shell = || {
        let project = copy().file("dbctl.toml", "[layers]\nahead = false\n");
        std::fs::remove_file(project.path().join("init/023_service_passwords.sh")).unwrap();
        project
    };
    let edit = |project: &Project| {
        let path = project.path().join("init/029_example_feature.sql");
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{before}\nCREATE TABLE IF NOT EXISTS late (id INT);\n")).unwrap();
    };
    let project = without_shell();
    project.run(["up"]).succeeds();
    project.run(["rebuild", "--fresh"]).succeeds().prints("building through a twin");
    edit(&project);
    project.run(["rebuild", "--fresh"]).succeeds().prints("building in place, from the layer of");
    let other = without_shell();
    edit(&other);
    other.run(["up"]).succeeds();
    assert_same(&cluster(&project), &cluster(&other));
}

fn masked(cell: &str) -> &str {
    let bytes = cell.as_bytes();
    let dashes_at = |places: &[usize]| places.iter().all(|&place| bytes.get(place) == Some(&b'-'));
    match bytes.len() {
        36 if dashes_at(&[8, 13, 18, 23]) => "(key)",
        22..=29 if dashes_at(&[4, 7]) && cell.ends_with("+00") => "(time)",
        _ => cell,
    }
}

#[track_caller]
fn assert_same(left: &[String], right: &[String]) {
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right);
    }
    assert_eq!(left.len(), right.len());
}

#[test]
fn compose_sees_and_manages_a_container_that_was_made_without_its_plugin() {
    let project = copy().variable("DOCKER_CONFIG", "/nonexistent");
    project.run(["up"]).succeeds();
    let tool = Command::new(repository("tests/tools/compose-plugin.sh")).output().unwrap();
    let plugin = String::from_utf8(tool.stdout).unwrap().trim().to_owned();
    let compose = |arguments: &[&str]| {
        let mut command = Command::new("docker");
        command.args(["compose", "-f", "compose/compose.yaml"]).args(arguments).current_dir(project.path());
        command.env("DOCKER_CONFIG", &plugin).env("COMPOSE_PROJECT_NAME", project.name());
        let output = command.env("POSTGRES_IMAGE", crate::harness::IMAGE).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(
        compose(&["ps", "--format", "{{.Name}} {{.Service}}"]),
        format!("{} postgres-db", project.container())
    );
    compose(&["down"]);
    let own = format!("label=com.docker.compose.project={}", project.name());
    assert_eq!(docker(["ps", "-aq", "--filter", &own]), "");
    project.run(["up"]).succeeds().prints("29 scripts in place");
}

#[test]
fn the_sample_passes_its_own_check_and_its_document_is_current() {
    let project = copy();
    let document = std::fs::read_to_string(repository("docs/DATABASE_SCHEMA.md")).unwrap();
    project.write("docs/DATABASE_SCHEMA.md", document);
    project
        .run(["check"])
        .succeeds()
        .prints("checked 29 scripts: lint has no finding; each runs twice")
        .prints("the schema document is current");
}
