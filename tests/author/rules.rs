//! The rules as they are documented.

use std::fs;

use crate::harness::{Project, repository};

#[test]
fn the_table_in_the_docs_is_generated_from_the_rules() {
    let document = fs::read_to_string(repository("docs/lint.md")).expect("the document is readable");
    let table: Vec<&str> = document
        .lines()
        .skip_while(|line| !line.starts_with("| rule |"))
        .take_while(|line| !line.is_empty())
        .collect();
    let generated = Project::new().run(["lint", "--list", "--markdown"]).succeeds().stdout;
    assert_eq!(
        table.join("\n"),
        generated.trim_end(),
        "put what `dbctl lint --list --markdown` prints into docs/lint.md"
    );
}

#[test]
fn the_sample_project_keeps_all_of_them() {
    let project = Project::new();
    let mut command = project.command(["lint"]);
    command.current_dir(repository("."));
    crate::harness::Ran::of(command).succeeds().prints("29 scripts: nothing found");
}

#[test]
fn a_rule_is_explained_with_an_example_and_a_wrong_name_gets_a_suggestion() {
    let project = Project::new();
    project
        .run(["lint", "--explain", "insert-guarded"])
        .succeeds()
        .prints("A second run would add the rows again")
        .prints("    INSERT INTO users (name) VALUES ('admin');")
        .prints("`-- dbctl: allow insert-guarded`");
    project.run(["lint", "--explain", "insert-gaurded"]).fails(2).prints("did you mean `insert-guarded`?");
    let json = project.run(["lint", "--explain", "no-drop", "--json"]).succeeds().json();
    assert_eq!(json["migrations"], "error");
}

#[test]
fn the_list_shows_what_holds_here() {
    let project =
        Project::new().file("dbctl.toml", "[lint]\npreset = 'migrations'\n[lint.rules]\nno-drop = 'off'\n");
    let list = project.run(["lint", "--list"]).succeeds().stdout;
    let severity = |name: &str| {
        let line = list.lines().find(|line| line.split(' ').next() == Some(name)).expect("it is listed");
        line.split_whitespace().nth(1).expect("a severity").to_owned()
    };
    assert_eq!(
        [severity("no-drop"), severity("index-name"), severity("one-change")],
        ["off", "error", "warn"]
    );
    let json = project.run(["lint", "--list", "--json"]).succeeds().json();
    assert!(json["rules"].as_array().is_some_and(|rules| rules.len() > 30));
}
