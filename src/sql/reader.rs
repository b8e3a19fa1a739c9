//! The lines of a script, as psql reads them, in constant memory.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memmem, memrchr};

use crate::sql::lexer::Place;

/// psql reads with `fgets` into a buffer of this size; a NUL byte swallows the rest of such a piece.
const PIECE: usize = 1023;
const BLOCK: usize = 256 * 1024;

/// The lines of an input. Bytes are never interpreted, but for NUL, at which psql loses text as C strings do.
pub struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// The unread part of the buffer.
    start: usize,
    end: usize,
    at_end: bool,
    place: Place,
    joined: Vec<u8>,
    /// COPY data stopped in the middle of a line.
    inside_line: bool,
}

/// A line without its newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub bytes: &'a [u8],
    pub place: Place,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            at_end: false,
            place: Place { line: 1, offset: 0 },
            joined: Vec::new(),
            inside_line: false,
        }
    }

    /// Where the next line begins.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The next line; none at the end of the input.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        let place = self.place;
        let Some(length) = self.find_line()? else { return Ok(None) };
        let raw = self.start..self.start + length;
        if memchr(0, &self.buffer[raw.clone()]).is_some() {
            return self.join_pieces(place, length);
        }
        self.consume(length, 1);
        let bytes = &self.buffer[raw];
        Ok(Some(Line { bytes: bytes.strip_suffix(b"\n").unwrap_or(bytes), place }))
    }

    /// The next block of COPY data, as many whole lines as are at hand (a line longer than a block comes in
    /// parts); none once the line `\.` is read, or at the end of the input.
    pub fn copy_data(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            let unread = &self.buffer[self.start..self.end];
            if !self.inside_line {
                if let Some(length) = end_of_data(unread) {
                    self.consume(length, 1);
                    return Ok(None);
                }
            }
            if let Some(length) = self.block_length(unread) {
                return Ok(self.copy_block(length));
            }
            self.fill()?;
        }
    }

    /// How much of `unread` is data for certain; none where more must be read to know.
    fn block_length(&self, unread: &[u8]) -> Option<usize> {
        if self.at_end || unread.len() >= BLOCK || memchr(b'\n', unread).is_some_and(|newline| newline >= 3) {
            let marker =
                memmem::find_iter(unread, b"\n\\.").find(|&at| end_of_data(&unread[at + 1..]).is_some());
            let lines = marker.or_else(|| memrchr(b'\n', unread)).map_or(0, |newline| newline + 1);
            return Some(if lines > 0 { lines } else { unread.len() });
        }
        None
    }

    fn copy_block(&mut self, length: usize) -> Option<&[u8]> {
        let range = self.start..self.start + length;
        self.consume(length, memchr_iter(b'\n', &self.buffer[range.clone()]).count() as u64);
        let block = &self.buffer[range];
        self.inside_line = block.last().is_some_and(|&byte| byte != b'\n');
        (!block.is_empty()).then_some(block)
    }

    /// The length of the next line with its newline, after reading as much as it takes.
    fn find_line(&mut self) -> io::Result<Option<usize>> {
        let mut searched = 0;
        loop {
            let unread = &self.buffer[self.start..self.end];
            if let Some(newline) = memchr(b'\n', &unread[searched..]) {
                return Ok(Some(searched + newline + 1));
            }
            searched = unread.len();
            if self.at_end {
                return Ok((searched > 0).then_some(searched));
            }
            self.fill()?;
        }
    }

    fn consume(&mut self, length: usize, lines: u64) {
        self.start += length;
        self.place.offset += length as u64;
        self.place.line += lines;
    }

    /// Reads another block behind what is unread.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() - self.end < BLOCK / 2 {
            let larger = (self.buffer.len() * 2).max(BLOCK);
            self.buffer.resize(larger, 0);
        }
        let count = loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.end += count;
        self.at_end = count == 0;
        Ok(())
    }

    /// A line with NUL bytes: each piece that psql reads ends at its first NUL, and where that loses the
    /// newline, the next line is glued on.
    fn join_pieces(&mut self, place: Place, length: usize) -> io::Result<Option<Line<'_>>> {
        self.joined.clear();
        let mut next = Some(length);
        while let Some(length) = next {
            let raw = &self.buffer[self.start..self.start + length];
            for piece in raw.chunks(PIECE) {
                self.joined.extend_from_slice(&piece[..memchr(0, piece).unwrap_or(piece.len())]);
            }
            self.consume(length, 1);
            if self.joined.pop_if(|last| *last == b'\n').is_some() {
                return Ok(Some(Line { bytes: &self.joined, place }));
            }
            next = self.find_line()?;
        }
        Ok((!self.joined.is_empty()).then_some(Line { bytes: &self.joined, place }))
    }
}

/// The length of the line `\.` at the start of `text`.
fn end_of_data(text: &[u8]) -> Option<usize> {
    [b"\\.\n".as_slice(), b"\\.\r\n"]
        .iter()
        .find(|marker| text.starts_with(marker))
        .map(|marker| marker.len())
}
