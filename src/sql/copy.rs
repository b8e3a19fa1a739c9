//! The arguments of `\copy`, taken apart as psql does.

use thiserror::Error;

/// What psql would say of the arguments.
#[derive(Debug, Error)]
pub enum CopyError {
    #[error("arguments required")]
    Empty,
    #[error("parse error at end of line")]
    End,
    #[error("parse error at \"{0}\"")]
    At(String),
}

/// What stands on this side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// The script's next lines, or the place where results go.
    Script,
    /// The standard streams of dbctl itself (`pstdin`, `pstdout`).
    Standard,
    File(Vec<u8>),
    Program(Vec<u8>),
}

/// The arguments of a `\copy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    before: Vec<u8>,
    /// `from`, not `to`.
    pub from: bool,
    pub side: Side,
    after: Vec<u8>,
}

impl CopyError {
    fn at(word: &[u8]) -> Self {
        Self::At(String::from_utf8_lossy(word).into_owned())
    }
}

impl Copy {
    /// psql's own reading of the arguments: it looks for `from` and `to`, and leaves the rest to the server.
    pub fn parse(line: &[u8], standard_strings: bool) -> Result<Self, CopyError> {
        let mut words = Words { rest: line, standard_strings };
        let mut before = Vec::new();
        let mut word = words.name()?;
        if word.eq_ignore_ascii_case(b"binary") {
            before.extend_from_slice(word);
            word = words.name()?;
        }
        if word == b"(" {
            word = words.query(&mut before)?;
        }
        append(&mut before, word);
        word = words.name()?;
        if word == b"." {
            before.extend_from_slice(word);
            before.extend_from_slice(words.name()?);
            word = words.name()?;
        }
        if word == b"(" {
            word = words.columns(&mut before)?;
        }
        let from = match word {
            _ if word.eq_ignore_ascii_case(b"from") => true,
            _ if word.eq_ignore_ascii_case(b"to") => false,
            _ => return Err(CopyError::at(word)),
        };
        let side = words.side()?;
        Ok(Self { before, from, side, after: words.rest.trim_ascii_start().to_vec() })
    }

    /// What the server is asked.
    pub fn statement(&self) -> Vec<u8> {
        let direction: &[u8] = if self.from { b" FROM STDIN " } else { b" TO STDOUT " };
        [b"COPY ", self.before.as_slice(), direction, &self.after].concat()
    }
}

fn append(text: &mut Vec<u8>, word: &[u8]) {
    text.push(b' ');
    text.extend_from_slice(word);
}

/// The words of the line, as psql takes them apart.
struct Words<'a> {
    rest: &'a [u8],
    standard_strings: bool,
}

