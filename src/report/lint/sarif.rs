//! Findings as SARIF 2.1.0, which code scanning services read.

use serde_json::{Value, json};

use super::{full_message, place};
use crate::lint::{Finding, RULES, Report, Rule, Severity};

pub fn render(report: &Report) -> String {
    let results: Vec<Value> = report.findings.iter().map(|finding| result(report, finding)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dbctl",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.wants },
        "fullDescription": { "text": rule.why },
        "defaultConfiguration": { "level": level(rule.init) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Off => "none",
        Severity::Warn => "warning",
        Severity::Error => "error",
    }
}

fn result(report: &Report, finding: &Finding) -> Value {
    let (start, end) = place(report, finding);
    json!({
        "ruleId": finding.rule.name,
        "ruleIndex": RULES.iter().position(|rule| rule.name == finding.rule.name),
        "level": level(finding.severity),
        "message": { "text": full_message(finding) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&report.readings[finding.script].file.shown) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        }}],
    })
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
