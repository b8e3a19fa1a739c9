//! `kill -9` of the server at any moment: one whole database is in service, and the next run cleans up.

use std::thread;
use std::time::Duration;

use dbctl::database::generations::{Kind, Mark, Sessions};

use super::bench::{Bench, quoted};
use crate::session::cluster::Cluster;

/// Kills the server after `delay`, while `work` goes on.
fn during(cluster: &Cluster, delay: Duration, work: impl FnOnce()) {
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(delay);
            cluster.kill_hard();
        });
        work();
    });
    cluster.start();
}

#[test]
fn killed_anywhere_in_a_swap_the_old_or_the_new_is_in_service() {
    let cluster = Cluster::new();
    let bench = Bench::on(&cluster, "app");
    let mut seen = Vec::new();
    for delay in [0, 5, 10, 14, 16, 18, 20, 22, 25, 30, 40] {
        let before = bench.in_service();
        let marker = format!("after {delay} ms");
        let new = bench.built(&marker);
        let mut generations = bench.generations();
        during(&cluster, Duration::from_millis(delay), || drop(generations.swap(&new)));

        let now = bench.in_service();
        assert!(now == before || now == marker, "{now}");
        let kinds = bench.kinds();
        let kept = |kind: Kind| kinds.iter().filter(|(found, _)| *found == kind).count();
        assert_eq!(kept(Kind::Building), usize::from(now == before), "{kinds:?}");
        seen.push(now == marker);
        let dropped = bench.generations().tidy().unwrap();
        assert_eq!(dropped, if now == before { vec![new] } else { vec![] });
        let swaps = seen.iter().filter(|swapped| **swapped).count();
        assert_eq!(bench.kinds().len(), swaps, "each generation that served is kept");
    }
    println!("the new one was in service: {seen:?}");
}

#[test]
fn killed_between_the_renames_nothing_has_changed() {
    let cluster = Cluster::new();
    let bench = Bench::on(&cluster, "app");
    let new = bench.built("new");
    let mut session = bench.session("postgres");
    let sql = format!(
        "begin; alter database app rename to dbctl_previous; alter database {} rename to app",
        quoted(&new)
    );
    session.simple(&sql).unwrap();
    cluster.kill_hard();
    cluster.start();
    assert_eq!(bench.in_service(), "old");
    assert_eq!(bench.generations().tidy().unwrap(), [new]);
    assert_eq!(bench.in_service(), "old");
}

#[test]
fn killed_while_a_copy_is_made_the_next_run_removes_it() {
    let cluster = Cluster::new();
    let bench = Bench::on(&cluster, "app");
    let mut mark = Mark::new(Kind::Layer, "app");
    mark.key = Some("k".to_owned());
    for delay in [5, 40, 80, 120, 160, 200] {
        let mut generations = bench.generations();
        during(&cluster, Duration::from_millis(delay), || {
            drop(generations.clone("app", &mark, Sessions::Respect));
        });
        let mut generations = bench.generations();
        generations.tidy().unwrap();
        for (kind, name) in bench.kinds() {
            assert_eq!(kind, Kind::Layer);
            generations.drop(&name, kind).unwrap();
        }
        let left = bench.server("select datname from pg_database where datname like 'dbctl%'");
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(bench.in_service(), "old");
    }
}

#[test]
fn killed_while_a_layer_is_dropped_the_next_run_drops_it() {
    let cluster = Cluster::new();
    let bench = Bench::on(&cluster, "app");
    let mut mark = Mark::new(Kind::Layer, "app");
    mark.key = Some("k".to_owned());
    for delay in [1, 4, 8, 15, 30] {
        let mut generations = bench.generations();
        let layer = generations.clone("app", &mark, Sessions::Respect).unwrap();
        during(&cluster, Duration::from_millis(delay), || drop(generations.drop(&layer, Kind::Layer)));
        let mut generations = bench.generations();
        generations.tidy().unwrap();
        for (kind, name) in bench.kinds() {
            assert_eq!(kind, Kind::Layer, "not begun to be dropped");
            generations.drop(&name, kind).unwrap();
        }
        assert_eq!(bench.in_service(), "old");
    }
}
