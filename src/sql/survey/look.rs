//! A quick look for meta-commands, many times faster than a survey.

use std::io::{self, Read};

/// Bytes that are read at once.
const BLOCK: usize = 128 * 1024;

/// How a dump begins that `pg_dump` has written in its custom format, for `pg_restore`.
const CUSTOM_DUMP: &[u8] = b"PGDMP";

/// Whether a file with this first line is a dump that no psql can run.
pub fn begins_custom_dump(line: &[u8]) -> bool {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).starts_with(CUSTOM_DUMP)
}

/// Whether there may be a meta-command in it, as far as a quick look tells: no other backslash than those of
/// COPY's NULL and end, and no backtick, means that there is none. A dump that is no script is worth a closer look.
pub fn may_hold_commands(mut input: impl Read) -> io::Result<bool> {
    let (mut block, mut after_backslash, mut is_first) = (vec![0; BLOCK], false, true);
    loop {
        let count = match input.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result?,
        };
        let text = &block[..count];
        if std::mem::take(&mut is_first) && begins_custom_dump(text) {
            return Ok(true);
        }
        let begins = |byte: &u8| !matches!(byte, b'N' | b'.' | b'\\');
        if after_backslash && text.first().is_some_and(begins) {
            return Ok(true);
        }
        if memchr::memchr_iter(b'\\', text).any(|at| text.get(at + 1).is_some_and(begins)) {
            return Ok(true);
        }
        if count == 0 {
            return Ok(false);
        }
        after_backslash = text.last() == Some(&b'\\');
    }
}
