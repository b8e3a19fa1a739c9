//! `\pset`: its options, their values, and what psql says about them.

use thiserror::Error;

use super::super::variables::parse_bool;
use super::settings::{Expanded, Format, LineStyle, Pager, Separator, Settings, Strokes};

/// What psql says after `error: `.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PsetError {
    #[error("\\pset: unknown option: {0}")]
    Unknown(String),
    #[error("\\pset: ambiguous abbreviation \"{value}\" matches both \"{first}\" and \"{second}\"")]
    AmbiguousFormat { value: String, first: &'static str, second: &'static str },
    #[error("\\pset: allowed {what} are {allowed}")]
    NotAllowed { what: &'static str, allowed: String },
    #[error("\\pset: csv_fieldsep must be a single one-byte character")]
    LongCsvSeparator,
    #[error("\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return")]
    BadCsvSeparator,
    #[error("unrecognized value \"{value}\" for \"{option}\": Boolean expected")]
    NotBoolean { option: String, value: String },
    #[error("unrecognized value \"{value}\" for \"{option}\"\nAvailable values are: {available}.")]
    NotAvailable { option: String, value: String, available: &'static str },
}

/// An option, in the order in which psql lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PrintOption {
    Border,
    Columns,
    CsvFieldsep,
    Expanded,
    Fieldsep,
    FieldsepZero,
    Footer,
    Format,
    Linestyle,
    Null,
    Numericlocale,
    Pager,
    PagerMinLines,
    Recordsep,
    RecordsepZero,
    Tableattr,
    Title,
    TuplesOnly,
    UnicodeBorder,
    UnicodeColumn,
    UnicodeHeader,
}

const OPTIONS: [(&str, PrintOption); 21] = [
    ("border", PrintOption::Border),
    ("columns", PrintOption::Columns),
    ("csv_fieldsep", PrintOption::CsvFieldsep),
    ("expanded", PrintOption::Expanded),
    ("fieldsep", PrintOption::Fieldsep),
    ("fieldsep_zero", PrintOption::FieldsepZero),
    ("footer", PrintOption::Footer),
    ("format", PrintOption::Format),
    ("linestyle", PrintOption::Linestyle),
    ("null", PrintOption::Null),
    ("numericlocale", PrintOption::Numericlocale),
    ("pager", PrintOption::Pager),
    ("pager_min_lines", PrintOption::PagerMinLines),
    ("recordsep", PrintOption::Recordsep),
    ("recordsep_zero", PrintOption::RecordsepZero),
    ("tableattr", PrintOption::Tableattr),
    ("title", PrintOption::Title),
    ("tuples_only", PrintOption::TuplesOnly),
    ("unicode_border_linestyle", PrintOption::UnicodeBorder),
    ("unicode_column_linestyle", PrintOption::UnicodeColumn),
    ("unicode_header_linestyle", PrintOption::UnicodeHeader),
];

const SHORT: [(&str, PrintOption); 5] = [
    ("x", PrintOption::Expanded),
    ("vertical", PrintOption::Expanded),
    ("t", PrintOption::TuplesOnly),
    ("T", PrintOption::Tableattr),
    ("C", PrintOption::Title),
];

const FORMATS: [(&str, Format); 8] = [
    ("aligned", Format::Aligned),
    ("asciidoc", Format::Asciidoc),
    ("csv", Format::Csv),
    ("html", Format::Html),
    ("latex", Format::Latex),
    ("troff-ms", Format::TroffMs),
    ("unaligned", Format::Unaligned),
    ("wrapped", Format::Wrapped),
];

/// Not among [`FORMATS`], where it would make the abbreviations of `latex` ambiguous.
const LONGTABLE: &str = "latex-longtable";

const LINE_STYLES: [(&str, LineStyle); 3] =
    [("ascii", LineStyle::Ascii), ("old-ascii", LineStyle::OldAscii), ("unicode", LineStyle::Unicode)];

const STROKES: [(&str, Strokes); 2] = [("single", Strokes::Single), ("double", Strokes::Double)];

impl Settings {
    /// `\pset option value`, and the line that psql prints about it unless `QUIET` is on; some options have none.
    pub fn set(&mut self, option: &[u8], value: Option<&[u8]>) -> Result<Option<Vec<u8>>, PsetError> {
        let known = OPTIONS.iter().chain(&SHORT).find(|(name, _)| name.as_bytes() == option);
        let &(_, known) = known.ok_or_else(|| PsetError::Unknown(text(option)))?;
        if let (PrintOption::Footer | PrintOption::Numericlocale | PrintOption::TuplesOnly, Some(value)) =
            (known, value)
        {
            let not_boolean = || PsetError::NotBoolean { option: text(option), value: text(value) };
            *self.switch(known) = parse_bool(value).ok_or_else(not_boolean)?;
            return Ok(None);
        }
        match value {
            Some(value) => self.assign(known, option, value)?,
            None => self.assign_nothing(known),
        }
        Ok(Some(self.describe(known)))
    }

