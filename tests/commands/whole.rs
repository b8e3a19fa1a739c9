//! `dbctl rebuild --fresh` where a cluster of its own is needed, and `dbctl undo` of it.

use crate::harness::{Project, docker};

const DATA: &str = "create table customers as select generate_series(1, 1000) as id;";

fn up() -> Project {
    let project = Project::with_service()
        .script(
            "001_roles.sql",
            "do $$ begin create role ada login; exception when duplicate_object then null; end $$;",
        )
        .script("002_customers.sql", DATA)
        .script("003_search.sql", "alter database appdb set search_path to shop, public;")
        .script(
            "004_shell.sh",
            "docker_process_sql -c \"create table by_shell as select '$POSTGRES_DB' as name\"",
        )
        .script("005_psql.sql", "-- dbctl: psql\ncreate table by_psql ();\n\\dt\n");
    project.run(["up"]).succeeds();
    project
}

/// Containers of a twin that are still there.
pub fn strays(project: &Project) -> String {
    let own = |label: &str| {
        docker(["ps", "-aq", "--filter", &format!("label=dbctl.{label}={}/db", project.name())])
    };
    own("part") + &own("helper")
}

#[test]
fn an_edited_role_is_as_an_empty_volume_would_have_it_and_undo_brings_all_back() {
    let project = up();
    project.sql("insert into customers values (4711); alter database appdb set work_mem to '5MB'");
    project.write(
        "init/001_roles.sql",
        "create role ada nologin; alter system set shared_preload_libraries = 'auto_explain';",
    );
    project.run(["rebuild", "--fresh"]).succeeds().prints("through a twin").prints("5 scripts in place");
    assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "f");
    assert_eq!(project.sql("show shared_preload_libraries"), "auto_explain");
    assert_eq!(project.sql("select count(*) from customers"), "1000");
    assert_eq!(project.sql("select name from by_shell"), "appdb");
    assert_eq!(project.sql("select unnest(setconfig) from pg_db_role_setting"), "search_path=shop, public");
    assert_eq!(project.applied().len(), 5);
    assert_eq!(strays(&project), "");
    project.run(["up"]).succeeds().prints("nothing to do: 5 scripts in place");
    project.run(["snapshot", "list"]).succeeds().prints("(data directory 1)");

    project.run(["undo"]).succeeds().prints("the previous data directory is in service again");
    assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "t");
    assert_eq!(project.sql("select count(*) from customers"), "1001");
    project.run(["undo"]).succeeds();
    assert_eq!(project.sql("select count(*) from customers"), "1000");
    assert_eq!(strays(&project), "");
}

#[test]
fn what_the_scripts_do_not_make_is_named_before_it_goes_out_of_sight() {
    let project = up();
    project.sql("create role grace");
    docker(["exec", &project.container(), "createdb", "-U", "app", "notes"]);
    project.run(["snapshot", "save", "before"]).succeeds();
    project.write("init/001_roles.sql", "create role ada nologin;");
    project
        .run(["rebuild", "--fresh"])
        .fails(1)
        .prints("database `notes`")
        .prints("role `grace`")
        .prints("snapshot `before`")
        .prints("--whole-cluster");
    assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "t");
    assert_eq!(strays(&project), "");
    project.run(["rebuild", "--fresh", "--whole-cluster"]).succeeds();
    assert_eq!(project.sql("select count(*) from pg_roles where rolname = 'grace'"), "0");
    project.run(["undo"]).succeeds();
    project.run(["snapshot", "list"]).succeeds().prints("before");
}

#[test]
fn a_script_that_fails_in_a_twin_leaves_the_old_database_in_service() {
    let project = up();
    project.write("init/001_roles.sql", "create role ada nologin;\nselect 1/0;");
    project.run(["rebuild", "--fresh"]).fails(1).prints("division by zero");
    assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "t");
    assert_eq!(project.sql("select count(*) from customers"), "1000");
    assert_eq!(strays(&project), "");
    let left = docker(["exec", &project.container(), "ls", "/var/lib/postgresql/data"]);
    assert!(!left.contains("dbctl"), "{left}");
}

#[test]
fn settings_that_wait_for_a_restart_hold_after_the_first_build() {
    let project = Project::with_service()
        .script("001_settings.sql", "alter system set shared_preload_libraries = 'auto_explain';")
        .script("002_memory.sql", "alter system set work_mem = '5MB';");
    project.run(["up"]).succeeds().prints("restarted the server for `shared_preload_libraries`");
    assert_eq!(
        project.sql("select current_setting('shared_preload_libraries') || current_setting('work_mem')"),
        "auto_explain5MB"
    );
    project.run(["up"]).succeeds().prints("nothing to do").does_not_print("restarted");
    let second = Project::with_service().script("001_memory.sql", "alter system set work_mem = '5MB';");
    second.run(["up"]).succeeds().does_not_print("restarted");
    assert_eq!(second.sql("show work_mem"), "5MB");
}
