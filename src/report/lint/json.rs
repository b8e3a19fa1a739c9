//! Findings for other programs.

use serde_json::{Value, json};

use super::{Totals, place};
use crate::lint::{Finding, Report};

pub fn render(report: &Report) -> String {
    let totals = Totals::of(report);
    let findings: Vec<Value> = report.findings.iter().map(|finding| one(report, finding)).collect();
    let document = json!({
        "findings": findings,
        "scripts": totals.scripts,
        "errors": totals.errors,
        "warnings": totals.warnings,
        "fixable": totals.fixable,
    });
    format!("{document:#}\n")
}

fn one(report: &Report, finding: &Finding) -> Value {
    let (start, end) = place(report, finding);
    let file = &report.readings[finding.script].file;
    json!({
        "rule": finding.rule.name,
        "severity": finding.severity.as_str(),
        "script": file.name,
        "path": file.shown,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "message": finding.message,
        "label": Some(&finding.label).filter(|label| !label.is_empty()),
        "help": finding.help,
        "fixable": !finding.fix.is_empty(),
    })
}
