//! What `lint` has found: for people as rustc shows it, and as JSON, GitHub's annotations and SARIF.

mod github;
mod json;
mod sarif;
mod text;

use std::collections::BTreeSet;

use crate::lint::{Finding, Report, Severity};
use crate::text::{self as places, Position};

/// A form of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
    Github,
    Sarif,
}

impl Format {
    pub const NAMES: [&str; 4] = ["text", "json", "github", "sarif"];

    pub fn named(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name)?;
        Some([Self::Text, Self::Json, Self::Github, Self::Sarif][place])
    }
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub scripts: usize,
    pub with_findings: usize,
    pub errors: usize,
    pub warnings: usize,
    /// Those that `--fix` can mend.
    pub fixable: usize,
}

impl Totals {
    pub fn of(report: &Report) -> Self {
        let of = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
        let scripts: BTreeSet<usize> = report.findings.iter().map(|finding| finding.script).collect();
        Self {
            scripts: report.readings.iter().filter(|reading| reading.file.is_wanted).count(),
            with_findings: scripts.len(),
            errors: of(Severity::Error),
            warnings: of(Severity::Warn),
            fixable: report.findings.iter().filter(|finding| !finding.fix.is_empty()).count(),
        }
    }
}

/// The findings in that form; `styled` for a terminal.
pub fn render(report: &Report, format: Format, styled: bool) -> String {
    match format {
        Format::Text => text::render(report, styled),
        Format::Json => json::render(report),
        Format::Github => github::render(report),
        Format::Sarif => sarif::render(report),
    }
}

/// Where a finding begins and ends: lines and columns from 1, the end not included.
fn place(report: &Report, finding: &Finding) -> (Position, Position) {
    let text = &report.readings[finding.script].text;
    (position(text, finding.span.start), position(text, finding.span.end.max(finding.span.start)))
}

fn position(text: &[u8], at: usize) -> Position {
    let before = &text[..at.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let lines = memchr::memchr_iter(b'\n', before).count() as u64;
    let line = before[line_start..].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&before[line_start..]);
    Position { line: lines + 1, column: places::characters(line) + 1, offset: at as u64 }
}

/// The finding's message with what stands beside the underlined text.
fn full_message(finding: &Finding) -> String {
    let mut message = finding.message.clone();
    for more in
        [Some(&finding.label), finding.help.as_ref()].into_iter().flatten().filter(|more| !more.is_empty())
    {
        message.push_str("; ");
        message.push_str(more);
    }
    message
}
