//! Directives in a script's header: `-- dbctl: no-transaction`, with `#` in shell scripts.

use std::path::Path;

use super::{Kind, ScriptError};
use crate::text;

/// What a script's author asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// Run statement by statement.
    pub no_transaction: bool,
    /// Run with the container's psql.
    pub psql: bool,
    /// Run again, after all others, whenever it has changed.
    pub repeatable: bool,
    /// Run only while a database is built from nothing.
    pub fresh_only: bool,
}

pub(super) const NAMES: [&str; 4] = ["no-transaction", "psql", "repeatable", "fresh-only"];

impl Directives {
    /// Reads the comments at the beginning of a script. `head` may be cut off anywhere.
    pub(super) fn parse(head: &[u8], kind: Kind, path: &Path) -> Result<Self, ScriptError> {
        let mut directives = Self::default();
        for (index, line) in header(head, kind).enumerate() {
            let Some(words) = line.trim_start().strip_prefix("dbctl:") else { continue };
            for word in words.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
                // What follows silences lint rules; it is not for the runner.
                if word == "allow" {
                    break;
                }
                directives.set(word).map_err(|suggestion| ScriptError::UnknownDirective {
                    path: path.to_owned(),
                    line: index as u64 + 1,
                    word: word.to_owned(),
                    suggestion,
                })?;
            }
        }
        Ok(directives)
    }

    fn set(&mut self, word: &str) -> Result<(), Option<String>> {
        match word {
            "no-transaction" => self.no_transaction = true,
            "psql" => self.psql = true,
            "repeatable" => self.repeatable = true,
            "fresh-only" => self.fresh_only = true,
            _ => return Err(text::nearest(word, NAMES).map(str::to_owned)),
        }
        Ok(())
    }
}

/// The lines of the header without their comment marks; empty ones for blank lines.
fn header(head: &[u8], kind: Kind) -> impl Iterator<Item = String> {
    let mark = if kind == Kind::Shell { "#" } else { "--" };
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    head.split(|&byte| byte == b'\n').map_while(move |line| {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        line.strip_prefix(mark).or_else(|| line.is_empty().then_some("")).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Compression;

    const SQL: Kind = Kind::Sql(Compression::None);

    fn parse(head: &str, kind: Kind) -> Result<Directives, String> {
        Directives::parse(head.as_bytes(), kind, Path::new("init/x.sql")).map_err(|error| error.to_string())
    }

    #[test]
    fn directives_are_read_from_the_header_only() {
        let head = "\u{feff}-- 029_x.sql\r\n\n--dbctl:no-transaction, repeatable\n-- dbctl: allow no-drop\nselect 1;\n-- dbctl: psql";
        let expected = Directives { no_transaction: true, repeatable: true, ..Directives::default() };
        assert_eq!(parse(head, SQL), Ok(expected));
        let shell = Directives { fresh_only: true, ..Directives::default() };
        assert_eq!(parse("#!/bin/bash\n# dbctl: fresh-only\n", Kind::Shell), Ok(shell));
    }

    #[test]
    fn an_unknown_directive_is_an_error_with_a_suggestion() {
        let error = parse("-- a\n-- dbctl: notransaction\n", SQL).expect_err("unknown");
        assert!(
            error.contains("`notransaction` in `init/x.sql`, line 2; did you mean `no-transaction`?"),
            "{error}"
        );
    }
}
