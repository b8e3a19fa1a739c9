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
    let mut child = dbctl(&path.display().to_string(), Stdio::null());
    assert_small(&mut child);
}

#[test]
fn a_huge_standard_input_takes_no_more_memory_than_a_small_one() {
    let mut child = dbctl("-", Stdio::piped());
    let input = child.stdin.take().unwrap();
    let writer = thread::spawn(move || write_script(input));
    assert_small(&mut child);
    writer.join().unwrap().unwrap();
}

fn dbctl(file: &str, input: Stdio) -> Child {
    let cluster = Cluster::shared();
    let host = cluster.directory().display().to_string().replace('/', "%2F");
    let url = format!("postgres://postgres@{host}:{}/{}", cluster.port(), cluster.database());
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbctl"));
    command.args(["run", "--psql-output", "--url", &url, file]).stdin(input);
    command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// Waits for a program, which must succeed, and looks at its memory meanwhile.
fn assert_small(child: &mut Child) {
    let mut peak = 0;
    let status = loop {
        peak = peak_bytes(child.id()).unwrap_or(peak);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
    println!("{} MiB of script, at most {} KiB of memory", size() / MEBIBYTE, peak / 1024);
    assert!((1..=64 * MEBIBYTE).contains(&peak), "{peak} bytes");
}

/// The most memory that the process has had resident so far, where the system tells.
fn peak_bytes(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}
