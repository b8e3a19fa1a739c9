//! What looks at the scripts by running them from nothing, on a server reached by `--url`: beside the database in
//! service, which it leaves as it is.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::project::Project;
use crate::session::cluster::Cluster;

const NOTES: &str = "create table if not exists notes (id int primary key, body text);";
const TITLES: &str = "alter table notes add column if not exists title text;";

fn project(cluster: &Cluster) -> Project<'_> {
    let project = Project::up(cluster, &[("001_notes.sql", NOTES), ("002_titles.sql", TITLES)]);
    project.sql("insert into notes values (1, 'by hand')");
    project
}

#[test]
fn scripts_are_replayed_beside_the_database_in_service() {
    let cluster = Cluster::new();
    let project = project(&cluster);
    project.run(["show", "2"]).succeeds().prints("adds column `public.notes.title`");
    project.run(["diff"]).succeeds().prints("no difference");
    project.sql("alter table notes drop column title");
    project.run(["diff"]).fails(1).prints("(`002_titles.sql`)");
    project.run(["check"]).fails(1).prints("title").prints("each runs twice");
    project.run(["docs"]).succeeds().prints("is written");
    assert_eq!(project.sql("select id || body from notes"), "1by hand");
    assert!(project.kinds().is_empty(), "{:?}", project.kinds());
}

#[test]
fn a_script_that_changes_what_all_databases_share_is_refused_there_and_nothing_stays() {
    let cluster = Cluster::new();
    let project = project(&cluster);
    project.script("003_role.sql", "create role replayed;");
    let refused = project.run(["diff"]).fails(1);
    refused.prints("script `003_role.sql` may reach beyond its database").prints("next: leave out `--url`");
    assert_eq!(project.sql("select count(*) from pg_roles where rolname = 'replayed'"), "0");
    assert!(project.kinds().is_empty(), "{:?}", project.kinds());
}

#[test]
fn another_database_is_not_made_anew_by_a_replay() {
    let cluster = Cluster::new();
    let project = project(&cluster);
    let name = format!("reporting_{}", project.database);
    project.sql(&format!("create database {name}"));
    let before = project.sql(&format!("select oid from pg_database where datname = '{name}'"));
    let text = format!("drop database if exists {name};\ncreate database {name};\n");
    project.script("003_reporting.sql", &text);
    project.run(["docs", "--check"]).fails(1).prints("beyond its database, to a database (`drop database`)");
    assert_eq!(project.sql(&format!("select oid from pg_database where datname = '{name}'")), before);
}

/// The moments are spread over what a replay takes.
#[test]
fn killed_at_any_moment_of_a_replay_the_next_command_cleans_up() {
    const TRIALS: u64 = 16;
    let cluster = Cluster::new();
    let project = project(&cluster);
    let mut killed = 0;
    for trial in 0..TRIALS {
        let mut command = project.command(["diff"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(trial * 10));
        let _ = child.kill();
        killed += u64::from(child.wait().unwrap().code().is_none());
        project.run(["diff"]).succeeds().prints("no difference");
        assert!(project.kinds().is_empty(), "after {} ms: {:?}", trial * 10, project.kinds());
    }
    let strays = "select count(*) from pg_database where datname like 'dbctl\\_%'";
    assert_eq!(project.sql(strays), "0");
    println!("{killed} of {TRIALS} random moments were before the end");
    assert!(killed > 3, "{killed}");
}
