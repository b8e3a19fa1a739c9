//! Scripts that run statement by statement: how far they came is known, and `--resume` goes on from there.

use std::time::Duration;

use crate::harness::{Project, eventually};

fn counted() -> Project {
    let project = Project::with_service().script("001_base.sql", "create table runs (what text);");
    project.run(["up"]).succeeds();
    project
}

fn runs(project: &Project) -> String {
    project.sql("select string_agg(what, ' ') from runs")
}

#[test]
fn a_statement_that_cannot_run_in_a_transaction_chooses_autocommit() {
    let project = counted();
    project.write(
        "init/002_index.sql",
        "insert into runs values ('a');\ncreate index concurrently i on runs (what);\n",
    );
    project.run(["up"]).succeeds().prints("statement by statement");
    let sql = "select mode, finished from dbctl.ledger where script = '002_index.sql' and event = 'applied'";
    assert_eq!(project.sql(sql), "autocommit|2");
}

#[test]
fn a_failing_autocommit_script_tells_how_far_it_came_and_can_be_resumed() {
    let project = counted();
    project.write(
        "init/002_v.sql",
        "-- dbctl: no-transaction\ninsert into runs values ('a');\ninsert into runs values ('b');\ninsert into nowhere values (1);\ninsert into runs values ('c');\n",
    );
    project.run(["up"]).fails(1).prints("nowhere").prints("--resume");
    assert_eq!(runs(&project), "a b");
    project.run(["up"]).fails(1).prints("after 2 committed statements");
    project.write(
        "init/002_v.sql",
        "-- dbctl: no-transaction\ninsert into runs values ('a');\ninsert into runs values ('b');\nselect 1;\ninsert into runs values ('c');\n",
    );
    project.run(["exec", "002", "--resume"]).succeeds();
    assert_eq!(runs(&project), "a b c");
    project.run(["up"]).succeeds().prints("nothing to do");
}

#[test]
fn a_killed_autocommit_script_is_named_with_its_statement() {
    let project = counted();
    project.write(
        "init/002_v.sql",
        "insert into runs values ('a');\nvacuum runs;\ninsert into runs select 'b' from (select pg_sleep(30)) s;\ninsert into runs values ('c');\n",
    );
    let run = project.start(["up"]);
    eventually(Duration::from_secs(20), "the third statement begins", || {
        project.sql("select count(*) from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()") == "1"
    });
    run.kill();
    project
        .run(["up"])
        .fails(1)
        .prints("002_v.sql")
        .prints("after 2 committed statements")
        .prints("statement 3");
    project.write("init/002_v.sql", "insert into runs values ('a');\nvacuum runs;\ninsert into runs select 'b';\ninsert into runs values ('c');\n");
    project.run(["exec", "002", "--resume"]).succeeds();
    assert_eq!(runs(&project), "a b c");
}

#[test]
fn an_interrupted_concurrent_index_is_dropped_and_made_again() {
    let project = counted();
    project.write("init/002_i.sql", "select 1;\ncreate index concurrently runs_what on runs (what);\n");
    // An open transaction makes the index build wait; the kill then leaves an invalid index.
    let holder = std::thread::spawn({
        let container = project.container();
        move || {
            crate::harness::docker([
                "exec",
                &container,
                "psql",
                "-XqtA",
                "-U",
                "app",
                "-d",
                "appdb",
                "-c",
                "begin; insert into runs values ('held'); select pg_sleep(6); commit",
            ])
        }
    });
    std::thread::sleep(Duration::from_millis(700));
    let run = project.start(["up"]);
    eventually(Duration::from_secs(10), "the index is there and invalid", || {
        project.sql("select count(*) from pg_index where not indisvalid") == "1"
    });
    run.kill();
    holder.join().unwrap();
    project.run(["up"]).fails(1).prints("--resume");
    project.run(["exec", "002", "--resume"]).succeeds();
    assert_eq!(project.sql("select indisvalid from pg_index where indexrelid = 'runs_what'::regclass"), "t");
}

