//! The first initialisation: the image's own files run, the project's do not.

use dbctl::docker::{ContainerError, Initialisation};
use dbctl::event::Event;

use crate::docker::bench::{Bench, IMAGE, docker, one};

const PROJECT_SCRIPT: &str = "create table made_by_the_entrypoint (id int);";
const EXISTS: &str = "select coalesce(to_regclass('made_by_the_entrypoint')::text, 'nothing')";

#[test]
fn a_bind_mounted_init_directory_is_not_run() {
    let bench = Bench::new().data_volume();
    let script = bench.file("init/001_roles.sql", PROJECT_SCRIPT);
    let mut bench = bench.bind(script.parent().unwrap(), "/docker-entrypoint-initdb.d");
    let mut client = bench.up(&["001_roles.sql"]);
    assert_eq!(one(&mut client, EXISTS), "nothing");
    let container = bench.container();
    let seen = docker(&["exec", &container.id, "ls", "/docker-entrypoint-initdb.d"]);
    assert_eq!(seen, "001_roles.sql");
}

#[test]
fn a_single_mounted_file_is_not_run() {
    let bench = Bench::new().data_volume();
    let script = bench.file("schema.sql", PROJECT_SCRIPT);
    let mut bench = bench.bind(&script, "/docker-entrypoint-initdb.d/1.sql");
    let mut client = bench.up(&["1.sql"]);
    assert_eq!(one(&mut client, EXISTS), "nothing");
}

#[test]
fn scripts_copied_into_the_image_are_not_run_but_the_images_own_are() {
    let image = Derived::new(
        "copied",
        "dbctl-postgres-init:15",
        &format!("RUN echo '{PROJECT_SCRIPT}' > /docker-entrypoint-initdb.d/001_roles.sql"),
    );
    let mut bench = Bench::new().data_volume().image(&image.name);
    let mut client = bench.up(&["001_roles.sql"]);
    assert_eq!(one(&mut client, EXISTS), "nothing");
    assert_eq!(one(&mut client, "select count(*)::text from image.marker"), "2");
}

#[test]
fn an_images_own_init_files_run_once() {
    let mut bench = Bench::new().image("dbctl-postgres-init:15");
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from image.marker"), "2");
}

#[test]
fn a_directory_of_the_host_is_initialised_too() {
    let bench = Bench::new();
    let data = bench.files.path().join("data");
    let mut bench = bench.bind(&data, "/var/lib/postgresql/data");
    bench.up(&[]);
}

#[test]
fn nothing_of_the_helper_stays_behind() {
    let mut bench = Bench::new().image("dbctl-postgres-init:15").data_volume();
    let mut client = bench.up(&["20_image.sh"]);
    assert_eq!(one(&mut client, "select string_agg(made_by, ' ') from image.marker"), "10_image.sql");
    let helpers = docker(&["ps", "-aq", "--filter", &format!("label=dbctl.helper={}/db", bench.project())]);
    assert_eq!(helpers, "");
    // Its volume for init files was made for it alone, and went with it.
    assert_eq!(bench.container().mounts.len(), 1);
}

#[test]
fn a_missing_password_is_told_in_the_entrypoints_words_and_can_be_given_later() {
    let mut bench = Bench::new().data_volume().without("POSTGRES_PASSWORD");
    let error = bench.start(&[]).err().unwrap();
    assert!(matches!(error, ContainerError::Initialisation { .. }), "{error}");
    assert!(error.to_string().contains("POSTGRES_PASSWORD"), "{error}");
    let mut bench = bench.environment("POSTGRES_PASSWORD", super::bench::PASSWORD);
    bench.up(&[]);
}

#[test]
fn a_failing_init_file_of_the_image_leaves_an_empty_data_directory() {
    let image = Derived::new(
        "failing",
        IMAGE,
        "RUN echo 'create tabel nonsense;' > /docker-entrypoint-initdb.d/10_image.sql",
    );
    let mut bench = Bench::new().data_volume().image(&image.name);
    let error = bench.start(&[]).err().unwrap();
    assert!(error.to_string().contains("syntax error"), "{error}");
    bench.service.image = Some("dbctl-postgres-init:15".to_owned());
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from image.marker"), "2");
}

#[test]
fn an_image_that_cannot_only_initialise_serves_first() {
    let older = "RUN rm /usr/local/bin/docker-en*-initdb.sh";
    let image = Derived::new("older", "dbctl-postgres-init:15", older);
    let mut bench = Bench::new().data_volume().image(&image.name);
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from image.marker"), "2");
}

#[test]
fn an_init_file_that_ends_the_entrypoint_half_way_is_a_failure() {
    let image = Derived::new("ending", IMAGE, "RUN echo 'exit 0' > /docker-entrypoint-initdb.d/10_image.sh");
    let mut bench = Bench::new().data_volume().image(&image.name);
    let error = bench.start(&[]).err().unwrap();
    assert!(matches!(error, ContainerError::Initialisation { .. }), "{error}");
}

