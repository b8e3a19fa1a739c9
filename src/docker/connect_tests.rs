//! What is tried, in which order, and what a failure says.

use super::*;
use crate::docker::engine::Tls;

fn surroundings() -> Connection {
    Connection { home: Some(PathBuf::from("/home/ada")), ..Connection::default() }
}

fn hosts(connection: &Connection) -> Vec<String> {
    candidates(connection).unwrap().into_iter().map(|candidate| candidate.host).collect()
}

fn with_current_context(name: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("config.json"), format!(r#"{{"currentContext":"{name}"}}"#)).unwrap();
    directory
}

#[test]
fn without_a_choice_every_default_is_tried_and_the_system_socket_first() {
    let hosts = hosts(&surroundings());
    assert_eq!(hosts[0], "unix:///var/run/docker.sock");
    assert!(hosts.contains(&"unix:///home/ada/.colima/default/docker.sock".to_owned()));
    assert!(hosts.contains(&"unix:///home/ada/.config/colima/default/docker.sock".to_owned()));
    assert_eq!(hosts.len(), 12);
}

#[test]
fn docker_host_is_the_only_place_tried() {
    let connection = Connection { host: Some("tcp://10.0.0.7:2375".to_owned()), ..surroundings() };
    assert_eq!(hosts(&connection), ["tcp://10.0.0.7:2375"]);
}

#[test]
fn an_empty_docker_host_is_none() {
    let connection = Connection { host: Some(String::new()), ..surroundings() };
    assert_eq!(hosts(&connection).len(), 12);
}

#[test]
fn docker_host_beats_docker_context_and_the_flag_beats_both() {
    let connection = Connection {
        host: Some("tcp://10.0.0.7:2375".to_owned()),
        context: Some("nowhere".to_owned()),
        ..surroundings()
    };
    assert_eq!(hosts(&connection), ["tcp://10.0.0.7:2375"]);
    let connection = Connection { context_flag: Some("elsewhere".to_owned()), ..connection };
    let error = candidates(&connection).unwrap_err().to_string();
    assert!(error.starts_with("there is no Docker context `elsewhere`"), "{error}");
}

#[test]
fn the_current_context_is_honoured_and_a_missing_one_is_an_error() {
    let directory = with_current_context("gone");
    let connection = Connection { config_dir: Some(directory.path().to_owned()), ..surroundings() };
    let error = candidates(&connection).unwrap_err().to_string();
    assert!(error.starts_with("there is no Docker context `gone`"), "{error}");
    let connection = Connection { context: Some("default".to_owned()), ..connection };
    assert_eq!(hosts(&connection)[0], "unix:///var/run/docker.sock");
}

#[test]
fn tls_is_used_where_the_user_verifies() {
    let tls = Tls { verify: true, cert_path: Some(PathBuf::from("/certs")) };
    let connection = Connection { host: Some("tcp://lab:2376".to_owned()), tls, ..surroundings() };
    assert_eq!(candidates(&connection).unwrap()[0].tls, Some(PathBuf::from("/certs")));
    let connection = Connection { tls: Tls { verify: true, cert_path: None }, ..connection };
    assert_eq!(candidates(&connection).unwrap()[0].tls, Some(PathBuf::from("/home/ada/.docker")));
}

#[test]
fn ssh_is_refused_with_the_way_round_it() {
    let connection = Connection { host: Some("ssh://ada@lab/x".to_owned()), ..surroundings() };
    let error = candidates(&connection).unwrap()[0].client().unwrap_err().to_string();
    assert!(error.contains("ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock ada@lab`"), "{error}");
}

#[test]
fn an_unknown_scheme_is_an_error() {
    let connection = Connection { host: Some("/var/run/docker.sock".to_owned()), ..surroundings() };
    assert!(matches!(candidates(&connection).unwrap()[0].client(), Err(ConnectError::Scheme { .. })));
}

#[test]
fn a_failure_lists_every_place_with_its_cause_and_one_next_command() {
    let attempt =
        |host: &str, source: &str, fault| Attempt { source: source.into(), host: host.into(), fault };
    let error = ConnectError::Unreachable(vec![
        attempt(
            "unix:///var/run/docker.sock",
            "the default socket",
            Fault::Denied { group: Some("docker".into()) },
        ),
        attempt("unix:///run/user/7/docker.sock", "rootless Docker", Fault::Missing),
    ]);
    assert_eq!(
        error.to_string(),
        "no Docker engine answers\n\
         \x20 `unix:///var/run/docker.sock` (the default socket): permission denied; it is for root and the group \
         `docker`\n\
         \x20 `unix:///run/user/7/docker.sock` (rootless Docker): not there\n\
         next: `sudo usermod -aG docker $USER`, log in again, then the same command"
    );
}

#[test]
fn a_socket_nobody_listens_on_is_told_from_a_missing_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("docker.sock");
    assert!(matches!(unix_client(&path), Err(Fault::Missing)));
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(matches!(unix_client(&path), Err(Fault::Refused)));
}
