//! Errors for a tired person: the place, the cause, the next command, and the documented exit code.

use std::process::Command;

use crate::harness::{IMAGE, Project, docker, repository};

#[test]
fn no_docker_lists_what_was_tried() {
    Project::with_service()
        .script("001_a.sql", "select 1;")
        .variable("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .run(["up"])
        .fails(4)
        .prints("/nowhere/docker.sock")
        .prints("next:");
}

#[test]
fn two_candidate_services_are_both_named() {
    Project::new()
        .file(
            "compose.yaml",
            "services:\n  a:\n    image: postgres:15\n  b:\n    image: postgis/postgis:16-3.4\n",
        )
        .script("001_a.sql", "select 1;")
        .run(["up"])
        .fails(3)
        .prints("`a`, `b`")
        .prints("--service");
}

#[test]
fn a_failing_image_build_shows_the_step_and_its_output() {
    let project = Project::new();
    let compose = format!(
        "name: {}\nservices:\n  db:\n    build: .\n    environment: {{POSTGRES_PASSWORD: sesame}}\n",
        project.name()
    );
    project
        .file("compose.yaml", &compose)
        .file("Dockerfile", &format!("FROM {IMAGE}\nRUN echo some words && false\n"))
        .script("001_a.sql", "select 1;")
        .run(["up"])
        .fails(4)
        .prints("RUN echo some words && false")
        .prints("some words");
}

#[test]
fn a_taken_port_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let project = Project::new();
    let compose = format!(
        "name: {}\nservices:\n  db:\n    image: {IMAGE}\n    ports: ['127.0.0.1:{port}:5432']\n    environment: {{POSTGRES_PASSWORD: sesame}}\n",
        project.name()
    );
    let project = project.file("compose.yaml", &compose).script("001_a.sql", "select 1;");
    project.run(["up"]).fails(4).prints(&port.to_string()).prints("next:");
    drop(listener);
    project.run(["up"]).succeeds();
}

#[test]
fn a_container_that_exits_at_start_shows_its_last_log_lines() {
    let project = Project::new();
    let compose = format!(
        "name: {}\nservices:\n  db:\n    image: {IMAGE}\n    command: postgres -c shared_buffers=nonsense\n    environment: {{POSTGRES_PASSWORD: sesame}}\n",
        project.name()
    );
    project
        .file("compose.yaml", &compose)
        .script("001_a.sql", "select 1;")
        .run(["up"])
        .fails(4)
        .prints("shared_buffers");
}

#[test]
fn a_missing_password_is_the_images_own_error() {
    let project = Project::new();
    let compose = format!(
        "name: {}\nservices:\n  db:\n    image: {IMAGE}\n    volumes: ['data:/var/lib/postgresql/data']\nvolumes: {{data: }}\n",
        project.name()
    );
    let project = project.file("compose.yaml", &compose).script("001_a.sql", "select 1;");
    project.run(["up"]).fails(4).prints("POSTGRES_PASSWORD");
    let compose = compose.replace(
        &format!("image: {IMAGE}"),
        &format!("image: {IMAGE}\n    environment: {{POSTGRES_PASSWORD: sesame}}"),
    );
    project.write("compose.yaml", compose);
    project.run(["up"]).succeeds();
}

#[test]
fn a_wrong_password_in_an_old_volume_is_explained() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    // Without trust on 127.0.0.1 the tunnel needs the password, too.
    let compose = std::fs::read_to_string(project.path().join("compose.yaml")).unwrap();
    let strict = compose.replace("--no-sync", "--no-sync --auth-host=scram-sha-256 --auth-local=trust");
    project.write("compose.yaml", &strict);
    project.run(["up"]).succeeds();
    project.write("compose.yaml", strict.replace("sesame", "mellon"));
    project
        .run(["rebuild"])
        .fails(5)
        .prints("POSTGRES_PASSWORD only counts on an empty volume")
        .does_not_print("mellon");
    project.write("compose.yaml", &strict);
    project.run(["rebuild"]).succeeds();
}

