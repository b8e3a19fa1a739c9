//! What surveys find.

use super::*;
use crate::sql::statement::Kind;

fn of(script: &str) -> Survey {
    survey(script.as_bytes()).expect("memory can be read")
}

fn reason(script: &str) -> Option<(String, u64, u64)> {
    match of(script).wants {
        Wants::Transaction => None,
        Wants::Autocommit { reason, position } => Some((reason.to_string(), position.line, position.column)),
    }
}

#[test]
fn an_ordinary_script_wants_a_transaction() {
    let survey = of("-- head\ncreate table t (a int);\nsavepoint a;\ninsert into t values (1), (2)\n");
    assert_eq!((survey.statements, &survey.wants, survey.inside), (3, &Wants::Transaction, None));
}

#[test]
fn the_first_reason_for_autocommit_is_kept_with_its_place() {
    let alone = reason("select 1;\n/* ä */ select 2; /* ö */ create index concurrently i on t (a);\nvacuum;");
    assert_eq!(alone.expect("autocommit").1, 2);
    let own = reason("/* ö\n */ begin;\ncommit;").expect("autocommit");
    assert_eq!(own, ("`BEGIN`: the script controls transactions itself".to_owned(), 2, 5));
    assert!(reason("do $$begin perform 1; end$$; select 'vacuum;'; -- vacuum;").is_none());
}

#[test]
fn copy_data_is_not_read_as_statements() {
    let survey =
        of("copy t from stdin; select 1;\nbegin;\n'\n\\.\nselect 2;\n\\copy t from stdin\nvacuum;\n");
    assert_eq!((survey.statements, survey.wants, survey.inside), (4, Wants::Transaction, None));
}

#[test]
fn meta_commands_are_listed_and_includes_found() {
    let survey = of("\\i a.sql\nselect 1 \\ir 'b c.sql'\n;\\i :file\n\\d t\nselect 2 \\gset\n");
    let names: Vec<&str> = survey.commands.iter().map(|used| used.name.as_str()).collect();
    assert_eq!(names, ["i", "ir", "d", "gset"], "each once");
    let files: Vec<_> = survey.includes.iter().map(|include| include.file.as_deref()).collect();
    assert_eq!(files, [Some(b"a.sql".as_slice()), Some(b"b c.sql"), None]);
    let unspoken = survey.first_unspoken().expect("\\d is not spoken");
    assert_eq!((unspoken.name.as_str(), unspoken.position.line, unspoken.position.column), ("d", 4, 1));
    assert_eq!(survey.statements, 2);
}

fn malformed(script: &str) -> Option<(MalformedError, u64, u64)> {
    of(script).malformed.map(|found| (found.error, found.position.line, found.position.column))
}

#[test]
fn what_psql_would_refuse_is_found_with_its_place() {
    let unknown = MalformedError::Unknown("nonsense".to_owned());
    assert_eq!(malformed("select 1;\n \\nonsense x\n"), Some((unknown, 2, 2)));
    assert_eq!(malformed("\\echo 'open\n"), Some((MalformedError::UnterminatedQuote, 1, 1)));
    assert_eq!(malformed("\n\\else\n"), Some((MalformedError::NoIf("else".to_owned()), 2, 1)));
    assert_eq!(malformed("\\if true\n\\if x\n\\endif\n"), Some((MalformedError::UnclosedIf, 1, 1)));
    assert_eq!(malformed("\\i\n"), Some((MalformedError::MissingArgument("i".to_owned()), 1, 1)));
    assert_eq!(malformed("\\dt+ x*\n\\l\n\\if 1\n\\elif 0\n\\else\n\\endif\nselect 1 \\gexec\n"), None);
}

#[test]
fn a_command_that_runs_a_program_is_told_apart() {
    for script in [
        "\\! ls",
        "\\set x `date`",
        "select 1 \\g | cat",
        "select 1 \\g (format=csv) |cat",
        "\\o |cat",
        "\\o '|file'",
        "\\copy t from program 'ls'",
        "\\copy (select 1) TO PROGRAM 'cat'",
        "\\if `true`\n\\endif",
    ] {
        assert!(of(script).first_program().is_some(), "{script}");
    }
    for script in
        ["\\o 'file'", "\\echo '`date`' |", "\\copy (select program from to) to stdout", "\\g program"]
    {
        assert_eq!(of(script).first_program(), None, "{script}");
    }
}

