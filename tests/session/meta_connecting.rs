//! `\connect` and `\conninfo`, against the real psql.

use dbctl::session::{FailureKind, MetaError, Mode};

use super::cluster::Cluster;
use super::script::{AUTOCOMMIT, Bench, Script, same_as_psql};

#[test]
fn a_new_connection_is_a_clean_session() {
    same_as_psql(
        "create table t (n int);\nset work_mem = '1MB';\n\\c\nshow work_mem;\n\\c -\n\\connect postgres\nselect current_database();\n\\echo :DBNAME :USER\n\
         \\c DATABASE postgres\ninsert into t values (1);\n\\c - - - -\n\\c -reuse-previous=on dbname=DATABASE\n\\set QUIET on\n\\c -\n\\conninfo\nbegin;\ninsert into t values (2);\n\\c -\ntable t;\n",
    );
}

#[test]
fn the_ledgers_rows_stay_where_they_belong() {
    let other = Cluster::shared().database();
    let mut bench = Bench::new();
    let here = bench.database.clone();
    let script = Script::new(format!(
        "create table t (n int);\n\\c {other}\ncreate table elsewhere (n int);\ninsert into elsewhere values (1);\nbegin; insert into elsewhere values (2); commit;\n\\c {here}\ninsert into t values (3);\n"
    ));
    bench.run(&script, AUTOCOMMIT).unwrap();
    assert_eq!(bench.progress(), ["1", "2", "3", "6", "7"]);
    assert_eq!(bench.column("select n from t"), ["3"]);
    let rows = Cluster::shared().session(&other).simple("select sum(n) from elsewhere").unwrap().rows;
    assert_eq!(rows, [[Some("3".to_owned())]]);
    assert_eq!(bench.value("select current_database()"), here);
}

#[test]
fn a_transaction_of_the_script_does_not_outlive_its_connection() {
    for (text, mode) in [("\\c -", Mode::Transaction), ("begin;\n\\c -", AUTOCOMMIT)] {
        let failure = Bench::new().run(&Script::new(text), mode).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Meta(MetaError::ConnectInTransaction)), "{failure}");
    }
}

#[test]
fn another_server_is_refused() {
    for text in [
        "\\c postgres postgres 192.0.2.1",
        "\\c \"dbname=postgres host=192.0.2.1\"",
        "\\c postgres://postgres@192.0.2.1/postgres",
        "\\c postgres:///postgres?port=1",
        "\\c service=other",
    ] {
        let failure = Bench::new().run(&Script::new(text), AUTOCOMMIT).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Meta(MetaError::OtherServer)), "{text}: {failure}");
    }
}

#[test]
fn a_connection_string_leads_to_another_database_or_user_as_with_psql() {
    same_as_psql(
        "create role conninfo_user login;\n\\c -reuse-previous=on \"user=conninfo_user\"\nselect current_user, current_database();\n\\c -reuse-previous=on postgres://postgres@/postgres\n\\echo :USER :DBNAME\n\
         \\c -reuse-previous=on \"dbname = 'DATABASE' application_name=mine options='-c work_mem=1MB'\"\nshow application_name;\nshow work_mem;\n\\c\nshow work_mem;\ndrop role conninfo_user;\n",
    );
    // psql goes on with another connection's defaults, or with none.
    for (text, said) in [
        ("\\c \"dbname=x\" bob", "Do not give user, host, or port separately when using a connection string"),
        ("\\c \"nonsense=1\"", "invalid connection option \"nonsense\""),
        ("\\c \"user dbname=x\"", "missing \"=\" after \"user\" in connection info string"),
        ("\\c \"dbname=x sslmode=require\"", "\"sslmode\""),
    ] {
        let failure = Bench::new().run(&Script::new(text), AUTOCOMMIT).unwrap_err();
        assert!(failure.to_string().contains(said), "{failure}");
    }
}

#[test]
fn what_a_connection_string_leaves_out_is_as_it_was_chosen_for_the_script() {
    let mut bench = Bench::new();
    let port = Cluster::shared().port();
    let script = Script::new(format!(
        "create table t (d text);\n\\c \"dbname=postgres\"\n\\c \"user=postgres port={port}\"\ninsert into t values (current_database());\n"
    ));
    bench.run(&script, AUTOCOMMIT).unwrap();
    assert_eq!(bench.column("select d from t"), [bench.database.clone()]);
}
