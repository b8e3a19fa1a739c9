//! A kill between any two steps: the next run repairs it, and nothing is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::time::Duration;

use dbctl::compose::service::MountSource;
use dbctl::event::Event;

use crate::docker::bench::{Bench, IMAGE, docker, one};

/// The data lies in an anonymous volume: the container is the only one that knows its name.
fn recreation_killed(at: fn(&Event) -> bool) {
    let mut bench = Bench::new().mount("/scratch", MountSource::Anonymous { nocopy: false });
    bench.up(&[]).batch_execute("create table kept (id int)").unwrap();
    bench.service.environment.insert("COLOUR".to_owned(), "green".to_owned());
    bench.events.killed_at = Some(at);
    assert!(catch_unwind(AssertUnwindSafe(|| bench.start(&[]))).is_err());
    bench.events.killed_at = None;
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from kept"), "0");
    let container = bench.container();
    assert_eq!(container.environment.get("COLOUR").map(String::as_str), Some("green"));
    assert_eq!(container.name, format!("{}-db-1", bench.project()));
    let filter = format!("label=com.docker.compose.project={}", bench.project());
    assert_eq!(docker(&["ps", "-aq", "--filter", &filter]).lines().count(), 1);
}

#[test]
fn a_kill_after_the_new_container_is_made() {
    recreation_killed(
        |event| matches!(event, Event::ContainerCreated { cause, .. } if cause.contains("changed")),
    );
}

#[test]
fn a_kill_after_the_old_container_is_stopped() {
    recreation_killed(|event| matches!(event, Event::ContainerStopped { .. }));
}

#[test]
fn a_kill_after_the_old_container_is_removed() {
    recreation_killed(|event| matches!(event, Event::ContainerRemoved { .. }));
}

#[test]
fn a_container_that_was_never_finished_is_made_again() {
    let mut bench = Bench::new().data_volume();
    let name = format!("new_{}-db-1", bench.project());
    let project = format!("com.docker.compose.project={}", bench.project());
    docker(&[
        "create",
        "--name",
        &name,
        "--label",
        &project,
        "--label",
        "com.docker.compose.service=db",
        "--label",
        "com.docker.compose.container-number=1",
        "--label",
        "com.docker.compose.oneoff=False",
        IMAGE,
    ]);
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select 'up'"), "up");
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("label={project}")]).lines().count(), 1);
}

#[test]
fn a_new_container_that_cannot_be_made_leaves_the_old_one_in_service() {
    let mut bench = Bench::new().data_volume();
    bench.up(&[]);
    let old = bench.container();
    let source = MountSource::Bind {
        path: "/no/such/directory".into(),
        create_host_path: false,
        propagation: None,
        selinux: None,
    };
    let mut bench = bench.mount("/elsewhere", source);
    assert!(bench.start(&[]).is_err());
    let now = bench.container();
    assert_eq!((now.id, now.state), (old.id, old.state));
}

/// Runs itself once more, to be killed while it brings a service up from nothing.
#[test]
fn a_kill_at_any_moment_of_the_first_start_is_repaired_by_the_next() {
    const INSIDE: &str = "DBCTL_TEST_FIRST_START_OF";
    if let Ok(project) = std::env::var(INSIDE) {
        let mut bench = Bench::new().image("dbctl-postgres-init:15").data_volume();
        bench.service.project = project;
        bench.start(&[]).unwrap();
        std::thread::sleep(Duration::from_secs(600));
    }
    let name = "docker::kill::a_kill_at_any_moment_of_the_first_start_is_repaired_by_the_next";
    for after in [150, 500, 1000, 1800, 2800, 4000] {
        let mut bench = Bench::new().image("dbctl-postgres-init:15").data_volume();
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(INSIDE, bench.project())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(after));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let mut client = bench.up(&[]);
        let markers = one(&mut client, "select string_agg(made_by, ' ' order by made_at) from image.marker");
        assert_eq!(markers, "10_image.sql 20_image.sh", "killed after {after} ms");
        let filter = format!("label=com.docker.compose.project={}", bench.project());
        assert_eq!(docker(&["ps", "-aq", "--filter", &filter]).lines().count(), 1);
    }
}