#[test]
fn a_database_that_was_used_since_an_interrupted_initialisation_is_not_touched() {
    let mut bench = Bench::new().data_volume();
    bench.up(&[]).batch_execute("create table kept (id int)").unwrap();
    let container = bench.container();
    bench.engine.stop(&container, &mut bench.events).unwrap();
    let label = format!("dbctl.helper={}/db", bench.project());
    let volume = format!("{}_data:/var/lib/postgresql/data", bench.project());
    let helper = docker(&["create", "--label", &label, "-v", &volume, "--entrypoint", "true", IMAGE]);
    docker(&["start", &helper]);
    std::thread::sleep(std::time::Duration::from_secs(4));
    docker(&[
        "run",
        "--rm",
        "--entrypoint",
        "touch",
        "-v",
        &volume,
        IMAGE,
        "/var/lib/postgresql/data/global/pg_control",
    ]);
    let error = bench.start(&[]).err().unwrap();
    assert!(matches!(error, ContainerError::HalfMade { .. }), "{error}");
    docker(&["rm", &helper]);
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from kept"), "0");
}

#[test]
fn files_that_are_no_database_are_not_touched() {
    let bench = Bench::new();
    let precious = bench.file("data/precious.txt", "all I have");
    let mut bench = bench.bind(precious.parent().unwrap(), "/var/lib/postgresql/data");
    let error = bench.start(&[]).err().unwrap();
    assert!(matches!(error, ContainerError::NotEmpty { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(precious).unwrap(), "all I have");
}

#[test]
fn data_that_goes_with_the_container_is_left_to_its_entrypoint() {
    let mut bench = Bench::new();
    bench.service.tmpfs.push("/var/lib/postgresql/data".to_owned());
    let image = bench.observe().image.unwrap();
    let wanted = dbctl::docker::Wanted { service: &bench.service, image: &image };
    let container = bench.engine.create(wanted, "there is none", &mut bench.events).unwrap();
    assert_eq!(bench.initialise(&container).unwrap(), Initialisation::ByEntrypoint);
    bench.up(&[]);
}

#[test]
fn a_killed_emptying_is_taken_up_again_and_leaves_nothing() {
    survives_a_kill(|helper| {
        docker(&["start", helper]);
        std::thread::sleep(std::time::Duration::from_millis(600));
        docker(&["kill", helper]);
        let name = format!("dbctl-empty_{}", docker(&["inspect", "-f", "{{slice .Name 1}}", helper]));
        docker(&["create", "--name", &name, "--volumes-from", helper, "--entrypoint", "true", IMAGE]);
    });
}

/// At each of these, a kill leaves a helper behind, with more or less of a database.
fn survives_a_kill(begin: impl Fn(&str)) {
    let mut bench = Bench::new().image("dbctl-postgres-init:15").data_volume();
    let image = bench.observe().image.unwrap();
    let wanted = dbctl::docker::Wanted { service: &bench.service, image: &image };
    bench.engine.create(wanted, "there is none", &mut bench.events).unwrap();
    let label = format!("dbctl.helper={}/db", bench.project());
    let volume = format!("{}_data:/var/lib/postgresql/data", bench.project());
    let password = format!("POSTGRES_PASSWORD={}", super::bench::PASSWORD);
    let helper =
        docker(&["create", "--label", &label, "-v", &volume, "-e", &password, "--network", "none", IMAGE]);
    begin(&helper);
    let mut client = bench.up(&[]);
    assert_eq!(one(&mut client, "select count(*)::text from image.marker"), "2");
    let left = docker(&["ps", "-aq", "--filter", &format!("volume={}_data", bench.project())]);
    assert_eq!(left.lines().count(), 1);
    let started =
        bench.events.events.iter().filter(|event| matches!(event, Event::InitialisationStarted { .. }));
    assert_eq!(started.count(), 1);
}

#[test]
fn a_kill_before_the_helper_starts_is_repaired() {
    survives_a_kill(|_| ());
}

#[test]
fn a_kill_in_the_middle_of_initdb_is_repaired() {
    survives_a_kill(|helper| {
        docker(&["start", helper]);
        std::thread::sleep(std::time::Duration::from_millis(300));
    });
}

#[test]
fn a_half_made_data_directory_of_an_ended_helper_is_repaired() {
    survives_a_kill(|helper| {
        docker(&["start", helper]);
        std::thread::sleep(std::time::Duration::from_millis(600));
        docker(&["kill", helper]);
    });
}

/// An image made for one test.
pub struct Derived {
    pub name: String,
}

impl Derived {
    pub fn new(name: &str, base: &str, instructions: &str) -> Self {
        use std::io::Write as _;
        let name = format!("t-container-{name}-{}", std::process::id());
        let mut build = std::process::Command::new("docker")
            .args(["build", "--quiet", "--tag", &name, "-"])
            .env("DOCKER_BUILDKIT", "0")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        write!(build.stdin.take().unwrap(), "FROM {base}\n{instructions}\n").unwrap();
        assert!(build.wait().unwrap().success());
        Self { name }
    }
}

impl Drop for Derived {
    fn drop(&mut self) {
        docker(&["rmi", "-f", &self.name]);
    }
}
