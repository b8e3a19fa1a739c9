//! Reaching the engine, and what is said where none answers.

use std::os::unix::net::UnixListener;

use dbctl::docker::{ConnectError, Connection, DockerError, Engine, Fault};

use super::sample::{docker, engine};

fn refused(connection: &Connection) -> ConnectError {
    match Engine::connect(connection) {
        Err(DockerError::Connect(error)) => error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("there is no engine there"),
    }
}

#[test]
fn the_engine_is_described_as_the_cli_describes_it() {
    let description = engine().describe().unwrap();
    let format = "{{.Server.Version}} {{.Server.APIVersion}} {{.Server.Os}}/{{.Server.Arch}}";
    let told = docker(&["version", "--format", format]);
    let found = format!("{} {} {}", description.version, description.api_version, description.platform);
    assert_eq!(found, told.trim());
}

#[test]
fn a_chosen_engine_that_is_not_there_is_not_replaced_by_another() {
    let connection =
        Connection { host: Some("unix:///nowhere/docker.sock".to_owned()), ..Connection::default() };
    let error = refused(&connection);
    let ConnectError::Unreachable(attempts) = &error else { panic!("{error}") };
    assert_eq!(attempts.len(), 1);
    assert!(
        error.to_string().contains("`unix:///nowhere/docker.sock` (`DOCKER_HOST`): not there"),
        "{error}"
    );
}

#[test]
fn a_port_where_nothing_listens_is_refused() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = refused(&Connection { host: Some(format!("tcp://{free}")), ..Connection::default() });
    let ConnectError::Unreachable(attempts) = &error else { panic!("{error}") };
    assert!(matches!(attempts[0].fault, Fault::Refused), "{error}");
}

#[test]
fn a_socket_that_accepts_and_says_nothing_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("docker.sock");
    let _listener = UnixListener::bind(&path).unwrap();
    let error =
        refused(&Connection { host: Some(format!("unix://{}", path.display())), ..Connection::default() });
    let ConnectError::Unreachable(attempts) = &error else { panic!("{error}") };
    assert!(matches!(attempts[0].fault, Fault::Silent), "{error}");
}

#[test]
fn missing_certificates_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let connection = Connection {
        host: Some("tcp://127.0.0.1:1".to_owned()),
        tls: dbctl::docker::Tls { verify: true, cert_path: Some(directory.path().to_owned()) },
        ..Connection::default()
    };
    let error = refused(&connection).to_string();
    assert!(error.contains(&format!("{}/ca.pem", directory.path().display())), "{error}");
}
