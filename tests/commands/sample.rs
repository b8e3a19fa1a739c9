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
