//! A variable's value as an SQL literal, an SQL identifier or a shell word, as libpq and psql write them.

use crate::sql::encoding::Encoding;

/// `'…'`, or ` E'…'` where a backslash makes the server's settings matter; none if the value is not valid in the
/// encoding.
pub(super) fn literal(value: &[u8], encoding: Encoding) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(value.len() + 2);
    if has_character(value, b'\\', encoding) {
        text.extend_from_slice(b" E");
    }
    quoted(text, value, b"'\\", b'\'', encoding)
}

/// `"…"`; none if the value is not valid in the encoding.
pub(super) fn identifier(value: &[u8], encoding: Encoding) -> Option<Vec<u8>> {
    quoted(Vec::with_capacity(value.len() + 2), value, b"\"", b'"', encoding)
}

/// One word for a shell; none if the value holds a line's end.
pub(super) fn shell_word(value: &[u8]) -> Option<Vec<u8>> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(byte);
    if !value.is_empty() && value.iter().all(is_plain) {
        return Some(value.to_vec());
    }
    if value.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return None;
    }
    let mut word = vec![b'\''];
    for &byte in value {
        if byte == b'\'' { word.extend_from_slice(b"'\"'\"'") } else { word.push(byte) }
    }
    word.push(b'\'');
    Some(word)
}

fn quoted(mut text: Vec<u8>, value: &[u8], doubled: &[u8], quote: u8, encoding: Encoding) -> Option<Vec<u8>> {
    if !encoding.is_valid(value) {
        return None;
    }
    text.push(quote);
    for character in characters(value, encoding) {
        if character.len() == 1 && doubled.contains(&character[0]) {
            text.push(character[0]);
        }
        text.extend_from_slice(character);
    }
    text.push(quote);
    Some(text)
}

fn has_character(value: &[u8], wanted: u8, encoding: Encoding) -> bool {
    characters(value, encoding).any(|character| character == [wanted])
}

fn characters(value: &[u8], encoding: Encoding) -> impl Iterator<Item = &[u8]> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let length = encoding.character_length(rest).min(rest.len());
        let (character, after) = rest.split_at(length);
        rest = after;
        (length > 0).then_some(character)
    })
}
