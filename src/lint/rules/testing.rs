//! For the rules' tests: one rule, a few scripts, and what it finds in them.

use std::path::PathBuf;

use crate::lint::config::{Config, Settings};
use crate::lint::fix::mend;
use crate::lint::reading::{File, Reading};
use crate::lint::rule::Example;
use crate::lint::{self, Finding, RULES};
use crate::script::Kind;

/// With all other rules off.
fn config(rule: &str, settings: &str) -> Config {
    let severity = |name: &str| format!("{name}={}", if name == rule { "error" } else { "off" });
    let flags: Vec<String> = RULES.iter().map(|rule| severity(rule.name)).collect();
    let settings: Settings = toml::from_str(settings).expect("the settings are sound");
    Config::new(&settings, None, &flags).expect("the rules exist")
}

fn reading(name: &str, text: &[u8]) -> Reading {
    let kind = Kind::of_name(name).expect("a script's name");
    let shown = format!("init/{name}");
    let within = shown.clone();
    let file =
        File { name: name.to_owned(), path: PathBuf::from(name), shown, within, kind, is_wanted: true };
    Reading::of(file, text.to_vec())
}

/// Read for what it makes, and not checked.
fn base() -> Reading {
    let mut reading = reading("001_base.sql", Example::BASE.as_bytes());
    reading.file.is_wanted = false;
    reading
}

fn findings(rule: &str, settings: &str, readings: &[Reading]) -> Vec<Finding> {
    lint::findings(readings, &config(rule, settings))
}

/// What is underlined in the findings.
fn underlined(rule: &str, settings: &str, readings: &[Reading]) -> Vec<String> {
    let findings = findings(rule, settings, readings);
    findings.iter().map(|finding| readings[finding.script].source(&finding.span)).collect()
}

/// What `rule` underlines in a script that comes after [`Example::BASE`].
pub fn found(rule: &str, text: &str) -> Vec<String> {
    found_with(rule, "", text)
}

/// The same, with a table `[lint]`.
pub fn found_with(rule: &str, settings: &str, text: &str) -> Vec<String> {
    let readings = [base(), reading("002_example.sql", text.as_bytes())];
    underlined(rule, settings, &readings)
}

/// The same in any number of scripts.
pub fn found_in(rule: &str, scripts: &[(&str, &str)]) -> Vec<String> {
    let readings: Vec<_> = scripts.iter().map(|(name, text)| reading(name, text.as_bytes())).collect();
    underlined(rule, "", &readings)
}

/// What is underlined in a script of these bytes.
pub fn found_in_bytes(rule: &str, name: &str, bytes: &[u8]) -> Vec<String> {
    underlined(rule, "", &[reading(name, bytes)])
}

/// The messages for scripts of which only the names matter.
pub fn among(rule: &str, names: &[&str]) -> Vec<String> {
    let readings: Vec<_> = names.iter().map(|name| reading(name, b"SELECT 1;\n")).collect();
    findings(rule, "", &readings).into_iter().map(|finding| finding.message).collect()
}

/// How many findings in a script, that comes after [`Example::BASE`], are left to its author.
pub fn left_to_the_author(rule: &str, text: &str) -> usize {
    let readings = [base(), reading("002_example.sql", text.as_bytes())];
    let found = findings(rule, "", &readings);
    found.len() - mend(&readings[1].text, &found).1
}

/// The text of a script, that comes after [`Example::BASE`], once its findings are mended. What is mended must have
/// no finding left.
pub fn fixed(rule: &str, text: &str) -> String {
    let readings = [base(), reading("002_example.sql", text.as_bytes())];
    let found = findings(rule, "", &readings);
    assert!(!found.is_empty(), "{rule} finds nothing in {text}");
    let (mended, count) = mend(&readings[1].text, &found);
    assert_eq!(count, found.len(), "{rule} cannot mend all of {text}");
    let left = underlined(rule, "", &[base(), reading("002_example.sql", &mended)]);
    assert!(left.is_empty(), "{rule} still finds {left:?}");
    String::from_utf8(mended).expect("utf-8")
}
