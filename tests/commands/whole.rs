//! `dbctl rebuild --fresh` where a cluster of its own is needed, and `dbctl undo` of it.

use std::time::Duration;

use crate::harness::{Project, Ran, docker, eventually};

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
fn a_twins_layers_are_there_for_the_next_build() {
    let project = Project::with_service()
        .script("001_roles.sql", "create role ada login;")
        .script("002_customers.sql", DATA);
    project.run(["up"]).succeeds();
    project.write("init/001_roles.sql", "create role ada nologin;");
    project.run(["rebuild", "--fresh"]).succeeds().prints("0 from a layer, 2 run");
    project.write("init/003_more.sql", "create table more ();");
    project.run(["rebuild", "--fresh"]).succeeds().prints("2 from a layer, 1 run");
    assert_eq!(project.sql("select building from dbctl.state"), "f");
    assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "f");
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

#[test]
fn an_up_meanwhile_leaves_a_twin_alone_that_is_at_work() {
    let project = up();
    project.write("init/001_roles.sql", "create role ada nologin;");
    let mut command = project.command(["rebuild", "--fresh"]);
    let reached = project.path().join("reached");
    let wait = format!("touch {}; sleep 6", reached.display());
    command.env("DBCTL_FAULT", "twin.initialised").env("DBCTL_FAULT_DO", wait);
    let rebuild = std::thread::spawn(move || Ran::of(command));
    eventually(Duration::from_secs(120), "the twin's initialisation", || reached.exists());
    project.run(["up"]).succeeds().prints("001_roles.sql");
    rebuild.join().unwrap().succeeds();
    assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "f");
}

/// A volume of so many megabytes, for as long as the project's containers are there.
fn on_a_small_disk(megabytes: u32) -> Project {
    let project = Project::with_service();
    let compose = std::fs::read_to_string(project.path().join("compose.yaml")).unwrap();
    let options = format!("o: 'size={megabytes}m'");
    let volume = format!(
        "volumes:\n  data:\n    driver: local\n    driver_opts: {{type: tmpfs, device: tmpfs, {options}}}\n"
    );
    project.write("compose.yaml", compose.replace("volumes:\n  data:\n", &volume));
    let (name, size) = (format!("{}_data", project.name()), format!("o=size={megabytes}m"));
    let own = format!("com.docker.compose.project={}", project.name());
    let with = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", &size, "--label", &own];
    docker(["volume", "create"].into_iter().chain(with).chain([name.as_str()]));
    // Such a volume forgets everything when nobody uses it.
    let mount = format!("{name}:/kept");
    docker([
        "run",
        "-d",
        "--label",
        &own,
        "-v",
        &mount,
        "--entrypoint",
        "sleep",
        crate::harness::IMAGE,
        "600",
    ]);
    project
}

/// Where the disk is full already when the twin is initialised, and where it is while scripts run.
#[test]
fn a_disk_that_is_full_before_a_twin_is_complete_leaves_the_old_database_in_service() {
    for (megabytes, code) in [(130, 4), (165, 1)] {
        let project = on_a_small_disk(megabytes).script("001_roles.sql", "create role ada login;").script(
            "002_big.sql",
            "create unlogged table big as select repeat('x', 1000) from generate_series(1, 40000);",
        );
        project.run(["up"]).succeeds();
        project.write("init/001_roles.sql", "create role ada nologin;");
        project
            .run(["rebuild", "--fresh"])
            .fails(code)
            .prints("No space left on device")
            .does_not_print("`dbctl up`");
        assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "t");
        assert_eq!(project.sql("select count(*) from big"), "40000");
        assert_eq!(strays(&project), "");
        project.sql("drop table big");
        project.write("init/002_big.sql", "create unlogged table big as select 1;");
        project.run(["rebuild", "--fresh"]).succeeds();
        assert_eq!(project.sql("select rolcanlogin from pg_roles where rolname = 'ada'"), "f");
    }
}

#[test]
fn a_setting_with_which_no_server_starts_never_comes_into_service() {
    let project = Project::with_service().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    project.write("init/002_b.sql", "alter system set shared_preload_libraries = 'nope';");
    project.run(["rebuild", "--fresh", "--whole-cluster"]).fails(4).prints("nope");
    assert_eq!(project.sql("select seven from a"), "7");
    assert_eq!(strays(&project), "");
}
