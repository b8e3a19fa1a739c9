//! Errors: their places, and what is left behind.

use dbctl::session::{FailureKind, MetaError, Mode, Outside, Phase, ScriptFailure};

use super::cluster::Cluster;
use super::script::{AUTOCOMMIT, Bench, Script};

const BOTH: [Mode; 2] = [Mode::Transaction, AUTOCOMMIT];

fn place(failure: &ScriptFailure) -> (&str, u64, u64) {
    (&failure.file, failure.position.line, failure.position.column)
}

#[test]
fn an_error_has_its_line_and_column_in_characters() {
    let script =
        Script::new("create table t (ä text);\n\ninsert into t values ('äöü€😀'), (nothing);\nselect 1;\n");
    for mode in BOTH {
        let mut bench = Bench::new();
        let failure = bench.run(&script, mode).unwrap_err();
        assert_eq!(place(&failure), ("t.sql", 3, 34), "{failure}");
        assert_eq!(failure.sqlstate(), Some("42703"));
        assert_eq!((failure.number, failure.finished), (2, 1));
        let excerpt = failure.excerpt.unwrap();
        assert_eq!(&excerpt.text[excerpt.marked], b"nothing");
    }
}

#[test]
fn an_error_without_a_position_is_at_the_statements_first_token() {
    let script = Script::new("select 1;\n  /* a\n comment */  -- more\n  select 1/0 as zero;\n");
    let failure = Bench::new().run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(place(&failure), ("t.sql", 4, 3));
    assert!(failure.statement.ends_with("select 1/0 as zero;"));
}

#[test]
fn a_place_behind_a_variable_is_the_scripts_own() {
    let script = Script::new("\\set long 'a_very_long_name'\nselect 1 as :long, missing;\n");
    let failure = Bench::new().run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(place(&failure), ("t.sql", 2, 20));
}

#[test]
fn a_failing_script_leaves_nothing_behind_and_the_session_goes_on() {
    let mut bench = Bench::new();
    let rows = "insert into t values (1);\n".repeat(5000);
    let script = Script::new(format!("create table t (n int);\n{rows}select oops;\n{rows}"));
    let failure = bench.run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(failure.position.line, 5002);
    assert_eq!(failure.finished, 5001);
    assert_eq!(failure.outside, Outside::Anything, "`select` may call anything");
    assert_eq!(bench.value("select count(*) from pg_class where relname = 't'"), "0");
    assert!(bench.done().is_empty());
    bench.run(&Script::new("create table t ();"), Mode::Transaction).unwrap();
    assert_eq!(bench.done(), ["1"]);
}

#[test]
fn what_was_under_way_behind_an_error_is_little_noise_in_the_servers_log() {
    let rows = "insert into refused values (1);\n".repeat(5000);
    let script = Script::new(format!("create table refused (n int);\n{rows}select oops;\n{rows}"));
    Bench::new().run(&script, Mode::Transaction).unwrap_err();
    let log = std::fs::read_to_string(Cluster::shared().directory().join("log")).unwrap();
    let refused = log.lines().filter(|line| line.contains("STATEMENT:  insert into refused"));
    assert!(log.contains("STATEMENT:  select oops") && refused.count() < 256);
}

#[test]
fn nothing_after_the_error_is_shown() {
    let script = Script::new(
        "select 'before';\nselect 1/0;\nselect 'after';\ndo $$ begin raise notice 'after'; end $$;",
    );
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut printer = dbctl::session::Printer::new(&mut out, &mut err);
    Bench::new().run_with(&script, Mode::Transaction, &mut printer).unwrap_err();
    printer.finish().unwrap();
    let shown = String::from_utf8(out).unwrap() + &String::from_utf8(err).unwrap();
    assert!(shown.contains("before") && !shown.contains("after"), "{shown}");
}

#[test]
fn an_end_of_the_transaction_is_refused_before_it_is_sent() {
    for end in ["commit", "END WORK", "rollback", "abort", "prepare transaction 'x'", "select 1 \\; commit"] {
        let mut bench = Bench::new();
        let script = Script::new(format!("create table t ();\n -- so far\n {end};\ncreate table u ();"));
        let failure = bench.run(&script, Mode::Transaction).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::TransactionEnded { .. }), "{end}: {failure}");
        assert_eq!(place(&failure), ("t.sql", 3, 2));
        assert_eq!(bench.value("select count(*) from pg_class where relname in ('t', 'u')"), "0");
    }
}

