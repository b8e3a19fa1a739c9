//! Compose's own plugin sees dbctl's container as its own, and the reverse.

use std::path::{Path, PathBuf};
use std::process::Command;

use dbctl::compose::{Request, load};
use dbctl::docker::{Connection, Engine};

use crate::docker::bench::{Bench, IMAGE, PASSWORD};

/// The folder that makes `docker compose` known to the docker command.
fn plugin_folder() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/compose-plugin.sh");
    let output = Command::new(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

/// A project of two services on disk, and its database service in the bench.
fn project() -> Bench {
    let mut bench = Bench::new();
    let text = format!(
        "services:
  db:
    image: {IMAGE}
    environment:
      POSTGRES_PASSWORD: {PASSWORD}
    volumes:
      - data:/var/lib/postgresql/data
      - ./init:/docker-entrypoint-initdb.d:ro
    networks:
      back:
        aliases: [database]
    stop_grace_period: 30s
    healthcheck:
      test: [CMD-SHELL, pg_isready]
      interval: 5s
    labels:
      team: blue
  other:
    image: {IMAGE}
    command: [sleep, '600']
networks:
  back:
volumes:
  data:
"
    );
    bench.file("init/001.sql", "create table made_by_the_entrypoint (id int);");
    bench.file("compose.yaml", &text);
    let request = Request {
        working_dir: bench.files.path().to_owned(),
        project_name: Some(bench.project().to_owned()),
        ..Request::default()
    };
    bench.service = load(&request).unwrap().service("db").unwrap();
    let connection = Connection { config_dir: Some(plugin_folder()), ..Connection::default() };
    bench.engine = Engine::connect(&connection).unwrap();
    bench
}

fn compose(bench: &Bench, arguments: &[&str]) -> String {
    let output = Command::new("docker")
        .args(["compose", "--project-name", bench.project()])
        .args(arguments)
        .env("DOCKER_CONFIG", plugin_folder())
        .current_dir(bench.files.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn compose_sees_manages_and_leaves_alone_what_dbctl_made() {
    let mut bench = project();
    bench.up(&["001.sql"]);
    let made = bench.container();
    assert!(compose(&bench, &["ps", "--quiet"]).contains(&made.id));
    assert!(compose(&bench, &["logs", "db"]).contains("ready to accept connections"));
    compose(&bench, &["up", "--detach", "db"]);
    let after = bench.container();
    assert_eq!((&after.id, &after.state), (&made.id, &made.state));
    compose(&bench, &["stop", "db"]);
    assert!(bench.container().is_stopped());
    compose(&bench, &["down"]);
    assert!(bench.observe().container.is_none());
}

#[test]
fn dbctl_leaves_alone_what_compose_made_until_it_changes() {
    let mut bench = project();
    compose(&bench, &["up", "--detach", "db"]);
    let made = bench.container();
    assert_eq!(bench.start(&[]).unwrap().id, made.id);
    let text = std::fs::read_to_string(bench.files.path().join("compose.yaml")).unwrap();
    bench.file("compose.yaml", &text.replace("blue", "green"));
    bench.service.labels.insert("team".to_owned(), "green".to_owned());
    assert_ne!(bench.start(&[]).unwrap().id, made.id);
}
