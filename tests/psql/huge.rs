//! A script of any size in constant memory, from a file and from standard input.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::session::cluster::Cluster;

const MEBIBYTE: u64 = 1024 * 1024;

/// `DBCTL_HUGE=2147483648` tries a script of two gibibytes.
fn size() -> u64 {
    std::env::var("DBCTL_HUGE").ok().and_then(|size| size.parse().ok()).unwrap_or(128 * MEBIBYTE)
}

/// Statements with much to read and little to do, and data among them.
fn write_script(to: impl Write) -> io::Result<()> {
    let mut to = BufWriter::new(to);
    let comment = "and so on, ".repeat(400);
    let rows = format!("{}\n", "0123456789".repeat(10)).repeat(1000);
    writeln!(to, "create unlogged table rows (text text);\nbegin;")?;
    let mut written = 0;
    while written < size() {
        for number in 0..100 {
            writeln!(to, "select {number}; /* {comment} */")?;
        }
        writeln!(to, "copy rows from stdin;\n{rows}\\.\ntruncate rows;")?;
        written += (100 * (comment.len() + 20) + rows.len()) as u64;
    }
    writeln!(to, "commit;\nselect 'the end';")?;
    to.flush()
}

#[test]
fn a_huge_file_takes_no_more_memory_than_a_small_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("huge.sql");
    write_script(File::create(&path).unwrap()).unwrap();
    assert_small(dbctl(&[], &path.display().to_string(), Stdio::null()));
}

#[test]
fn a_huge_standard_input_takes_no_more_memory_than_a_small_one() {
    let mut child = dbctl(&[], "-", Stdio::piped());
    let input = child.stdin.take().unwrap();
    let writer = thread::spawn(move || write_script(input));
    assert_small(child);
    writer.join().unwrap().unwrap();
}

/// What a script may be full of: what comes first, what comes again and again, and how often makes a test.
const CONTENTS: &[(&str, &str, &str, usize)] = &[
    ("statements in savepoints", "\\set ON_ERROR_ROLLBACK on\nbegin;\n", "select;\n", 12_000),
    ("statements after a BEGIN by themselves", "\\set AUTOCOMMIT off\n", "select; commit;\n", 20_000),
    ("routines", "", "create function f() returns int language none as $$ $$;\n", 20_000),
    ("errors", "", "select;;\nselect oops;\n", 10_000),
    ("results in variables", "", "select 1 as a \\gset\n", 10_000),
    ("meta-commands", "", "\\set a 1\n", 200_000),
    ("branches", "", "\\if false\nselect 1;\n\\elif true\n\\else\n\\endif\n", 100_000),
    ("notifications", "listen a;\n", "notify a, 'b';\n", 10_000),
    ("notices", "", "rollback;\n", 20_000),
];

#[test]
fn memory_does_not_grow_with_what_a_script_is_full_of() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("full.sql").display().to_string();
    let of = |before: &str, unit: &str, count: usize| {
        fs::write(&path, before.to_owned() + &unit.repeat(count)).unwrap();
        peak(dbctl(&["--no-stop"], &path, Stdio::null()))
    };
    let grows = |(name, before, unit, count): &(&'static str, &str, &str, usize)| {
        let (few, many) = (of(before, unit, count / 8), of(before, unit, *count));
        println!("{name}: {} KiB, eight times as many {} KiB", few / 1024, many / 1024);
        (many > few + 3 * MEBIBYTE / 4).then_some(*name)
    };
    let growing: Vec<_> = CONTENTS.iter().filter_map(grows).collect();
    assert!(growing.is_empty(), "{growing:?}");
}

fn dbctl(arguments: &[&str], file: &str, input: Stdio) -> Child {
    let cluster = Cluster::shared();
    let host = cluster.directory().display().to_string().replace('/', "%2F");
    let url = format!("postgres://postgres@{host}:{}/{}", cluster.port(), cluster.database());
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbctl"));
    command.args(["run", "--psql-output", "--url", &url, file]).args(arguments).stdin(input);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn assert_small(child: Child) {
    let peak = peak(child);
    println!("{} MiB of script, at most {} KiB of memory", size() / MEBIBYTE, peak / 1024);
    assert!((1..=64 * MEBIBYTE).contains(&peak), "{peak} bytes");
}

/// Waits for a program, which must succeed, and looks at its memory meanwhile.
fn peak(mut child: Child) -> u64 {
    let mut peak = 0;
    let status = loop {
        peak = peak_bytes(child.id()).unwrap_or(peak);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{status}");
    peak
}

/// The most memory that the process has had resident so far, where the system tells.
fn peak_bytes(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}
