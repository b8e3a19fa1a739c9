//! The rules themselves, for `--list`, `--explain` and the document.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::table;
use crate::lint::rule::Example;
use crate::lint::{RULES, Rule, Severity};

/// With what each is set to.
pub fn listed(severity: impl Fn(&Rule) -> Severity) -> String {
    let row = |rule: &&Rule| {
        let fix = if rule.fixes { "fix" } else { "" };
        vec![rule.name.to_owned(), severity(rule).as_str().to_owned(), fix.to_owned(), rule.wants.to_owned()]
    };
    table::of(&["rule", "severity", "", "what it wants"], RULES.iter().map(row))
}

/// The table of docs/lint.md.
pub fn markdown() -> String {
    let mut text =
        "| rule | what it wants | init | migrations | `--fix` |\n|---|---|---|---|---|\n".to_owned();
    for rule in RULES {
        let fix = if rule.fixes { "yes" } else { "" };
        let (init, migrations) = (rule.init.as_str(), rule.migrations.as_str());
        let _ = writeln!(text, "| {} | {} | {init} | {migrations} | {fix} |", rule.name, rule.wants);
    }
    text
}

/// What a rule wants, why, and an example.
pub fn explained(rule: &Rule) -> String {
    let (wrong, right) = examples(rule);
    let (init, migrations) = (rule.init.as_str(), rule.migrations.as_str());
    let mut text = format!("{}: {}\n\n{}\n", rule.name, rule.wants, rule.why);
    let _ = writeln!(text, "\nwrong:\n{}\n\nright:\n{}", indented(&wrong), indented(&right));
    let _ = writeln!(text, "\npreset init: {init}; preset migrations: {migrations}");
    if rule.fixes {
        text.push_str("`dbctl lint --fix` mends it\n");
    }
    let name = rule.name;
    let _ = write!(
        text,
        "for one statement: `-- dbctl: allow {name}` before it; for all: `[lint.rules]` in dbctl.toml, `{name} = \"off\"`"
    );
    text
}

pub fn json(rule: &Rule) -> Value {
    let (wrong, right) = examples(rule);
    json!({
        "name": rule.name,
        "wants": rule.wants,
        "why": rule.why,
        "init": rule.init.as_str(),
        "migrations": rule.migrations.as_str(),
        "fixes": rule.fixes,
        "wrong": wrong,
        "right": right,
    })
}

fn examples(rule: &Rule) -> (String, String) {
    match rule.example {
        Example::Sql { wrong, right } | Example::Words { wrong, right } => {
            (wrong.to_owned(), right.to_owned())
        }
        Example::Files { wrong, right } => (wrong.join("\n"), right.join("\n")),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
