//! New scripts: their name and number, the header, and the safe patterns, each of which can run twice.

mod error;
mod name;
mod pattern;
mod row;
mod statements;
mod types;
mod words;

use std::fmt::Write as _;

use crate::lint::catalog::Catalog;
use crate::lint::{Preset, Reading};
pub use error::DraftError;
pub use name::{NextNumber, slug};
pub use pattern::{Pattern, PatternError, Target};
use statements::Writer;

/// What a new script is to be.
pub struct Draft<'a> {
    /// As the author says it; none where the patterns tell.
    pub title: Option<String>,
    pub author: String,
    /// As in `2026-01-25`.
    pub date: String,
    pub patterns: Vec<Pattern>,
    pub preset: Preset,
    /// The scripts that are there.
    pub readings: &'a [Reading],
}

/// A script as it would be written. A draft may take several: what is built `CONCURRENTLY` is alone in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub text: String,
}

/// What an empty script says.
const BLANK: &str = "-- What can run twice: IF NOT EXISTS, OR REPLACE, ON CONFLICT, or a block that asks first.\n\
                     DO $$\nBEGIN\n    NULL;\nEND $$;\n";

impl Draft<'_> {
    /// The scripts, numbered from the next free number on.
    pub fn files(&self) -> Vec<File> {
        self.written(self.parts())
    }

    /// One script with this text below its header.
    pub fn file_of(&self, body: String) -> Vec<File> {
        self.written(vec![("", body)])
    }

    fn written(&self, parts: Vec<(&str, String)>) -> Vec<File> {
        let title = self.title();
        let mut number = NextNumber::after(self.readings.iter().map(|reading| reading.file.name.as_str()));
        let named = |(suffix, body): (&str, String)| {
            let name = format!("{number}_{}.sql", slug(&format!("{title} {suffix}")));
            number = number.next();
            let text = self.header(&name, &format!("{title} {suffix}")) + &body;
            File { name, text }
        };
        parts.into_iter().map(named).collect()
    }

    fn title(&self) -> String {
        let told = self.title.clone().filter(|title| !title.trim().is_empty());
        let told = told.or_else(|| self.patterns.first().map(Pattern::title));
        told.unwrap_or_else(|| "new script".to_owned())
    }

    fn header(&self, name: &str, title: &str) -> String {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut letters = title.chars();
        let description: String =
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let (author, date) = (&self.author, &self.date);
        format!("-- {name}\n-- Description: {description}\n-- Author: {author}\n-- Date: {date}\n\n")
    }

    /// What the script does, and after it what needs a file of its own, each with a word for its name.
    fn parts(&self) -> Vec<(&'static str, String)> {
        let catalog = Catalog::of(self.readings);
        let mut writer = Writer::new(&self.patterns, &catalog, self.readings, self.preset);
        for pattern in &self.patterns {
            writer.pattern(pattern);
        }
        let mut body = String::new();
        for statement in &writer.statements {
            let _ = writeln!(body, "{}{statement}", if body.is_empty() { "" } else { "\n" });
        }
        if body.is_empty() {
            BLANK.clone_into(&mut body);
        }
        let alone = writer.alone.into_iter().map(|(suffix, statement)| (suffix, statement + "\n"));
        [("", body)].into_iter().chain(alone).collect()
    }
}

#[cfg(test)]
mod tests;
