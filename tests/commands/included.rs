//! What is found out before a script runs: in the files that it includes, and in branches never taken.

use std::io::Write as _;
use std::process::Command;

use crate::harness::{Project, Ran};
use crate::session::cluster::Cluster;

/// A project whose scripts run on a server without a container.
struct Served {
    project: Project,
    database: String,
}

impl Served {
    fn new() -> Self {
        Self { project: Project::new(), database: Cluster::shared().database() }
    }

    fn script(self, name: &str, text: &str) -> Self {
        self.project.write(&format!("init/{name}"), text.replace("DATABASE", &self.database));
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let url = format!("postgres://postgres@127.0.0.1:{}/{}", Cluster::shared().port(), self.database);
        self.project.command(arguments.iter().copied().chain(["--url", &url]))
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }

    fn sql(&self, sql: &str) -> String {
        let answer = Cluster::shared().session(&self.database).simple(sql).unwrap();
        let values = answer.rows.into_iter().flatten().flatten();
        values.collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_session_that_an_included_file_has_changed_for_good_is_not_used_again() {
    let served = Served::new()
        .script("001_a.sql", "\\ir parts/setting\n")
        .script("parts/setting", "\\ir deeper\n")
        .script("parts/deeper", "alter database DATABASE set work_mem = '3MB';\n")
        .script("002_b.sql", "create table seen as select current_setting('work_mem') as work_mem;\n");
    served.run(&["up"]).succeeds();
    assert_eq!(served.sql("select work_mem from seen"), "3MB");
}

#[test]
fn a_script_with_includes_and_repeated_statements_is_resumed_where_it_stopped() {
    let served = Served::new()
        .script(
            "001_a.sql",
            "-- dbctl: no-transaction\n\\ir parts/table\nselect 1 \\g\n\\g\n\\copy t to stdout\n\
             create index concurrently i on t (oops);\ninsert into t values (9);\n",
        )
        .script("parts/table", "create table t (n int);\ninsert into t values (1);\n");
    served.run(&["up"]).fails(1).prints("its first 5 statements are committed");
    served.sql("create index i on t (n)");
    served.run(&["exec", "001", "--resume"]).succeeds();
    assert_eq!(served.sql("select n from t order by n"), "1 9");
    let rows = "select statements, finished from dbctl.ledger where event = 'applied'";
    assert_eq!(served.sql(rows), "7 7");
}

#[test]
fn a_branch_that_is_never_taken_chooses_and_refuses_nothing() {
    let served = Served::new().script(
        "001_a.sql",
        "create table t (n int);\n\\if false\n\\d t\n\\! touch touched\n\\i nowhere\nvacuum t;\n\\endif\n",
    );
    let mut command = served.command(&["up", "-v"]);
    command.env("PATH", "/nowhere");
    Ran::of(command).succeeds().does_not_print("psql").does_not_print("statement by statement");
    assert_eq!(served.sql("select mode from dbctl.ledger where event = 'applied'"), "transaction");
}

#[test]
fn this_machines_psql_finds_what_a_packed_script_includes() {
    let served = Served::new()
        .script("parts/a.part", "\\ir b.part\n")
        .script("parts/b.part", "insert into t values (1);\n");
    let mut archive = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    archive.write_all(b"create table t (n int);\n\\d t\n\\ir parts/a.part \\\\ insert into t values (2);\n\\i parts/b.part").unwrap();
    served.project.write("init/001_a.sql.gz", archive.finish().unwrap());
    served.run(&["up"]).succeeds().prints("is run by psql");
    assert_eq!(served.sql("select n from t"), "1 2 1");
    let hidden =
        served.script("parts/c.part", "\\i parts/b.part\n").script("002_b.sql", "\\d t\n\\ir parts/c.part\n");
    hidden
        .run(&["up"])
        .fails(3)
        .prints("cannot find `parts/b.part`")
        .prints("c.part`, line 1")
        .prints("nothing was run");
}

#[test]
fn this_machines_environment_does_not_reach_the_scripts() {
    let seen = "select current_setting('timezone') || current_setting('work_mem') || current_setting('client_encoding')";
    let served =
        Served::new().script("001_a.sql", &format!("create table seen as {seen} as by_session;\n")).script(
            "002_b.sql",
            &format!(
                "-- dbctl: psql\nalter table seen add by_psql text;\nupdate seen set by_psql = ({seen});\n"
            ),
        );
    let mut command = served.command(&["up"]);
    command.env("PGTZ", "Asia/Tokyo").env("PGOPTIONS", "-c work_mem=3MB").env("PGCLIENTENCODING", "LATIN1");
    Ran::of({
        command.env("PGHOSTADDR", "192.0.2.1").env("PGSSLMODE", "verify-full").env("PGSERVICE", "none");
        command
    })
    .succeeds();
    assert_eq!(served.sql("select by_session = by_psql, by_session ~ 'Tokyo|3MB|LATIN1' from seen"), "t f");
}

#[test]
fn a_dump_is_no_script_of_the_init_dir() {
    let served =
        Served::new().script("001_a.sql", "create table a ();\n").script("002_b.sql", "PGDMP\u{1}\u{e}\n");
    served
        .run(&["up"])
        .fails(3)
        .prints("`002_b.sql` is a PostgreSQL custom-format dump")
        .prints("nothing was run");
    assert_eq!(served.sql("select count(*) from pg_class where relname = 'a'"), "0");
}
