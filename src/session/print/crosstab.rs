//! `\crosstabview`: a result turned so that the values of one column become the headings.

use std::collections::BTreeMap;

use thiserror::Error;

use super::pset::integer;
use super::table::{Heading, Table};
use crate::sql::encoding::Encoding;

/// What psql says after `error: `.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CrosstabError {
    #[error("\\crosstabview: statement did not return a result set")]
    NoResult,
    #[error("\\crosstabview: query must return at least three columns")]
    TooNarrow,
    #[error("\\crosstabview: vertical and horizontal headers must be different columns")]
    SameHeaders,
    #[error("\\crosstabview: data column must be specified when query returns more than three columns")]
    WhichData,
    #[error("\\crosstabview: column number {number} is out of range 1..{columns}")]
    OutOfRange { number: i32, columns: usize },
    #[error("\\crosstabview: column name not found: \"{0}\"")]
    NotFound(String),
    #[error("\\crosstabview: ambiguous column name: \"{0}\"")]
    Ambiguous(String),
    #[error("\\crosstabview: maximum number of columns ({MOST_COLUMNS}) exceeded")]
    TooWide,
    #[error(
        "\\crosstabview: query result contains multiple data values for row \"{row}\", column \"{column}\""
    )]
    MultipleValues { row: String, column: String },
}

const MOST_COLUMNS: usize = 1600;

/// The distinct values of a column, each with its place among the headings.
#[derive(Default)]
struct Header<'t> {
    /// By value, NULL last; psql's sorting depends on this order.
    places: BTreeMap<(bool, Option<&'t [u8]>), usize>,
    /// What they are sorted by, in the order of their first appearance.
    sort_by: Vec<Option<&'t [u8]>>,
}

impl<'t> Header<'t> {
    fn add(&mut self, value: Option<&'t [u8]>, sort_by: Option<&'t [u8]>) {
        let next = self.sort_by.len();
        let place = *self.places.entry((value.is_none(), value)).or_insert(next);
        if place == next {
            self.sort_by.push(sort_by);
        }
    }

    fn place(&self, value: Option<&'t [u8]>) -> usize {
        self.places[&(value.is_none(), value)]
    }

    /// Orders the headings by the numbers that came with them; what is no number counts as 0.
    fn sort(&mut self) {
        let sort_by = &self.sort_by;
        let number = |place: &usize| sort_by[*place].filter(|text| is_number(text)).map_or(0, integer);
        let mut order: Vec<usize> = self.places.values().copied().collect();
        order.sort_by_key(number);
        let mut new_places = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            new_places[old] = new;
        }
        self.places.values_mut().for_each(|place| *place = new_places[*place]);
    }

    /// The values in the order of their places.
    fn values(&self) -> Vec<Option<&'t [u8]>> {
        let mut values = vec![None; self.places.len()];
        for (&(_, value), &place) in &self.places {
            values[place] = value;
        }
        values
    }
}

fn is_number(text: &[u8]) -> bool {
    text.strip_prefix(b"-").unwrap_or(text).iter().all(u8::is_ascii_digit)
}

/// A value of the data column, NULL included.
#[derive(Clone, Copy)]
struct Given<'t>(Option<&'t [u8]>);

/// The columns that the arguments name, from 0.
struct Fields {
    rows: usize,
    columns: usize,
    data: usize,
    sort_by: Option<usize>,
}

impl Table {
    /// The rows that `\crosstabview` prints; its arguments are those that were given. `null` is `\pset null`.
    pub fn crosstab(&self, arguments: &[Vec<u8>], null: Option<&[u8]>) -> Result<Self, CrosstabError> {
        let fields = self.fields(arguments)?;
        let (mut columns, mut rows) = (Header::default(), Header::default());
        for row in 0..self.rows() {
            columns.add(
                self.value(row, fields.columns),
                fields.sort_by.and_then(|sort_by| self.value(row, sort_by)),
            );
            if columns.places.len() > MOST_COLUMNS {
                return Err(CrosstabError::TooWide);
            }
            rows.add(self.value(row, fields.rows), None);
        }
        if fields.sort_by.is_some() {
            columns.sort();
        }
        let mut turned = self.turned_headings(&fields, &columns, null);
        let cells = self.turned_cells(&fields, &columns, &rows, null)?;
        for (value, cells) in rows.values().into_iter().zip(cells.chunks(columns.places.len().max(1))) {
            // What no row of the result gave is empty, not NULL.
            let cells = cells.iter().map(|cell| cell.map_or(Some(&b""[..]), |Given(value)| value));
            turned.push_values(std::iter::once(value).chain(cells));
        }
        Ok(turned)
    }

