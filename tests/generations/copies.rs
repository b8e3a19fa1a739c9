//! Copies: made, found again, claimed, dropped, tidied.

use dbctl::database::generations::{GenerationError, Generations, Kind, Mark, Origin, Sessions};
use dbctl::layer::LayerKey;

use super::bench::{Bench, quoted, value};
use crate::session::cluster::login;

fn layer(bench: &Bench, key: &str) -> Mark {
    let mut mark = Mark::new(Kind::Layer, &bench.service);
    (mark.key, mark.through) = (Some(key.to_owned()), Some("028_x.sql".to_owned()));
    mark
}

#[test]
fn a_layer_is_a_template_that_nobody_connects_to_and_is_found_with_its_facts() {
    let bench = Bench::new();
    let mut generations = bench.generations();
    let name = generations.clone(&bench.service, &layer(&bench, "k1"), Sessions::Respect).unwrap();
    let sql = format!("select datistemplate, datallowconn from pg_database where datname = '{name}'");
    assert_eq!(bench.server(&sql), [[Some("t".to_owned()), Some("f".to_owned())]]);
    let list = generations.list().unwrap();
    assert_eq!(list.len(), 1);
    let found = &list[0];
    assert_eq!(
        (found.mark.kind, found.mark.key.as_deref(), &found.database),
        (Kind::Layer, Some("k1"), &name)
    );
    assert_eq!(found.mark.through.as_deref(), Some("028_x.sql"));
    assert!(found.size > 1 << 20 && found.mark.used.is_some(), "{found:?}");

    let key = LayerKey::from_text("k1");
    let built = generations.begin(&Origin::Layer(key.clone())).unwrap();
    let previous = generations.swap_using(&built, Some(&key)).unwrap().previous;
    let again = generations.list().unwrap().into_iter().find(|again| again.database == name).unwrap();
    assert!(again.mark.used > found.mark.used);
    generations.drop(&previous, Kind::Previous).unwrap();
    generations.drop(&name, Kind::Layer).unwrap();
    assert!(generations.list().unwrap().is_empty());
}

#[test]
fn a_ready_clone_becomes_a_database_to_build_on_once() {
    let bench = Bench::new();
    let mut generations = bench.generations();
    let name = generations.clone(&bench.service, &layer(&bench, "k2"), Sessions::Respect).unwrap();
    let mark = Mark { kind: Kind::Clone, ..layer(&bench, "k2") };
    generations.clone(&name, &mark, Sessions::Respect).unwrap();
    let prepared = |key: &str| Origin::Prepared(LayerKey::from_text(key));
    assert!(matches!(generations.begin(&prepared("another")), Err(GenerationError::Missing { .. })));
    let claimed = generations.begin(&prepared("k2")).unwrap();
    assert_eq!(bench.marker(&claimed), "old");
    assert!(bench.kinds().contains(&(Kind::Building, claimed)));
    assert!(matches!(generations.begin(&prepared("k2")), Err(GenerationError::Missing { .. })));
    assert_eq!(generations.tidy().unwrap().len(), 1);
    generations.drop(&name, Kind::Layer).unwrap();
}

#[test]
fn only_what_is_called_by_its_kind_is_dropped_and_nothing_of_others() {
    let bench = Bench::new();
    let mut generations = bench.generations();
    let previous = generations.swap(&bench.built("new")).unwrap().previous;
    for kind in [Kind::Building, Kind::Layer, Kind::Clone, Kind::Snapshot] {
        let error = generations.drop(&previous, kind).unwrap_err();
        assert!(matches!(error, GenerationError::OtherKind { found: Some(Kind::Previous), .. }), "{error}");
    }
    let error = generations.drop(&bench.service, Kind::Previous).unwrap_err();
    assert!(matches!(error, GenerationError::OtherKind { found: None, .. }), "{error}");
    let error = generations.drop("nowhere", Kind::Previous).unwrap_err();
    assert!(matches!(error, GenerationError::Missing { .. }), "{error}");

    let other = Bench::new();
    let error = other.generations().drop(&previous, Kind::Previous).unwrap_err();
    assert!(matches!(error, GenerationError::OtherKind { found: None, .. }), "{error}");
    assert_eq!(bench.marker(&previous), "old");
    generations.drop(&previous, Kind::Previous).unwrap();
    assert_eq!(bench.in_service(), "new");
}

