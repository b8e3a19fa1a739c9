//! `dbctl lint --fix`: what it changes, and what it leaves alone.

use std::fs;

use crate::harness::Project;
use crate::session::cluster::Cluster;

const HEADER: &str = "-- Description: a\n-- Author: b\n-- Date: c\n";

fn project() -> Project {
    let project = Project::new();
    project.write("init/001_a.sql", format!("{HEADER}CREATE TABLE a (id int);\n"));
    project.write(
        "init/002_b.sql",
        format!("{HEADER}CREATE TABLE b (at TIMESTAMP, created_at timestamptz);\r\nDROP TABLE IF EXISTS c"),
    );
    project
}

fn script(project: &Project, name: &str) -> String {
    let text = fs::read_to_string(project.path().join("init").join(name)).expect("it is there");
    text.strip_prefix(HEADER).expect("the header").to_owned()
}

const MENDED: &str = "CREATE TABLE IF NOT EXISTS b (at TIMESTAMPTZ, created_at timestamptz DEFAULT NOW());\nDROP TABLE IF EXISTS c;";

#[test]
fn without_a_server_nothing_is_changed_unless_one_says_so() {
    let project = project();
    project
        .run(["lint", "--fix"])
        .fails(1)
        .prints("no server runs that could tell which scripts are applied, so nothing was mended");
    assert_eq!(script(&project, "001_a.sql"), "CREATE TABLE a (id int);\n");
    project
        .run(["lint", "--fix", "--allow-applied"])
        .succeeds()
        .prints("mended init/001_a.sql: 1 finding")
        .prints("0 errors, 1 warning in 1 of 2 scripts");
    assert_eq!(script(&project, "001_a.sql"), "CREATE TABLE IF NOT EXISTS a (id int);\n");
    assert_eq!(script(&project, "002_b.sql"), MENDED);
    let again = project.run(["lint", "--fix", "--allow-applied"]).succeeds();
    assert_eq!(again.stderr, "", "there is nothing left to mend");
}

#[test]
fn an_applied_script_is_left_as_it_is() {
    let cluster = Cluster::shared();
    let url = format!("postgres://postgres@127.0.0.1:{}/{}", cluster.port(), cluster.database());
    let project = project();
    project.run(["exec", "1", "--url", &url]).succeeds();
    project
        .run(["lint", "--fix", "--url", &url])
        .fails(1)
        .prints("`001_a.sql` is applied and was not mended")
        .prints("mended init/002_b.sql");
    assert_eq!(script(&project, "001_a.sql"), "CREATE TABLE a (id int);\n");
    assert_eq!(script(&project, "002_b.sql"), MENDED);
    project.run(["up", "--url", &url]).succeeds().prints("applied 002_b.sql");
}

#[test]
fn an_archive_is_not_repacked() {
    let project = Project::new();
    project.write("init/001_a.sql", format!("{HEADER}CREATE TABLE a (id int);\n"));
    let path = project.path().join("init/001_a.sql");
    assert!(std::process::Command::new("gzip").arg(&path).status().is_ok_and(|status| status.success()));
    let before = fs::read(path.with_extension("sql.gz")).expect("an archive");
    project.run(["lint", "--fix", "--allow-applied"]).fails(1);
    assert_eq!(fs::read(path.with_extension("sql.gz")).expect("an archive"), before);
}
