//! Scripts that psql itself runs, and what is refused before anything runs.

use std::io::Write as _;

use crate::harness::{Project, Ran};

fn project() -> Project {
    let project = Project::with_service().script("001_base.sql", "create table runs (what text);");
    project.run(["up"]).succeeds();
    project
}

#[test]
fn a_catalog_command_in_an_included_file_makes_psql_run_the_script() {
    let project = project();
    project.write("init/002_list.sql", "insert into runs values (:'what');\n\\ir parts/list.part\n");
    project.write("init/parts/list.part", "\\d runs\n");
    project
        .run(["exec", "2", "-v", "what=it works", "--verbose"])
        .succeeds()
        .prints("is run by psql: `\\d` in `list.part`, line 1, column 1")
        .prints("Table \"public.runs\"");
    assert_eq!(project.sql("select what from runs"), "it works");
    let rows = "select string_agg(event || ' ' || mode, ', ' order by id) from dbctl.ledger where script = '002_list.sql'";
    assert_eq!(project.sql(rows), "started psql, applied psql");
}

#[test]
fn a_failure_of_such_a_script_is_recorded_and_says_where_it_begins_again() {
    let project = project();
    project.write("init/002_list.sql", "-- dbctl: psql\ninsert into runs values ('a');\nselect oops;\n");
    project
        .run(["up"])
        .fails(1)
        .prints("psql ended script `002_list.sql` with exit code 3")
        .prints("column \"oops\" does not exist")
        .prints("it runs again from its first line");
    assert_eq!(project.sql("select what from runs"), "a");
    assert_eq!(project.sql("select event || mode from dbctl.ledger order by id desc limit 1"), "failedpsql");
    project.write("init/002_list.sql", "-- dbctl: psql\ninsert into runs values ('b');\n");
    project.run(["up"]).succeeds();
    assert_eq!(project.sql("select string_agg(what, ' ') from runs"), "a b");
}

#[test]
fn what_would_run_a_program_or_is_no_command_is_refused_with_its_place_before_anything_runs() {
    let project = project();
    for (text, place) in [
        ("insert into runs values ('a');\n \\! ls\n", "`\\!` in `002_x.sql`, line 2, column 2"),
        ("select 1;\n\\set x `date`\n", "`\\set` in `002_x.sql`, line 2, column 1"),
        (
            "insert into runs values ('a');\n\\nonsense\n",
            "`002_x.sql`, line 2, column 1: invalid command `\\nonsense`",
        ),
        (
            "insert into runs values ('a');\n\\if true\n",
            "`002_x.sql`, line 2, column 1: this `\\if` has no `\\endif`",
        ),
    ] {
        project.write("init/002_x.sql", text);
        project.run(["up"]).fails(3).prints(place).prints("nothing was run");
    }
    assert_eq!(project.sql("select count(*) from runs"), "0");
    assert_eq!(project.applied(), ["001_base.sql"]);
    project.write("init/002_x.sql", "\\set x `echo me`\ninsert into runs values (:'x');\n");
    project.run(["up", "--allow-shell"]).succeeds();
    assert_eq!(project.sql("select what from runs"), "me");
}

#[test]
fn a_variable_that_changes_what_an_error_does_chooses_autocommit() {
    let project = project();
    project.write(
        "init/002_on.sql",
        "\\set ON_ERROR_STOP off\ninsert into nowhere values (1);\ninsert into runs values ('a');\n",
    );
    project.run(["up"]).succeeds().prints("`\\set ON_ERROR_STOP`").prints("went on after errors");
    assert_eq!(project.sql("select what from runs"), "a");
}

#[test]
fn exec_prints_what_psql_prints_when_asked_and_nothing_else() {
    let project = project();
    project.write("init/002_a.sql", "select 1 as one;\n\\echo done\n");
    let ran = project.run(["exec", "--psql-output", "2"]).succeeds();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (" one \n-----\n   1\n(1 row)\n\ndone\n", ""));
    project.write("init/003_b.sql", "select oops;\n");
    let ran = project.run(["exec", "--psql-output", "3"]).fails(3);
    assert!(
        ran.stderr.starts_with("psql:") && ran.stderr.contains("003_b.sql:1: ERROR:  column \"oops\""),
        "{}",
        ran.stderr
    );
}

