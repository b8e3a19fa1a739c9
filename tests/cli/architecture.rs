//! The house's rules, read from the sources: one direction of imports, one owner for each heavy dependency.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn source_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules in the order of `lib.rs`.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(source_dir().join("lib.rs")).expect("lib.rs is readable");
    text.lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// Every source file with the module of `lib.rs` that it belongs to.
fn files() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut open = vec![source_dir()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).expect("a source directory is readable") {
            let path = entry.expect("an entry is readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((module(&path), path));
            }
        }
    }
    found
}

fn module(path: &Path) -> String {
    let relative = path.strip_prefix(source_dir()).expect("below src");
    let first = relative.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The top-level modules that a file names as `crate::module`.
fn imports(text: &str) -> Vec<(usize, String)> {
    let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.flat_map(|(index, line)| {
        line.match_indices("crate::").map(move |(at, word)| {
            let rest = &line[at + word.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (index + 1, rest[..end].to_owned())
        })
    })
    .collect()
}

#[test]
fn a_module_imports_only_from_modules_above_it() {
    let layers = layers();
    assert!(layers.len() > 10, "lib.rs lists the layers: {layers:?}");
    let position: BTreeMap<&str, usize> =
        layers.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
    let mut wrong = Vec::new();
    for (module, path) in files() {
        let Some(&own) = position.get(module.as_str()) else { continue };
        let text = fs::read_to_string(&path).expect("a source file is readable");
        for (line, import) in imports(&text) {
            if position.get(import.as_str()).is_some_and(|&other| other > own) {
                wrong.push(format!("{}:{line} imports `{import}` from below", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn heavy_dependencies_have_one_owner() {
    let owners = [
        ("bollard", "docker"),
        ("tokio", "docker"),
        ("postgres", "database"),
        ("indicatif", "report"),
        ("clap", "cli"),
        ("notify", "saves"),
        ("std::env", "project"),
    ];
    let mut wrong = Vec::new();
    for (module, path) in files() {
        let text = fs::read_to_string(&path).expect("a source file is readable");
        for (dependency, owner) in owners {
            if module != owner && module != "main" && uses(&text, dependency) {
                wrong.push(format!("{} uses `{dependency}`, which belongs to `{owner}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn uses(text: &str, dependency: &str) -> bool {
    let path = format!("{dependency}::");
    text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '/')
        })
    })
}

#[test]
fn every_module_says_in_one_sentence_what_lives_there() {
    let without: Vec<_> = files()
        .into_iter()
        .map(|(_, path)| path)
        .filter(|path| !fs::read_to_string(path).expect("readable").starts_with("//! "))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}
