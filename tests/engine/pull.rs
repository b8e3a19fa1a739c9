//! Pulling: what the engine is told, and what a registry that does not answer looks like.

use std::io::{Read, Write};
use std::path::Path;

use dbctl::docker::{Connection, DockerError, Engine, PullError};
use dbctl::event::Event;

use super::sample::{Kept, engine};
use super::stub::StubEngine;

fn connected(host: String, config_dir: &Path) -> Engine {
    let config_dir = Some(config_dir.to_owned());
    Engine::connect(&Connection { host: Some(host), config_dir, ..Connection::default() })
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_login_reaches_the_engine_in_the_alphabet_that_it_reads() {
    // `?>~` are the characters whose base64 differs between the two alphabets.
    let password = "??>>~~";
    let directory = tempfile::tempdir().unwrap();
    let auth = base64(format!("ada:{password}").as_bytes());
    let config = format!(r#"{{"auths":{{"reg.test":{{"auth":"{auth}"}}}}}}"#);
    std::fs::write(directory.path().join("config.json"), config).unwrap();
    let stub = StubEngine::new();

    let mut kept = Kept::default();
    connected(stub.host.clone(), directory.path())
        .pull_image("reg.test/a:1", None, &mut kept)
        .unwrap_or_else(|error| panic!("{error}"));

    let request = stub.request("/images/create");
    let login = request.header("x-registry-auth").unwrap();
    assert!(!login.is_empty() && !login.contains(['+', '/']), "{login}");
    let json: serde_json::Value = serde_json::from_slice(&decoded(login)).unwrap();
    assert_eq!((json["username"].as_str(), json["password"].as_str()), (Some("ada"), Some(password)));
    let told: Vec<_> = kept
        .0
        .iter()
        .filter_map(|event| match event {
            Event::PullProgress { fetched, total } => Some((*fetched, *total)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(1, 2), (2, 2)]);
}

#[test]
fn a_missing_credential_helper_does_not_stop_a_pull() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.json"), r#"{"credsStore":"t-engine-absent"}"#).unwrap();
    let engine = engine_with_config(directory.path());
    let error = pull(&engine, "127.0.0.1:1/t-engine/none:1");
    assert!(matches!(error, DockerError::Pull(PullError::Unreachable { .. })), "{error}");
}

#[test]
fn a_registry_that_does_not_answer_is_named() {
    let error = pull(&engine(), "127.0.0.1:1/t-engine/none:1").to_string();
    let first = "the registry of image `127.0.0.1:1/t-engine/none:1` cannot be reached: ";
    assert!(error.starts_with(first) && error.contains("connection refused"), "{error}");
}

fn engine_with_config(config_dir: &Path) -> Engine {
    let connection = Connection {
        host: std::env::var("DOCKER_HOST").ok().or(Some("unix:///var/run/docker.sock".to_owned())),
        config_dir: Some(config_dir.to_owned()),
        ..Connection::default()
    };
    Engine::connect(&connection).unwrap_or_else(|error| panic!("{error}"))
}

fn pull(engine: &Engine, image: &str) -> DockerError {
    match engine.pull_image(image, None, &mut Kept::default()) {
        Err(error) => error,
        Ok(_) => panic!("`{image}` cannot exist"),
    }
}

/// `openssl base64`, an implementation that is not ours.
fn base64(bytes: &[u8]) -> String {
    String::from_utf8(openssl(&["base64", "-A"], bytes)).unwrap()
}

fn decoded(url_safe: &str) -> Vec<u8> {
    let standard = url_safe.replace('-', "+").replace('_', "/");
    openssl(&["base64", "-d", "-A"], standard.as_bytes())
}

fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = std::process::Command::new("openssl")
        .args(args)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("this test needs openssl");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    assert!(child.wait().unwrap().success());
    output
}
