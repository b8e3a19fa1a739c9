//! Reaching the server where nothing but an exec leads into the container.

use std::io::{BufRead as _, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use dbctl::docker::{Connection, ContainerError, Engine, Rung};
use dbctl::endpoint::{Address, Endpoint};
use postgres::Client;

use crate::docker::bench::{Bench, IMAGE, connect, docker, one};

fn tunnelled(image: &str) -> (Bench, Endpoint) {
    let mut bench = Bench::new().image(image).data_volume();
    bench.start(&[]).unwrap();
    let endpoint = bench.ready(Some(Rung::Tunnel)).unwrap();
    (bench, endpoint)
}

/// Statement, transfer in both directions, and two connections at once.
fn carries_everything(image: &str) {
    let (bench, endpoint) = tunnelled(image);
    let mut client = connect(&endpoint).unwrap();
    let mut other = connect(&endpoint).unwrap();
    client.batch_execute("create table lines (line text)").unwrap();
    let lines = "0123456789abcdef\n".repeat(200_000);
    let mut writer = client.copy_in("copy lines from stdin").unwrap();
    writer.write_all(lines.as_bytes()).unwrap();
    assert_eq!(writer.finish().unwrap(), 200_000);
    let mut back = String::new();
    other.copy_out("copy lines to stdout").unwrap().read_to_string(&mut back).unwrap();
    assert_eq!(back.len(), lines.len());
    assert!(back == lines);
    drop((client, other));
    nothing_stays_connected(&bench, &endpoint);
    assert_no_crash(&bench);
}

#[test]
fn a_tunnel_leads_through_perl() {
    carries_everything("dbctl-postgres-perl:15");
}

#[test]
fn a_tunnel_leads_through_nc() {
    carries_everything("dbctl-postgres-nc:15");
}

#[test]
fn a_tunnel_leads_through_bash() {
    let image = super::initialise::Derived::new(
        "bash",
        IMAGE,
        "RUN rm -f /usr/bin/perl* /bin/nc* /usr/bin/nc* /bin/busybox /usr/bin/busybox",
    );
    carries_everything(&image.name);
}

#[test]
fn a_container_without_shell_tools_is_named_with_the_way_out() {
    let mut bench = Bench::new().image("dbctl-postgres-bare:15").data_volume();
    bench.start(&[]).unwrap();
    let error = bench.ready(Some(Rung::Tunnel)).err().unwrap();
    assert!(matches!(error, ContainerError::NoShellTools { .. }), "{error}");
    assert!(error.to_string().contains("publish the port"), "{error}");
}

#[test]
fn the_socket_is_private_and_goes_with_the_endpoint() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_bench, endpoint) = tunnelled(IMAGE);
    let Address::Unix { directory, port } = endpoint.address.clone() else { panic!("a tunnel is a socket") };
    assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(directory.join(format!(".s.PGSQL.{port}")).exists());
    drop(endpoint);
    assert!(!directory.exists());
}

#[test]
fn a_client_that_vanishes_leaves_neither_forwarder_nor_backend() {
    let (bench, endpoint) = tunnelled(IMAGE);
    let Address::Unix { directory, port } = &endpoint.address else { panic!("a tunnel is a socket") };
    let mut stream = UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).unwrap();
    // A startup packet and no more: the server waits for the password.
    stream.write_all(b"\0\0\0\x17\0\x03\0\0user\0postgres\0\0").unwrap();
    let mut answer = [0; 1];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"R");
    drop(stream);
    nothing_stays_connected(&bench, &endpoint);
    assert_no_crash(&bench);
}

/// Runs itself once more, and kills that run while its connection is open.
#[test]
fn a_killed_dbctl_leaves_neither_forwarder_nor_backend_nor_socket() {
    const INSIDE: &str = "DBCTL_TEST_TUNNEL_INTO";
    if let Ok(container) = std::env::var(INSIDE) {
        let engine = Engine::connect(&Connection::default()).unwrap();
        let container = engine.inspect(&container).unwrap().unwrap();
        let endpoint = engine.tunnel(&container, 5432, &std::env::current_dir().unwrap()).unwrap();
        let _client = connect(&endpoint).unwrap();
        println!("connected");
        std::thread::sleep(Duration::from_secs(600));
    }
    let (bench, endpoint) = tunnelled(IMAGE);
    let name = "docker::tunnel::a_killed_dbctl_leaves_neither_forwarder_nor_backend_nor_socket";
    let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, bench.container().id)
        .current_dir(bench.files.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(victim.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("connected")));
    victim.kill().unwrap();
    victim.wait().unwrap();
    nothing_stays_connected(&bench, &endpoint);
    assert_no_crash(&bench);
    let _next = bench.engine.tunnel(&bench.container(), 5432, bench.files.path()).unwrap();
    let stale = format!("dbctl-tunnel-{}-", victim.id());
    let names = std::fs::read_dir(bench.files.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with(&stale)));
}

#[test]
fn a_server_that_ends_the_connection_ends_it_at_the_client() {
    let (_bench, endpoint) = tunnelled(IMAGE);
    let mut client = connect(&endpoint).unwrap();
    let process = one(&mut client, "select pg_backend_pid()::text");
    let mut other = connect(&endpoint).unwrap();
    other.batch_execute(&format!("select pg_terminate_backend({process})")).unwrap();
    let began = Instant::now();
    assert!(client.batch_execute("select 1").is_err());
    assert!(began.elapsed() < Duration::from_secs(2));
}

/// Waits until the only client of the server is the one that asks.
fn nothing_stays_connected(bench: &Bench, endpoint: &Endpoint) {
    let container = bench.container().id;
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        let mut client: Client = connect(endpoint).unwrap();
        let others = one(
            &mut client,
            "select (count(*) - 1)::text from pg_stat_activity where backend_type = 'client backend'",
        );
        drop(client);
        let processes = docker(&["top", &container, "-eo", "args"]);
        let forwarders = processes
            .lines()
            .filter(|line| ["perl", "nc 127", "cat", "bash"].iter().any(|tool| line.starts_with(tool)));
        if others == "0" && forwarders.count() == 0 {
            return;
        }
        assert!(Instant::now() < patience, "{others} others\n{processes}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The postmaster takes an orphan that a signal ended for a crashed backend.
fn assert_no_crash(bench: &Bench) {
    let log = docker(&["logs", &bench.container().id]);
    assert!(!log.contains("terminated by signal") && !log.contains("reinitializing"), "{log}");
}
