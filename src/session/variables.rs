//! psql's variables, as far as scripts can see them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::memmem;

use crate::sql::lexer;

/// The variable that every statement sets anew.
const ROW_COUNT: &[u8] = b"ROW_COUNT";

pub(super) struct Variables {
    values: BTreeMap<Vec<u8>, Vec<u8>>,
    /// A variable's value names [`ROW_COUNT`]: any reference may now depend on the last statement.
    pub row_count_is_hidden: bool,
}

impl Variables {
    pub fn new(given: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut variables = Self { values: BTreeMap::new(), row_count_is_hidden: false };
        for (name, value) in given {
            variables.set(name.into_bytes(), value.into_bytes());
        }
        variables
    }

    pub fn set(&mut self, name: Vec<u8>, value: Vec<u8>) {
        self.row_count_is_hidden |= names_row_count(&value);
        self.values.insert(name, value);
    }

    pub fn unset(&mut self, name: &[u8]) {
        self.values.remove(name);
    }

    pub fn set_row_count(&mut self, tag: &str) {
        // "INSERT 0 5", "SELECT 5", "COPY 5": the count is the last word.
        let count = tag.rsplit(' ').next().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        self.values.insert(ROW_COUNT.to_vec(), count.unwrap_or("0").as_bytes().to_vec());
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.values.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }
}

impl lexer::Variables for Variables {
    fn value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.values.get(name).map(|value| Cow::Borrowed(value.as_slice()))
    }
}

/// Whether the text may refer to what the last statement left.
pub(super) fn names_row_count(text: &[u8]) -> bool {
    memmem::find(text, ROW_COUNT).is_some()
}

/// psql's rule: letters, digits, underscores, and bytes above 127.
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

/// A Boolean as psql reads one: any unambiguous beginning of `true`, `false`, `yes`, `no`, `on`, `off`, or 1, 0.
pub(super) fn parse_bool(text: &[u8]) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        text.len() >= least
            && text.len() <= word.len()
            && word.as_bytes()[..text.len()].eq_ignore_ascii_case(text)
    };
    match text {
        _ if begins("true", 1) || begins("yes", 1) || begins("on", 2) || text == b"1" => Some(true),
        _ if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == b"0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_may_be_shortened_as_long_as_they_are_clear() {
        for yes in ["true", "T", "y", "on", "ON", "1"] {
            assert_eq!(parse_bool(yes.as_bytes()), Some(true), "{yes}");
        }
        for no in ["false", "f", "n", "of", "0"] {
            assert_eq!(parse_bool(no.as_bytes()), Some(false), "{no}");
        }
        for neither in ["", "o", "2", "truex"] {
            assert_eq!(parse_bool(neither.as_bytes()), None, "{neither}");
        }
    }

    #[test]
    fn the_row_count_is_the_tags_last_number() {
        let mut variables = Variables::new([]);
        for (tag, count) in [("INSERT 0 5", "5"), ("SELECT 12", "12"), ("CREATE TABLE", "0")] {
            variables.set_row_count(tag);
            assert_eq!(lexer::Variables::value(&variables, b"ROW_COUNT").as_deref(), Some(count.as_bytes()));
        }
    }
}
