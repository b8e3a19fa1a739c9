//! `dbctl new`: what it writes, that it keeps the conventions, and that it can run twice.

use std::fs;
use std::process::Command;

use crate::harness::Project;
use crate::session::cluster::{Cluster, binary};

const BASE: &str = "-- Description: a\n-- Author: b\n-- Date: c\n
CREATE TABLE IF NOT EXISTS users (id BIGSERIAL PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS orders (id SERIAL PRIMARY KEY, note TEXT);
DO $$ BEGIN IF to_regtype('mood') IS NULL THEN CREATE TYPE mood AS ENUM ('glad'); END IF; END $$;
";

fn project() -> Project {
    Project::new().script("001_base.sql", BASE)
}

fn scripts(project: &Project) -> Vec<String> {
    let entries = fs::read_dir(project.path().join("init")).expect("an init dir");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn text(project: &Project, name: &str) -> String {
    fs::read_to_string(project.path().join("init").join(name)).expect("it was written")
}

fn git(project: &Project, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(project.path()).args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().expect("git is installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_next_script_has_a_number_a_header_and_the_author_of_git() {
    let project = project();
    git(&project, &["init", "-q"]);
    git(&project, &["config", "user.name", "Ada Lovelace"]);
    project.run(["new", "add widgets"]).succeeds().prints("created init/002_add_widgets.sql");
    let header: Vec<String> =
        text(&project, "002_add_widgets.sql").lines().take(4).map(str::to_owned).collect();
    assert_eq!(
        header[..3],
        ["-- 002_add_widgets.sql", "-- Description: Add widgets", "-- Author: Ada Lovelace"]
    );
    let date = header[3].strip_prefix("-- Date: ").expect("a date");
    assert!(date.len() == 10 && date.starts_with("20"), "{date}");
    project.run(["lint", "2"]).succeeds().prints("nothing found");
    project.run(["new", "more"]).succeeds().prints("created init/003_more.sql");
}

#[test]
fn a_dry_run_prints_and_writes_nothing() {
    let project = project();
    let printed =
        project.run(["new", "--column", "users.nickname:varchar(255)", "--dry-run"]).succeeds().stdout;
    assert!(printed.contains("ALTER TABLE users ADD COLUMN nickname VARCHAR(255);"), "{printed}");
    let json = project.run(["new", "--table", "widgets", "--dry-run", "--json"]).succeeds().json();
    assert_eq!(json["scripts"][0]["path"], "init/002_add_widgets.sql");
    assert_eq!(json["written"], false);
    assert_eq!(scripts(&project), ["001_base.sql"]);
}

#[test]
fn what_is_no_sql_is_refused_and_nothing_is_asked_for_without_a_title() {
    let project = project();
    project.run(["new", "--column", "users.x:varchar("]).fails(2).prints("what was asked for makes no SQL");
    project
        .run(["new", "--column", "users"])
        .fails(2)
        .prints("write it like `--column users.nickname:varchar(255)`");
    project.run(["new"]).fails(2);
    assert_eq!(scripts(&project), ["001_base.sql"]);
}

#[test]
fn the_editor_gets_the_script_and_findings_are_told_afterwards() {
    let project = project().variable("VISUAL", "");
    let project =
        project.variable("EDITOR", "f() { sed -i s/Nickname/Pet/ $1; echo 'TRUNCATE users;' >> $1; }; f");
    project
        .run(["new", "--column", "users.nickname:text", "--edit"])
        .succeeds()
        .prints("`002_add_users_nickname.sql`: table `users` is emptied (no-drop)");
    assert!(text(&project, "002_add_users_nickname.sql").contains("IS 'Pet'"));
    let broken = self::project().variable("EDITOR", "false").variable("VISUAL", "");
    broken.run(["new", "a", "--edit"]).fails(2).prints("the editor `false` ended with exit status: 1");
    let without = self::project().variable("EDITOR", "").variable("VISUAL", "");
    without.run(["new", "a", "--edit"]).fails(2).prints("neither `VISUAL` nor `EDITOR` names an editor");
}

#[test]
fn a_number_that_a_remote_branch_has_is_told() {
    let (project, other) = (project(), project());
    for project in [&project, &other] {
        git(project, &["init", "-q", "-b", "main"]);
        git(project, &["config", "user.name", "Ada"]);
        git(project, &["config", "user.email", "ada@example.org"]);
    }
    other.write("init/002_theirs.sql", BASE);
    git(&other, &["add", "."]);
    git(&other, &["commit", "-qm", "a"]);
    git(&project, &["remote", "add", "origin", other.path().to_str().expect("utf-8")]);
    git(&project, &["fetch", "-q", "origin"]);
    let expected = "the remote branch `origin/main` has `002_theirs.sql` already, which is not here: the number of `002_ours.sql` may be taken";
    project.run(["new", "ours"]).succeeds().prints(expected);
    // What was on this branch when it left is as good as taken.
    let told = other.run(["new", "third"]).succeeds();
    assert_eq!(told.stderr, "");
    git(&other, &["checkout", "-qb", "feature"]);
    fs::rename(other.path().join("init/002_theirs.sql"), other.path().join("init/003_moved.sql"))
        .expect("renamed");
    fs::remove_file(other.path().join("init/003_third.sql")).expect("removed");
    fs::rename(other.path().join("init/003_moved.sql"), other.path().join("init/001_moved.sql"))
        .expect("renamed");
    other.run(["new", "again"]).succeeds().prints("the merge base with `main` has `002_theirs.sql` already");
}

/// Everything of a database, as `pg_dump` writes it.
fn dump(cluster: &Cluster, database: &str) -> String {
    let mut command = Command::new(binary("pg_dump"));
    command.args([
        "-U",
        "postgres",
        "-d",
        database,
        "-h",
        "127.0.0.1",
        "-p",
        &cluster.port().to_string(),
        "-N",
        "dbctl",
    ]);
    let output = command.output().expect("pg_dump is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("utf-8");
    // A random word stands in newer dumps.
    let lines =
        text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    lines.collect::<Vec<_>>().join("\n")
}

/// `new` with these arguments: what it writes has no finding, runs, and changes nothing when it runs again.
#[track_caller]
fn keeps_its_word(preset: &str, arguments: &[&str]) {
    let cluster = Cluster::shared();
    let database = cluster.database();
    let url = format!("postgres://postgres@127.0.0.1:{}/{database}", cluster.port());
    let project = project().file("dbctl.toml", &format!("[lint]\npreset = '{preset}'\n"));
    project.run(["up", "--url", &url]).succeeds();
    let told = project.run([&["new"], arguments].concat()).succeeds();
    assert_eq!(told.stderr, "", "{arguments:?}");
    project.run(["lint", "2.."]).succeeds().prints("nothing found");
    let before = dump(cluster, &database);
    project.run(["up", "--url", &url]).succeeds().prints("applied 002_");
    let first = dump(cluster, &database);
    let is_blank = arguments[0] == "nothing yet";
    assert_eq!(before == first, is_blank, "{arguments:?} changes something\n{first}");
    project.run(["exec", "2..", "--again", "--url", &url]).succeeds();
    assert_eq!(dump(cluster, &database), first, "{arguments:?} changes something when it runs again");
}

#[test]
fn every_pattern_keeps_the_conventions_and_can_run_twice() {
    let cases: [&[&str]; 12] = [
        &["nothing yet"],
        &["--table", "widgets"],
        &["--table", "order", "--column", "order.user:json", "--foreign-key", "order.user_id:users.id"],
        &["--column", "users.nickname:varchar(255)", "--column", "users.tags:text[]"],
        &["--column", "users.seen:timestamp not null default now()"],
        &["--column", "public.users.updated_at:timestamptz not null"],
        &["--foreign-key", "orders.user_id:users.id"],
        &["--enum", "colour:red,it's green"],
        &["--enum-value", "mood:calm"],
        &["--trigger", "orders"],
        &["--seed", "users"],
        &[
            "--table",
            "Notes",
            "--column",
            "notes.body:text not null",
            "--enum",
            "tone:low,high",
            "--seed",
            "notes",
        ],
    ];
    for preset in ["init", "migrations"] {
        for arguments in cases {
            keeps_its_word(preset, arguments);
        }
    }
}
