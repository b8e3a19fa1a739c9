//! Which services are taken for Postgres, and where compose files are found.

use dbctl::compose::{self, Request};

use crate::compose::project::Project;

#[test]
fn servers_are_told_from_what_stands_beside_them() {
    let project = Project::new(
        "services:
  db: {image: 'postgres:16'}
  geo: {image: 'registry:5000/postgis/postgis:16-3.4'}
  admin: {image: dpage/pgadmin4, environment: {POSTGRES_PASSWORD: x}, volumes: ['/var/lib/postgresql/x']}
  rest: {image: postgrest/postgrest}
  api: {image: api, environment: {POSTGRES_PASSWORD: x, POSTGRES_DB: y}, volumes: ['./x:/data']}
  redis: {image: redis}
",
    );
    assert_eq!(project.load().postgres_candidates(), ["db", "geo"]);
}

#[test]
fn a_dockerfile_tells_by_the_image_it_builds_on() {
    let project = Project::new(
        "services:
  one: {build: {context: ./one, args: {BASE: 'postgres:17'}}, image: team/database}
  two: {build: {dockerfile_inline: 'FROM pgvector/pgvector:pg16'}}
  web: {build: ./web}
",
    )
    .file("one/Dockerfile", "ARG BASE=alpine\nFROM ${BASE}\n")
    .file("web/Dockerfile", "FROM postgres AS tools\nFROM node:20\n");
    assert_eq!(project.load().postgres_candidates(), ["one", "two"]);
}

#[test]
fn variables_and_a_mount_together_make_a_server() {
    let project = Project::new(
        "services:
  db: {image: team/database, env_file: db.env, volumes: ['./init:/docker-entrypoint-initdb.d']}
  job: {image: team/job, env_file: db.env}
",
    )
    .file("db.env", "POSTGRES_PASSWORD=x\n");
    assert_eq!(project.load().postgres_candidates(), ["db"]);
}

#[test]
fn a_service_switched_off_counts_only_where_no_other_is_postgres() {
    let services = "services:\n  test-db: {image: postgres, profiles: [test]}\n";
    assert_eq!(Project::new(services).load().postgres_candidates(), ["test-db"]);
    let both = format!("{services}  db: {{image: postgres}}\n");
    assert_eq!(Project::new(&both).load().postgres_candidates(), ["db"]);
}

#[test]
fn the_folder_compose_is_searched_in_every_folder_on_the_way_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let below = folder.path().join("services/api");
    std::fs::create_dir_all(&below).expect("made");
    std::fs::create_dir(folder.path().join("compose")).expect("made");
    let file = folder.path().join("compose/compose.yaml");
    std::fs::write(&file, "services: {db: {image: postgres}}\n").expect("written");
    let request = Request { working_dir: below, ..Request::default() };
    assert_eq!(compose::find(&request).ok(), Some(vec![file]));
    let loaded = compose::load(&request).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((loaded.name.as_str(), loaded.services()), ("compose", vec!["db"]));
}
