//! Scripts that succeed: modes, progress, variables, branches, includes.

use dbctl::session::{Mode, Next, Silent, TransactionStatus};

use super::script::{AUTOCOMMIT, Bench, Ledger, Script, psql_shows};

#[test]
fn a_script_and_its_row_are_one_transaction() {
    let mut bench = Bench::new();
    let ran = bench.run(&Script::new("create table t (); select 1; ;\nselect 2"), Mode::Transaction).unwrap();
    assert_eq!(ran.statements, 4);
    assert_eq!(ran.bookkeeping, ["BEGIN", "INSERT 0 1", "COMMIT"]);
    assert_eq!(bench.done(), ["4"]);
}

#[test]
fn each_statement_commits_with_its_progress() {
    let mut bench = Bench::new();
    let script = Script::new(
        "create table t (n int);\ninsert into t values (1);\nvacuum t;\ncreate index concurrently on t (n);\nselect 1/0;\nselect 2;",
    );
    let failure = bench.run(&script, AUTOCOMMIT).unwrap_err();
    assert_eq!((failure.number, failure.finished), (5, 4));
    assert_eq!(bench.progress(), ["1", "2", "3", "4"]);
    assert_eq!(bench.column("select n from t"), ["1"]);
}

#[test]
fn inside_the_scripts_own_transaction_the_row_goes_before_its_end() {
    let mut bench = Bench::new();
    let script = Script::new(
        "create table t (n int);\nbegin;\ninsert into t values (1);\ninsert into t values (2);\ncommit;\n\
         begin; insert into t values (3); rollback;\n\
         begin; insert into t values (4); commit and chain; insert into t values (5); end;\n\
         begin; insert into t values (6); prepare transaction 'p1'; rollback prepared 'p1';\n",
    );
    bench.run(&script, AUTOCOMMIT).unwrap();
    assert_eq!(bench.column("select n from t order by n"), ["1", "2", "4", "5"]);
    // The row of PREPARE TRANSACTION went with it.
    assert_eq!(bench.progress(), ["1", "5", "8", "11", "13", "17"]);
}

#[test]
fn a_failure_inside_the_scripts_own_transaction_takes_its_progress_along() {
    let mut bench = Bench::new();
    let script =
        Script::new("create table t (n int);\nbegin;\ninsert into t values (1);\nselect 1/0;\ncommit;");
    bench.run(&script, AUTOCOMMIT).unwrap_err();
    assert_eq!(bench.progress(), ["1"]);
    assert!(bench.column("select n from t").is_empty());
}

#[test]
fn a_procedure_that_commits_runs_as_it_is() {
    let mut bench = Bench::new();
    let script = Script::new(
        "create table t (n int);\ncreate procedure p() language plpgsql as $$ begin insert into t values (1); commit; insert into t values (2); end $$;\ncall p();\ndo $$ begin insert into t values (3); commit; end $$;",
    );
    bench.run(&script, AUTOCOMMIT).unwrap();
    assert_eq!(bench.column("select n from t"), ["1", "2", "3"]);
    assert_eq!(bench.progress(), ["1", "2", "3", "4"]);
}

#[test]
fn statements_that_need_a_transaction_fail_outside_as_in_psql() {
    for text in ["create table t (); lock table t;", "savepoint a;", "declare c cursor for select 1;"] {
        let failure = Bench::new().run(&Script::new(text), AUTOCOMMIT).unwrap_err();
        assert_eq!(failure.sqlstate(), Some("25P01"), "{text}");
    }
}

#[test]
fn a_resumed_script_leaves_out_what_ran_but_not_its_settings() {
    let mut bench = Bench::new();
    let script = Script::new(
        "\\set who 'me'\nset search_path = s;\ncreate schema s;\ncreate table t (n int, w text);\n\
         copy t from stdin;\n1\tcopied\n\\.\nbegin; set local work_mem = '1MB'; select pg_catalog.set_config('s.x', 'kept', false); commit;\n\
         insert into t values (2, :'who' || current_setting('s.x'));\n",
    );
    bench.run(&Script::new("create schema s; create table s.t (n int, w text);"), Mode::Transaction).unwrap();
    bench.run(&script, Mode::Autocommit { resume_after: 8 }).unwrap();
    assert_eq!(bench.column("select n || w from s.t"), ["2mekept"]);
    assert_eq!(bench.progress(), ["9"]);
}

