//! A quick look for meta-commands, many times faster than a survey.

use std::io::{self, Read};

/// Bytes that are read at once.
const BLOCK: usize = 128 * 1024;

/// Whether there may be a meta-command in it, as far as a quick look tells: no other backslash than those of
/// COPY's NULL and end, and no backtick, means that there is none.
pub fn may_hold_commands(mut input: impl Read) -> io::Result<bool> {
    let (mut block, mut after_backslash) = (vec![0; BLOCK], false);
    loop {
        let count = match input.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result?,
        };
        let text = &block[..count];
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
