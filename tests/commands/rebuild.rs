//! `dbctl rebuild`: image and container anew where they changed; data and ledger stay.

use crate::harness::{IMAGE, Project, docker};

fn built() -> Project {
    let project = Project::new();
    let compose = format!(
        "name: {}\nservices:\n  db:\n    build: {{context: ., dockerfile: Dockerfile}}\n    environment:\n      POSTGRES_PASSWORD: sesame\n      \
         POSTGRES_USER: app\n      POSTGRES_DB: appdb\n    volumes:\n      - data:/var/lib/postgresql/data\n      - /cache\nvolumes: {{data: }}\n",
        project.name()
    );
    project
        .file("compose.yaml", &compose)
        .file("Dockerfile", &format!("FROM {IMAGE}\nENV GENERATION=1\n"))
        .file(".dockerignore", "init\n.cache\ncompose.yaml\n")
}

fn generation(project: &Project) -> String {
    docker(["exec", &project.container(), "sh", "-c", "echo $GENERATION"])
}

#[test]
fn a_changed_dockerfile_makes_a_new_container_with_the_old_data_and_ledger() {
    let project = built().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    docker(["exec", &project.container(), "sh", "-c", "echo kept > /cache/file"]);
    project.write("Dockerfile", format!("FROM {IMAGE}\nENV GENERATION=2\n"));
    project.run(["rebuild"]).succeeds().prints("1 script in place");
    assert_eq!(generation(&project), "2");
    assert_eq!(project.sql("select seven from a"), "7");
    assert_eq!(project.applied(), ["001_a.sql"]);
    assert_eq!(
        docker(["exec", &project.container(), "cat", "/cache/file"]),
        "kept",
        "the anonymous volume is carried over"
    );
    project.run(["rebuild"]).succeeds().prints("nothing to do");
    // To the engine the volume has a name now, so it does not go with the container.
    let mounted = r#"{{range .Mounts}}{{if eq .Destination "/cache"}}{{.Name}}{{end}}{{end}}"#;
    let volume = docker(["inspect", "-f", mounted, &project.container()]);
    docker(["rm", "-f", "-v", &project.container()]);
    docker(["volume", "rm", &volume]);
}

#[test]
fn a_changed_service_is_recreated_by_rebuild_and_left_by_up() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    project.run(["up"]).succeeds();
    let before = docker(["inspect", "-f", "{{.Id}}", &project.container()]);
    let compose = std::fs::read_to_string(project.path().join("compose.yaml")).unwrap();
    project.write(
        "compose.yaml",
        compose.replace("    volumes:\n      - data", "    labels: {team: blue}\n    volumes:\n      - data"),
    );
    project.run(["up"]).succeeds();
    assert_eq!(docker(["inspect", "-f", "{{.Id}}", &project.container()]), before);
    project.run(["rebuild"]).succeeds().prints("the service changed in the compose file");
    assert_ne!(docker(["inspect", "-f", "{{.Id}}", &project.container()]), before);
    assert_eq!(docker(["inspect", "-f", "{{.Config.Labels.team}}", &project.container()]), "blue");
    assert_eq!(project.applied(), ["001_a.sql"]);
}

#[test]
fn down_removes_the_container_and_never_a_volume() {
    let project = Project::with_service().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    project.run(["down"]).succeeds();
    let filter = format!("label=com.docker.compose.project={}", project.name());
    assert_eq!(docker(["ps", "-aq", "--filter", &filter]), "");
    project.run(["up"]).succeeds().prints("1 script in place");
    assert_eq!(project.sql("select seven from a"), "7");
    project.run(["down"]).succeeds();
    project.run(["down"]).succeeds().prints("nothing to do");
}

#[test]
fn an_image_of_another_major_version_is_refused_while_the_old_container_serves() {
    let project = Project::with_service().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    let compose = std::fs::read_to_string(project.path().join("compose.yaml")).unwrap();
    project.write("compose.yaml", compose.replace(IMAGE, "dbctl-postgres:17"));
    project
        .run(["rebuild"])
        .fails(4)
        .prints("PostgreSQL 15")
        .prints("PostgreSQL 17")
        .prints("nothing was changed");
    assert_eq!(project.sql("select seven from a"), "7");
    project.write("compose.yaml", compose);
    project.run(["rebuild"]).succeeds().prints("nothing to do");
}