#[test]
fn variables_that_change_what_an_error_does_want_autocommit() {
    for (script, name) in [
        ("\\set AUTOCOMMIT off", "AUTOCOMMIT"),
        ("\\unset AUTOCOMMIT", "AUTOCOMMIT"),
        ("\\set ON_ERROR_STOP :maybe", "ON_ERROR_STOP"),
        ("\\set ON_ERROR_ROLLBACK on", "ON_ERROR_ROLLBACK"),
    ] {
        let (why, ..) = reason(script).expect(script);
        assert!(why.contains(name), "{why}");
    }
    for script in [
        "\\set AUTOCOMMIT on",
        "\\set ON_ERROR_STOP",
        "\\set ON_ERROR_ROLLBACK off",
        "\\unset ON_ERROR_ROLLBACK",
    ] {
        assert_eq!(reason(script), None, "{script}");
    }
}

#[test]
fn what_is_left_open_is_told_with_its_place() {
    let quote = of("select 1;\nselect 'open\n;").inside.expect("open");
    assert_eq!((quote.0, quote.1.line, quote.1.column), (Inside::Quote, 2, 8));
    let paren = of("select 1, (2, (3;\n").inside.expect("open");
    assert_eq!((paren.0, paren.1.column), (Inside::Parentheses, 11));
    let comment = of("select 1; /* x").inside.expect("open");
    assert_eq!((comment.0, comment.1.column), (Inside::Comment, 11));
    assert_eq!(of("begin;\nselect 1;").open_transaction.map(|at| at.line), Some(1));
    assert_eq!(of("begin;\ncommit and chain;").open_transaction.map(|at| at.line), Some(1));
    assert_eq!(of("begin;\nrollback;").open_transaction, None);
}

#[test]
fn the_token_hash_sees_changes_but_not_comments() {
    let hash = |script: &str| of(script).token_hash;
    let plain = hash("select 1, 'a  b'; copy t from stdin;\n1\n\\.\n");
    let commented = "-- c\n\n/* d */ select 1,\n 'a  b' -- e\n; copy t from stdin;\n1\n\\.\n";
    assert_eq!(plain, hash(commented));
    assert_ne!(plain, hash("select 1, 'a b'; copy t from stdin;\n1\n\\.\n"));
    assert_ne!(plain, hash("select 1, 'a  b'; copy t from stdin;\n2\n\\.\n"));
    assert_ne!(hash("select 1; select 2"), hash("select 1 select 2"));
    assert_eq!(hash("select 1"), hash("select 1;"));
}

fn counted(script: &str) -> (u64, bool) {
    let survey = of(script);
    (survey.statements, survey.is_counted)
}

#[test]
fn whatever_the_session_numbers_is_counted() {
    for (script, count) in [
        ("select 1 \\g\n\\g\n\\gx\n", 3),
        ("\\g\n", 1),
        ("select 1; \\gset\n\\gexec\n\\gdesc\n\\crosstabview\n", 5),
        ("\\copy t from 'f'\n\\copy t to stdout\nselect 1;", 3),
        ("select 1 \\watch i=0 c=3\nselect 2;", 4),
        ("select 1 \\bind 1 \\g\n;\n", 2),
        ("copy t from stdin \\g\n1\n\\.\n\\g\nselect 2;\n\\.\nselect 3;", 3),
        ("select 1 \\r\nselect 2;\n\\lo_unlink 1\n\\q\nselect 3;", 1),
        ("\\set SINGLELINE\nselect 1\nselect 2\n", 2),
    ] {
        assert_eq!(counted(script), (count, true), "{script}");
    }
    assert_eq!(counted("select 1 \\watch 1\n"), (1, false));
}

