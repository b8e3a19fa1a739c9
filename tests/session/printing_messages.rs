//! Errors and notices, in every verbosity, against the bytes of the real psql.

use std::fmt::Write as _;

use dbctl::session::{FailureKind, Kind, Locus, MessageStyle, Output, Printer, ShowContext, Verbosity};
use dbctl::sql::encoding::Encoding;

use super::cluster::Cluster;
use super::script::{AUTOCOMMIT, Bench, Script, prepare};

const VERBOSITIES: [(&str, Verbosity); 4] = [
    ("terse", Verbosity::Terse),
    ("default", Verbosity::Default),
    ("verbose", Verbosity::Verbose),
    ("sqlstate", Verbosity::Sqlstate),
];

const CONTEXTS: [(&str, ShowContext); 3] =
    [("never", ShowContext::Never), ("errors", ShowContext::Errors), ("always", ShowContext::Always)];

/// Statements that fail, each for a reason of its own.
fn failing() -> Vec<String> {
    let long = "a_column_of_some_length, ".repeat(8);
    let wide = "'漢字かな', ".repeat(12);
    [
        "select nothing",
        "selec 1",
        "select 1 +",
        "select\t'tab',\tnothing",
        "select 'ä漢字😀', nothing",
        "select 1,\n  2,\n  nothing,\n  4",
        "select 1,\r\n  nothing",
        "select 1/0",
        "do $$ begin raise exception 'first\nsecond' using detail = 'd', hint = 'h', errcode = 'ZZ001'; end $$",
        "do $$ begin perform nothing; end $$",
        "do $$ begin execute 'select 1, nothing'; end $$",
        "do $$ declare n int; begin n := 'x'; end $$",
        "do $$ begin execute 'insert into child values (7)'; end $$",
        "insert into child values (7)",
        "insert into parent values (1)",
        "insert into parent values (null)",
        "insert into short values ('much too long')",
        "create function broken() returns int language sql as 'select nothing'",
        "create function broken() returns int language plpgsql as 'begin returm 1; end'",
        "create table parent ()",
        "select 'e\u{301}e\u{301}', nothing",
        "select * from parent where id = 'x'",
        "select 'x'::nothing",
        "drop table nothing",
        "select f(1)",
        "vacuum nothing",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        format!("select {long}nothing"),
        format!("select nothing, {long}1"),
        format!("select {wide}nothing, {wide}1"),
        format!("select 1,\n{} nothing {}\n, 2", "2, ".repeat(20), ", 3".repeat(30)),
        format!("select {}, nothing", "'x'".replace('x', &"y".repeat(59))),
        format!("{} nothing", "  ".repeat(40)),
    ])
    .collect()
}

const TABLES: &str = "create table parent (id int primary key); insert into parent values (1); \
    create table child (id int references parent); create table short (text varchar(5));";

#[test]
fn errors_are_worded_as_libpq_words_them() {
    let mut bench = Bench::new();
    bench.session.simple(TABLES).unwrap();
    let mut script = String::from("\\set ON_ERROR_STOP off\n");
    let mut ours = Vec::new();
    for statement in failing() {
        let failure = bench.run(&Script::new(format!("{statement};")), AUTOCOMMIT).unwrap_err();
        let FailureKind::Server(message) = &failure.kind else { panic!("{failure:?}") };
        for (verbosity_name, verbosity) in VERBOSITIES {
            for (context_name, show_context) in CONTEXTS {
                writeln!(
                    script,
                    "\\set VERBOSITY {verbosity_name}\n\\set SHOW_CONTEXT {context_name}\n{statement};"
                )
                .unwrap();
                let mut printer = Printer::new(std::io::sink(), &mut ours);
                printer.message_style(MessageStyle { verbosity, show_context, encoding: Encoding::Utf8 });
                let line = script.lines().count() as u64;
                let locus = Locus { file: "t.sql".into(), line };
                // psql leaves white space before a statement out.
                let sent = format!("{};", statement.trim_start());
                printer.complain(Kind::Error, message, sent.as_bytes(), &locus);
                printer.finish().unwrap();
            }
        }
    }
    let psqls = psql_says(&bench.database, &script);
    compare(&String::from_utf8(ours).unwrap(), &psqls);
    assert!(psqls.len() > 20_000);
}

#[test]
fn notices_are_worded_as_libpq_words_them() {
    let statements = "\
do $$ begin raise notice 'first' using detail = 'd', hint = 'h'; raise warning E'two\\nlines'; end $$;
create table if not exists parent ();
do $$ begin execute 'do $x$ begin raise info ''deep''; end $x$'; end $$;
drop table if exists nothing;
select 1;
set client_min_messages = debug1; create table x (id int primary key);
";
    for (verbosity_name, verbosity) in VERBOSITIES {
        for (context_name, show_context) in CONTEXTS {
            let script =
                format!("\\set VERBOSITY {verbosity_name}\n\\set SHOW_CONTEXT {context_name}\n{statements}");
            let mut bench = Bench::new();
            bench.session.simple(TABLES).unwrap();
            let mut ours = Vec::new();
            let mut printer = Printer::new(std::io::sink(), &mut ours);
            printer.message_style(MessageStyle { verbosity, show_context, ..MessageStyle::default() });
            bench.run_with(&Script::new(&script), AUTOCOMMIT, &mut printer).unwrap();
            printer.finish().unwrap();
            let database = Cluster::shared().database();
            let mut session = Cluster::shared().session(&database);
            prepare(&mut session);
            session.simple(TABLES).unwrap();
            // dbctl's own progress rows are debugged too.
            let psqls = psql_says(&database, &script);
            compare(&String::from_utf8(ours).unwrap(), &psqls);
        }
    }
}

fn psql_says(database: &str, script: &str) -> String {
    let cluster = Cluster::shared();
    let directory = Script::new(script).write(cluster, &format!("{}_messages", cluster.database()));
    let output = cluster.psql(database).args(["-f", "t.sql"]).current_dir(directory).output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

fn compare(ours: &str, psqls: &str) {
    for (number, (our, psqls)) in ours.lines().zip(psqls.lines()).enumerate() {
        let before: Vec<_> = ours.lines().take(number).skip(number.saturating_sub(3)).collect();
        assert_eq!(our, psqls, "line {} after {before:#?}", number + 1);
    }
    assert_eq!(ours, psqls);
}
