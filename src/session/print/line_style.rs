//! The characters that aligned tables are drawn with.

use super::settings::{LineStyle, Settings, Strokes};

/// A horizontal line, or what stands between the values of a row.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub horizontal: &'static str,
    pub left: &'static str,
    pub middle: &'static str,
    pub right: &'static str,
}

/// All that a table is drawn with. The marks say that a value goes on in the next line, behind a newline of its
/// own or where it was wrapped.
pub(super) struct Pen {
    pub top: Rule,
    pub below_header: Rule,
    pub bottom: Rule,
    pub data: Rule,
    /// Instead of `data.middle`: before a value's further lines, before wrapped text, before nothing.
    pub middle_newline: &'static str,
    pub middle_wrap: &'static str,
    pub middle_blank: &'static str,
    pub header_newline_left: &'static str,
    pub header_newline_right: &'static str,
    pub newline_left: &'static str,
    pub newline_right: &'static str,
    pub wrap_left: &'static str,
    pub wrap_right: &'static str,
    /// The marks stand to the right of a value: a column without border keeps a place for them.
    pub marks_right: bool,
    pub is_old: bool,
}

const ASCII_RULE: Rule = Rule { horizontal: "-", left: "+", middle: "+", right: "+" };
const ASCII_DATA: Rule = Rule { horizontal: "", left: "|", middle: "|", right: "|" };

const ASCII: Pen = Pen {
    top: ASCII_RULE,
    below_header: ASCII_RULE,
    bottom: ASCII_RULE,
    data: ASCII_DATA,
    middle_newline: "|",
    middle_wrap: "|",
    middle_blank: "|",
    header_newline_left: " ",
    header_newline_right: "+",
    newline_left: " ",
    newline_right: "+",
    wrap_left: ".",
    wrap_right: ".",
    marks_right: true,
    is_old: false,
};

const OLD_ASCII: Pen = Pen {
    middle_newline: ":",
    middle_wrap: ";",
    middle_blank: " ",
    header_newline_left: "+",
    header_newline_right: " ",
    newline_left: " ",
    newline_right: " ",
    wrap_left: " ",
    wrap_right: " ",
    marks_right: false,
    is_old: true,
    ..ASCII
};

impl Pen {
    pub fn new(settings: &Settings) -> Self {
        match settings.line_style {
            LineStyle::Ascii => ASCII,
            LineStyle::OldAscii => OLD_ASCII,
            LineStyle::Unicode => Self::unicode(settings),
        }
    }

    fn unicode(settings: &Settings) -> Self {
        let (border, column, header) =
            (settings.unicode.border, settings.unicode.column, settings.unicode.header);
        let vertical = column.pick("│", "║");
        let side = border.pick("│", "║");
        Self {
            top: Rule {
                horizontal: border.pick("─", "═"),
                left: border.pick("┌", "╔"),
                middle: column.pick(border.pick("┬", "╤"), border.pick("╥", "╦")),
                right: border.pick("┐", "╗"),
            },
            below_header: Rule {
                horizontal: header.pick("─", "═"),
                left: header.pick(border.pick("├", "╟"), border.pick("╞", "╠")),
                middle: column.pick(header.pick("┼", "╪"), header.pick("╫", "╬")),
                right: header.pick(border.pick("┤", "╢"), border.pick("╡", "╣")),
            },
            bottom: Rule {
                horizontal: border.pick("─", "═"),
                left: border.pick("└", "╚"),
                middle: column.pick(border.pick("┴", "╧"), border.pick("╨", "╩")),
                right: border.pick("┘", "╝"),
            },
            data: Rule { horizontal: "", left: side, middle: vertical, right: side },
            middle_newline: vertical,
            middle_wrap: vertical,
            middle_blank: vertical,
            header_newline_right: "↵",
            newline_right: "↵",
            wrap_left: "…",
            wrap_right: "…",
            ..ASCII
        }
    }
}

impl Strokes {
    fn pick(self, single: &'static str, double: &'static str) -> &'static str {
        match self {
            Self::Single => single,
            Self::Double => double,
        }
    }
}
