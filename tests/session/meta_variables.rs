//! The variables that psql itself obeys, against the real psql.

use dbctl::session::{FailureKind, MetaError, Mode};

use super::script::{AUTOCOMMIT, Bench, Script, same_as_psql};

#[test]
fn wrong_values_are_refused_in_psqls_words() {
    same_as_psql(
        "\\set ECHO bogus\n\\set ECHO_HIDDEN x\n\\set ON_ERROR_ROLLBACK x\n\\set VERBOSITY loud\n\\set SHOW_CONTEXT x\n\
         \\set AUTOCOMMIT x\n\\set FETCH_COUNT x\n\\set HISTSIZE 1x\n\\set COMP_KEYWORD_CASE x\n\\set HISTCONTROL x\n\\set QUIET maybe\n\
         \\set 'a b' c\n\\unset 'a b'\n\\unset\n\\echo :ECHO :ECHO_HIDDEN :VERBOSITY :AUTOCOMMIT :FETCH_COUNT\n",
    );
}

#[test]
fn special_variables_keep_a_value_when_they_are_unset() {
    same_as_psql(
        "\\set ECHO\n\\set AUTOCOMMIT\n\\unset VERBOSITY\n\\unset SHOW_CONTEXT\n\\unset QUIET\n\\unset FETCH_COUNT\n\\unset ON_ERROR_ROLLBACK\n\\unset SHOW_ALL_RESULTS\n\
         \\unset HISTSIZE\n\\unset ECHO\n\\set SINGLELINE\n\\unset SINGLELINE\n\
         \\echo :AUTOCOMMIT :VERBOSITY :SHOW_CONTEXT :QUIET :FETCH_COUNT :ON_ERROR_ROLLBACK :SHOW_ALL_RESULTS :HISTSIZE :ECHO :SINGLELINE\n",
    );
}

#[test]
fn the_script_is_echoed_as_psql_does() {
    same_as_psql(
        "\\set ECHO all\n\nselect 1;\n\n-- comment\nselect 2\n as two; select 3;\n\\set ECHO queries\nselect 4;\n\\set x 5\nselect :x \\gdesc\nselect 6\\; select 7;\n\
         \\set ECHO errors\nselect 1/0;\nselect 8;\n\\set ECHO none\nselect 1/0;\n",
    );
}

#[test]
fn errors_are_shown_and_carried_over() {
    let shown = same_as_psql(
        "create table t (n int);\ninsert into t values (1);\nselect 1/0;\n\\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE\n\
         insert into t values (2), (3);\n\\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE\n\
         begin; insert into t values (4); insert into t values (5/0); insert into t values (6); commit;\n\
         begin; insert into t values (7); commit;\n\\foo\n\\i missing.sql\n\\if\n\\endif\n\\else\n\\echo last\nselect 1 \\; select 1/0 \\; select 2;\ntable t;\n",
    );
    assert_eq!(shown.status, 0);
}

#[test]
fn the_first_error_ends_a_script_that_stops() {
    for text in [
        "select 1;\nselect 1/0;\nselect 2;\n",
        "begin;\nselect 1;\nselect 1/0;\nselect 2;\ncommit;\n",
        "\\foo\nselect 1;",
        "\\if true\nselect 1;\n",
    ] {
        let shown = same_as_psql(&format!("\\set ON_ERROR_STOP on\n{text}"));
        assert_eq!(shown.status, 3);
    }
}

#[test]
fn without_autocommit_statements_wait_for_a_commit() {
    same_as_psql(
        "\\set AUTOCOMMIT off\ncreate table t (n int);\ninsert into t values (1);\ncommit;\ninsert into t values (2);\nrollback;\n\
         insert into t values (3);\n\\set AUTOCOMMIT on\ninsert into t values (4);\ncommit;\n\\set AUTOCOMMIT off\nvacuum;\nselect 1 as one;\nvacuum;\nrollback;\ninsert into t values (5);\n",
    );
}

#[test]
fn an_error_may_undo_its_statement_only() {
    same_as_psql(
        "\\set ON_ERROR_ROLLBACK on\ncreate table t (n int);\nbegin;\ninsert into t values (1);\ninsert into t values (1/0);\n\
         insert into t values (2);\nsavepoint a;\ninsert into t values (3);\nrollback to a;\nrelease a;\ninsert into t values (4);\ncommit;\n\
         begin; insert into t values (5); commit and chain; insert into t values (6); rollback;\n\\set ON_ERROR_ROLLBACK interactive\nbegin; select 1/0; select 1; commit;\n",
    );
}

#[test]
fn quiet_hides_tags_and_confirmations() {
    same_as_psql(
        "\\set QUIET on\ncreate table t (n int);\ninsert into t values (1) returning n;\n\\timing on\n\\timing off\nselect 1;\n\\r\n\\set QUIET off\ninsert into t values (2);\n",
    );
}

#[test]
fn of_several_results_only_the_last_may_be_shown() {
    same_as_psql(
        "\\set SHOW_ALL_RESULTS off\nselect 1 \\; select 2;\nselect 3;\ncreate table t () \\; select 4 \\; create table u ();\nselect 5 \\; select 1/0;\n\\set SHOW_ALL_RESULTS on\nselect 6 \\; select 7;\n",
    );
}

#[test]
fn a_line_may_be_a_statement() {
    same_as_psql("\\set SINGLELINE on\nselect 1\nselect 2\n\\set SINGLELINE off\nselect 3\n;\n");
}

#[test]
fn a_recorded_script_may_go_on_after_errors() {
    let mut bench = Bench::new();
    let script = Script::new(
        "\\set ON_ERROR_STOP off\ncreate table t (n int);\ninsert into t values (1/0);\ninsert into t values (1);\nvacuum t;\n\
         begin;\ninsert into t values (2);\nselect oops;\ncommit;\ninsert into t values (3);\n\\nonsense\n",
    );
    let ran = bench.run(&script, AUTOCOMMIT).unwrap();
    assert_eq!((ran.statements, ran.failures), (9, 3));
    assert_eq!(bench.column("select n from t"), ["1", "3"]);
    assert_eq!(bench.progress(), ["1", "2", "3", "4", "8", "9"]);
}

#[test]
fn a_recorded_script_may_begin_its_transactions_by_itself() {
    let mut bench = Bench::new();
    let script = Script::new(
        "\\set AUTOCOMMIT off\ncreate table t (n int);\ninsert into t values (1);\ncommit;\ninsert into t values (2);\nrollback;\nvacuum t;\n",
    );
    bench.run(&script, AUTOCOMMIT).unwrap();
    assert_eq!(bench.column("select n from t"), ["1"]);
    assert_eq!(bench.progress(), ["3", "5", "6"]);
    let script = Script::new("\\set AUTOCOMMIT off\ninsert into t values (4);\n");
    let failure = bench.run(&script, AUTOCOMMIT).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::OpenTransaction), "{failure}");
    assert_eq!(failure.position.line, 2);
}

#[test]
fn one_transaction_neither_ends_nor_goes_on_after_an_error() {
    for text in [
        "\\set AUTOCOMMIT off",
        "\\set ON_ERROR_STOP off",
        "\\unset ON_ERROR_STOP",
        "\\set ON_ERROR_ROLLBACK on",
    ] {
        let failure = Bench::new().run(&Script::new(text), Mode::Transaction).unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Meta(MetaError::FixedVariable { .. })),
            "{text}: {failure}"
        );
    }
    Bench::new().run(&Script::new("\\set ON_ERROR_STOP 1\n\\set AUTOCOMMIT on"), Mode::Transaction).unwrap();
}
