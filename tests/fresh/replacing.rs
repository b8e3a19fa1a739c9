//! What a fresh rebuild puts in service, and what it keeps.

use dbctl::database::generations::Kind;

use super::project::Project;
use crate::session::cluster::Cluster;

const TABLE: (&str, &str) = ("001_notes.sql", "create table notes (text text);");

#[test]
fn the_new_database_is_what_the_scripts_say_and_the_old_one_comes_back_by_undo() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[TABLE, ("002_b.sql", "create table b (old int);")]);
    project.sql("insert into notes values ('by hand')");
    project.script("002_b.sql", "create table b (new int);");
    project.run(["rebuild", "--fresh"]).succeeds().prints("2 scripts in place").prints("dbctl undo");
    assert_eq!(project.dump(), project.by_psql().unwrap());
    assert_eq!(project.sql("select count(*) from notes"), "0");
    project.run(["status"]).succeeds().prints("2 of 2 scripts applied and unchanged");
    project.run(["undo"]).succeeds();
    assert_eq!(project.sql("select text, old from notes left join b on true"), "by hand|");
    project.run(["undo"]).succeeds();
    assert_eq!(project.sql("select count(new) from b"), "0");
}

#[test]
fn a_script_that_fails_leaves_the_old_database_in_service() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[TABLE]);
    project.sql("insert into notes values ('by hand')");
    project.script("002_broken.sql", "create table c ();\nselect oops;");
    let failed = project.run(["rebuild", "--fresh"]).fails(1);
    failed
        .prints("script `002_broken.sql` failed at line 2, column 8")
        .prints("the new database is given up; the old one stays in service, as it was")
        .prints("next: fix the file, then `dbctl rebuild --fresh`");
    assert_eq!(project.sql("select text from notes"), "by hand");
    assert!(!project.kinds().contains(&Kind::Building), "{:?}", project.kinds());
    assert!(!project.kinds().contains(&Kind::Previous), "{:?}", project.kinds());
    project.run(["status"]).succeeds().prints("002_broken.sql  pending");
}

#[test]
fn to_builds_up_to_a_script_and_the_rest_is_pending() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[TABLE, ("002_b.sql", "create table b ();")]);
    project.run(["rebuild", "--fresh", "--to", "1"]).succeeds().prints("1 script in place");
    assert_eq!(project.sql("select to_regclass('b') is null"), "t");
    project.run(["up"]).succeeds().prints("1 script applied, 2 in place");
    project.run(["rebuild", "--fresh", "--to", "7"]).fails(2).prints("no script `7`");
}

#[test]
fn a_dry_run_prints_the_plan_and_changes_nothing() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[TABLE]);
    project.script("002_b.sql", "create table b ();");
    project
        .run(["rebuild", "--fresh", "--dry-run"])
        .succeeds()
        .prints("build in place, from an empty database\n  1. run `001_notes.sql`\n  2. keep a layer after `001_notes.sql`\n  3. run `002_b.sql`");
    assert!(project.kinds().is_empty());
    assert_eq!(project.sql("select to_regclass('b') is null"), "t");
}

#[test]
fn scripts_for_a_fresh_database_only_run_and_repeatable_ones_come_last() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[TABLE]);
    project.script("002_seed.sql", "-- dbctl: fresh-only\ninsert into notes values ('seed');");
    project.script(
        "000_view.sql",
        "-- dbctl: repeatable\ncreate or replace view v as select * from notes where text = 'seed';",
    );
    project.run(["up"]).succeeds();
    assert_eq!(project.sql("select count(*) from v"), "0");
    project.run(["rebuild", "--fresh"]).succeeds();
    assert_eq!(project.sql("select count(*) from v"), "1");
}

#[test]
fn scripts_in_all_modes_are_built_in_place() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[TABLE]);
    project.script(
        "002_alone.sql",
        "create table c (id int);\ncreate index concurrently c_id on c (id);\nvacuum c;",
    );
    project.script("003_psql.sql", "-- dbctl: psql\ninsert into notes values ('by psql');\n");
    project.script("004_own.sql", "begin;\ninsert into notes values ('own');\ncommit;\n");
    project.run(["rebuild", "--fresh"]).succeeds().prints("4 scripts in place");
    assert_eq!(project.dump(), project.by_psql().unwrap());
}

#[test]
fn what_belongs_to_the_database_itself_is_as_the_scripts_of_the_layer_left_it() {
    let cluster = Cluster::new();
    let project = Project::new(&cluster);
    let name = project.database.clone();
    project.script("001_self.sql", &format!("alter database {name} set search_path = a, public; grant create on database {name} to plain_user; comment on database {name} is 'mine';"));
    project.script("002_b.sql", "create table b ();");
    project.run(["up"]).succeeds();
    // On a bare server there is no twin: the first fresh build cannot be made where 001 has run already.
    project.run(["rebuild", "--fresh"]).fails(1).prints("001_self.sql");
    assert_eq!(project.sql("show search_path"), "a, public");
}
