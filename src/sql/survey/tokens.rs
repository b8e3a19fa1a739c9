//! The hash over a script's tokens, which an edit of comments or layout leaves alone.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::sql::lexer::Tokens;

/// Small pieces are gathered before they are hashed: that is several times faster.
const GATHERED: usize = 16 * 1024;

/// A hash over statements and data, in order.
#[derive(Clone, Default)]
pub struct TokenHash {
    hash: Sha256,
    gathered: Vec<u8>,
}

impl TokenHash {
    /// A statement; its closing `;` does not count, so that one added at the script's end is no change.
    pub fn statement(&mut self, text: &[u8], standard_strings: bool) {
        let mut tokens = Tokens::new(text, standard_strings).peekable();
        while let Some(token) = tokens.next() {
            if !token.ends_statement || tokens.peek().is_some() {
                self.part(b't', token.bytes);
            }
        }
        self.part(b';', b"");
    }

    /// Rows of COPY, in blocks of any size; line ends are normalised as in the checksum.
    pub fn data(&mut self, block: &[u8]) {
        for line in block.split_inclusive(|&byte| byte == b'\n') {
            match line.strip_suffix(b"\r\n") {
                Some(row) => {
                    self.add(row);
                    self.add(b"\n");
                }
                None => self.add(line),
            }
        }
    }

    /// The hash of all that was added so far, in hexadecimal.
    pub fn so_far(&mut self) -> String {
        self.hash.update(&self.gathered);
        self.gathered.clear();
        self.hash.clone().finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    pub(in crate::sql) fn finish(mut self) -> String {
        self.so_far()
    }

    pub(super) fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.add(&[kind]);
        self.add(&(bytes.len() as u64).to_le_bytes());
        self.add(bytes);
    }

    fn add(&mut self, bytes: &[u8]) {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED {
            self.hash.update(&self.gathered);
            self.gathered.clear();
        }
    }
}
