//! What is in the way is named, and nothing has changed.

use dbctl::database::generations::GenerationError;

use super::bench::{Bench, quoted};

fn refused(bench: &Bench, new: &str) -> String {
    let error = bench.generations().swap(new).unwrap_err();
    assert!(matches!(error, GenerationError::InTheWay { .. }), "{error}");
    assert_eq!(bench.in_service(), "old");
    error.to_string()
}

#[test]
fn two_prepared_transactions_are_named() {
    let bench = Bench::new();
    let new = bench.built("new");
    let mut session = bench.session(&bench.service);
    for name in ["one of two", "it's two"] {
        let name = name.replace('\'', "''");
        session.simple("begin").unwrap();
        session.simple(&format!("create table \"{name}\" ()")).unwrap();
        session.simple(&format!("prepare transaction '{name}'")).unwrap();
    }
    let error = refused(&bench, &new);
    println!("{error}");
    assert!(error.contains("`one of two`") && error.contains("`it's two`"), "{error}");
    // Nobody was turned away for it.
    session.simple("rollback prepared 'one of two'").unwrap();
    session.simple("rollback prepared 'it''s two'").unwrap();
    bench.generations().swap(&new).unwrap();
    assert_eq!(bench.in_service(), "new");
}

#[test]
fn a_subscription_is_named() {
    let bench = Bench::new();
    let new = bench.built("new");
    let sql = "create subscription sub_in_the_way connection 'host=nowhere' publication p \
               with (connect = false, slot_name = none, enabled = false)";
    bench.session(&bench.service).simple(sql).unwrap();
    assert!(refused(&bench, &new).contains("`sub_in_the_way`"));
    bench.session(&bench.service).simple("drop subscription sub_in_the_way").unwrap();
}

#[test]
fn a_session_in_the_new_database_is_named_before_anybody_is_turned_away() {
    let bench = Bench::new();
    let new = bench.built("new");
    let mut living = bench.session(&bench.service);
    let mut session = bench.session(&new);
    session.simple("set application_name = 'still at work'").unwrap();
    assert!(refused(&bench, &new).contains("`still at work`"));
    living.simple("select 1").unwrap();
    session.simple("select 1").unwrap();
}

#[test]
fn a_lock_that_is_not_to_be_had_turns_nobody_away() {
    let bench = Bench::new();
    let new = bench.built("new");
    let mut living = bench.session(&bench.service);
    let mut holder = bench.session("postgres");
    holder.simple("set application_name = 'holds the lock'").unwrap();
    holder.simple(&format!("begin; alter database {} rename to held_elsewhere", quoted(&new))).unwrap();
    let error = bench.generations().swap(&new).unwrap_err();
    assert!(error.to_string().contains("`holds the lock`"), "{error}");
    living.simple("select 1").unwrap();
    holder.simple("rollback").unwrap();
    bench.generations().swap(&new).unwrap();
    assert_eq!(bench.in_service(), "new");
}