#[test]
fn what_is_given_up_goes_whatever_a_script_has_said_of_it() {
    let bench = Bench::new();
    let building = bench.built("half");
    bench.server(&format!("comment on database {building} is 'The app'"));
    let mut generations = bench.generations();
    generations.give_up(&building).unwrap();
    let error = generations.give_up(&building).unwrap_err();
    assert!(matches!(error, GenerationError::Missing { .. }), "{error}");
    let error = generations.give_up(&bench.service).unwrap_err();
    assert!(matches!(error, GenerationError::OtherKind { found: None, .. }), "{error}");
}

#[test]
fn tidying_drops_what_is_incomplete_and_keeps_all_else() {
    let bench = Bench::new();
    let other = Bench::new();
    let mut generations = bench.generations();
    generations.swap(&bench.built("new")).unwrap();
    generations.clone(&bench.service, &layer(&bench, "k3"), Sessions::Respect).unwrap();
    let mut snapshot = Mark::new(Kind::Snapshot, &bench.service);
    snapshot.name = Some("before ünï".to_owned());
    generations.clone(&bench.service, &snapshot, Sessions::Respect).unwrap();
    let kept = bench.kinds();
    let others = other.built("of another");

    let building = bench.built("half");
    let unmarked = bench.built("unmarked");
    bench.server(&format!("comment on database {unmarked} is null"));
    let used = bench.built("used");
    bench.server(&format!("comment on database {used} is null"));
    let mut session = bench.session(&used);
    let foreign = bench.built("foreign");
    bench.server(&format!("comment on database {foreign} is 'mine now'"));
    bench.server("create database dbctl_building_of_my_own");

    let mut dropped = generations.tidy().unwrap();
    dropped.sort();
    let mut expected = [building, unmarked];
    expected.sort();
    assert_eq!(dropped, expected);
    assert_eq!(bench.kinds(), kept);
    assert_eq!(value(&mut session, "select text from marker"), "used");
    drop(session);
    assert_eq!(bench.marker(&foreign), "foreign");
    assert_eq!(bench.marker(&others), "of another");
    bench.server("drop database dbctl_building_of_my_own");
}

#[test]
fn a_snapshot_of_the_database_in_service_ends_its_sessions_where_that_is_asked_for() {
    let bench = Bench::new();
    let mut session = bench.session(&bench.service);
    session.simple("begin; select 1 from marker").unwrap();
    let mut mark = Mark::new(Kind::Snapshot, &bench.service);
    mark.name = Some("n".to_owned());
    let mut generations = bench.generations();
    let error = generations.clone(&bench.service, &mark, Sessions::Respect).unwrap_err();
    assert!(error.to_string().contains("idle in transaction"), "{error}");
    assert!(bench.kinds().is_empty());
    let name = generations.clone(&bench.service, &mark, Sessions::End).unwrap();
    assert!(session.simple("select 1").is_err());
    assert_eq!((bench.in_service().as_str(), bench.marker(&name).as_str()), ("old", "old"));
}

#[test]
fn the_database_where_dbctl_connects_is_refused() {
    let bench = Bench::new();
    let refused = Generations::connect(&bench.endpoint, &login("postgres", None, "postgres")).err().unwrap();
    assert!(matches!(refused, GenerationError::Own { .. }), "{refused}");
}

#[test]
fn names_of_any_kind_are_carried_through() {
    let long = format!("{}ü", "x".repeat(61));
    for name in ["qu\"ote's \\ Upper ünï", &long, "select"] {
        let bench = Bench::on(crate::session::cluster::Cluster::shared(), name);
        let mut generations = bench.generations();
        let comment = format!("comment on database {} is 'it''s \"mine\" ü'", quoted(name));
        bench.server(&comment);
        generations.clone(name, &layer(&bench, "k"), Sessions::Respect).unwrap();
        let properties = generations.properties(name).unwrap();
        let new = bench.built("new");
        generations.reapply(&properties, &new).unwrap();
        let previous = generations.swap(&new).unwrap().previous;
        assert_eq!((bench.in_service().as_str(), bench.marker(&previous).as_str()), ("new", "old"));
        assert_eq!(generations.properties(name).unwrap(), properties);
        assert_eq!(generations.properties(&previous).unwrap(), properties);
        generations.undo().unwrap();
        assert_eq!(bench.in_service(), "old");
        assert!(generations.tidy().unwrap().is_empty());
    }
}