#[test]
fn of_a_branch_that_is_never_taken_nothing_counts() {
    for dead in [
        "\\if false\nBODY\n\\endif\n",
        "\\if 0\nBODY\n\\elif no\nBODY\n\\else\n\\endif\n",
        "\\if true\n\\elif :x\nBODY\n\\else\nBODY\n\\endif\n",
        "\\if neither\n\\if true\nBODY\n\\endif\nBODY\n\\endif\n",
    ] {
        for body in ["vacuum;", "\\d t", "\\! ls", "\\set x `date`", "\\i 'a", "\\copy", "\\q", "\\i a.sql"] {
            let script = format!("{}select 1;", dead.replace("BODY", body));
            let survey = of(&script);
            assert_eq!((survey.statements, survey.is_counted), (1, true), "{script}");
            assert_eq!(
                (survey.wants.clone(), survey.malformed.clone()),
                (Wants::Transaction, None),
                "{script}"
            );
            assert_eq!((survey.first_unspoken(), survey.first_program()), (None, None), "{script}");
            assert!(survey.includes.is_empty(), "{script}");
        }
    }
    assert_eq!(
        of("\\if false\nvacuum;\n").malformed.map(|found| found.error),
        Some(MalformedError::UnclosedIf)
    );
    assert_eq!(malformed("\\if false\n\\nonsense\n\\endif\n").map(|(.., line, _)| line), Some(2));
    assert_eq!(malformed("\\if 0\n\\else\n\\elif 1\n\\endif").map(|(.., line, _)| line), Some(3));
}

#[test]
fn a_branch_that_is_always_taken_is_as_good_as_none() {
    assert_eq!(counted("\\if 1\nselect 1;\n\\else\nselect 2;\nselect 3;\n\\endif\n"), (1, true));
    assert_eq!(counted("select \\if 1 \\\\ 1 \\else \\\\ 2; \\endif \\\\ + 3;\nselect 4;"), (2, true));
    assert_eq!(counted("\\if yes\nselect 1\n\\q\n\\endif\nselect 2;"), (1, true));
    assert_eq!(malformed("\\if yes\n\\q\n"), None);
}

#[test]
fn a_branch_on_which_a_variable_decides_counts_in_doubt() {
    for condition in [":x", ":{?x}", "'a':x", "`true`", ":\"x\""] {
        let script =
            format!("\\if {condition}\nselect 1;\n\\elif false\n\\l\n\\else\nvacuum;\n\\d t\n\\endif\n");
        let survey = of(&script);
        assert_eq!((survey.statements, survey.is_counted), (2, false), "{script}");
        assert!(matches!(survey.wants, Wants::Autocommit { .. }), "{script}");
        assert_eq!(survey.first_unspoken().map(|used| used.name.as_str()), Some("d"), "{script}");
    }
    assert_eq!(counted("\\if :x\n\\echo\n\\endif\nselect 1;"), (1, true));
}

#[test]
fn a_statements_kinds_are_told_only_where_its_number_is_certain() {
    let kinds = |script: &str, number| kinds_of(script.as_bytes(), number).expect("memory can be read");
    let vacuum = [Kind::Alone(Alone::Vacuum)];
    assert_eq!(kinds("\\copy t from 'f'\nselect 1 \\g\n\\g\nvacuum;", 4), vacuum);
    assert_eq!(kinds("\\if 0\nselect 1;\n\\endif\nvacuum \\g\n\\g\n", 2), vacuum);
    assert_eq!(kinds("\\if :x\nselect 1;\n\\endif\nvacuum;", 2), []);
    assert_eq!(kinds("\\i :file\nvacuum;", 1), []);
}

#[test]
fn an_include_says_what_comes_before_it() {
    let survey = of("select 1;\n\\i a\n\\copy t from b\n\\if :x\n\\ir b\n\\endif\n");
    let found: Vec<_> = survey.includes.iter().map(|include| (include.after, include.is_certain)).collect();
    assert_eq!(found, [(1, true), (2, false)]);
    assert!(of("\\i :file\n").outlives_reset && !of("\\i file\n").outlives_reset);
}
