//! `dbctl up`: from nothing to all scripts applied, and then nothing more to do.

use crate::harness::{Project, docker};

#[test]
fn from_nothing_every_script_is_applied_and_a_second_call_does_nothing() {
    let project = Project::with_service()
        .script(
            "001_tables.sql",
            "create table items (id int primary key, name text);\ninsert into items values (1, 'one');\n",
        )
        .script("002_more.sql", "insert into items values (2, 'two')");
    project.run(["up"]).succeeds().prints("2 scripts applied");
    assert_eq!(project.sql("select id, name from items order by id"), "1|one\n2|two");
    assert_eq!(project.applied(), ["001_tables.sql", "002_more.sql"]);
    project.run(["up"]).succeeds().prints("nothing to do: 2 scripts in place");
    assert_eq!(project.sql("select count(*) from items"), "2");
}

#[test]
fn a_new_script_runs_on_the_next_up() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    project.run(["up"]).succeeds();
    project.write("init/002_b.sql", "create table b ();");
    project.run(["up"]).succeeds().prints("applied 002_b.sql").does_not_print("applied 001_a.sql");
    assert_eq!(project.applied(), ["001_a.sql", "002_b.sql"]);
}

#[test]
fn a_stopped_container_is_started_and_keeps_its_data() {
    let project = Project::with_service().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    docker(["stop", "-t", "10", &project.container()]);
    project.run(["up"]).succeeds().prints("started container");
    assert_eq!(project.sql("select seven from a"), "7");
}

#[test]
fn a_removed_container_comes_back_on_its_volume() {
    let project = Project::with_service().script("001_a.sql", "create table a as select 7 as seven;");
    project.run(["up"]).succeeds();
    docker(["rm", "-f", &project.container()]);
    project.run(["up"]).succeeds().prints("1 script in place");
    assert_eq!(project.sql("select seven from a"), "7");
}

#[test]
fn a_changed_script_is_named_and_not_run() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    project.run(["up"]).succeeds();
    project.write("init/001_a.sql", "create table a2 ();");
    project.run(["up"]).succeeds().prints("changed since it was applied").prints("dbctl exec 001_a.sql");
    project
        .run(["up", "--strict"])
        .fails(1)
        .prints("error: `--strict`: `001_a.sql` changed since it was applied");
    assert_eq!(project.sql("select to_regclass('a2') is null"), "t");
}

#[test]
fn a_change_of_comments_is_told_apart() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    project.run(["up"]).succeeds();
    project.write("init/001_a.sql", "-- why\ncreate   table a ();");
    project.run(["up"]).succeeds().prints("comments or white space only");
}

#[test]
fn repeatable_and_fresh_only_scripts_do_as_their_header_says() {
    let project = Project::with_service()
        .script("001_a.sql", "create table runs (what text);")
        .script("002_seed.sql", "-- dbctl: fresh-only\ninsert into runs values ('seed');")
        .script("003_view.sql", "-- dbctl: repeatable\ninsert into runs values ('view 1');");
    project.run(["up"]).succeeds();
    assert_eq!(project.sql("select what from runs"), "seed\nview 1");
    project.write("init/003_view.sql", "-- dbctl: repeatable\ninsert into runs values ('view 2');");
    project.write("init/004_late_seed.sql", "-- dbctl: fresh-only\ninsert into runs values ('late');");
    project.run(["up"]).succeeds().prints("not needed");
    assert_eq!(project.sql("select what from runs"), "seed\nview 1\nview 2");
    project.run(["up"]).succeeds().prints("nothing to do");
}

#[test]
fn compressed_and_shell_scripts_run_in_their_order() {
    let project = Project::with_service().script("001_a.sql", "create table runs (what text);").script(
        "003_shell.sh",
        "docker_process_sql <<< \"insert into runs values ('shell for $POSTGRES_DB')\"\n",
    );
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, b"insert into runs values ('gz');").unwrap();
    project.write("init/002_b.sql.gz", encoder.finish().unwrap());
    project
        .write("init/004_c.sql.zst", zstd::encode_all(&b"insert into runs values ('zst');"[..], 3).unwrap());
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 6);
    std::io::Write::write_all(&mut xz, b"insert into runs values ('xz');").unwrap();
    project.write("init/005_d.sql.xz", xz.finish().unwrap());
    project.run(["up"]).succeeds();
    assert_eq!(project.sql("select what from runs"), "gz\nshell for appdb\nzst\nxz");
}

#[test]
fn a_dry_run_prints_the_plan_and_changes_nothing() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    project.run(["up", "--dry-run"]).succeeds().prints("create the container");
    let filter = format!("label=com.docker.compose.project={}", project.name());
    assert_eq!(docker(["ps", "-aq", "--filter", &filter]), "");
    project.run(["up"]).succeeds();
    project.write("init/002_b.sql", "create table b ();");
    project.run(["up", "--dry-run"]).succeeds().prints("run `002_b.sql`: pending");
    project.run(["plan"]).succeeds().prints("run `002_b.sql`: pending");
    let plan = project.run(["plan", "--json"]).succeeds().json();
    assert_eq!(plan["steps"][0]["script"], "002_b.sql");
    assert_eq!(project.applied(), ["001_a.sql"]);
}

#[test]
fn a_script_and_its_ledger_row_are_one_transaction() {
    let project =
        Project::with_service().script("001_a.sql", "create table a as select pg_current_xact_id() as xid;");
    project.run(["up"]).succeeds();
    let sql =
        "select (select xmin from dbctl.ledger where event = 'applied')::text = (select xid from a)::text";
    assert_eq!(project.sql(sql), "t");
}

#[test]
fn json_tells_what_was_done() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    let summary = project.run(["up", "--json"]).succeeds().json();
    assert_eq!(summary["scripts"][0]["script"], "001_a.sql");
    assert_eq!(summary["scripts"][0]["mode"], "transaction");
    let status = project.run(["status", "--json"]).succeeds().json();
    assert_eq!(status["scripts"][0]["standing"], "applied");
}

#[test]
fn no_password_is_ever_printed() {
    let project = Project::with_service().script("001_a.sql", "create table a ();");
    for arguments in [&["up", "-v"][..], &["status", "--json"], &["doctor"], &["doctor", "--json"]] {
        project.run(arguments).succeeds().does_not_print("sesame");
    }
}
