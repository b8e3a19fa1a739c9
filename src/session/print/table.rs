//! A result, or a part of one, as it will be printed.

use super::super::wire::{Column, Row};
use crate::sql::encoding::Encoding;

/// Columns, rows and footers. The bytes are in the connection's encoding.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub(super) headings: Vec<Heading>,
    /// The values one after the other, row by row.
    text: Vec<u8>,
    ends: Vec<End>,
    rows: usize,
    /// Printed instead of the number of rows.
    pub footers: Vec<Vec<u8>>,
    pub(super) encoding: Encoding,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    pub name: Vec<u8>,
    /// Whether the column's values stand to the right.
    pub right: bool,
}

#[derive(Clone, Copy, Debug)]
struct End {
    at: usize,
    null: bool,
}

/// Which part of a result is printed: psql prints `FETCH_COUNT` rows at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub first: bool,
    pub last: bool,
    /// The rows printed before.
    pub prior: usize,
    /// Whether psql took this result for longer than a page: the first part had as many rows as it may have.
    pub paged: bool,
}

impl Part {
    /// The whole result.
    pub const WHOLE: Self = Self { first: true, last: true, prior: 0, paged: false };
}

impl Table {
    pub fn new(columns: &[Column], encoding: Encoding) -> Self {
        let heading = |column: &Column| (column.name.clone(), is_right_aligned(column.type_oid));
        Self::with_headings(columns.iter().map(heading), encoding)
    }

    /// Each heading with whether the values below it stand to the right.
    pub fn with_headings(headings: impl IntoIterator<Item = (Vec<u8>, bool)>, encoding: Encoding) -> Self {
        let headings = headings.into_iter().map(|(name, right)| Heading { name, right }).collect();
        Self { headings, encoding, ..Self::default() }
    }

    /// The same columns without any rows.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self { headings: self.headings.clone(), encoding: self.encoding, ..Self::default() }
    }

    pub fn push(&mut self, row: &Row) {
        self.push_values(row.values());
    }

    /// A row; there must be a value for each column.
    pub fn push_values<'v>(&mut self, values: impl IntoIterator<Item = Option<&'v [u8]>>) {
        self.rows += 1;
        for value in values {
            self.text.extend_from_slice(value.unwrap_or_default());
            self.ends.push(End { at: self.text.len(), null: value.is_none() });
        }
    }

    pub fn columns(&self) -> usize {
        self.headings.len()
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A value; `None` is NULL.
    pub fn value(&self, row: usize, column: usize) -> Option<&[u8]> {
        let index = row * self.columns() + column;
        let start = if index == 0 { 0 } else { self.ends[index - 1].at };
        let end = self.ends[index];
        (!end.null).then(|| &self.text[start..end.at])
    }
}

/// The types that psql aligns to the right, by their oids.
fn is_right_aligned(type_oid: u32) -> bool {
    const INT8: u32 = 20;
    const INT2: u32 = 21;
    const INT4: u32 = 23;
    const OID: u32 = 26;
    const XID: u32 = 28;
    const CID: u32 = 29;
    const FLOAT4: u32 = 700;
    const FLOAT8: u32 = 701;
    const MONEY: u32 = 790;
    const NUMERIC: u32 = 1700;
    const XID8: u32 = 5069;
    matches!(type_oid, INT8 | INT2 | INT4 | OID | XID | CID | FLOAT4 | FLOAT8 | MONEY | NUMERIC | XID8)
}
