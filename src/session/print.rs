//! What psql prints: results in each of its formats, and the server's messages, byte for byte.

mod aligned;
mod csv;
mod line_style;
mod pset;
mod settings;
mod sheet;
mod table;
mod unaligned;
mod vertical;
mod width;

use std::io::{self, BufWriter, Write};

pub use pset::PsetError;
pub use settings::{Expanded, Format, LineStyle, Pager, Separator, Settings, Strokes, UnicodeStyle};
pub use table::{Part, Table};

use sheet::Sheet;

/// Where the formats write their many small pieces.
type Sink<'o> = BufWriter<&'o mut dyn Write>;

impl Table {
    /// Prints the rows, with what belongs before and after them where this is the first or last part of a result.
    ///
    /// # Errors
    /// What a write met.
    pub fn write(&self, settings: &Settings, part: Part, out: &mut dyn Write) -> io::Result<()> {
        let sheet = Sheet { table: self, settings, part };
        let mut sink = BufWriter::with_capacity(64 * 1024, out);
        sheet.write(&mut sink)?;
        sink.flush()
    }
}

impl Sheet<'_> {
    fn write(&self, out: &mut Sink) -> io::Result<()> {
        let vertical = self.settings.expanded == Expanded::On;
        match (self.settings.format, vertical) {
            (Format::Aligned | Format::Wrapped, _) if vertical || self.is_forced_vertical() => {
                vertical::write(self, out)
            }
            (Format::Aligned | Format::Wrapped, _) => aligned::write(self, out),
            (Format::Csv, false) => csv::write(self, out),
            (Format::Csv, true) => csv::write_vertical(self, out),
            (_, false) => unaligned::write(self, out),
            (_, true) => unaligned::write_vertical(self, out),
        }
    }

    // psql cannot know how wide the parts to come are.
    fn is_forced_vertical(&self) -> bool {
        self.settings.expanded == Expanded::Auto && self.part.paged
    }
}

fn pad(count: usize, out: &mut Sink) -> io::Result<()> {
    repeat(b" ", count, out)
}

fn repeat(text: &[u8], count: usize, out: &mut Sink) -> io::Result<()> {
    (0..count).try_for_each(|_| out.write_all(text))
}
