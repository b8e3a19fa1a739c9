//! The state that `\pset` changes.

/// psql's output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Aligned,
    Asciidoc,
    Csv,
    Html,
    Latex,
    LatexLongtable,
    TroffMs,
    Unaligned,
    Wrapped,
}

/// Whether each row is printed as a list of its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expanded {
    #[default]
    Off,
    On,
    /// Where a row would be wider than [`Settings::columns`].
    Auto,
}

/// What the lines of aligned tables are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineStyle {
    #[default]
    Ascii,
    OldAscii,
    Unicode,
}

/// Single or double lines, in the line style [`LineStyle::Unicode`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strokes {
    #[default]
    Single,
    Double,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnicodeStyle {
    pub border: Strokes,
    pub column: Strokes,
    pub header: Strokes,
}

/// What stands between fields or records in the unaligned format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Separator {
    Zero,
    Text(Vec<u8>),
}

impl Separator {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Zero => b"\0",
            Self::Text(text) => text,
        }
    }
}

/// When psql would use a pager. Nothing here has one; the setting is kept and told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pager {
    Off,
    #[default]
    On,
    Always,
}

/// How results are printed: psql's manual tells the meaning of each in `\pset`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub format: Format,
    pub border: u16,
    pub expanded: Expanded,
    /// Target width; 0 or less: unset.
    pub columns: i32,
    /// What is printed for NULL; unset is empty, but for a message of `\crosstabview`.
    pub null: Option<Vec<u8>>,
    pub tuples_only: bool,
    /// Whether `(1 row)` is printed.
    pub footer: bool,
    pub field_separator: Separator,
    pub record_separator: Separator,
    pub csv_separator: u8,
    pub line_style: LineStyle,
    pub unicode: UnicodeStyle,
    /// Group the digits of numbers by threes, as psql does where the locale says nothing.
    pub numeric_locale: bool,
    pub title: Option<Vec<u8>>,
    pub table_attributes: Option<Vec<u8>>,
    pub pager: Pager,
    pub pager_min_lines: i32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            format: Format::Aligned,
            border: 1,
            expanded: Expanded::Off,
            columns: 0,
            null: None,
            tuples_only: false,
            footer: true,
            field_separator: Separator::Text(b"|".to_vec()),
            record_separator: Separator::Text(b"\n".to_vec()),
            csv_separator: b',',
            line_style: LineStyle::Ascii,
            unicode: UnicodeStyle::default(),
            numeric_locale: false,
            title: None,
            table_attributes: None,
            pager: Pager::On,
            pager_min_lines: 0,
        }
    }
}

impl Settings {
    /// For psql's own lists, such as that of `\lo_list`: they have a title and print NULL as nothing.
    #[must_use]
    pub fn for_list(&self, title: &str) -> Self {
        Self { title: Some(title.into()), null: None, ..self.clone() }
    }
}
