//! A line of a script, shown with a part of it underlined.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::{character_start, characters};

/// Bytes of a line that are kept before and after the place that it is about.
const BEFORE: usize = 200;
const AFTER: usize = 400;

/// Where something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// 1-based.
    pub line: u64,
    /// 1-based, in characters.
    pub column: u64,
    /// Bytes of the (decompressed) input before it.
    pub offset: u64,
}

/// A line, or the part of a long line, that a message points into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub position: Position,
    /// The column of its first character; above 1 where the line's start is cut off.
    pub first_column: u64,
    pub text: Vec<u8>,
    /// Whether the line's end is cut off.
    pub cut: bool,
    /// Bytes of `text` to underline.
    pub marked: Range<usize>,
}

/// What stands around an excerpt.
#[derive(Clone, Copy, Debug)]
pub struct Titled<'a> {
    pub is_error: bool,
    /// In brackets behind the level.
    pub id: &'a str,
    pub title: &'a str,
    pub path: &'a str,
    /// Beside the underlined part; may be empty.
    pub label: &'a str,
    pub help: Option<&'a str>,
    pub width: usize,
    pub styled: bool,
}

impl Excerpt {
    /// From the text of a line (or of the part of it that is known), in which the byte at `at` stands at
    /// `position`, and the `length` bytes from there on are meant.
    pub fn new(position: Position, line: &[u8], at: usize, length: usize) -> Self {
        let start = character_start(line, at.saturating_sub(BEFORE));
        let end = character_start(line, at.saturating_add(AFTER));
        Self {
            position,
            first_column: position.column.saturating_sub(characters(&line[start..at])).max(1),
            text: line[start..end].to_vec(),
            cut: end < line.len(),
            marked: at - start..(at - start).saturating_add(length).min(end - start),
        }
    }

    /// The line with its number, and `message` beside the underlined part, for a terminal of `width` columns.
    pub fn render(&self, message: &str, width: usize, styled: bool) -> String {
        let (text, marked) = self.shown();
        let line = usize::try_from(self.position.line).unwrap_or(usize::MAX);
        let annotation = AnnotationKind::Primary.span(marked).label(message);
        let snippet = Snippet::source(text).line_start(line).annotation(annotation);
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(width).render(&[Group::with_level(Level::ERROR).element(snippet)])
    }

    /// The same below a title with the place, as compilers show it.
    pub fn render_titled(&self, titled: &Titled) -> String {
        let (text, marked) = self.shown();
        let level = if titled.is_error { Level::ERROR } else { Level::WARNING };
        let label = Some(titled.label).filter(|label| !label.is_empty());
        let annotation = AnnotationKind::Primary.span(marked).label(label);
        let line = usize::try_from(self.position.line).unwrap_or(usize::MAX);
        let snippet = Snippet::source(text).path(titled.path).line_start(line).annotation(annotation);
        let mut group = level.primary_title(titled.title).id(titled.id).element(snippet);
        if let Some(help) = titled.help {
            group = group.element(Element::from(Level::HELP.message(help)));
        }
        let renderer = if titled.styled { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(titled.width).render(&[group])
    }

    /// The text as it can be printed, with the range to underline moved along.
    fn shown(&self) -> (String, Range<usize>) {
        let lossy = |range: Range<usize>| String::from_utf8_lossy(&self.text[range]).into_owned();
        let mut text = String::from(if self.first_column > 1 { "…" } else { "" });
        text.push_str(&lossy(0..self.marked.start));
        let start = text.len();
        text.push_str(&lossy(self.marked.clone()));
        let end = text.len();
        text.push_str(lossy(self.marked.end..self.text.len()).trim_end());
        text.push_str(if self.cut { "…" } else { "" });
        (text, start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(line: &str, marked: &str) -> Excerpt {
        let at = line.find(marked).expect("it is there");
        let column = characters(&line.as_bytes()[..at]) + 1;
        Excerpt::new(Position { line: 14, column, offset: 0 }, line.as_bytes(), at, marked.len())
    }

    #[test]
    fn a_message_stands_under_the_token_that_it_is_about() {
        let excerpt = excerpt("GRANT SELECT ON invoces TO app;", "invoces");
        let expected = "   |\n14 | GRANT SELECT ON invoces TO app;\n   |                 ^^^^^^^ relation \"invoces\" does not exist (42P01)";
        assert_eq!(excerpt.render("relation \"invoces\" does not exist (42P01)", 100, false), expected);
    }

    #[test]
    fn wide_and_broken_characters_do_not_move_the_caret() {
        let expected = "   |\n14 | select 'äöü', x;\n   |               ^ here";
        assert_eq!(excerpt("select 'äöü', x;", "x").render("here", 100, false), expected);
        let position = Position { line: 7, column: 6, offset: 5 };
        let broken = Excerpt::new(position, b"a \xe4\xff x\r", 5, 1);
        assert_eq!(broken.render("here", 100, false), "  |\n7 | a �� x\n  |      ^ here");
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let line =
            format!("insert into t values ({}) oops {};", "'x', ".repeat(100_000), "y ".repeat(100_000));
        let excerpt = excerpt(&line, "oops");
        assert!(excerpt.text.len() <= BEFORE + AFTER);
        let shown = excerpt.render("syntax error", 80, false);
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert!(shown.contains("oops") && shown.contains("^^^^ syntax error"), "{shown}");
    }
}