#[test]
fn savepoints_work_in_a_transaction() {
    let mut bench = Bench::new();
    let script = Script::new(
        "create table t (n int); savepoint a; insert into t values (1); rollback to a; release a; insert into t values (2);",
    );
    bench.run(&script, Mode::Transaction).unwrap();
    assert_eq!(bench.column("select n from t"), ["2"]);
}

#[test]
fn an_error_is_not_healed_by_a_rollback_to_a_savepoint_behind_it() {
    let mut bench = Bench::new();
    let script =
        Script::new("savepoint a; select 1/0; rollback to a; create sequence s; select nextval('s');");
    let failure = bench.run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(failure.sqlstate(), Some("22012"));
    assert_eq!(failure.finished, 1);
}

#[test]
fn what_only_fails_in_a_transaction_is_told_apart() {
    let cases = [
        ("create table t (); vacuum t;", "25001"),
        ("create type e as enum ('a'); alter type e add value 'b'; ", ""),
        ("create procedure p() language plpgsql as $$ begin commit; end $$; call p();", "2D000"),
    ];
    for (text, state) in cases {
        match Bench::new().run(&Script::new(text), Mode::Transaction) {
            Ok(_) => assert_eq!(state, ""),
            Err(failure) => {
                assert_eq!(failure.sqlstate(), Some(state));
                assert!(failure.suits_autocommit());
            }
        }
    }
    let failure = Bench::new().run(&Script::new("select 1/0"), Mode::Transaction).unwrap_err();
    assert!(!failure.suits_autocommit());
}

#[test]
fn ddl_alone_leaves_nothing_outside_its_transaction() {
    for (text, outside) in [
        ("create table t (); comment on table t is 'x'; vacuum t;", Outside::Nothing),
        (
            "create table t (n serial); insert into t default values; alter table x add y int;",
            Outside::Sequences,
        ),
        ("do $$ begin perform 1; end $$; alter table x add y int;", Outside::Anything),
    ] {
        let failure = Bench::new().run(&Script::new(text), Mode::Transaction).unwrap_err();
        assert_eq!(failure.outside, outside, "{text}");
    }
}

#[test]
fn a_deferred_constraint_that_fails_at_commit_belongs_to_the_bookkeeping() {
    let mut bench = Bench::new();
    let script = Script::new(
        "create table t (n int primary key deferrable initially deferred); insert into t values (1), (1);",
    );
    let failure = bench.run(&script, Mode::Transaction).unwrap_err();
    assert_eq!((failure.phase, failure.sqlstate()), (Phase::Bookkeeping, Some("23505")));
    assert!(!failure.suits_autocommit());
    assert!(bench.done().is_empty());
}

#[test]
fn an_error_in_an_included_file_is_placed_there() {
    let script = Script::new("select 1;\n\\ir sub/a.sql\n")
        .file("sub/a.sql", "\\ir b.sql\n")
        .file("sub/b.sql", "select 1;\n\n select 'ü', oops;\n");
    let failure = Bench::new().run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(place(&failure), ("sub/b.sql", 3, 14));
}

#[test]
fn a_wrong_meta_command_has_a_place_and_nothing_of_the_script_stays() {
    let cases = [
        ("\\nonsense\n", 2, 1),
        ("select 1 \\gset\n", 2, 10),
        ("\\if true\nselect 1;\n", 2, 1),
        ("\\else\n", 2, 1),
        ("\\if false\n\\nonsense\n\\endif\n", 3, 1),
        ("\\set x `date`\n", 2, 1),
        ("\\echo 'open\n", 2, 1),
        ("\\restrict key\n\\echo x\n", 3, 1),
        ("select 1;\n  \\i missing.sql\n", 3, 3),
        ("\\set ON_ERROR_STOP off\n", 2, 1),
    ];
    for (text, line, column) in cases {
        let mut bench = Bench::new();
        let failure =
            bench.run(&Script::new(format!("create table t ();\n{text}")), Mode::Transaction).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Meta(_)), "{text}: {failure}");
        assert_eq!((failure.position.line, failure.position.column), (line, column), "{text}");
        assert!(bench.done().is_empty());
    }
    let failure = Bench::new().run(&Script::new("\\i missing.sql"), Mode::Transaction).unwrap_err();
    assert!(
        matches!(&failure.kind, FailureKind::Meta(MetaError::Include { name, .. }) if name == "missing.sql")
    );
}

