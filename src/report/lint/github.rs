//! Findings as workflow commands of GitHub Actions, which shows them beside the changed lines.

use super::{full_message, place};
use crate::lint::{Finding, Report, Severity};

pub fn render(report: &Report) -> String {
    report.findings.iter().map(|finding| one(report, finding)).collect()
}

fn one(report: &Report, finding: &Finding) -> String {
    let level = if finding.severity == Severity::Error { "error" } else { "warning" };
    let (start, end) = place(report, finding);
    let path = property(&report.readings[finding.script].file.shown);
    let title = property(finding.rule.name);
    // Columns are understood only where both are on one line.
    let columns = if start.line == end.line && end.column > start.column {
        format!(",col={},endColumn={}", start.column, end.column - 1)
    } else {
        format!(",endLine={}", end.line)
    };
    let message = data(&full_message(finding));
    format!("::{level} file={path},line={}{columns},title={title}::{message}\n", start.line)
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
