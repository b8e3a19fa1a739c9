//! Env files: `.env` and the `env_file` of a service, read as compose reads them.

use std::collections::BTreeMap;

use super::error::EnvFileFault;
use super::template::{self, Fault, Lookup};

pub type Variables = BTreeMap<String, String>;

/// The variables of an env file. `outer` is asked first when a value names another variable.
/// An error carries the line, from 1.
pub fn parse(text: &str, outer: Lookup<'_>) -> Result<Variables, (usize, EnvFileFault)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { whole: text, rest: text, outer, found: Variables::new() };
    while reader.skip_to_statement() {
        let line = reader.line();
        reader.statement().map_err(|fault| (line, fault))?;
    }
    Ok(reader.found)
}

/// Takes the text as it is between single quotes: format `raw` of `env_file`.
#[must_use]
pub fn parse_raw(text: &str) -> Variables {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).map(|(k, v)| (k.trim().to_owned(), v.to_owned())).collect()
}

struct Reader<'t> {
    whole: &'t str,
    rest: &'t str,
    outer: Lookup<'t>,
    found: Variables,
}

impl Reader<'_> {
    fn line(&self) -> usize {
        let read = &self.whole[..self.whole.len() - self.rest.len()];
        read.matches('\n').count() + 1
    }

    fn skip_to_statement(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with('#') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_start();
        }
        !self.rest.is_empty()
    }

    fn statement(&mut self) -> Result<(), EnvFileFault> {
        if let Some(after) = self.rest.strip_prefix("export")
            && after.starts_with(char::is_whitespace)
        {
            self.rest = after.trim_start_matches(blank);
        }
        let (name, has_value) = self.name()?;
        if has_value {
            let value = self.value()?;
            self.found.insert(name, value);
        } else if let Some(inherited) = (self.outer)(&name) {
            self.found.insert(name, inherited);
        }
        Ok(())
    }

    /// The name before `=` or `:`, and whether one of them follows.
    fn name(&mut self) -> Result<(String, bool), EnvFileFault> {
        let end = self.rest.find(['=', ':', '\n']).unwrap_or(self.rest.len());
        let name = self.rest[..end].trim_end();
        let odd = |c: &char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']'));
        if let Some(character) = name.chars().find(odd) {
            return Err(EnvFileFault::BadCharacter(character));
        }
        let name = name.to_owned();
        let has_value = self.rest[end..].starts_with(['=', ':']);
        self.rest = self.rest.get(end + 1..).unwrap_or_default().trim_start_matches(blank);
        Ok((name, has_value))
    }

    fn value(&mut self) -> Result<String, EnvFileFault> {
        match self.rest.chars().next() {
            Some('"') => {
                let inside = self.quoted('"')?;
                self.expand(&unescape(&inside))
            }
            Some('\'') => self.quoted('\''),
            _ => self.unquoted(),
        }
    }

    fn unquoted(&mut self) -> Result<String, EnvFileFault> {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = &self.rest[end..];
        let value = line.split(" #").next().unwrap_or_default().trim_end();
        self.expand(value)
    }

    /// The text up to the closing quote, line ends included; `\` before the quote hides it.
    fn quoted(&mut self, quote: char) -> Result<String, EnvFileFault> {
        let mut inside = String::new();
        let mut escaped = false;
        for (at, character) in self.rest.char_indices().skip(1) {
            match character {
                _ if escaped && character == quote => inside.push(quote),
                _ if escaped => inside.extend(['\\', character]),
                '\\' => {}
                _ if character == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(inside);
                }
                _ => inside.push(character),
            }
            escaped = !escaped && character == '\\';
        }
        Err(EnvFileFault::Unterminated)
    }

    fn expand(&self, value: &str) -> Result<String, EnvFileFault> {
        let lookup = |name: &str| (self.outer)(name).or_else(|| self.found.get(name).cloned());
        template::substitute(value, &lookup).map_err(|fault| match fault {
            Fault::Invalid => EnvFileFault::Template,
            Fault::Required { variable, message } => EnvFileFault::Required { variable, message },
        })
    }
}

fn blank(c: char) -> bool {
    c != '\n' && c.is_whitespace()
}

/// The escapes of a double-quoted value; `\$` becomes `$$`, which the expansion leaves as one `$`.
fn unescape(inside: &str) -> String {
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (plain, length) = escape(&rest[at + 1..]);
        text.push_str(&plain);
        rest = &rest[at + 1 + length..];
    }
    text + rest
}

/// What a `\` and the text behind it mean, and how much of that text it takes.
fn escape(after: &str) -> (String, usize) {
    let plain = match after.chars().next() {
        Some('a') => "\x07",
        Some('b') => "\x08",
        Some('f') => "\x0c",
        Some('n') => "\n",
        Some('r') => "\r",
        Some('t') => "\t",
        Some('v') => "\x0b",
        Some('$') => "$$",
        Some('"') => "\"",
        Some('\\') => "\\",
        Some('0') => return octal(after),
        _ => return ("\\".to_owned(), 0),
    };
    (plain.to_owned(), 1)
}

fn octal(after: &str) -> (String, usize) {
    let digits = after.get(1..4).unwrap_or_default();
    match u8::from_str_radix(digits, 8) {
        Ok(code) if digits.len() == 3 => (char::from(code).to_string(), 4),
        _ => ("\\".to_owned(), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::{EnvFileFault, Variables, parse};

    fn read(text: &str) -> Result<Variables, (usize, EnvFileFault)> {
        parse(text, &|name| (name == "OUTER").then(|| "outside".to_owned()))
    }

    #[test]
    fn every_form_of_a_line_is_read() {
        for (text, value) in [
            ("A=1", "1"),
            ("export A=1", "1"),
            ("  A = 1 # why", "1"),
            ("A: 1", "1"),
            ("A=a#b", "a#b"),
            ("A='a $X # b' # why", "a $X # b"),
            ("A=\"a\\tb\\$c\" # why", "a\tb$c"),
            ("A=\"line 1\nline 2\"", "line 1\nline 2"),
            ("A='it\\'s'", "it's"),
            ("A=${OUTER}-$OUTER", "outside-outside"),
            ("B=2\nA=\"${B:-x}${C:-y}\"", "2y"),
            ("A=\"\\0101\\\\\"", "A\\"),
            ("A=\r\n", ""),
            ("# A=0\n\nA=5\n", "5"),
            ("\u{feff}A=bom", "bom"),
        ] {
            assert_eq!(read(text).unwrap()["A"], value, "{text:?}");
        }
    }

    #[test]
    fn a_name_alone_takes_the_value_from_outside_or_none() {
        let found = read("OUTER\nOTHER\n").unwrap();
        assert_eq!(found.get("OUTER").map(String::as_str), Some("outside"));
        assert!(!found.contains_key("OTHER"));
    }

    #[test]
    fn a_fault_carries_its_line() {
        assert_eq!(read("A=1\nB=\"x\n"), Err((2, EnvFileFault::Unterminated)));
        assert_eq!(read("A=1\nB C=1\n"), Err((2, EnvFileFault::BadCharacter(' '))));
    }
}
