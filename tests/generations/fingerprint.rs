//! What the fingerprint sees, and what it must not.

use std::time::{Duration, Instant};

use dbctl::database::{Database, Fingerprint, fingerprint_sql};

use super::bench::{Bench, quoted};
use crate::session::cluster::{Cluster, login};

#[test]
fn each_change_outside_the_database_is_seen_and_named() {
    let cluster = Cluster::new();
    let bench = Bench::on(&cluster, "app");
    let mut database = Database::connect(&bench.endpoint, &login("postgres", None, "app")).unwrap();
    for (sql, part) in [
        ("create role r", "roles"),
        ("alter role r password 'x'", "roles"),
        ("grant r to plain_user", "memberships"),
        ("alter role r set work_mem = '5MB'", "settings of databases and roles"),
        ("alter database app set work_mem = '5MB'", "settings of databases and roles"),
        ("alter database app connection limit 5", "databases"),
        ("grant create on database app to r", "databases"),
        ("create database another", "databases"),
        ("comment on role r is 'c'", "comments on databases, roles and tablespaces"),
        ("comment on database app is 'c'", "comments on databases, roles and tablespaces"),
        ("select pg_replication_origin_create('o')", "replication origins"),
        ("alter tablespace pg_default set (seq_page_cost = 2)", "tablespaces"),
        ("alter system set max_connections = 101", "configuration files"),
        ("grant set on parameter work_mem to r", "privileges on settings"),
        (
            "create subscription s connection '' publication p with (connect = false, slot_name = none)",
            "subscriptions",
        ),
    ] {
        let before = database.fingerprint().unwrap();
        bench.session("app").simple(sql).unwrap();
        let after = database.fingerprint().unwrap();
        assert!(after.differing(&before).contains(&part), "{sql}: {:?}", after.differing(&before));
    }
}

#[test]
fn what_happens_inside_databases_and_to_generated_ones_is_not_seen() {
    let cluster = Cluster::new();
    let bench = Bench::on(&cluster, "app");
    let mut database = Database::connect(&bench.endpoint, &login("postgres", None, "app")).unwrap();
    let before = database.fingerprint().unwrap();
    let new = quoted(&bench.built("new"));
    bench.server(&format!(
        "alter database {new} set work_mem = '5MB'; alter database {new} connection limit 5;
         alter role plain_user in database {new} set work_mem = '6MB';"
    ));
    bench.session("app").simple("create table t as select 1; comment on table t is 'c'").unwrap();
    bench.session("app").simple("vacuum freeze").unwrap();
    let after = database.fingerprint().unwrap();
    assert!(after.differing(&before).is_empty(), "{:?}", after.differing(&before));
}

#[test]
fn it_is_one_query_that_sees_its_own_transaction_and_takes_some_milliseconds() {
    let cluster = Cluster::new();
    let bench = Bench::on(&cluster, "app");
    let mut session = bench.session("app");
    let version: u32 =
        session.simple("show server_version_num").unwrap().rows[0][0].as_ref().unwrap().parse().unwrap();
    let sql = fingerprint_sql(version);
    let mut fingerprint = || {
        let rows = session.simple(&sql).unwrap().rows;
        Fingerprint::from_rows(rows.into_iter().map(|row| (row[0].clone().unwrap(), row[1].clone())))
    };
    let before = fingerprint();
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            assert_eq!(fingerprint(), before);
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!("a fingerprint takes {:?}", times[4]);
    assert!(times[4] <= Duration::from_millis(30), "{times:?}");
    let mut database = Database::connect(&bench.endpoint, &login("postgres", None, "app")).unwrap();
    assert_eq!(database.fingerprint().unwrap(), before);

    session.simple("begin; create role inside").unwrap();
    let rows = session.simple(&sql).unwrap().rows;
    let inside =
        Fingerprint::from_rows(rows.into_iter().map(|row| (row[0].clone().unwrap(), row[1].clone())));
    assert_eq!(inside.differing(&before), ["roles"]);
    session.simple("rollback").unwrap();
}