    fn fields(&self, arguments: &[Vec<u8>]) -> Result<Fields, CrosstabError> {
        if self.columns() < 3 {
            return Err(CrosstabError::TooNarrow);
        }
        let field = |index: usize| arguments.get(index).map(|argument| self.field(argument)).transpose();
        let rows = field(0)?.unwrap_or(0);
        let columns = field(1)?.unwrap_or(1);
        if rows == columns {
            return Err(CrosstabError::SameHeaders);
        }
        let data = match field(2)? {
            Some(data) => data,
            None if self.columns() > 3 => return Err(CrosstabError::WhichData),
            // The one of the three that is neither.
            None => 3 - rows - columns,
        };
        Ok(Fields { rows, columns, data, sort_by: field(3)? })
    }

    fn field(&self, argument: &[u8]) -> Result<usize, CrosstabError> {
        if !argument.is_empty() && argument.iter().all(u8::is_ascii_digit) {
            let number = integer(argument);
            let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            let out_of_range = CrosstabError::OutOfRange { number, columns: self.columns() };
            return index.filter(|&index| index < self.columns()).ok_or(out_of_range);
        }
        let name = identifier(argument, self.encoding);
        let text = || String::from_utf8_lossy(&name).into_owned();
        let mut found = (0..self.columns()).filter(|&index| self.headings[index].name == name);
        match (found.next(), found.next()) {
            (Some(index), None) => Ok(index),
            (Some(_), Some(_)) => Err(CrosstabError::Ambiguous(text())),
            (None, _) => Err(CrosstabError::NotFound(text())),
        }
    }

    fn turned_headings(&self, fields: &Fields, columns: &Header, null: Option<&[u8]>) -> Self {
        let right = self.headings[fields.data].right;
        let names = columns.values().into_iter().map(|value| value.or(null).unwrap_or_default().to_vec());
        let first = self.headings[fields.rows].clone();
        let mut headings = vec![first];
        headings.extend(names.map(|name| Heading { name, right }));
        let mut turned = Self::with(headings, self.encoding);
        turned.plain_numbers = true;
        turned
    }

    /// The values, row by row, where there are any.
    fn turned_cells<'t>(
        &'t self,
        fields: &Fields,
        columns: &Header<'t>,
        rows: &Header<'t>,
        null: Option<&[u8]>,
    ) -> Result<Vec<Option<Given<'t>>>, CrosstabError> {
        let width = columns.places.len();
        let mut cells = vec![None; width * rows.places.len()];
        for row in 0..self.rows() {
            let (down, across) = (self.value(row, fields.rows), self.value(row, fields.columns));
            let cell = &mut cells[rows.place(down) * width + columns.place(across)];
            if cell.is_some() {
                let name = |value: Option<&[u8]>| {
                    String::from_utf8_lossy(value.or(null).unwrap_or(b"(null)")).into_owned()
                };
                return Err(CrosstabError::MultipleValues { row: name(down), column: name(across) });
            }
            *cell = Some(Given(self.value(row, fields.data)));
        }
        Ok(cells)
    }
}

/// A name as SQL reads it: in lower case but for what is quoted.
fn identifier(argument: &[u8], encoding: Encoding) -> Vec<u8> {
    let mut name = Vec::new();
    let mut quoted = false;
    let mut rest = argument;
    while let Some(&first) = rest.first() {
        let length = encoding.character_length(rest).min(rest.len());
        match first {
            b'"' if quoted && rest.get(1) == Some(&b'"') => {
                name.push(b'"');
                rest = &rest[1..];
            }
            b'"' => quoted = !quoted,
            _ if quoted => name.extend_from_slice(&rest[..length]),
            _ => {
                name.push(first.to_ascii_lowercase());
                name.extend_from_slice(&rest[1..length]);
            }
        }
        rest = &rest[length.min(rest.len())..];
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_and_unquoted() {
        let folded = |text: &str| String::from_utf8(identifier(text.as_bytes(), Encoding::Utf8)).unwrap();
        assert_eq!(folded("Some\"Name\"\"X\"\"\"Y"), "someName\"X\"y");
        assert_eq!(folded("Ä"), "Ä");
    }
}