fn packed(text: &str) -> Vec<u8> {
    let mut archive = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    archive.write_all(text.as_bytes()).unwrap();
    archive.finish().unwrap()
}

#[test]
fn the_containers_psql_finds_what_a_script_includes() {
    let project = project();
    project.write("init/parts/a.part", "insert into runs values ('a');\n\\ir b.part\n");
    project.write("init/parts/b.part", "insert into runs values ('b');\n\\d runs\n");
    let script = "\\ir 'parts/a.part'\n\\echo between\n\\i parts/b.part\n\\i /docker-entrypoint-initdb.d/parts/b.part\n";
    project.write("init/002_packed.sql.gz", packed(script));
    project.write("init/003_plain.sql", script);
    project.run(["up", "--verbose"]).succeeds().prints("Table \"public.runs\"");
    assert_eq!(project.sql("select string_agg(what, '') from runs"), "abbbabbb");
}

#[test]
fn a_file_that_the_containers_psql_cannot_find_is_refused_before_anything_runs() {
    let project = project();
    project.write("init/002_x.sql", "insert into runs values ('a');\n\\d runs\n\\ir ../outside.part\n");
    project.write("outside.part", "select 1;\n");
    project
        .run(["up"])
        .fails(3)
        .prints("cannot find `../outside.part` in the container")
        .prints("002_x.sql`, line 3")
        .prints("nothing was run");
    assert_eq!(project.sql("select count(*) from runs"), "0");
    // These scripts are not where the container's are mounted.
    project.write("init/002_x.sql", "select 'of the mount';\n");
    project.write("other/001_base.sql", "create table runs (what text);");
    project.write("other/002_x.sql", "insert into runs values ('other');\n\\d runs\n");
    project.run(["exec", "--init-dir", "other", "2"]).succeeds().prints("is run by psql");
    assert_eq!(project.sql("select what from runs"), "other");
}

#[test]
fn the_containers_psql_runs_named_files_where_this_machine_has_none() {
    let project = project();
    project.write("init/parts/b.part", "insert into runs values ('b');\n");
    project.write("a.sql", "\\d runs\n\\ir init/parts/b.part\n");
    project.write("c.sql", "\\d runs\n\\i a.sql\n");
    let run = |files: &[&str]| {
        let mut command = project.command(["run"].iter().chain(files));
        command.env("PATH", "/nowhere");
        Ran::of(command)
    };
    run(&["a.sql"]).succeeds().prints("Table \"public.runs\"");
    assert_eq!(project.sql("select what from runs"), "b");
    run(&["c.sql"]).fails(3).prints("cannot find `a.sql` in the container").prints("nothing was run");
    run(&["a.sql", "a.sql"]).fails(3).prints("only one file").prints("nothing was run");
}

#[test]
fn the_session_and_psql_have_what_the_containers_environment_sets() {
    let seen = "select current_setting('timezone') || ' ' || current_setting('work_mem') as seen";
    let project = Project::with_service()
        .script("001_session.sql", &format!("create table settings as {seen};"))
        .script("002_psql.sql", &format!("-- dbctl: psql\ninsert into settings {seen};"))
        .file(
            "compose.override.yaml",
            "services: {db: {environment: {PGTZ: Asia/Tokyo, PGOPTIONS: -c work_mem=3MB}}}\n",
        )
        .file("a.sql", &format!("{seen};"))
        .variable("PGTZ", "Africa/Cairo");
    project.run(["up"]).succeeds();
    assert_eq!(project.sql("select string_agg(seen, ', ') from settings"), "Asia/Tokyo 3MB, Asia/Tokyo 3MB");
    // `dbctl run` stands where psql stood on this machine.
    project.run(["run", "a.sql"]).succeeds().prints("Africa/Cairo 3MB");
}

#[test]
fn the_containers_psql_comes_first_unless_only_this_machine_sees_what_is_named() {
    let project = project();
    project.write("a.sql", "\\d\n\\! test -e /.dockerenv && echo inside\n");
    project.run(["run", "--allow-shell", "a.sql"]).succeeds().prints("inside");
    project.write("b.sql", "\\copy runs from rows.tsv\n");
    project.write("rows.tsv", "from here\n");
    project.run(["run", "--allow-shell", "a.sql", "b.sql"]).succeeds();
    assert_eq!(project.sql("select what from runs"), "from here");
}