#[test]
fn a_killed_shell_script_ends_in_the_container_too() {
    let project = counted();
    project.write("init/002_slow.sh", "sleep 97\n");
    let run = project.start(["up"]);
    let processes = || crate::harness::docker(["top", &project.container()]);
    eventually(Duration::from_secs(10), "the script runs", || processes().contains("sleep 97"));
    run.kill();
    eventually(Duration::from_secs(10), "the script ends", || !processes().contains("sleep 97"));
    // Had a process died orphaned, the postmaster would have taken it for a backend that crashed.
    let log = crate::harness::docker(["logs", &project.container()]);
    assert!(!log.contains("was terminated by signal"), "{log}");
    project.run(["up"]).fails(1).prints("shell script `002_slow.sh` was interrupted").prints("--again");
    project.write("init/002_slow.sh", "true\n");
    project.run(["exec", "002", "--again"]).succeeds();
    project.run(["up"]).succeeds().prints("nothing to do");
}

#[test]
fn a_resume_is_refused_where_the_finished_part_has_changed() {
    let project = counted();
    let script = |first: &str, last: &str| {
        format!("-- dbctl: no-transaction\n{first}\ncopy runs from stdin;\nb\n\\.\n{last}\n")
    };
    project
        .write("init/002_v.sql", script("insert into runs values ('a');", "insert into nowhere values (1);"));
    project.run(["up"]).fails(1).prints("nowhere");
    project
        .write("init/002_v.sql", script("insert into runs values ('x');", "insert into runs values ('c');"));
    project
        .run(["exec", "002", "--resume"])
        .fails(1)
        .prints("no longer those that ran before")
        .prints("line 6");
    assert_eq!(runs(&project), "a b");
    let commented = "-- a comment is no change\ninsert into runs\n  values ('a');";
    project.write(
        "init/002_v.sql",
        script(commented, "insert into runs values ('c');").replace("\nb\n", "\nz\n"),
    );
    project.run(["exec", "002", "--resume"]).fails(1).prints("no longer those that ran before");
    project.write("init/002_v.sql", script(commented, "insert into runs values ('c');"));
    project.run(["exec", "002", "--resume"]).succeeds();
    assert_eq!(runs(&project), "a b c");
}

#[test]
fn a_ledger_of_the_first_version_is_read_and_then_brought_to_this_one() {
    let project = counted();
    project.sql("drop view dbctl.standing; alter table dbctl.ledger drop column finished_hash");
    project.sql(&format!("{}; update dbctl.state set version = 1", view_of_version_1()));
    project.run(["status"]).succeeds().prints("1 of 1 scripts applied");
    assert_eq!(project.sql("select version from dbctl.state"), "1", "a reader changes nothing");
    project.write("init/002_a.sql", "insert into runs values ('a');");
    project.run(["up"]).succeeds().prints("1 script applied, 2 in place");
    assert_eq!(project.sql("select version from dbctl.state"), "3");
    project.run(["status"]).succeeds().prints("2 of 2 scripts applied");
}

/// As the first version's own SQL makes it.
fn view_of_version_1() -> String {
    let sql = include_str!("../../src/database/ledger.sql");
    let view = &sql[sql.find("CREATE VIEW").expect("the view")..];
    view[..view.find(";\nCOMMENT ON VIEW").expect("its comment")].to_owned()
}

#[test]
fn status_shows_how_long_every_kind_of_script_took() {
    let project = counted();
    project.write("init/002_v.sql", "select pg_sleep(0.05); vacuum runs;");
    project.write("init/003_s.sh", "sleep 0.05\n");
    project.write("init/004_f.sql", "select pg_sleep(0.05); select oops;");
    project.run(["up"]).fails(1);
    let status = project.run(["status", "--json"]).succeeds().json();
    for script in status["scripts"].as_array().unwrap().iter().skip(1) {
        assert!(script["took_ms"].as_u64().is_some_and(|ms| (40..60_000).contains(&ms)), "{script}");
    }
    project.write("init/003_s.sh", "echo some words; exit 3\n");
    project
        .run(["exec", "003", "--again"])
        .fails(1)
        .prints("exit code 3")
        .prints("runs again from its first line");
}
