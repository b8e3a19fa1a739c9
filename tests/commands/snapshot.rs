//! Snapshots and undo: what was in service is never lost, and comes back.

use crate::harness::Project;

fn project() -> Project {
    let project = Project::with_service().script(
        "001_a.sql",
        "create table notes (text text);
         do $$ begin execute format('alter database %I set work_mem = ''5MB''', current_database()); end $$;
         grant temporary on database appdb to public;
         comment on database appdb is 'what the application keeps';",
    );
    project.run(["up"]).succeeds();
    project.sql("insert into notes values ('first')");
    project
}

const FACTS: &str = "select string_agg(text, ' ' order by text) || ' ' || current_setting('work_mem') || ' ' ||
    shobj_description(d.oid, 'pg_database') from notes, pg_database d where datname = current_database() group by d.oid";

#[test]
fn a_snapshot_comes_back_with_its_data_and_settings_and_what_it_replaced_is_kept() {
    let project = project();
    let first = "first 5MB what the application keeps";
    project.run(["snapshot", "save", "before"]).succeeds().prints("dbctl snapshot restore before");
    project.run(["snapshot", "save", "before"]).fails(5).prints("there is a snapshot `before` already");
    project.sql("insert into notes values ('second')");
    project.run(["snapshot", "restore", "before"]).succeeds().prints("dbctl undo");
    assert_eq!(project.sql(FACTS), first);
    assert_eq!(project.applied(), ["001_a.sql"]);
    project.run(["undo"]).succeeds();
    assert_eq!(project.sql(FACTS), "first second 5MB what the application keeps");
    project.run(["undo"]).succeeds();
    assert_eq!(project.sql(FACTS), first);
    project.run(["snapshot", "restore", "before"]).succeeds();
    project.run(["snapshot", "list"]).succeeds().prints("(previous)").prints("drop --previous");
    project.run(["snapshot", "drop", "--previous"]).succeeds().prints("1 previous generation dropped");
    let listed = project.run(["snapshot", "list", "--json"]).succeeds().json();
    assert_eq!(listed["previous"].as_array().unwrap().len(), 1);
    assert_eq!(listed["snapshots"][0]["name"], "before");
    assert!(listed["snapshots"][0]["bytes"].as_u64().unwrap() > 1_000_000);
    project.run(["snapshot", "drop", "before"]).succeeds();
    project.run(["snapshot", "restore", "before"]).fails(5).prints("there is no snapshot `before`");
    assert_eq!(project.sql(FACTS), first);
    project.run(["up"]).succeeds();
}

#[test]
fn without_a_previous_generation_there_is_nothing_to_undo() {
    let project = project();
    project.run(["undo"]).fails(5).prints("there is no previous generation");
    assert_eq!(project.sql("select text from notes"), "first");
}

#[test]
fn a_killed_restore_leaves_the_database_in_service_whole() {
    let project = project();
    project.run(["snapshot", "save", "kept"]).succeeds();
    project.sql("insert into notes values ('second')");
    for pause in [5, 60, 150, 250, 350, 500] {
        let started = project.start(["snapshot", "restore", "kept"]);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        started.kill();
        let text = project.sql("select string_agg(text, ' ' order by text) from notes");
        assert!(["first", "first second"].contains(&text.as_str()), "after {pause} ms: {text}");
    }
    project.run(["snapshot", "restore", "kept"]).succeeds();
    assert_eq!(project.sql("select string_agg(text, ' ') from notes"), "first");
    let left = "select count(*) from pg_database where datname like 'dbctl\\_b%'";
    assert_eq!(project.sql(left), "0");
}
