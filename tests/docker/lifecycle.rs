//! The service's container, from creation to removal.

use dbctl::compose::service::{MountSource, NetworkAttachment, Port};
use dbctl::docker::{ContainerError, ContainerLock, State};
use dbctl::event::Silent;
use dbctl::secret::Secret;

use crate::docker::bench::{Bench, connect, docker, one};

#[test]
fn a_service_comes_up_from_nothing_and_stays_as_it_is() {
    let mut bench = Bench::new().data_volume();
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select current_user::text"), "postgres");
    let before = bench.container();
    bench.events.events.clear();
    let after = bench.start(&[]).unwrap();
    assert_eq!((before.id, before.state), (after.id, after.state));
    assert!(bench.events.events.is_empty());
}

#[test]
fn the_container_carries_the_labels_of_compose() {
    let mut bench = Bench::new().data_volume();
    let container = bench.start(&[]).unwrap();
    let label = |key: &str| container.labels.get(key).cloned().unwrap_or_default();
    assert_eq!(container.name, format!("{}-db-1", bench.project()));
    assert_eq!(label("com.docker.compose.project"), bench.project());
    assert_eq!(label("com.docker.compose.service"), "db");
    assert_eq!(label("com.docker.compose.container-number"), "1");
    assert_eq!(label("com.docker.compose.oneoff"), "False");
    assert_eq!(label("com.docker.compose.image"), container.image);
    assert_eq!(label("com.docker.compose.project.working_dir"), bench.files.path().display().to_string());
}

#[test]
fn a_changed_service_gets_a_new_container_with_its_data_and_anonymous_volumes() {
    let mut bench = Bench::new().mount("/scratch", MountSource::Anonymous { nocopy: false });
    bench.up(&[]).batch_execute("create table kept (id int)").unwrap();
    let old = bench.container();
    bench.service.environment.insert("COLOUR".to_owned(), "green".to_owned());
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from kept"), "0");
    let new = bench.container();
    let volumes = |container: &dbctl::docker::ContainerFacts| {
        let mut mounts = container.mounts.clone();
        mounts.sort_by(|left, right| left.target.cmp(&right.target));
        mounts
    };
    assert_ne!(new.id, old.id);
    assert_eq!(new.name, old.name);
    assert_eq!(volumes(&new), volumes(&old));
    assert_eq!(volumes(&new).len(), 2);
}

#[test]
fn another_projects_container_of_that_name_is_left_alone_and_named() {
    let bench = Bench::new();
    let mut other = Bench::new();
    other.service.container_name = Some(format!("{}-db-1", bench.project()));
    let image = other.observe().image.unwrap();
    let wanted = dbctl::docker::Wanted { service: &other.service, image: &image };
    other.engine.create(wanted, "there is none", &mut other.events).unwrap();
    let error = bench.engine.observe(&bench.service).err().unwrap();
    assert!(matches!(error, ContainerError::NameTaken { .. }));
    assert!(error.to_string().contains(other.project()), "{error}");
}

#[test]
fn every_network_is_joined_with_its_aliases() {
    let mut bench = Bench::new().data_volume();
    for (key, alias) in [("back", "database"), ("front", "pg")] {
        let attachment = NetworkAttachment {
            key: key.to_owned(),
            aliases: vec![alias.to_owned()],
            ..NetworkAttachment::default()
        };
        bench.service.networks.push(attachment);
    }
    let container = bench.start(&[]).unwrap();
    let aliases =
        docker(&["inspect", "-f", "{{range .NetworkSettings.Networks}}{{.Aliases}}{{end}}", &container.id]);
    assert_eq!(container.addresses.len(), 2);
    for alias in ["database", "pg", "db", &container.name] {
        assert!(aliases.contains(alias), "{alias} in {aliases}");
    }
}

#[test]
fn secrets_arrive_as_files_before_the_server_starts() {
    let secret = |text: &str| MountSource::Content {
        text: Secret::new(text),
        uid: Some("999".to_owned()),
        gid: None,
        mode: Some(0o400),
    };
    let mut bench = Bench::new()
        .data_volume()
        .without("POSTGRES_PASSWORD")
        .environment("POSTGRES_PASSWORD_FILE", "/run/secrets/deep/password")
        .mount("/run/secrets/deep/password", secret(super::bench::PASSWORD));
    bench.up(&[]);
    let container = bench.container();
    let mode = docker(&["exec", &container.id, "stat", "-c", "%a %u", "/run/secrets/deep/password"]);
    assert_eq!(mode, "400 999");
}

#[test]
fn a_taken_port_is_named_and_the_container_starts_when_it_is_free() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut bench = Bench::new().data_volume();
    bench.service.ports.push(Port {
        target: 5432,
        protocol: "tcp".to_owned(),
        host_ip: Some("127.0.0.1".to_owned()),
        published: Some(port.to_string()),
    });
    let error = bench.start(&[]).err().unwrap();
    assert!(matches!(error, ContainerError::PortTaken { .. }), "{error}");
    assert!(error.to_string().contains(&port.to_string()), "{error}");
    drop(listener);
    bench.start(&[]).unwrap();
    let endpoint = bench.ready(Some(dbctl::docker::Rung::Port)).unwrap();
    connect(&endpoint).unwrap();
}

#[test]
fn a_stopped_container_starts_again_with_its_data() {
    let mut bench = Bench::new().data_volume();
    bench.up(&[]).batch_execute("create table kept (id int)").unwrap();
    let container = bench.container();
    bench.engine.stop(&container, &mut bench.events).unwrap();
    assert_eq!(bench.container().state, State::Exited { code: 0 });
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from kept"), "0");
    assert_eq!(bench.container().id, container.id);
}

#[test]
fn removing_the_container_removes_no_volume() {
    let mut bench = Bench::new().data_volume();
    bench.up(&[]).batch_execute("create table kept (id int)").unwrap();
    let container = bench.container();
    bench.engine.stop(&container, &mut bench.events).unwrap();
    bench.engine.remove(&container, "down", &mut bench.events).unwrap();
    assert!(bench.observe().container.is_none());
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from kept"), "0");
}

#[test]
fn an_external_volume_that_is_missing_is_an_error_that_names_it() {
    let mut bench = Bench::new().data_volume();
    let volume = dbctl::compose::service::VolumeDefinition {
        name: "t-container-nowhere".to_owned(),
        external: true,
        driver: None,
        driver_opts: std::collections::BTreeMap::new(),
        labels: std::collections::BTreeMap::new(),
    };
    bench.service.volumes.insert("data".to_owned(), volume);
    let error = bench.start(&[]).err().unwrap();
    assert!(error.to_string().contains("docker volume create t-container-nowhere"), "{error}");
}

#[test]
fn a_second_dbctl_waits_until_the_first_has_done_its_work() {
    let bench = Bench::new();
    let (cache, service) = (bench.ladder(None).cache, &bench.service);
    let first = ContainerLock::acquire(&cache, &bench.service, &mut Silent).unwrap();
    let began = std::time::Instant::now();
    let mut told = super::bench::Recorder::default();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let _second = ContainerLock::acquire(&cache, service, &mut told).unwrap();
            began.elapsed()
        });
        std::thread::sleep(std::time::Duration::from_millis(400));
        drop(first);
        assert!(waiting.join().unwrap() >= std::time::Duration::from_millis(400));
    });
    assert_eq!(told.events.len(), 1);
}
