//! `\copy`, against the real psql.

use dbctl::session::{FailureKind, MetaError, Mode};

use super::cluster::Cluster;
use super::script::{AUTOCOMMIT, Bench, Script, same_as_psql};

#[test]
fn rows_go_to_files_and_come_back() {
    same_as_psql(
        "create table t (a int, \"B c\" text);\ninsert into t values (1, 'one'), (2, E'two\\n');\n\\copy t to FILES/a\n\\copy t (a) to 'FILES/b' csv header\n\
         \\copy (select a, ')' from t where a in (1, 2)) to FILES/c (format csv, delimiter ';')\n\\copy public.t(a, \"B c\") from FILES/a\n\\copy t(a) from FILES/b with csv header\n\
         \\copy t to stdout\n\\copy t to pstdout\n\\copy t from stdin\n3\tthree\n\\.\n\\echo :ROW_COUNT\ntable t;\n\\copy t to FILES/bin binary\n\\copy binary t to FILES/bin2\n",
    );
}

#[test]
fn what_copy_says_wrongly_is_said_as_psql_says_it() {
    same_as_psql(
        "create table t (a int);\n\\copy\n\\copy t\n\\copy t into x\n\\copy t from\n\\copy t from FILES/missing\n\\copy t from program cat\n\\copy nowhere from stdin\n\
         \\copy t to FILES/x nonsense\n\\copy t from '/'\n\\copy t from stdin\nx\n\\.\n\\echo :ERROR :SQLSTATE\n\\echo on\n",
    );
}

#[test]
fn a_copied_file_counts_as_a_statement() {
    let file = Cluster::shared().directory().join("counted");
    std::fs::write(&file, "1\n2\n").unwrap();
    let script =
        Script::new(format!("create table t (a int);\n\\copy t from {}\nselect 1;\n", file.display()));
    for mode in [Mode::Transaction, AUTOCOMMIT] {
        let mut bench = Bench::new();
        assert_eq!(bench.run(&script, mode).unwrap().statements, 3);
        assert_eq!(bench.column("select a from t"), ["1", "2"]);
    }
    let mut bench = Bench::new();
    bench.run(&Script::new("create table t (a int);"), Mode::Transaction).unwrap();
    bench.run(&script, Mode::Autocommit { resume_after: 2 }).unwrap();
    assert_eq!(bench.column("select count(*) from t"), ["0"]);
}

#[test]
fn an_error_in_a_copied_file_points_at_the_command() {
    let file = Cluster::shared().directory().join("wrong");
    std::fs::write(&file, "1\nx\n").unwrap();
    let script = Script::new(format!("create table t (a int);\n  \\copy t from {}\n", file.display()));
    let failure = Bench::new().run(&script, Mode::Transaction).unwrap_err();
    assert_eq!((failure.position.line, failure.position.column), (2, 3), "{failure}");
    assert_eq!(failure.sqlstate(), Some("22P02"));
    assert_eq!(failure.statement, "COPY  t FROM STDIN ");
}

#[test]
fn no_program_runs_unless_it_may() {
    for text in [
        "\\copy (select 1) to program 'touch x'",
        "\\! touch x",
        "\\echo `touch x`",
        "\\o |touch x",
        "select 1 \\g |touch x",
        "select 1 \\w |touch x",
    ] {
        for mode in [Mode::Transaction, AUTOCOMMIT, Mode::Plain] {
            let script = Script::new(format!("\\set ON_ERROR_STOP on\n{text}\n"));
            let failure = Bench::new().run(&script, mode).unwrap_err();
            assert!(matches!(failure.kind, FailureKind::Meta(MetaError::Shell)), "{text}: {failure}");
        }
    }
}