#[test]
fn a_syntax_error_is_shown_on_its_line_and_column_after_multi_byte_text() {
    let project = Project::with_service()
        .script("001_a.sql", "create table a ();")
        .script("002_b.sql", "-- Grüße\nselect 1;\nselect 'äöü 漢字', * frm pg_class;\n");
    project
        .run(["up"])
        .fails(1)
        .prints("script `002_b.sql` failed at line 3, column 20")
        .prints("3 | select 'äöü 漢字', * frm pg_class;")
        .prints("42601")
        .prints("nothing of `002_b.sql` was applied")
        .prints("dbctl exec 002");
    assert_eq!(project.applied(), ["001_a.sql"]);
    let event = "select event || ' ' || (error ->> 'sqlstate') from dbctl.ledger where script = '002_b.sql'";
    assert_eq!(project.sql(event), "failed 42601");
}

#[test]
fn a_meta_command_that_nobody_speaks_is_refused_before_anything_runs() {
    let project = Project::with_service().script("001_a.sql", "create table a ();\n\\crosstab\n");
    project.run(["up"]).fails(3).prints("001_a.sql").prints("line 2").prints("\\crosstab");
    assert_eq!(project.sql("select to_regclass('a') is null"), "t");
}

#[test]
fn duplicate_numbers_are_both_named() {
    Project::with_service()
        .script("001_roles.sql", "select 1;")
        .script("001_again.sql", "select 1;")
        .run(["up"])
        .fails(3)
        .prints("001_roles.sql")
        .prints("001_again.sql");
}

#[test]
fn a_broken_archive_is_an_error_before_anything_runs() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    project.write("init/002_b.sql.gz", b"not gzip at all");
    project.run(["up"]).fails(3).prints("002_b.sql.gz");
    let filter = format!("label=com.docker.compose.project={}", project.name());
    assert_eq!(docker(["ps", "-aq", "--filter", &filter]), "");
}

#[test]
fn a_key_that_is_not_honoured_is_named() {
    let project = Project::new();
    let compose = format!(
        "name: {}\nservices:\n  db:\n    image: {IMAGE}\n    blkio_config: {{weight: 300}}\n",
        project.name()
    );
    project
        .file("compose.yaml", &compose)
        .script("001_a.sql", "select 1;")
        .run(["up"])
        .fails(3)
        .prints("blkio_config");
}

#[test]
fn a_container_without_shell_tools_names_the_way_out() {
    test_images();
    let project =
        Project::with_service_of("dbctl-postgres-bare:15").script("001_a.sql", "create table a ();");
    project
        .run(["up", "--endpoint", "tunnel"])
        .fails(4)
        .prints("bash")
        .prints("nc")
        .prints("perl")
        .prints("ports");
}

fn test_images() {
    let status =
        Command::new(repository("compose/base/variants")).status().expect("the variants' script starts");
    assert!(status.success(), "the test images are made");
}

#[test]
fn an_error_of_usage_exits_with_2() {
    let project = Project::with_service().script("001_a.sql", "select 1;");
    project.run(["exec"]).fails(2);
    project.run(["upp"]).fails(2).prints("up");
    project.run(["up", "--url", "mysql://x"]).fails(2).prints("postgres://");
}

#[test]
fn a_closed_pipe_on_standard_output_changes_nothing() {
    let project =
        Project::with_service().script("001_a.sql", "select generate_series(1, 20000); create table a ();");
    project.run(["up", "-q"]).succeeds();
    let mut command = project.command(["exec", "001", "--again", "-v"]);
    project.write("init/001_a.sql", "select generate_series(1, 20000); create table a2 ();");
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    child.wait().unwrap();
    assert_eq!(project.sql("select to_regclass('a2') is not null"), "t");
}

#[test]
fn a_variable_that_the_service_asks_for_in_vain_is_named() {
    let project = Project::new()
        .file("compose.yaml", "services:\n  db:\n    image: postgres:15\n    environment:\n      POSTGRES_PASSWORD: ${DB_PASSWORD}\n  web:\n    image: ${WEB_IMAGE}\n")
        .script("001_a.sql", "select 1;");
    project
        .run(["doctor"])
        .fails(1)
        .prints("`DB_PASSWORD` is not set")
        .prints("line 5")
        .does_not_print("WEB_IMAGE");
}
