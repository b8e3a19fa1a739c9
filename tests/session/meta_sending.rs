//! `\g` and its kin, against the real psql.

use dbctl::session::{FailureKind, MetaError, Mode};

use super::script::{AUTOCOMMIT, Bench, Script, psql_shows, same_as_psql};

/// The script shows in every mode what the real psql shows.
fn in_every_mode(text: &str) {
    let script = Script::new(text);
    let expected = psql_shows(&script);
    for mode in [Mode::Transaction, AUTOCOMMIT, Mode::Plain] {
        assert_eq!(Bench::new().shown(&script, mode), expected, "{mode:?}");
    }
}

#[test]
fn a_statement_is_sent_by_g_and_again_by_g() {
    in_every_mode("select 1 as one \\g\n\\g\nselect 2\n\\g\nselect (3 \\r\nselect 4;\n\\echo next\n\\g\n");
}

#[test]
fn gset_makes_variables_of_the_only_row() {
    in_every_mode(
        "select 1 as one, 'a b' as \"Two\", null as none \\gset p_\n\\echo :p_one :p_Two :{?p_none}\n\
         \\set gone 1\nselect null as gone \\gset\n\\echo :{?gone}\n\
         create table t (id serial, x int);\ninsert into t (x) values (7) returning id, x \\gset\n\\echo :id :x :ROW_COUNT\n\
         select 1 as a \\; select 2 as b \\gset\n\\echo :{?a} :b\ncreate table u () \\gset\n\
         select 'off' as \"AUTOCOMMIT\", 5 as five \\gset\n\\echo :AUTOCOMMIT :five\n",
    );
}

#[test]
fn gset_without_exactly_one_row_is_an_error() {
    for (query, expected) in [("select 1 where false", "no rows"), ("values (1), (2)", "more than one row")] {
        let failure =
            Bench::new().run(&Script::new(format!("\n {query} \\gset\n")), Mode::Transaction).unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure}");
        assert_eq!((failure.position.line, failure.position.column), (2, query.len() as u64 + 3));
    }
    same_as_psql(
        "select 1 where false \\gset\nselect 1 as x union select 2 \\gset\nselect 'x' as \"a b\" \\gset\n\\echo on\n",
    );
}

#[test]
fn gexec_runs_each_value() {
    in_every_mode(
        "select 'create table t' || n || ' (n int)', null, 'insert into t' || n || ' values (1), (2)' from generate_series(1, 2) n \\gexec\n\
         select * from t1;\n\\echo :ROW_COUNT\n\\set ECHO all\nselect 'select 5 as five' \\gexec\n\\set ECHO none\n",
    );
}

#[test]
fn an_error_in_what_gexec_runs_points_at_it_and_names_the_statement() {
    let script =
        Script::new("create table t (n int);\nselect 'insert into t values (1)', 'select 1/0'\n  \\gexec\n");
    for mode in [Mode::Transaction, AUTOCOMMIT, Mode::Plain] {
        let mut bench = Bench::new();
        let script = Script::new(
            [
                b"\\set ON_ERROR_STOP on\n".as_slice(),
                b"create table t (n int);\nselect 'insert into t values (1)', 'select 1/0'\n  \\gexec\n",
            ]
            .concat(),
        );
        let failure = bench.run(&script, mode).unwrap_err();
        assert_eq!((failure.position.line, failure.position.column), (4, 3), "{mode:?}");
        assert_eq!(failure.sqlstate(), Some("22012"));
        assert_eq!(failure.statement, "select 1/0");
        let excerpt = failure.excerpt.unwrap();
        assert_eq!(&excerpt.text[excerpt.marked], b"\\gexec");
    }
    let mut bench = Bench::new();
    bench.run(&script, AUTOCOMMIT).unwrap_err();
    assert_eq!(bench.progress(), ["1"], "the row of `\\gexec` says that all of it is done");
}

#[test]
fn what_gexec_runs_cannot_end_the_scripts_transaction() {
    let failure = Bench::new().run(&Script::new("select 'commit' \\gexec\n"), Mode::Transaction).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::TransactionEnded { .. }), "{failure}");
}

#[test]
fn gdesc_lists_columns_and_runs_nothing() {
    in_every_mode(
        "create table t (a int, \"b'\\c\" numeric(10,2)[], d timestamptz);\nselect *, 'x' from t \\gdesc\n\
         insert into t (a) values (1) \\gdesc\nselect \\gdesc\nselect count(*) from t;\n",
    );
    same_as_psql("select oops \\gdesc\nselect 1 \\gdesc\n");
}

#[test]
fn a_skipped_gset_is_asked_again_where_that_does_no_harm() {
    let mut bench = Bench::new();
    let script = Script::new("create table t (n int);\nselect 42 as n \\gset\ninsert into t values (:n);\n");
    bench.run(&Script::new("create table t (n int);"), Mode::Transaction).unwrap();
    bench.run(&script, Mode::Autocommit { resume_after: 2 }).unwrap();
    assert_eq!(bench.column("select n from t"), ["42"]);
    let script = Script::new("insert into t values (1) returning n \\gset\nselect :n;\n");
    let failure = bench.run(&script, Mode::Autocommit { resume_after: 1 }).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Meta(MetaError::NotAgain)), "{failure}");
}

#[test]
fn results_go_into_the_file_that_g_or_o_names() {
    let shown = same_as_psql(
        "select 1 as one \\g FILES/a\n\\echo `echo` shown\nselect 2 as two;\n\\o FILES/b\nselect 3 as three;\ncreate table t (n int);\n\\echo not in it\n\\qecho in it\n\
         insert into t values (4) returning n \\g FILES/c\ncopy t to stdout;\ncopy t to stdout \\g FILES/d\n\\o\nselect 5;\n\
         create table lines (f text, l text);\n\\copy lines (l) from FILES/a\n\\copy lines (l) from FILES/b\n\\copy lines (l) from FILES/c\n\\copy lines (l) from FILES/d\ntable lines;\n\
         select 6\n\\w FILES/w\n\\r\n\\copy lines (l) from FILES/w\nselect l from lines offset 10;\nselect 1 \\g /nowhere/x\n\\o /nowhere/x\n\\w\n"
            .replace("`echo` ", "").as_str(),
    );
    assert!(shown.out.contains("in it"), "{}", shown.out);
}
