//! An exchange that is broken off anywhere: one whole generation is in service, and the next command finishes. The kills of
//! `dbctl` itself are tried with the command, in `commands::whole_killed`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use dbctl::docker::{Connection, Engine};
use dbctl::event::Event;

use crate::docker::bench::{Bench, IMAGE, docker, one};
use crate::harness::eventually;
use crate::harness::wire::Wire;

/// The project of the service that a child works on.
const INSIDE: &str = "DBCTL_TEST_EXCHANGE_OF";
/// Where the child finds the engine.
const ENGINE: &str = "DBCTL_TEST_EXCHANGE_ENGINE";
const OWN_NAME: &str = "docker::exchange_killed::a_child_that_is_broken_off";

const LAST_UNDECIDED: &str = "exchange.mark_written";

fn bench() -> Bench {
    Bench::new().data_volume().environment("POSTGRES_INITDB_ARGS", "--no-sync")
}

/// Run by the tests below, to be ended at a step; by itself it does nothing.
#[test]
fn a_child_that_is_broken_off() {
    let Ok(project) = std::env::var(INSIDE) else { return };
    dbctl::fault::arm(&std::env::vars().collect());
    let mut bench = bench();
    bench.service.project = project;
    if let Ok(host) = std::env::var(ENGINE) {
        bench.engine = Engine::connect(&Connection { host: Some(host), ..Connection::default() }).unwrap();
    }
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        bench.undone();
    }));
    // What is there belongs to the test that has started this.
    std::process::exit(i32::from(done.is_err()));
}

fn child(bench: &Bench, variables: &[(&str, &str)]) -> std::process::ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", OWN_NAME])
        .env(INSIDE, bench.project())
        .env("TMPDIR", bench.files.path())
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
}