    /// `\a`: from the aligned format to the unaligned one, from any other to the aligned one.
    pub fn toggle_aligned(&mut self) -> Vec<u8> {
        self.format = if self.format == Format::Aligned { Format::Unaligned } else { Format::Aligned };
        self.describe(PrintOption::Format)
    }

    /// `\H`: to HTML, or from it to the aligned format.
    pub fn toggle_html(&mut self) -> Vec<u8> {
        self.format = if self.format == Format::Html { Format::Aligned } else { Format::Html };
        self.describe(PrintOption::Format)
    }

    /// `\pset` alone: each option and its value.
    pub fn listing(&self) -> Vec<u8> {
        let mut listing = Vec::new();
        for (name, option) in OPTIONS {
            listing.extend_from_slice(format!("{name:24} ").as_bytes());
            listing.extend(self.value_as_typed(option));
            listing.push(b'\n');
        }
        listing
    }

    fn switch(&mut self, option: PrintOption) -> &mut bool {
        match option {
            PrintOption::Footer => &mut self.footer,
            PrintOption::Numericlocale => &mut self.numeric_locale,
            _ => &mut self.tuples_only,
        }
    }

    fn assign(&mut self, known: PrintOption, option: &[u8], value: &[u8]) -> Result<(), PsetError> {
        let strokes = |what| one_of(&STROKES, value, what);
        match known {
            PrintOption::Border => self.border = wrapped(number(value), 16).try_into().unwrap_or(0),
            PrintOption::Columns => self.columns = integer(value),
            PrintOption::CsvFieldsep => self.csv_separator = csv_separator(value)?,
            PrintOption::Expanded => self.expanded = expanded(option, value)?,
            PrintOption::Fieldsep => self.field_separator = Separator::Text(value.into()),
            PrintOption::Recordsep => self.record_separator = Separator::Text(value.into()),
            PrintOption::FieldsepZero | PrintOption::RecordsepZero => self.assign_nothing(known),
            PrintOption::Format => self.format = format(value)?,
            PrintOption::Linestyle => self.line_style = one_of(&LINE_STYLES, value, "line styles")?,
            PrintOption::Null => self.null = Some(value.into()),
            PrintOption::Pager => self.pager = pager(option, value)?,
            PrintOption::PagerMinLines => self.pager_min_lines = integer(value),
            PrintOption::Tableattr => self.table_attributes = Some(value.into()),
            PrintOption::Title => self.title = Some(value.into()),
            PrintOption::UnicodeBorder => self.unicode.border = strokes("Unicode border line styles")?,
            PrintOption::UnicodeColumn => self.unicode.column = strokes("Unicode column line styles")?,
            PrintOption::UnicodeHeader => self.unicode.header = strokes("Unicode header line styles")?,
            PrintOption::Footer | PrintOption::Numericlocale | PrintOption::TuplesOnly => {}
        }
        Ok(())
    }

    /// An option without a value is turned over, unset, or only told.
    fn assign_nothing(&mut self, option: PrintOption) {
        match option {
            PrintOption::Expanded if self.expanded == Expanded::Off => self.expanded = Expanded::On,
            PrintOption::Expanded => self.expanded = Expanded::Off,
            PrintOption::Footer | PrintOption::Numericlocale | PrintOption::TuplesOnly => {
                let switch = self.switch(option);
                *switch = !*switch;
            }
            PrintOption::Pager if self.pager == Pager::On => self.pager = Pager::Off,
            PrintOption::Pager => self.pager = Pager::On,
            PrintOption::FieldsepZero => self.field_separator = Separator::Zero,
            PrintOption::RecordsepZero => self.record_separator = Separator::Zero,
            PrintOption::Tableattr => self.table_attributes = None,
            PrintOption::Title => self.title = None,
            _ => {}
        }
    }

