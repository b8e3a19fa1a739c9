//! `non-utf8`: text is UTF-8.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "non-utf8",
    wants: "a script is UTF-8",
    why: "The server takes the bytes for UTF-8: it refuses them, or stores other letters than were meant.",
    example: Example::Words { wrong: "a file saved as Latin-1 or UTF-16", right: "a file saved as UTF-8" },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    // Whoever says so to psql may write in another encoding.
    let commands = look.reading.survey.iter().flat_map(|survey| &survey.commands);
    let says_so = commands.filter(|command| command.name == "encoding").count() > 0;
    if let Some(error) = std::str::from_utf8(&look.reading.text).err().filter(|_| !says_so) {
        let at = error.valid_up_to();
        let byte = look.reading.text[at];
        look.report_script(at..at + 1, format!("byte {byte:#04x} here is not UTF-8"));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found_in_bytes;

    #[test]
    fn the_first_wrong_byte_is_shown() {
        assert_eq!(found_in_bytes("non-utf8", "001_a.sql", b"SELECT 'ok', 'h\xf6flich';").len(), 1);
        assert_eq!(found_in_bytes("non-utf8", "001_a.sql", "SELECT 'höflich';".as_bytes()), [""; 0]);
        assert_eq!(
            found_in_bytes("non-utf8", "001_a.sql", b"\\encoding latin1\nSELECT 'h\xf6flich';"),
            [""; 0]
        );
    }
}