#[test]
fn a_script_that_ends_inside_its_own_transaction_fails_at_its_begin() {
    let mut bench = Bench::new();
    let script = Script::new("create table t ();\n  begin;\ncreate table u ();\n");
    let failure = bench.run(&script, AUTOCOMMIT).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::OpenTransaction), "{failure}");
    assert_eq!(place(&failure), ("t.sql", 2, 3));
    assert_eq!(bench.column("select relname from pg_class where relname in ('t', 'u')"), ["t"]);
    assert_eq!(bench.progress(), ["1"]);
}

#[test]
fn an_internal_query_is_kept_with_its_position() {
    let script = Script::new("do $$ begin execute 'select nothing'; end $$;");
    let failure = Bench::new().run(&script, Mode::Transaction).unwrap_err();
    let FailureKind::Server(message) = &failure.kind else { panic!("{failure}") };
    assert_eq!(message.internal_query().as_deref(), Some("select nothing"));
    assert_eq!(message.internal_position(), Some(8));
    assert!(message.context().unwrap().contains("PL/pgSQL"));
    assert_eq!(place(&failure), ("t.sql", 1, 29));
}

#[test]
fn an_error_in_a_body_is_placed_at_the_bodys_line_in_the_file() {
    let cases = [
        // PL/pgSQL compiles the block before it runs it: the server gives the place itself.
        ("select 1;\n\ndo $$\nbegin\n  nonsense;\nend $$;\n", 5, 3),
        ("do $$\ndeclare n int;\nbegin\n  n := 1;\n  insert into nowhere values (n);\nend $$;", 5, 15),
        ("do language 'plpgsql' $x$begin\n\n  raise exception 'no';\nend $x$;", 3, 3),
        ("do $$ begin\n  perform 1,\n    'ä', oops;\nend $$;", 3, 10),
        ("do 'begin\n  perform ''a'', oops;\nend';", 2, 3),
        ("do $$ begin\n  execute 'select oops';\nend $$;", 2, 19),
        ("do $$ begin\n  execute 'select ' || 'oops';\nend $$;", 2, 3),
        ("do $$ begin\n  if 1 > oops then null; end if;\nend $$;", 2, 10),
        ("do $$ begin\n  null;\n  execute 'do $x$ begin perform 1/0; end $x$';\nend $$;", 3, 3),
        ("create function f() returns int language plpgsql as $$\nbegin\n  return 1\nend $$;", 4, 5),
        ("create function f() returns int language plpgsql as $$\nbegin\n  x := 1;\nend $$;", 3, 3),
        ("create function f() returns int language sql as $$\n  select 1;\n  select oops\n$$;", 3, 10),
        ("create function f() returns int begin atomic\n  select oops;\nend;", 2, 10),
    ];
    for (text, line, column) in cases {
        for mode in BOTH {
            let failure = Bench::new().run(&Script::new(text), mode).unwrap_err();
            assert_eq!(place(&failure), ("t.sql", line, column), "{text}\n{failure}");
        }
    }
}

#[test]
fn an_error_in_a_routine_of_the_script_that_runs_later_has_its_line_too() {
    let text = "create schema s;\ncreate or replace function s.\"F\"(n int) returns int language plpgsql as $$\nbegin\n  \
                if n = 0 then\n    raise exception 'nothing left';\n  end if;\n  return s.\"F\"(n - 1);\nend $$;\n\
                create procedure p() language plpgsql as $$begin perform s.\"F\"(2); end$$;\ncall p();\n";
    let failure = Bench::new().run(&Script::new(text), Mode::Transaction).unwrap_err();
    assert_eq!(place(&failure).1, 10);
    let routine = failure.routine.unwrap();
    assert_eq!((routine.name.as_str(), routine.file.as_str(), routine.line), ("s.\"F\"", "t.sql", 5));
}

#[test]
fn an_error_in_what_a_block_calls_is_placed_where_the_block_calls_it() {
    let script = Script::new(
        "create function f() returns int language plpgsql as $$\nbegin\n  return 1/0;\nend $$;\n\
         do $$\nbegin\n  null;\n  perform f();\nend $$;\n",
    );
    let failure = Bench::new().run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(place(&failure), ("t.sql", 8, 3));
    let excerpt = failure.excerpt.unwrap();
    assert_eq!(String::from_utf8_lossy(&excerpt.text), "  perform f();");
}

#[test]
fn an_error_in_another_encoding_is_placed_by_characters_too() {
    let mut text = b"set client_encoding = latin1;\nselect '".to_vec();
    text.extend_from_slice(b"\xe4\xf6\xfc', oops;\n");
    let failure = Bench::new().run(&Script::new(text), Mode::Transaction).unwrap_err();
    assert_eq!(place(&failure), ("t.sql", 2, 15));
}