#[test]
fn meta_commands_do_what_psql_does() {
    let script = Script::new(
        "\\set x 'a b'\n\\set y :x c\n\\set empty\n\\echo :x :y 'quo''ted' \"double\" :undefined\n\\echo -n no newline\n\\echo\n\
         \\qecho to query out\n\\warn to stderr\nselect :'x' as x, :{?x} as is_set, :{?nope} as not_set;\n\\unset x\nselect :{?x} as is_set;\n\
         \\if true\n\\echo yes\n\\elif true\n\\echo no\n\\else\n\\echo no\n\\endif\n\
         \\if false\nselect 1/0;\n\\gset\n\\dt+\n\\elif 1\n\\echo elif\n\\endif\n\
         \\if off\n\\if on\n\\echo no\n\\endif\n\\else\n\\echo else\n\\endif\n\
         \\if maybe\n\\echo no\n\\endif\n\
         select\n\\if true\n1 as one\n\\else\n2 as two\n\\endif\n;\n\
         select 1\n\\p\n\\r\nselect 5 as five;\n\\p\n\\ir sub/a.sql\n\\i sub/b.sql\n\\echo back\n\
         select generate_series(1, 3);\n\\echo :ROW_COUNT rows :ERROR :SQLSTATE\n\\encoding\n\\encoding latin1\n\\encoding\n\
         \\restrict key\nselect 6;\n\\unrestrict key\n\\echo one \\\\ \\echo two\n\\echo :DBNAME_ :USER :HOST_ :ENCODING :AUTOCOMMIT :ON_ERROR_STOP :VERBOSITY :SERVER_VERSION_NUM :SERVER_VERSION_NAME :LAST_ERROR_SQLSTATE :LASTOID :QUIET :ECHO\n",
    )
    .file("sub/a.sql", "\\echo in a\n\\ir b.sql\n\\q\n\\echo never\n")
    .file("sub/b.sql", "select 'in b';\ndo $$ begin raise notice 'from b'; end $$;");
    let expected = psql_shows(&script);
    for mode in [Mode::Transaction, AUTOCOMMIT] {
        let shown = Bench::new().shown(&script, mode);
        for (ours, psqls) in
            shown.0.lines().zip(expected.0.lines()).chain(shown.1.lines().zip(expected.1.lines()))
        {
            assert_eq!(ours, psqls);
        }
        assert_eq!(shown, expected);
    }
}

#[test]
fn a_change_of_string_syntax_or_encoding_reaches_the_lexer() {
    let mut bench = Bench::new();
    let mut text = b"create table t (v text);\nset standard_conforming_strings = off;\ninsert into t values ('it\\'s; one');\nset standard_conforming_strings = on;\ninsert into t values ('two\\');\nset client_encoding = 'latin1';\ninsert into t values ('".to_vec();
    text.extend_from_slice(b"\xe4');\nreset client_encoding;\ninsert into t values ('\xc3\xa4');");
    bench.run(&Script::new(text), Mode::Transaction).unwrap();
    assert_eq!(bench.column("select v from t"), ["it's; one", "two\\", "ä", "ä"]);
}

#[test]
fn a_reset_session_knows_nothing_of_the_last_script() {
    let mut bench = Bench::new();
    let script = Script::new("create temp table t (); prepare p as select 1; set work_mem = '1MB';");
    bench.run(&script, Mode::Transaction).unwrap();
    let failure = bench.run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(failure.sqlstate(), Some("42P07"));
    bench.session.reset();
    assert_ne!(bench.value("show work_mem"), "1MB");
    bench.run(&script, Mode::Transaction).unwrap();
}

#[test]
fn a_transaction_begun_ahead_is_clean_and_the_next_scripts_own() {
    let mut bench = Bench::new();
    let mut first = Script::new("create table t (n int); create temp table gone (); set work_mem = '1MB';");
    let run =
        bench.session.run_before(Next::Transaction, &mut first, Mode::Transaction, &mut Ledger, &mut Silent);
    assert_eq!(run.unwrap().bookkeeping.last().unwrap(), "BEGIN");
    assert_eq!(bench.session.status(), TransactionStatus::InTransaction);
    let second = Script::new(
        "insert into t select 1 where to_regclass('gone') is null and current_setting('work_mem') <> '1MB';",
    );
    bench.run(&second, Mode::Transaction).unwrap();
    assert_eq!(bench.column("select n from t"), ["1"]);
    assert_eq!(bench.done().len(), 2);
}

#[test]
fn a_transaction_begun_ahead_is_in_nobodys_way() {
    let mut bench = Bench::new();
    for mode in [Mode::Transaction, AUTOCOMMIT] {
        let mut first = Script::new("select 1;");
        bench
            .session
            .run_before(Next::Transaction, &mut first, Mode::Transaction, &mut Ledger, &mut Silent)
            .unwrap();
        bench.run(&Script::new("create table t (n int); drop table t;"), mode).unwrap();
        assert_eq!(bench.session.status(), TransactionStatus::Idle);
    }
    let mut failing = Script::new(
        "create table u (n int unique deferrable initially deferred); insert into u values (1), (1);",
    );
    bench
        .session
        .run_before(Next::Transaction, &mut failing, Mode::Transaction, &mut Ledger, &mut Silent)
        .unwrap_err();
    assert_eq!(bench.session.status(), TransactionStatus::Idle);
    assert_eq!(bench.value("select count(*) from pg_class where relname = 'u'"), "0");
}