/// The steps of one undisturbed pass, in their order.
fn steps(bench: &Bench) -> Vec<String> {
    let log = bench.files.path().join("steps");
    assert!(child(bench, &[("DBCTL_FAULT_LOG", log.to_str().unwrap())]).success());
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(log).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The service with a row that only the old generation has.
fn old_service() -> Bench {
    let mut bench = bench().old_service();
    bench.client().batch_execute("create table precious as select generate_series(1, 10000) as id").unwrap();
    bench
}

impl Bench {
    /// The next command brings the service up: whether the new generation is in service now. Nothing is mixed, lost, or
    /// left lying about; and it is the old one that is in service afterwards.
    fn recovered(&mut self, step: &str) -> bool {
        self.events.events.clear();
        self.start(&[]).unwrap_or_else(|error| panic!("{step}: {error}"));
        let now = self.in_service();
        assert_eq!(self.strays(), "", "{step}");
        if now == "new" {
            self.undone();
        }
        assert_eq!(self.in_service(), "old", "{step}");
        assert_eq!(one(&mut self.client(), "select sum(id)::text from precious"), "50005000", "{step}");
        now == "new"
    }
}

/// With a previous generation to go to and fro, the trials need no twin.
fn with_a_previous_generation() -> (Bench, Vec<String>) {
    let mut bench = old_service();
    bench.exchanged("new", "");
    bench.undone();
    let steps = steps(&bench);
    assert!(bench.recovered("no kill"));
    (bench, steps)
}

#[test]
fn a_mover_that_somebody_ends_is_followed_by_another() {
    let (mut bench, steps) = with_a_previous_generation();
    let part = format!("label=dbctl.part={}/db", bench.project());
    let end = format!("docker ps -aq --filter {part} | xargs -r docker rm -f");
    let decided = steps.iter().position(|step| step == LAST_UNDECIDED).unwrap();
    for (number, step) in steps.iter().enumerate() {
        let ended = child(&bench, &[("DBCTL_FAULT", step), ("DBCTL_FAULT_DO", &end)]);
        let is_new = bench.recovered(step);
        assert_eq!((ended.success(), is_new), (number > decided, number > decided), "{step}");
    }
}

#[test]
fn an_engine_that_is_not_reached_any_more_leaves_one_whole_generation() {
    let (mut bench, steps) = with_a_previous_generation();
    // Nobody is there any more to do the first rename.
    let decided = steps.iter().position(|step| step == "exchange.begun").unwrap();
    for (number, step) in steps.iter().enumerate() {
        let wire = Wire::new(bench.files.path());
        let cut = format!("touch {}", wire.cut.display());
        let host = format!("unix://{}", wire.socket.display());
        let variables =
            [("DBCTL_FAULT", step.as_str()), ("DBCTL_FAULT_DO", cut.as_str()), (ENGINE, host.as_str())];
        let ended = child(&bench, &variables);
        assert!(wire.cut.exists(), "{step} was reached");
        assert!(number + 1 == steps.len() || !ended.success(), "{step}");
        assert_eq!(bench.recovered(step), number >= decided, "{step}");
    }
}

#[test]
fn a_container_that_somebody_starts_before_the_first_rename_serves_on() {
    let (mut bench, steps) = with_a_previous_generation();
    let id = bench.container().id;
    let serves = "psql -U postgres -h 127.0.0.1 -Atc 'insert into precious values (0)'";
    let start = format!(
        "docker start {id}; for n in $(seq 200); do docker exec {id} {serves} && break; sleep 0.1; done"
    );
    let first = steps.iter().position(|step| step == "exchange.service_stopped").unwrap();
    let begun = steps.iter().position(|step| step == "exchange.begun").unwrap();
    assert!(first < begun);
    for step in &steps[first..begun] {
        let ended = child(&bench, &[("DBCTL_FAULT", step), ("DBCTL_FAULT_DO", &start)]);
        assert!(!ended.success(), "{step}: refused");
        assert_eq!(bench.in_service(), "old", "{step}");
        let added = one(
            &mut bench.client(),
            "with gone as (delete from precious where id = 0 returning 1) select count(*)::text from gone",
        );
        assert_eq!(added, "1", "{step}: what was written meanwhile is there");
        assert_eq!(
            bench.entries("/var/lib/postgresql/data/dbctl").iter().filter(|name| *name == "journal").count(),
            0
        );
        assert!(!bench.recovered(step));
    }
}

/// The renames that were written down, in their order.
fn renames(bench: &Bench) -> Vec<(String, String)> {
    let container = bench.container();
    let path = "/var/lib/postgresql/data/dbctl/journal";
    let text = bench.engine.read_file(&container.id, path).unwrap().expect("there is a journal");
    let lines: Vec<String> = String::from_utf8(text).unwrap().lines().map(str::to_owned).collect();
    let moves = lines.chunks(3).filter(|step| matches!(step[0].as_str(), "go" | "come"));
    moves.map(|step| (step[1].clone(), step[2].clone())).collect()
}

/// As the mover does, and no further.
fn rename(bench: &Bench, renames: &[(String, String)]) {
    let mut script = String::new();
    for (from, to) in renames {
        writeln!(script, "mkdir -p {}; mv {from} {to}", Path::new(to).parent().unwrap().display()).unwrap();
    }
    let (container, image) = (bench.container(), IMAGE);
    docker(&["run", "--rm", "--volumes-from", &container.id, "--entrypoint", "sh", image, "-ec", &script]);
}

fn decided(bench: &Bench) {
    assert!(!child(bench, &[("DBCTL_FAULT", "exchange.journal_written")]).success());
}

#[test]
fn between_any_two_renames_no_server_starts() {
    let (mut bench, _) = with_a_previous_generation();
    decided(&bench);
    let renames = renames(&bench);
    let id = bench.container().id;
    for (number, one) in renames[..renames.len() - 1].iter().enumerate() {
        rename(&bench, std::slice::from_ref(one));
        docker(&["start", &id]);
        eventually(Duration::from_secs(20), "the container's end", || bench.container().is_stopped());
        let code = docker(&["inspect", "-f", "{{.State.ExitCode}}", &id]);
        assert_ne!(code, "0", "after {} of {} renames", number + 1, renames.len());
    }
    assert!(bench.recovered("after all renames but the last"));
    println!("{} renames", renames.len());
}

#[test]
fn after_any_rename_the_next_command_goes_on() {
    let (mut bench, _) = with_a_previous_generation();
    decided(&bench);
    let all = renames(&bench).len();
    assert!(!bench.recovered("before the first rename"));
    for done in [1, 2, all / 4, all / 2, all / 2 + 1, all - 2, all - 1, all] {
        decided(&bench);
        rename(&bench, &renames(&bench)[..done]);
        assert!(bench.recovered(&format!("after {done} of {all} renames")));
        assert!(bench.events.events.iter().any(|event| matches!(event, Event::ExchangeFinished)));
    }
}

#[test]
fn a_container_that_is_made_anew_in_between_goes_on_with_the_exchange_of_the_old_one() {
    let (mut bench, _) = with_a_previous_generation();
    decided(&bench);
    rename(&bench, &renames(&bench)[..10]);
    docker(&["rm", "-f", &bench.container().id]);
    assert!(bench.recovered("without the container"));
}
