//! Environment, time, large objects, against the real psql.

use dbctl::session::Mode;

use super::script::{AUTOCOMMIT, Bench, Script, same_as_psql};

#[test]
fn the_environment_is_read_and_written() {
    same_as_psql(
        "\\getenv home PATH_THAT_IS_NOT_SET\n\\echo :{?home}\n\\setenv DBCTL_X 'a b'\n\\getenv x DBCTL_X\n\\echo :x\n\\setenv DBCTL_X\n\\unset x\n\\getenv x DBCTL_X\n\\echo :{?x}\n\
         \\setenv A=B c\n\\getenv x\n\\setenv\n\\getenv\n",
    );
}

#[test]
fn times_are_shown() {
    let mut bench = Bench::new();
    let shown =
        bench.plain(&Script::new("\\timing\nselect 1;\n\\timing off\n\\timing on\nselect pg_sleep(1.01);\n"));
    let times: Vec<&str> = shown.out.lines().filter(|line| line.starts_with("Time: ")).collect();
    assert_eq!(times.len(), 2, "{}", shown.out);
    assert!(times[0].ends_with(" ms") && times[1].contains(" ms (00:01.0"), "{times:?}");
    same_as_psql("\\timing\n\\timing off\n\\timing nonsense\n\\timing on\n");
}

#[test]
fn a_statement_takes_its_parameters_from_bind() {
    let script = Script::new(
        "create table t (a text, b int);\n\\bind 'a b' 7\ninsert into t values ($1, $2);\n\\bind x 1\ninsert into t values ($1, $2) returning b \\gset\n\\echo :b\nselect $1 \\bind one \\g\n",
    );
    for mode in [Mode::Transaction, AUTOCOMMIT, Mode::Plain] {
        let mut bench = Bench::new();
        let (out, _) = bench.shown(&script, mode);
        assert_eq!(bench.column("select a || b from t"), ["a b7", "x1"], "{mode:?}");
        assert!(out.contains("INSERT 0 1\n1\n ?column? \n----------\n one\n"), "{out}");
    }
}

#[test]
fn there_may_be_no_error_to_show_in_full() {
    same_as_psql("\\errverbose\n");
}

#[test]
fn a_prompt_without_an_answer_leaves_an_empty_variable() {
    let mut bench = Bench::new();
    let shown = bench.plain(&Script::new("\\prompt\n\\echo on\n"));
    assert!(shown.err.contains("\\prompt: missing required argument"), "{}", shown.err);
}

#[test]
fn a_statement_is_repeated_as_often_as_asked() {
    let script = Script::new("create sequence s;\nselect nextval('s') \\watch c=3 i=0.01\n");
    for mode in [Mode::Transaction, AUTOCOMMIT, Mode::Plain] {
        let mut bench = Bench::new();
        bench.run(&script, mode).unwrap();
        assert_eq!(bench.value("select last_value from s"), "3", "{mode:?}");
    }
}

#[test]
fn large_objects_come_and_go() {
    let mut bench = Bench::new();
    let files = super::cluster::Cluster::shared().directory();
    let content: Vec<u8> = (0..700_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    std::fs::write(files.join("lo_in"), &content).unwrap();
    let text = format!(
        "\\lo_import {0}/lo_in 'it''s'\n\\lo_export :LASTOID {0}/lo_out\n\\lo_import {0}/lo_in\n\\lo_unlink :LASTOID\n",
        files.display()
    );
    for mode in [Mode::Transaction, AUTOCOMMIT, Mode::Plain] {
        bench.run(&Script::new(&text), mode).unwrap();
        assert!(std::fs::read(files.join("lo_out")).unwrap() == content, "{mode:?}");
    }
    assert_eq!(bench.value("select count(*) from pg_largeobject_metadata"), "3");
    assert_eq!(
        bench.value("select distinct obj_description(oid, 'pg_largeobject') from pg_largeobject_metadata"),
        "it's"
    );
}
