//! A table together with the settings and the part of the result that it is: what each format looks at.

use std::borrow::Cow;
use std::io::{self, Write as _};

use super::Sink;
use super::settings::Settings;
use super::table::{Heading, Part, Table};
use super::width::valid;
use crate::sql::encoding::Encoding;

#[derive(Clone, Copy)]
pub(super) struct Sheet<'t> {
    pub table: &'t Table,
    pub settings: &'t Settings,
    pub part: Part,
}

impl<'t> Sheet<'t> {
    pub fn encoding(&self) -> Encoding {
        self.table.encoding
    }

    pub fn headings(&self) -> &'t [Heading] {
        &self.table.headings
    }

    pub fn columns(&self) -> usize {
        self.table.columns()
    }

    /// The numbers of the rows that have values: without columns psql prints no row.
    pub fn rows(&self) -> std::ops::Range<usize> {
        0..if self.columns() == 0 { 0 } else { self.table.rows() }
    }

    /// A value as it is shown.
    pub fn cell(&self, row: usize, column: usize) -> Cow<'t, [u8]> {
        let null = || self.settings.null.as_deref().unwrap_or_default();
        match self.table.value(row, column) {
            None => valid(null(), self.encoding()),
            Some(value) if self.settings.numeric_locale && self.headings()[column].right => grouped(value),
            Some(value) => valid(value, self.encoding()),
        }
    }

    /// The cells of a row.
    pub fn cells(&self, row: usize) -> impl Iterator<Item = Cow<'t, [u8]>> {
        (0..self.columns()).map(move |column| self.cell(row, column))
    }

    pub fn name(&self, column: usize) -> Cow<'t, [u8]> {
        valid(&self.headings()[column].name, self.encoding())
    }

    pub fn names(&self) -> impl Iterator<Item = Cow<'t, [u8]>> {
        (0..self.columns()).map(move |column| self.name(column))
    }

    /// The number that is printed over a row in the expanded formats.
    pub fn record(&self, row: usize) -> usize {
        self.part.prior + row + 1
    }

    /// The title, where it is shown at all.
    pub fn title(&self) -> Option<&'t [u8]> {
        self.settings.title.as_deref().filter(|_| !self.settings.tuples_only)
    }

    /// The table's own footers, where footers are shown.
    pub fn own_footers(&self) -> &'t [Vec<u8>] {
        if self.settings.tuples_only { &[] } else { &self.table.footers }
    }

    /// The footers, or the number of rows.
    pub fn footers(&self) -> Cow<'t, [Vec<u8>]> {
        if !self.table.footers.is_empty() || !self.settings.footer || self.settings.tuples_only {
            return Cow::Borrowed(self.own_footers());
        }
        let rows = self.part.prior + self.table.rows();
        let noun = if rows == 1 { "row" } else { "rows" };
        Cow::Owned(vec![format!("({rows} {noun})").into_bytes()])
    }
}

/// Writes each line with a newline.
pub(super) fn write_lines(lines: &[Vec<u8>], out: &mut Sink) -> io::Result<()> {
    for line in lines {
        out.write_all(line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A number with its digits grouped; what does not look like one stays as it is.
fn grouped(value: &[u8]) -> Cow<'_, [u8]> {
    const DIGITS_IN_GROUP: usize = 3;
    let is_number = value.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte));
    let signs = value.iter().take(1).filter(|byte| b"+-".contains(byte)).count();
    let digits = value[signs..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !is_number || digits <= DIGITS_IN_GROUP {
        return Cow::Borrowed(value);
    }
    let (whole, rest) = value.split_at(signs + digits);
    let mut text = whole[..signs].to_vec();
    for (index, &digit) in whole[signs..].iter().enumerate() {
        if index > 0 && (digits - index).is_multiple_of(DIGITS_IN_GROUP) {
            text.push(b',');
        }
        text.push(digit);
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_in_what_looks_like_a_number() {
        let pairs = [
            ("123", "123"),
            ("-1234", "-1,234"),
            ("123456789.12345", "123,456,789.12345"),
            ("1234e10", "1,234e10"),
            ("$1234", "$1234"),
            ("NaN", "NaN"),
            ("", ""),
        ];
        for (value, shown) in pairs {
            assert_eq!(*grouped(value.as_bytes()), *shown.as_bytes(), "{value}");
        }
    }
}