    /// The line that psql prints after a change.
    fn describe(&self, option: PrintOption) -> Vec<u8> {
        let on_off = |what: &str, on: bool| format!("{what} is {}.\n", if on { "on" } else { "off" }).into();
        match option {
            PrintOption::Border => format!("Border style is {}.\n", self.border).into(),
            PrintOption::Columns if self.columns == 0 => b"Target width is unset.\n".to_vec(),
            PrintOption::Columns => format!("Target width is {}.\n", self.columns).into(),
            PrintOption::Expanded => match self.expanded {
                Expanded::Auto => b"Expanded display is used automatically.\n".to_vec(),
                other => on_off("Expanded display", other == Expanded::On),
            },
            PrintOption::CsvFieldsep => told("Field separator for CSV is ", &[self.csv_separator]),
            PrintOption::Fieldsep | PrintOption::FieldsepZero => {
                told_separator("Field separator is ", &self.field_separator, false)
            }
            PrintOption::Recordsep | PrintOption::RecordsepZero => {
                told_separator("Record separator is ", &self.record_separator, true)
            }
            PrintOption::Footer => on_off("Default footer", self.footer),
            PrintOption::Format => format!("Output format is {}.\n", name_of_format(self.format)).into(),
            PrintOption::Linestyle => {
                format!("Line style is {}.\n", name_of(&LINE_STYLES, self.line_style)).into()
            }
            PrintOption::Null => told("Null display is ", self.null.as_deref().unwrap_or_default()),
            PrintOption::Numericlocale => on_off("Locale-adjusted numeric output", self.numeric_locale),
            PrintOption::Pager => match self.pager {
                Pager::Off => b"Pager usage is off.\n".to_vec(),
                Pager::On => b"Pager is used for long output.\n".to_vec(),
                Pager::Always => b"Pager is always used.\n".to_vec(),
            },
            PrintOption::PagerMinLines => {
                let noun = if self.pager_min_lines == 1 { "line" } else { "lines" };
                format!("Pager won't be used for less than {} {noun}.\n", self.pager_min_lines).into()
            }
            PrintOption::Tableattr => match &self.table_attributes {
                Some(attributes) => told("Table attributes are ", attributes),
                None => b"Table attributes unset.\n".to_vec(),
            },
            PrintOption::Title => match &self.title {
                Some(title) => told("Title is ", title),
                None => b"Title is unset.\n".to_vec(),
            },
            PrintOption::TuplesOnly => on_off("Tuples only", self.tuples_only),
            PrintOption::UnicodeBorder => told_strokes("border", self.unicode.border),
            PrintOption::UnicodeColumn => told_strokes("column", self.unicode.column),
            PrintOption::UnicodeHeader => told_strokes("header", self.unicode.header),
        }
    }

