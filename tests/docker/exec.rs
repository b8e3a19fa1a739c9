//! Commands and files inside the container.

use std::io::Cursor;

use dbctl::docker::{Channel, Command, ContainerError, Upload};
use dbctl::secret::Secret;

use crate::docker::bench::{Bench, docker};

fn running() -> (Bench, dbctl::docker::ContainerFacts) {
    let mut bench = Bench::new().data_volume();
    bench.service.entrypoint = Some(vec!["sleep".to_owned(), "600".to_owned()]);
    bench.service.init = Some(true);
    let image = bench.observe().image.unwrap();
    let wanted = dbctl::docker::Wanted { service: &bench.service, image: &image };
    let container = bench.engine.create(wanted, "there is none", &mut bench.events).unwrap();
    bench.engine.start(&bench.service, &container, &mut bench.events).unwrap();
    let container = bench.container();
    (bench, container)
}

#[test]
fn output_and_errors_arrive_apart_and_the_exit_code_is_told() {
    let (bench, container) = running();
    let command = Command::new(["sh", "-c", "echo out; echo error >&2; exit 7"]);
    let answer = bench.engine.ask(&container, &command).unwrap();
    assert_eq!(
        (answer.code, answer.out.as_slice(), answer.error.as_slice()),
        (7, &b"out\n"[..], &b"error\n"[..])
    );
}

#[test]
fn input_environment_user_and_directory_reach_the_command() {
    let (bench, container) = running();
    let command = Command {
        words: vec!["sh".to_owned(), "-c".to_owned(), "cat; echo \"$GREETING $(id -un) $PWD\"".to_owned()],
        environment: vec![("GREETING".to_owned(), Secret::new("good day"))],
        user: Some("postgres".to_owned()),
        working_dir: Some("/tmp".to_owned()),
    };
    let mut out = Vec::new();
    let input = Box::new(Cursor::new(b"from outside\n"));
    let code = bench.engine.exec(&container, &command, Some(input), &mut |channel, bytes| {
        assert_eq!(channel, Channel::Out);
        out.extend_from_slice(bytes);
    });
    assert_eq!(code.unwrap(), 0);
    assert_eq!(String::from_utf8(out).unwrap(), "from outside\ngood day postgres /tmp\n");
}

#[test]
fn large_input_and_output_flow_at_the_same_time() {
    let (bench, container) = running();
    let input = vec![b'x'; 20_000_000];
    let mut received = 0;
    let source = Box::new(Cursor::new(input));
    let code = bench.engine.exec(&container, &Command::new(["cat"]), Some(source), &mut |_, bytes| {
        received += bytes.len();
    });
    assert_eq!((code.unwrap(), received), (0, 20_000_000));
}

#[test]
fn a_command_that_ends_before_its_input_does_is_no_error() {
    let (bench, container) = running();
    let source = Box::new(std::io::repeat(b'x'));
    let code = bench.engine.exec(&container, &Command::new(["true"]), Some(source), &mut |_, _| ());
    assert_eq!(code.unwrap(), 0);
}

#[test]
fn a_command_that_does_not_exist_is_named() {
    let (bench, container) = running();
    match bench.engine.ask(&container, &Command::new(["no-such-command"])) {
        Ok(answer) => assert!(matches!(answer.code, 126 | 127), "{}", answer.code),
        Err(error @ ContainerError::Exec { .. }) => assert!(error.to_string().contains("no-such-command")),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn files_go_in_with_their_owner_and_come_back() {
    let (bench, container) = running();
    let file = Upload {
        path: "/new/place/file".to_owned(),
        content: b"content".to_vec(),
        mode: 0o640,
        uid: 999,
        gid: 7,
    };
    bench.engine.write_files(&container.id, &[file]).unwrap();
    assert_eq!(bench.engine.read_file(&container.id, "/new/place/file").unwrap().unwrap(), b"content");
    assert_eq!(bench.engine.read_file(&container.id, "/new/place/none").unwrap(), None);
    let seen = docker(&["exec", &container.id, "stat", "-c", "%a %u %g", "/new/place/file", "/new/place"]);
    assert_eq!(seen, "640 999 7\n755 0 0");
}

/// Runs itself once more at a terminal that `script` makes: there it types into a command of the container.
#[test]
fn a_command_at_the_users_terminal_has_its_size_its_keys_and_its_exit_code() {
    const INSIDE: &str = "DBCTL_TEST_TERMINAL_OF";
    if let Ok(container) = std::env::var(INSIDE) {
        let engine = dbctl::docker::Engine::connect(&dbctl::docker::Connection::default()).unwrap();
        let container = engine.inspect(&container).unwrap().unwrap();
        let command = Command::new(["sh", "-c", "sleep 1; stty size; read line; echo got $line; exit 5"]);
        let terminal = dbctl::docker::Terminal::of_process().unwrap();
        let code = engine.interact(&container, &command, &terminal).unwrap();
        println!("ended with {code}");
        return;
    }
    let (_bench, container) = running();
    let name = "docker::exec::a_command_at_the_users_terminal_has_its_size_its_keys_and_its_exit_code";
    let own = std::env::current_exe().unwrap();
    let line = format!("stty rows 33 cols 101; exec {} --exact {name} --nocapture", own.display());
    let mut script = std::process::Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env(INSIDE, &container.id)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut keys = script.stdin.take().unwrap();
    std::io::Write::write_all(&mut keys, b"typed\r").unwrap();
    let seen = String::from_utf8(script.wait_with_output().unwrap().stdout).unwrap();
    drop(keys);
    for expected in ["33 101", "got typed", "ended with 5"] {
        assert!(seen.contains(expected), "{expected} in {seen}");
    }
}
