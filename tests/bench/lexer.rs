//! How fast the lexer reads plain SQL: prints megabytes a second, the best of five readings.
//! `cargo bench --bench lexer`

use std::fs;
use std::path::Path;
use std::time::Instant;

#[path = "../sql/scan.rs"]
mod scan;

use scan::statements;

const SIZE: usize = 256 * 1024 * 1024;

fn main() {
    let script = sample();
    let best = (0..5).map(|_| seconds(&script)).fold(f64::INFINITY, f64::min);
    #[expect(clippy::cast_precision_loss, reason = "a size in megabytes")]
    let megabytes = script.len() as f64 / 1e6;
    println!("{:.0}", megabytes / best);
}

/// The sample project's scripts, again and again.
fn sample() -> Vec<u8> {
    let init = Path::new(env!("CARGO_MANIFEST_DIR")).join("init");
    let mut paths: Vec<_> =
        fs::read_dir(init).expect("the sample project").map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    // Data of a COPY are not read by the lexer.
    let texts = paths
        .iter()
        .map(|path| fs::read(path).expect("a script"))
        .filter(|text| !text.windows(6).any(|word| word == b"STDIN;"));
    let project: Vec<u8> = texts.flatten().collect();
    assert!(project.len() > 10_000, "the sample project's scripts are there");
    project.repeat(SIZE / project.len())
}

fn seconds(script: &[u8]) -> f64 {
    let start = Instant::now();
    let statements = statements(script);
    assert!(statements > 1_000, "{statements} statements");
    start.elapsed().as_secs_f64()
}
