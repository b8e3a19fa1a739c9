//! `bom`: no mark before the text.

use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "bom",
    wants: "no byte order mark",
    why: "psql passes over it; a shell and most other programs take it for the first word.",
    example: Example::Words { wrong: "a file that begins with EF BB BF", right: "a file without" },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: true,
    check,
};

fn check(look: &mut Look) {
    if look.reading.text.starts_with(b"\xef\xbb\xbf") {
        let span = look.reading.first_line();
        look.report_script(span, "the script begins with a byte order mark").fix([Edit::replace(0..3, "")]);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn it_is_taken_away() {
        assert_eq!(fixed("bom", "\u{feff}SELECT 1;"), "SELECT 1;");
        assert_eq!(found("bom", "SELECT '\u{feff}';"), [""; 0]);
    }
}
