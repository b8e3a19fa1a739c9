//! The lines of a script, as psql reads them, in constant memory.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memmem, memrchr};

use crate::sql::lexer::Place;

/// psql reads with `fgets` into a buffer of this size; a NUL byte swallows the rest of such a piece.
const PIECE: usize = 1023;
const BLOCK: usize = 256 * 1024;
/// Most scripts are small.
const FIRST_BLOCK: usize = 8 * 1024;

/// The lines of an input. Bytes are never interpreted, but for NUL, at which psql loses text as C strings do.
pub struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// The unread part of the buffer.
    start: usize,
    end: usize,
    at_end: bool,
    /// The last reading gave as much as there was room for.
    filled: bool,
    place: Place,
    joined: Vec<u8>,
    /// COPY data stopped in the middle of a line.
    inside_line: bool,
    /// Lines that psql does not see as such: a NUL byte has swallowed the end of the one before.
    glued: u64,
    /// The line that ended the data read last.
    marker: &'static [u8],
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
            filled: false,
            place: Place { line: 1, offset: 0 },
            joined: Vec::new(),
            inside_line: false,
            glued: 0,
            marker: b"",
        }
    }

    /// Where the next line begins.
    pub fn place(&self) -> Place {
        self.place
    }

    /// How many lines psql would have read by now.
    pub fn count(&self) -> u64 {
        self.place.line - 1 - self.glued
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
            let marker = if self.inside_line { None } else { end_of_data(unread) };
            if let Some(marker) = marker {
                self.marker = marker;
                self.consume(marker.len(), 1);
                return Ok(None);
            }
            if let Some(length) = self.block_length(unread) {
                return Ok(self.copy_block(length));
            }
            self.fill()?;
        }
    }

    /// The line that ended the COPY data read last; empty where the input ended instead. The server knows by
    /// itself where the data end, but psql sends it along.
    pub fn take_marker(&mut self) -> &'static [u8] {
        std::mem::take(&mut self.marker)
    }

    /// The next block of a COPY's data: lines up to the marker, or binary data up to the end of the input.
    pub fn data(&mut self, binary: bool) -> io::Result<Option<&[u8]>> {
        if binary { self.raw_data() } else { self.copy_data() }
    }

    /// The next block of whatever follows, in which there are no lines; none at the end of the input.
    fn raw_data(&mut self) -> io::Result<Option<&[u8]>> {
        if self.start == self.end {
            self.fill()?;
        }
        let range = self.start..self.end;
        self.consume(range.len(), 0);
        Ok((!range.is_empty()).then_some(&self.buffer[range]))
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
        if self.buffer.len() - self.end <= self.buffer.len() / 2 || (self.filled && self.buffer.len() < BLOCK)
        {
            let larger = (self.buffer.len() * 2).max(FIRST_BLOCK);
            self.buffer.resize(larger, 0);
        }
        let room = self.buffer.len() - self.end;
        let count = loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.end += count;
        self.at_end = count == 0;
        self.filled = count == room;
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
            self.glued += u64::from(next.is_some());
        }
        Ok((!self.joined.is_empty()).then_some(Line { bytes: &self.joined, place }))
    }
}

impl Lines<Box<dyn Read>> {
    /// The rest of the input, for somebody else to read on; [`Self::regain`] takes it back.
    #[must_use]
    pub fn lend(&mut self) -> Self {
        let mut lent = Self::new(Box::new(io::empty()));
        lent.trade(self);
        lent
    }

    /// What was lent; the lines that were read meanwhile are not counted among those that psql has read here.
    pub fn regain(&mut self, mut lent: Self) {
        self.trade(&mut lent);
        let read = lent.place.line - 1;
        self.place.line += read;
        self.place.offset += lent.place.offset;
        self.glued += read;
    }

    /// Everything but how far each has come.
    fn trade(&mut self, other: &mut Self) {
        std::mem::swap(self, other);
        std::mem::swap(&mut self.place, &mut other.place);
        std::mem::swap(&mut self.glued, &mut other.glued);
    }
}

/// The line `\.` at the start of `text`.
fn end_of_data(text: &[u8]) -> Option<&'static [u8]> {
    [b"\\.\n".as_slice(), b"\\.\r\n"].into_iter().find(|marker| text.starts_with(marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a pipe may.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(3).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn lines(input: impl Read) -> Vec<(u64, u64, String)> {
        let (mut lines, mut found) = (Lines::new(input), Vec::new());
        while let Some(line) = lines.next_line().expect("memory can be read") {
            found.push((line.place.line, line.place.offset, line.bytes.escape_ascii().to_string()));
        }
        found
    }

    fn data(text: &[u8]) -> (Vec<u8>, Option<(u64, String)>) {
        let (mut lines, mut data) = (Lines::new(Drip(text)), Vec::new());
        while let Some(block) = lines.copy_data().expect("memory can be read") {
            data.extend_from_slice(block);
        }
        let next = lines.next_line().expect("memory can be read");
        (data, next.map(|line| (line.place.line, line.bytes.escape_ascii().to_string())))
    }

    #[test]
    fn lines_keep_their_places_however_the_input_arrives() {
        let text = b"select 1;\n\nselect\r\n\xff\nlast";
        let expected = lines(text.as_slice());
        assert_eq!(expected, lines(Drip(text)));
        assert_eq!(expected[2], (3, 11, "select\\r".to_owned()));
        assert_eq!(expected[4], (5, 21, "last".to_owned()));
        assert_eq!(lines(b"".as_slice()), []);
        assert_eq!(lines(b"\n".as_slice()), [(1, 0, String::new())]);
    }

    #[test]
    fn copy_data_ends_at_its_marker_or_with_the_input() {
        let after = |line, text: &str| Some((line, text.to_owned()));
        assert_eq!(data(b"1\n2\n\\.\nselect 1;\n"), (b"1\n2\n".to_vec(), after(4, "select 1;")));
        assert_eq!(data(b"\\.\r\nselect 1;"), (Vec::new(), after(2, "select 1;")));
        assert_eq!(data(b"a\\.\n\\.b\n \\.\n\\.\nx"), (b"a\\.\n\\.b\n \\.\n".to_vec(), after(5, "x")));
        assert_eq!(data(b"1\n2"), (b"1\n2".to_vec(), None));
        assert_eq!(data(b"1\n\\."), (b"1\n\\.".to_vec(), None));
        assert_eq!(data(b""), (Vec::new(), None));
    }

    #[test]
    fn a_row_longer_than_a_block_comes_in_parts_and_hides_no_marker() {
        let long = [&vec![b'x'; 3 * BLOCK][..], b"\n\\.\nafter"].concat();
        let mut lines = Lines::new(long.as_slice());
        let mut length = 0;
        while let Some(block) = lines.copy_data().expect("memory can be read") {
            assert!(block.len() <= 2 * BLOCK);
            length += block.len();
        }
        assert_eq!(length, 3 * BLOCK + 1);
        assert_eq!(
            lines.next_line().expect("memory").map(|line| line.bytes.to_vec()),
            Some(b"after".to_vec())
        );
    }
}
