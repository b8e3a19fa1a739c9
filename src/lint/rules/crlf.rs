//! `crlf`: lines end alike.

use memchr::memmem;

use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "crlf",
    wants: "lines end with LF",
    why: "A carriage return becomes part of string literals and function bodies, and breaks shell scripts.",
    example: Example::Words { wrong: "lines that end with CR LF", right: "lines that end with LF" },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: true,
    check,
};

fn check(look: &mut Look) {
    let text = &look.reading.text;
    let places: Vec<usize> = memmem::find_iter(text, b"\r\n").collect();
    let Some(&first) = places.first() else { return };
    let start = text[..first].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let message = format!("{} with CR LF", crate::text::counted(places.len(), "line"));
    let message = message.replace("line with", "line ends with").replace("lines with", "lines end with");
    let edits = places.iter().map(|&at| Edit::replace(at..at + 1, ""));
    look.report_script(start..first, message).fix(edits);
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn all_lines_are_mended() {
        assert_eq!(fixed("crlf", "-- a\r\nSELECT 1;\r\n"), "-- a\nSELECT 1;\n");
        assert_eq!(found("crlf", "SELECT 'a\rb';\n"), [""; 0]);
    }
}