impl<'a> Words<'a> {
    fn name(&mut self) -> Result<&'a [u8], CopyError> {
        self.word(b".,()", b"\"", false).ok_or(CopyError::End)
    }

    /// The query in parentheses; the closing one is given back.
    fn query(&mut self, before: &mut Vec<u8>) -> Result<&'a [u8], CopyError> {
        let mut depth = 1_u32;
        let mut word: &[u8] = b"(";
        while depth > 0 {
            append(before, word);
            word = self.word(b"()", b"\"'", true).ok_or(CopyError::End)?;
            match word {
                b"(" => depth += 1,
                b")" => depth -= 1,
                _ => {}
            }
        }
        Ok(word)
    }

    /// The list of columns in parentheses; what follows it is given back.
    fn columns(&mut self, before: &mut Vec<u8>) -> Result<&'a [u8], CopyError> {
        let mut word: &[u8] = b"(";
        while word != b")" {
            append(before, word);
            word = self.word(b"()", b"\"", false).ok_or(CopyError::End)?;
        }
        append(before, word);
        self.name()
    }

    fn side(&mut self) -> Result<Side, CopyError> {
        let word = self.word(b";", b"'", false).ok_or(CopyError::End)?;
        let is = |names: [&str; 2]| names.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
        Ok(if word.eq_ignore_ascii_case(b"program") {
            let command = self.word(b";", b"'", false).ok_or(CopyError::End)?;
            let quoted = command.len() >= 2 && command.starts_with(b"'") && command.ends_with(b"'");
            Side::Program(quoted.then(|| unquoted(command)).ok_or_else(|| CopyError::at(command))?)
        } else if is(["stdin", "stdout"]) {
            Side::Script
        } else if is(["pstdin", "pstdout"]) {
            Side::Standard
        } else {
            Side::File(unquoted(word))
        })
    }

    /// The next word: a delimiter, something in quotes, or what reaches up to either. `strings`: with the
    /// backslashes of SQL's strings.
    fn word(&mut self, delimiters: &[u8], quotes: &[u8], strings: bool) -> Option<&'a [u8]> {
        self.rest = self.rest.trim_ascii_start();
        let text = self.rest;
        let first = *text.first()?;
        let length = if delimiters.contains(&first) {
            1
        } else if quotes.contains(&first) {
            quoted_length(text, if strings && !self.standard_strings { b'\\' } else { 0 })
        } else if strings && matches!(text, [b'E' | b'e', b'\'', ..]) {
            1 + quoted_length(&text[1..], b'\\')
        } else {
            let ends =
                |byte: &u8| byte.is_ascii_whitespace() || delimiters.contains(byte) || quotes.contains(byte);
            text.iter().position(ends).unwrap_or(text.len())
        };
        let (word, rest) = text.split_at(length);
        self.rest = rest;
        Some(word)
    }
}

/// The length of a quoted text with its quotes, which are doubled inside; all of it where none closes it.
fn quoted_length(text: &[u8], escape: u8) -> usize {
    let quote = text[0];
    let mut at = 1;
    while at < text.len() {
        let escaped = escape != 0 && text[at] == escape;
        let doubled = text[at] == quote && text.get(at + 1) == Some(&quote);
        if escaped || doubled {
            at += 1;
        } else if text[at] == quote {
            return at + 1;
        }
        at += 1;
    }
    text.len()
}

/// What stands in single quotes, where something does.
fn unquoted(word: &[u8]) -> Vec<u8> {
    let Some(inner) = word.strip_prefix(b"'") else { return word.to_vec() };
    let inner = inner.strip_suffix(b"'").unwrap_or(inner);
    let mut plain = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().peekable();
    while let Some(&byte) = bytes.next() {
        if byte == b'\'' {
            bytes.next_if_eq(&&b'\'');
        }
        plain.push(byte);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<(String, Side), String> {
        let copy = Copy::parse(line.as_bytes(), true).map_err(|error| error.to_string())?;
        Ok((String::from_utf8_lossy(&copy.statement()).into_owned(), copy.side))
    }

    #[test]
    fn the_servers_part_is_left_as_it_is_written() {
        let file = |name: &str| Side::File(name.into());
        let cases = [
            ("t from a.csv", "COPY  t FROM STDIN ", file("a.csv")),
            (
                "s . \"T x\" ( a, \"b)\" ) FROM 'it''s' csv header;",
                "COPY  s.\"T x\" ( a, \"b)\" ) FROM STDIN csv header;",
                file("it's"),
            ),
            ("(select ')', (1)) to stdout", "COPY  ( select ')' , ( 1 ) ) TO STDOUT ", Side::Script),
            ("binary t to pstdout", "COPY binary t TO STDOUT ", Side::Standard),
            (
                "t to program 'cat > x' (format csv)",
                "COPY  t TO STDOUT (format csv)",
                Side::Program(b"cat > x".to_vec()),
            ),
        ];
        for (line, statement, side) in cases {
            assert_eq!(parsed(line), Ok((statement.to_owned(), side)), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(parsed("t"), Err("parse error at end of line".to_owned()));
        assert_eq!(parsed("t into x"), Err("parse error at \"into\"".to_owned()));
        assert_eq!(parsed("t to program cat"), Err("parse error at \"cat\"".to_owned()));
    }
}
