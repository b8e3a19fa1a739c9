//! The scanner at size: fast, and constant in memory.

use dbctl::sql::survey;

use super::growth::time;
use super::scan::statements;

#[test]
fn plain_sql_is_scanned_fast() {
    let line = "INSERT INTO public.measurements (id, sensor, taken_at, value) VALUES (123, 'north gate', '2026-01-25 12:00:00+00', 17.25);\n";
    let script = line.repeat(400_000);
    let mut count = 0;
    let time = time(|| count = statements(script.as_bytes()));
    assert_eq!(count, 400_000);
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = script.len() as f64 / 1e6 / time.as_secs_f64();
    println!("{rate:.0} MB/s");
    // A release build does several times this; a test must also pass on a busy machine in a debug build.
    assert!(rate > 50.0, "{rate:.0} MB/s");
}

/// An endless script with COPY data: what the reader and the survey keep does not grow with it.
struct Endless {
    left: usize,
    unit: &'static [u8],
    at: usize,
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.left).min(self.unit.len() - self.at);
        buffer[..count].copy_from_slice(&self.unit[self.at..self.at + count]);
        self.at = (self.at + count) % self.unit.len();
        self.left -= count;
        Ok(count)
    }
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux machine");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse().ok()).expect("a number")
}

/// Tests share a process, and its peak: the measurement runs in one of its own.
const ALONE: &str = "DBCTL_TEST_ALONE";

#[test]
fn a_large_script_is_surveyed_in_constant_memory() {
    if std::env::var_os(ALONE).is_some() {
        return survey_a_large_script();
    }
    let itself = std::env::current_exe().expect("a path");
    let mut test = std::process::Command::new(itself);
    let module = module_path!().split_once("::").map_or("", |(_, path)| path);
    let name = format!("{module}::a_large_script_is_surveyed_in_constant_memory");
    test.args(["--exact", &name, "--nocapture"]).env(ALONE, "1");
    let output = test.output().expect("the test runs");
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

fn survey_a_large_script() {
    let unit = b"copy t from stdin;\n1\ta\n2\tb\n\\.\nselect 1, 'text' /* c */;\ninsert into t values (1);\n";
    let found = survey::survey(Endless { left: unit.len() * 500_000, unit, at: 0 }).expect("readable");
    assert_eq!(found.statements, 1_500_000);
    assert!(peak_memory() < 32 * 1024, "{} kB", peak_memory());
}
