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
