//! Which way leads to the server, and whose server it is.

use dbctl::compose::service::Port;
use dbctl::docker::{Answer, ContainerError, Rung};
use dbctl::endpoint::{Address, Authentication};

use crate::docker::bench::{Bench, ask};

fn published(bench: &mut Bench) {
    bench.service.ports.push(Port {
        target: 5432,
        protocol: "tcp".to_owned(),
        host_ip: Some("127.0.0.1".to_owned()),
        published: None,
    });
}

#[test]
fn each_rung_can_be_forced_and_says_what_may_be_said_there() {
    let mut bench = Bench::new().data_volume();
    published(&mut bench);
    bench.start(&[]).unwrap();
    let address = bench.ready(Some(Rung::Address)).unwrap();
    let port = bench.ready(Some(Rung::Port)).unwrap();
    let tunnel = bench.ready(Some(Rung::Tunnel)).unwrap();
    assert_eq!(address.authentication, Authentication::ScramOrTrust);
    assert_eq!(port.authentication, Authentication::ScramOrTrust);
    assert_eq!(tunnel.authentication, Authentication::Any);
    assert!(matches!(port.address, Address::Tcp { host, .. } if host.is_loopback()));
    assert!(matches!(tunnel.address, Address::Unix { .. }));
}

#[test]
fn a_server_that_is_not_this_containers_is_passed_over() {
    let mut bench = Bench::new().data_volume();
    published(&mut bench);
    bench.start(&[]).unwrap();
    bench.ready(None).unwrap();
    let container = bench.container();
    let mut suspicious = |endpoint: &_, identity: Option<&_>| match identity {
        Some(_) => Answer::Foreign("a server of the host".to_owned()),
        None => ask(endpoint, None),
    };
    let endpoint = bench.engine.endpoint(&container, &bench.ladder(None), &mut suspicious).unwrap();
    assert!(matches!(endpoint.address, Address::Unix { .. }));
}

#[test]
fn the_identity_read_in_the_container_is_the_servers_own() {
    let mut bench = Bench::new().data_volume();
    let mut client = bench.up(&[]);
    let container = bench.container();
    let read = bench.engine.read_identity(&container).unwrap().unwrap();
    let row = client.query_one("select system_identifier from pg_control_system()", &[]).unwrap();
    assert_eq!(read.system_identifier.cast_signed(), row.get::<_, i64>(0));
    assert_eq!(read.port, 5432);
    let cached = bench.engine.identity(&container, &bench.ladder(None).cache).unwrap();
    assert_eq!(cached, Some(read));
}

#[test]
fn a_container_that_ends_while_awaited_is_an_error_at_once_with_its_last_words() {
    let mut bench = Bench::new().data_volume();
    bench.up(&[]);
    bench.service.command =
        Some(vec!["postgres".to_owned(), "-c".to_owned(), "shared_buffers=nonsense".to_owned()]);
    bench.start(&[]).unwrap();
    let began = std::time::Instant::now();
    let error = bench.ready(None).err().unwrap();
    assert!(matches!(error, ContainerError::Exited { code: 1, .. }), "{error}");
    assert!(error.to_string().contains("shared_buffers"), "{error}");
    assert!(began.elapsed().as_secs() < 10);
}

#[test]
fn a_refusal_of_the_right_server_ends_the_wait() {
    let mut bench = Bench::new().data_volume();
    let container = bench.start(&[]).unwrap();
    let ladder = bench.ladder(None);
    let mut refused = |_: &_, _: Option<&_>| Answer::Refused("wrong password".into());
    let limit = std::time::Duration::from_secs(30);
    let error =
        bench.engine.ready(&container, &ladder, limit, &mut bench.events, &mut refused).err().unwrap();
    assert_eq!(error.to_string(), "wrong password");
}

#[test]
fn another_port_on_the_command_line_is_found() {
    let mut bench = Bench::new().data_volume();
    bench.service.command = Some(["postgres", "-p", "5544"].map(str::to_owned).to_vec());
    bench.start(&[]).unwrap();
    let endpoint = bench.ready(None).unwrap();
    assert!(matches!(endpoint.address, Address::Tcp { port: 5544, .. }));
    bench.ready(Some(Rung::Tunnel)).unwrap();
}
