//! Findings for people.

use super::{Totals, place};
use crate::lint::{Finding, Report, Severity};
use crate::text::{Excerpt, Titled, counted};

const WIDTH: usize = 110;

pub fn render(report: &Report, styled: bool) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        out.push_str(&one(report, finding, styled));
        out.push_str("\n\n");
    }
    out + &totals(Totals::of(report))
}

fn one(report: &Report, finding: &Finding, styled: bool) -> String {
    let reading = &report.readings[finding.script];
    let text = &reading.text;
    let start = finding.span.start.min(text.len());
    let line_start = text[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line_end =
        text[start..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |length| start + length);
    // The carets stay within the line on which they begin.
    let length = finding.span.end.clamp(start, line_end) - start;
    let (position, _) = place(report, finding);
    let excerpt = Excerpt::new(position, &text[line_start..line_end], start - line_start, length);
    excerpt.render_titled(&Titled {
        is_error: finding.severity == Severity::Error,
        id: finding.rule.name,
        title: &finding.message,
        path: &reading.file.shown,
        label: &finding.label,
        help: finding.help.as_deref(),
        width: WIDTH,
        styled,
    })
}

fn totals(totals: Totals) -> String {
    let scripts = counted(totals.scripts, "script");
    if totals.errors + totals.warnings == 0 {
        return format!("{scripts}: nothing found\n");
    }
    let fix = match totals.fixable {
        0 => String::new(),
        count => format!("; `--fix` mends {count}"),
    };
    format!(
        "{}, {} in {} of {scripts}{fix}\n",
        counted(totals.errors, "error"),
        counted(totals.warnings, "warning"),
        totals.with_findings
    )
}
