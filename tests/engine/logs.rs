//! A container's log, as text and as it comes.

use std::process::Command;
use std::time::{Duration, Instant};

use super::sample::{Sample, docker, engine};

struct Container(String);

impl Container {
    fn run(sample: &Sample, options: &[&str], script: &str) -> Self {
        let mut args = vec!["run", "--detach"];
        args.extend(options);
        let image = sample.image();
        args.extend([image.as_str(), "/bin/sh", "-c", script]);
        Self(docker(&args).trim().to_owned())
    }

    fn wait(&self) {
        docker(&["wait", &self.0]);
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rm", "--force", &self.0]).output();
    }
}

fn shell() -> Sample {
    Sample::new("FROM scratch\nCOPY rootfs /\n").with_shell()
}

#[test]
fn the_last_lines_of_both_channels_are_read() {
    let (engine, sample) = (engine(), shell());
    sample.built(&engine);
    let container = Container::run(&sample, &[], "echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three");
    container.wait();
    assert_eq!(engine.last_log_lines(&container.0, 2).unwrap(), "two\nthree\n");
    assert_eq!(engine.last_log_lines(&container.0, 9).unwrap(), "one\ntwo\nthree\n");
}

#[test]
fn a_terminals_log_is_read_too() {
    let (engine, sample) = (engine(), shell());
    sample.built(&engine);
    let container = Container::run(&sample, &["--tty"], "echo one; printf two");
    container.wait();
    assert_eq!(engine.last_log_lines(&container.0, 9).unwrap(), "one\r\ntwo");
}

#[test]
fn a_followed_log_ends_with_its_container() {
    let (engine, sample) = (engine(), shell());
    sample.built(&engine);
    let container = Container::run(&sample, &[], "echo one; sleep 1; echo two");
    let (started, mut written) = (Instant::now(), Vec::new());
    engine.follow_log(&container.0, None, &mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), "one\ntwo\n");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn an_unknown_container_has_no_log() {
    let error = engine().last_log_lines("t-engine-nobody", 5).unwrap_err();
    assert!(error.is_not_found(), "{error}");
}
