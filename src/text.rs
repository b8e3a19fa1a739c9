//! Positions in text: bytes, characters, lines, and the excerpt of a line that a message points into.

mod excerpt;

use std::fmt::Display;

pub use excerpt::{Excerpt, Position, Titled};

/// `1 statement`, `2 statements`.
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// How many characters `bytes` holds: UTF-8 where it is, one for each byte that is not.
pub fn characters(bytes: &[u8]) -> u64 {
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    let mut count = 0;
    for chunk in bytes.utf8_chunks() {
        count += chunk.valid().chars().count() + chunk.invalid().len();
    }
    count as u64
}

/// The byte at which character `index` (from 0) begins; the length of `bytes` where there are fewer.
pub fn byte_of_character(bytes: &[u8], index: u64) -> usize {
    let mut left = usize::try_from(index).unwrap_or(usize::MAX);
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if left == 0 {
                return at;
            }
            left -= 1;
            at += character.len_utf8();
        }
        if left < chunk.invalid().len() {
            return at + left;
        }
        left -= chunk.invalid().len();
        at += chunk.invalid().len();
    }
    at
}

/// The last place at or before `at` where a character may begin.
pub fn character_start(bytes: &[u8], at: usize) -> usize {
    let at = at.min(bytes.len());
    let is_start = |index: &usize| bytes.get(*index).is_none_or(|byte| byte & 0xc0 != 0x80);
    (at.saturating_sub(3)..=at).rev().find(is_start).unwrap_or(at)
}

/// The length of the token that begins `bytes`, as far as a caret run needs it; 0 only for an empty text.
pub fn token_length(bytes: &[u8]) -> usize {
    let Some(&first) = bytes.first() else { return 0 };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
    if is_word(first) {
        return bytes.iter().position(|&byte| !is_word(byte)).unwrap_or(bytes.len());
    }
    if matches!(first, b'\'' | b'"') {
        let close = bytes[1..].iter().position(|&byte| byte == first || byte == b'\n');
        return close.map_or(bytes.len(), |length| length + 2 - usize::from(bytes[length + 1] == b'\n'));
    }
    let is_operator = |byte: &&u8| b"~!@#^&|`?+-*/%<>=:".contains(byte);
    bytes.iter().take_while(is_operator).count().max(1)
}

/// The candidate that `word` is most likely a misspelling of.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close =
        |candidate: &&str| distance(word, candidate) <= 1 + word.chars().count().max(candidate.len()) / 3;
    candidates.into_iter().filter(close).min_by_key(|candidate| distance(word, candidate))
}

/// How many characters must be inserted, removed or exchanged to make one word of the other.
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, character) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for column in 0..other.len() {
            let exchanged = diagonal + usize::from(character != other[column]);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_found_with_broken_bytes_as_one_each() {
        let text = b"a\xc3\xa4\xff\xfe\xf0\x9f\x98\x80b\xe2\x82";
        assert_eq!(characters(text), 8);
        let starts: Vec<usize> = (0..9).map(|index| byte_of_character(text, index)).collect();
        assert_eq!(starts, [0, 1, 3, 4, 5, 9, 10, 11, 12]);
        assert_eq!(byte_of_character(text, 100), text.len());
        assert_eq!(characters(b"plain"), 5);
    }

    #[test]
    fn a_cut_never_falls_inside_a_character() {
        let text = "aä😀".as_bytes();
        let starts: Vec<usize> = (0..=8).map(|at| character_start(text, at)).collect();
        assert_eq!(starts, [0, 1, 1, 3, 3, 3, 3, 7, 7]);
    }

    #[test]
    fn a_token_is_a_word_a_quote_an_operator_or_one_character() {
        let lengths = ["invoces TO", "'a b' c", "\"a\nb", "<> 1", "(a", "", "ünï c", "'open"]
            .map(|text| token_length(text.as_bytes()));
        assert_eq!(lengths, [7, 5, 2, 2, 1, 0, 5, 5]);
    }

    #[test]
    fn a_misspelt_word_finds_its_neighbour() {
        let names = ["no-transaction", "psql", "repeatable", "fresh-only"];
        assert_eq!(nearest("repeatible", names), Some("repeatable"));
        assert_eq!(nearest("freshonly", names), Some("fresh-only"));
        assert_eq!(nearest("wholly-different", names), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
