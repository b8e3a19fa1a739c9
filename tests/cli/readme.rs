//! README.md is held to what the binary says of itself.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use dbctl::error::Exit;

use crate::harness::repository;

fn readme() -> String {
    fs::read_to_string(repository("README.md")).expect("README.md is readable")
}

fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_dbctl")).arg("--help").output().expect("dbctl starts");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

/// The rows below the heading `## title`, each as its cells.
fn table(title: &str) -> Vec<Vec<String>> {
    let text = readme();
    let section =
        text.split("\n## ").find(|section| section.starts_with(title)).expect("README has the section");
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands in backticks, without the backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_table_of_commands_is_that_of_the_help() {
    let help = help();
    let commands =
        help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("commands");
    let known: BTreeSet<&str> = commands
        .lines()
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let rows = table("Commands");
    let told: BTreeSet<&str> =
        rows.iter().filter_map(|row| quoted(&row[0]).next()?.split(' ').nth(1)).collect();
    assert_eq!(told, known);
}

#[test]
fn every_flag_in_the_table_of_settings_exists() {
    let help = help();
    for row in table("Configuration") {
        for flag in quoted(&row[2]).filter(|flag| *flag != "--strict") {
            let flag = flag.split(' ').next().unwrap_or(flag);
            assert!(help.contains(flag), "README names `{flag}`, which `dbctl --help` does not");
        }
    }
}

#[test]
fn every_key_in_the_table_of_settings_is_read_from_the_file() {
    let rows = table("Configuration");
    let keys = rows.iter().flat_map(|row| quoted(&row[0])).filter(|key| !key.starts_with('['));
    let directory = tempfile::tempdir().expect("a temporary directory");
    for key in keys {
        fs::write(directory.path().join("dbctl.toml"), format!("{key} = 0.5\n")).expect("a file is written");
        let error =
            dbctl::project::Settings::from_file(directory.path()).err().expect("0.5 fits no key").to_string();
        assert!(!error.contains("unknown field"), "README names `{key}`: {error}");
    }
}

#[test]
fn every_exit_code_is_told() {
    let told: Vec<String> = table("Exit codes").into_iter().map(|row| row[0].clone()).collect();
    let exits = [
        Exit::Done,
        Exit::Findings,
        Exit::Usage,
        Exit::ProjectFiles,
        Exit::Docker,
        Exit::Database,
        Exit::Interrupted,
    ];
    assert_eq!(told, exits.map(|exit| exit.code().to_string()));
    let help = help().split_whitespace().collect::<Vec<_>>().join(" ");
    for code in told {
        assert!(help.contains(&format!(" {code} ")), "`dbctl --help` does not tell exit code {code}");
    }
}

#[test]
fn every_directive_is_told() {
    let rows = table("How a script runs");
    let told: Vec<&str> =
        rows.iter().filter_map(|row| quoted(&row[0]).next()?.strip_prefix("-- dbctl: ")).collect();
    let directory = tempfile::tempdir().expect("a temporary directory");
    assert_eq!(told.len(), 4);
    for directive in told {
        fs::write(directory.path().join("001_a.sql"), format!("-- dbctl: {directive}\n"))
            .expect("a file is written");
        dbctl::init_dir::InitDir::read(directory.path()).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn links_lead_to_files_of_the_repository() {
    for name in ["README.md", "CONTRIBUTING.md", "docs/ledger.md", "docs/docker.md", "docs/compose.md"] {
        let path = repository(name);
        let text = fs::read_to_string(&path).expect("the document is readable");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = path.parent().expect("a directory").join(link);
            assert!(link.starts_with("https://") || target.exists(), "{name} links to `{link}`");
        }
    }
}
