//! COPY between the lines of a script.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dbctl::session::{FailureKind, Mode, ScriptSource, Silent};

use super::child::{child, spawn};
use super::script::{AUTOCOMMIT, Bench, Ledger, Script, psql_shows};

#[test]
fn inline_data_is_streamed_and_the_script_goes_on_behind_it() {
    let script = Script::new(
        "create table t (n int, v text);\ncopy t from stdin; select 'same line';\n1\tone\n2\t\\N\n\\.\n\
         copy t (v) from stdin with (format csv);\n\"quoted\n\\.x\"\n\\.\n\
         copy t from stdin \\; select 'between' \\; copy t from stdin;\n3\tx\n\\.\n4\ty\n\\.\n\
         select * from t;\ncopy t (n) from stdin;\n\\.\ncopy t (n) from stdin;\n5",
    );
    let expected = psql_shows(&script);
    for mode in [Mode::Transaction, AUTOCOMMIT] {
        assert_eq!(Bench::new().shown(&script, mode), expected);
    }
    let mut bench = Bench::new();
    bench.run(&script, Mode::Transaction).unwrap();
    assert_eq!(bench.value("select count(*) from t"), "6");
}

#[test]
fn windows_line_ends_are_no_obstacle() {
    let mut bench = Bench::new();
    let script =
        Script::new("create table t (n int);\r\ncopy t from stdin;\r\n1\r\n2\r\n\\.\r\nselect 1;\r\n");
    bench.run(&script, Mode::Transaction).unwrap();
    assert_eq!(bench.column("select n from t"), ["1", "2"]);
}

#[test]
fn a_bad_row_is_placed_on_its_line_and_the_session_stays_usable() {
    let mut bench = Bench::new();
    let rows: String = (0..200_000).fold(String::new(), |mut rows, n| {
        writeln!(rows, "{n}").unwrap();
        rows
    });
    let script = Script::new(format!(
        "create table t (n int);\ncopy t from stdin;\n1\n2\nthree\n{rows}\\.\nselect 1;"
    ));
    let failure = bench.run(&script, Mode::Transaction).unwrap_err();
    assert_eq!(failure.sqlstate(), Some("22P02"));
    assert_eq!((failure.number, failure.position.line), (2, 5));
    bench.run(&Script::new("create table t ()"), Mode::Transaction).unwrap();
}

#[test]
fn a_rejected_copy_does_not_run_its_data() {
    let mut bench = Bench::new();
    let script = Script::new("create table t ();\ncopy missing from stdin;\ndrop table t;\n\\.\n");
    let failure = bench.run(&script, AUTOCOMMIT).unwrap_err();
    assert_eq!((failure.sqlstate(), failure.position.line), (Some("42P01"), 2));
    assert_eq!(bench.value("select count(*) from pg_class where relname = 't'"), "1");
}

#[test]
fn binary_data_reach_to_the_end_of_the_file() {
    let script = Script::new("create table t (n int);\ncopy t from stdin binary;\nPGCOPY\n\\.\nselect 1;\n");
    let failure = Bench::new().run(&script, Mode::Transaction).unwrap_err();
    let FailureKind::Server(message) = &failure.kind else { panic!("{failure}") };
    assert_eq!(message.sqlstate(), "22P04", "{message}");
}

/// A script that is made while it is read.
struct Rows {
    left: u32,
    ready: Vec<u8>,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() && self.left > 0 {
            for _ in 0..1000.min(self.left) {
                self.ready.extend_from_slice(b"123456\tsome text that fills the row up to about a hundred bytes, so that many megabytes come about\n");
            }
            self.left -= 1000.min(self.left);
        }
        let count = buffer.len().min(self.ready.len());
        buffer[..count].copy_from_slice(&self.ready[..count]);
        self.ready.drain(..count);
        Ok(count)
    }
}

struct Huge {
    rows: u32,
    head: &'static str,
}

impl ScriptSource for Huge {
    fn name(&self) -> String {
        "huge.sql".into()
    }

    fn open(&mut self) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(self.head.as_bytes().chain(Rows { left: self.rows, ready: Vec::new() })))
    }

    fn include(&mut self, _: &Path, _: Option<&Path>) -> io::Result<(PathBuf, Box<dyn Read>)> {
        Err(io::ErrorKind::NotFound.into())
    }
}

#[test]
fn much_data_takes_little_memory() {
    if let Some(mut session) = child() {
        let head = "create unlogged table t (n int, v text);\ncopy t from stdin;\n";
        let mut script = Huge { rows: 2_000_000, head };
        session.run(&mut script, Mode::Transaction, &mut Ledger, &mut Silent).unwrap();
        let peak = peak_kilobytes();
        assert!(peak > 0 && peak < 64 * 1024, "200 MB of data took {peak} kB");
        return;
    }
    let mut bench = Bench::new();
    let mut client = spawn("session::copying::much_data_takes_little_memory", &bench.database);
    assert!(client.wait().unwrap().success());
    assert_eq!(bench.value("select count(*) from t"), "2000000");
}

#[test]
fn an_error_in_the_middle_of_much_data_comes_soon() {
    let mut bench = Bench::new();
    bench.session.simple("create domain even as int check (value % 2 = 0 or value < 0)").unwrap();
    let start = Instant::now();
    let mut endless =
        Huge { rows: u32::MAX, head: "create table t (n even, v text);\ncopy t from stdin;\n1\tx\n" };
    let failure = bench.session.run(&mut endless, Mode::Transaction, &mut Ledger, &mut Silent).unwrap_err();
    assert_eq!((failure.sqlstate(), failure.position.line), (Some("23514"), 3));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(bench.value("select 1"), "1");
}

/// `VmHWM` of this process, where the system tells.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
