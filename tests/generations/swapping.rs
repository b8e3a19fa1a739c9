//! The exchange itself, with others at work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dbctl::database::generations::{GenerationError, Kind};
use dbctl::session::Session;

use super::bench::Bench;
use crate::session::cluster::login;

/// Asks as long as it is answered, connects again at once where it is not; the longest time without an answer.
fn client(bench: &Bench, stop: &AtomicBool) -> Duration {
    let login = login("postgres", None, &bench.service);
    let mut longest = Duration::ZERO;
    let mut answered = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut session) = Session::connect(&bench.endpoint, &login) else {
            thread::sleep(Duration::from_millis(1));
            continue;
        };
        while !stop.load(Ordering::Relaxed) && session.simple("select text from marker").is_ok() {
            longest = longest.max(answered.elapsed());
            answered = Instant::now();
            thread::sleep(Duration::from_millis(2));
        }
    }
    longest
}

#[test]
fn eight_clients_that_come_back_at_once_are_turned_away_for_a_moment() {
    let bench = Bench::new();
    let new = bench.built("new");
    let stop = AtomicBool::new(false);
    let mut times = Vec::new();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| client(&bench, &stop))).collect();
        thread::sleep(Duration::from_millis(300));
        let mut generations = bench.generations();
        times.push(generations.swap(&new).unwrap().turned_away);
        for _ in 0..4 {
            thread::sleep(Duration::from_millis(200));
            times.push(generations.undo().unwrap().turned_away);
        }
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
        let longest = clients.into_iter().map(|client| client.join().unwrap()).max();
        println!("turned away {times:?}, a client waited at most {longest:?}");
    });
    // The middle one of five: the machine may be at something else.
    times.sort();
    assert!(times[2] <= Duration::from_millis(250), "{times:?}");
    assert_eq!(bench.in_service(), "new");
}

#[test]
fn an_idle_database_is_exchanged_in_an_instant() {
    let bench = Bench::new();
    let new = bench.built("new");
    let mut generations = bench.generations();
    let mut times = vec![generations.swap(&new).unwrap().turned_away];
    times.extend((0..4).map(|_| generations.undo().unwrap().turned_away));
    println!("turned away {times:?}");
    times.sort();
    assert!(times[2] <= Duration::from_millis(100), "{times:?}");
}

#[test]
fn a_holder_who_is_idle_in_a_transaction_is_ended() {
    let bench = Bench::new();
    let new = bench.built("new");
    let mut holder = bench.session(&bench.service);
    holder.simple("begin; lock table marker").unwrap();
    let swapped = bench.generations().swap(&new).unwrap();
    println!("turned away {:?}", swapped.turned_away);
    assert_eq!(swapped.attempts, 1);
    assert!(holder.simple("commit").is_err());
    assert_eq!((bench.in_service().as_str(), bench.marker(&swapped.previous).as_str()), ("new", "old"));
}

#[test]
fn undo_goes_back_and_undo_of_undo_forth_and_older_generations_stay() {
    let bench = Bench::new();
    let mut generations = bench.generations();
    assert!(matches!(generations.undo(), Err(GenerationError::NoPrevious { .. })));
    generations.swap(&bench.built("second")).unwrap();
    generations.swap(&bench.built("third")).unwrap();
    for expected in ["second", "third", "second"] {
        generations.undo().unwrap();
        assert_eq!(bench.in_service(), expected);
    }
    let kept = bench.kinds();
    assert_eq!(kept.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [Kind::Previous; 2]);
    let markers: Vec<_> = kept.iter().map(|(_, name)| bench.marker(name)).collect();
    assert!(markers.contains(&"old".to_owned()) && markers.contains(&"third".to_owned()), "{markers:?}");
}

#[test]
fn a_layer_or_a_snapshot_is_not_put_in_service() {
    let bench = Bench::new();
    let mut generations = bench.generations();
    let mut mark = dbctl::database::generations::Mark::new(Kind::Layer, &bench.service);
    mark.key = Some("k".to_owned());
    let layer = generations.finish(&bench.built("new"), &mark).unwrap();
    assert!(matches!(generations.swap(&layer), Err(GenerationError::OtherKind { .. })));
    assert_eq!(bench.in_service(), "old");
}