    /// The value as it could be given to `\pset`.
    fn value_as_typed(&self, option: PrintOption) -> Vec<u8> {
        let on_off = |on: bool| if on { b"on".to_vec() } else { b"off".to_vec() };
        match option {
            PrintOption::Border => self.border.to_string().into(),
            PrintOption::Columns => self.columns.to_string().into(),
            PrintOption::CsvFieldsep => quoted(&[self.csv_separator]),
            PrintOption::Expanded if self.expanded == Expanded::Auto => b"auto".to_vec(),
            PrintOption::Expanded => on_off(self.expanded == Expanded::On),
            PrintOption::Fieldsep => quoted_separator(&self.field_separator),
            PrintOption::FieldsepZero => on_off(self.field_separator == Separator::Zero),
            PrintOption::Footer => on_off(self.footer),
            PrintOption::Format => name_of_format(self.format).into(),
            PrintOption::Linestyle => name_of(&LINE_STYLES, self.line_style).into(),
            PrintOption::Null => quoted(self.null.as_deref().unwrap_or_default()),
            PrintOption::Numericlocale => on_off(self.numeric_locale),
            PrintOption::Pager => match self.pager {
                Pager::Off => b"0".to_vec(),
                Pager::On => b"1".to_vec(),
                Pager::Always => b"2".to_vec(),
            },
            PrintOption::PagerMinLines => self.pager_min_lines.to_string().into(),
            PrintOption::Recordsep => quoted_separator(&self.record_separator),
            PrintOption::RecordsepZero => on_off(self.record_separator == Separator::Zero),
            PrintOption::Tableattr => self.table_attributes.as_deref().map(quoted).unwrap_or_default(),
            PrintOption::Title => self.title.as_deref().map(quoted).unwrap_or_default(),
            PrintOption::TuplesOnly => on_off(self.tuples_only),
            PrintOption::UnicodeBorder => name_of(&STROKES, self.unicode.border).into(),
            PrintOption::UnicodeColumn => name_of(&STROKES, self.unicode.column).into(),
            PrintOption::UnicodeHeader => name_of(&STROKES, self.unicode.header).into(),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether `word` is `name` or its beginning; the empty word is.
fn abbreviates(word: &[u8], name: &str) -> bool {
    name.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn one_of<T: Copy>(names: &[(&str, T)], word: &[u8], what: &'static str) -> Result<T, PsetError> {
    let found = names.iter().find(|(name, _)| abbreviates(word, name));
    found.map(|&(_, value)| value).ok_or_else(|| {
        let allowed: Vec<&str> = names.iter().map(|&(name, _)| name).collect();
        PsetError::NotAllowed { what, allowed: allowed.join(", ") }
    })
}

fn format(word: &[u8]) -> Result<Format, PsetError> {
    let mut matching = FORMATS.iter().filter(|(name, _)| abbreviates(word, name));
    match (matching.next(), matching.next()) {
        (Some(&(_, format)), None) => Ok(format),
        (Some(&(first, _)), Some(&(second, _))) => {
            Err(PsetError::AmbiguousFormat { value: text(word), first, second })
        }
        (None, _) if abbreviates(word, LONGTABLE) => Ok(Format::LatexLongtable),
        (None, _) => {
            let allowed =
                "aligned, asciidoc, csv, html, latex, latex-longtable, troff-ms, unaligned, wrapped";
            Err(PsetError::NotAllowed { what: "formats", allowed: allowed.into() })
        }
    }
}

fn expanded(option: &[u8], value: &[u8]) -> Result<Expanded, PsetError> {
    match parse_bool(value) {
        Some(true) => Ok(Expanded::On),
        Some(false) => Ok(Expanded::Off),
        None if value.eq_ignore_ascii_case(b"auto") => Ok(Expanded::Auto),
        None => Err(not_available(option, value, "on, off, auto")),
    }
}

fn pager(option: &[u8], value: &[u8]) -> Result<Pager, PsetError> {
    match parse_bool(value) {
        Some(true) => Ok(Pager::On),
        Some(false) => Ok(Pager::Off),
        None if value.eq_ignore_ascii_case(b"always") => Ok(Pager::Always),
        None => Err(not_available(option, value, "on, off, always")),
    }
}

fn not_available(option: &[u8], value: &[u8], available: &'static str) -> PsetError {
    PsetError::NotAvailable { option: text(option), value: text(value), available }
}

fn csv_separator(value: &[u8]) -> Result<u8, PsetError> {
    match value {
        [b'"' | b'\n' | b'\r'] => Err(PsetError::BadCsvSeparator),
        [separator] => Ok(*separator),
        _ => Err(PsetError::LongCsvSeparator),
    }
}

/// C's `strtol`: what begins like a number is one, the rest is passed over, and what is too large is the largest.
fn number(value: &[u8]) -> i64 {
    let word = value.trim_ascii_start();
    let (negative, digits) = match word.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, word),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: i64, &digit| {
        let digit = i64::from(digit - b'0');
        let digit = if negative { -digit } else { digit };
        number.saturating_mul(10).saturating_add(digit)
    })
}

/// The lowest bits, as a number that is not negative.
fn wrapped(number: i64, bits: u32) -> i64 {
    number.rem_euclid(1 << bits)
}

/// C's `atoi`, as it works on 64-bit machines.
pub(super) fn integer(value: &[u8]) -> i32 {
    let low = wrapped(number(value), 32);
    i32::try_from(if low < 1 << 31 { low } else { low - (1 << 32) }).unwrap_or(0)
}

fn name_of<T: Copy + PartialEq>(names: &[(&'static str, T)], value: T) -> &'static str {
    names.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| name)
}

fn name_of_format(format: Format) -> &'static str {
    if format == Format::LatexLongtable { LONGTABLE } else { name_of(&FORMATS, format) }
}

fn told(what: &str, value: &[u8]) -> Vec<u8> {
    [what.as_bytes(), b"\"", value, b"\".\n"].concat()
}

fn told_separator(what: &str, separator: &Separator, names_newline: bool) -> Vec<u8> {
    match separator {
        Separator::Zero => format!("{what}zero byte.\n").into(),
        Separator::Text(text) if names_newline && text == b"\n" => format!("{what}<newline>.\n").into(),
        Separator::Text(text) => told(what, text),
    }
}

fn told_strokes(what: &str, strokes: Strokes) -> Vec<u8> {
    told(&format!("Unicode {what} line style is "), name_of(&STROKES, strokes).as_bytes())
}

fn quoted(value: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for &byte in value {
        match byte {
            b'\n' => quoted.extend_from_slice(b"\\n"),
            b'\'' => quoted.extend_from_slice(b"\\'"),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

fn quoted_separator(separator: &Separator) -> Vec<u8> {
    match separator {
        Separator::Zero => quoted(b""),
        Separator::Text(text) => quoted(text),
    }
}
