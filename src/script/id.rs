//! A script's number.

use std::cmp::Ordering;
use std::fmt;

/// The number that a script's name begins with, and its letter if it has one. Two are equal where number and
/// letter are, however many zeros they are written with.
#[derive(Clone, Copy, Debug)]
pub struct ScriptId {
    pub number: u64,
    /// As written; `108A` and `108a` are the same.
    pub letter: Option<char>,
    width: usize,
}

impl ScriptId {
    /// The number at the start of a file's name: `029_x.sql`, `108a_x.sql`, `7.sql`.
    pub fn of_name(name: &str) -> Option<Self> {
        let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
        let (digits, rest) = name.split_at(end);
        let mut after = rest.chars();
        let letter = after.next().filter(char::is_ascii_alphabetic);
        let separated = after.next().is_none_or(|c| !c.is_ascii_alphanumeric());
        Self::new(digits, letter.filter(|_| separated))
    }

    /// A number as a user types it: `29`, `029`, `108a`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let mut letters = text[digits.len()..].chars();
        let letter = letters.next();
        if letters.next().is_some() {
            return None;
        }
        Self::new(digits, letter)
    }

    fn new(digits: &str, letter: Option<char>) -> Option<Self> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self { number: digits.parse().ok()?, letter, width: digits.len() })
    }

    fn key(self) -> (u64, Option<char>) {
        (self.number, self.letter.map(|letter| letter.to_ascii_lowercase()))
    }
}

impl PartialEq for ScriptId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ScriptId {}

impl PartialOrd for ScriptId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ScriptId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for ScriptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.number, width = self.width)?;
        self.letter.map_or(Ok(()), |letter| write!(f, "{letter}"))
    }
}

#[cfg(test)]
mod tests {
    use super::ScriptId;

    #[test]
    fn a_number_is_shown_as_it_was_written() {
        let shown = |name: &str| ScriptId::of_name(name).map(|id| id.to_string());
        assert_eq!(shown("029_x.sql").as_deref(), Some("029"));
        assert_eq!(shown("108a_x.sql").as_deref(), Some("108a"));
        assert_eq!(shown("7.sql").as_deref(), Some("7"));
        assert_eq!(shown("00108B-x.sh").as_deref(), Some("00108B"));
        assert_eq!(shown("108ab_x.sql").as_deref(), Some("108"));
        assert_eq!(shown("x1.sql"), None);
        assert_eq!(shown("99999999999999999999999_x.sql"), None);
    }

    #[test]
    fn numbers_order_by_value_and_the_bare_one_comes_first() {
        let mut names = ["108b_x", "109_x", "108_x", "9_x", "0108a_x", "010_x"];
        names.sort_by_key(|name| ScriptId::of_name(name));
        assert_eq!(names, ["9_x", "010_x", "108_x", "0108a_x", "108b_x", "109_x"]);
        assert_eq!(ScriptId::parse("29"), ScriptId::of_name("029_x.sql"));
        assert_eq!(ScriptId::parse("29A"), ScriptId::of_name("029a_x.sql"));
        assert_eq!(ScriptId::parse("29ab"), None);
    }
}
