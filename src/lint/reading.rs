//! A script as the rules see it: its text, cut into statements, each with what it does.

use std::io::Read as _;
use std::path::PathBuf;

use super::act::Span;
use super::allow::{self, Allowance};
use super::finding::Finding;
use super::statement::{self, Statement};
use crate::script::{Kind, ScriptError, ScriptId};
use crate::sql::outline::{Outline, outline};
use crate::sql::survey::Survey;

/// A file to be read.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub path: PathBuf,
    /// The path as messages name it.
    pub shown: String,
    /// The path from where `dbctl.toml` lies, which its patterns are for.
    pub within: String,
    pub kind: Kind,
    /// The rules are applied to it; else it only tells what there is.
    pub is_wanted: bool,
}

pub struct Reading {
    pub file: File,
    pub id: Option<ScriptId>,
    /// Decompressed.
    pub text: Vec<u8>,
    pub statements: Vec<Statement>,
    /// Of SQL scripts.
    pub survey: Option<Survey>,
    pub allowances: Vec<Allowance>,
}

impl Reading {
    pub fn read(file: &File) -> Result<Self, ScriptError> {
        let compression = file.kind.compression();
        let mut text = Vec::new();
        let read = compression.open(&file.path)?.read_to_end(&mut text);
        read.map_err(|source| compression.error(&file.path, source))?;
        Ok(Self::of(file.clone(), text))
    }

    /// Of a text that is at hand.
    pub fn of(file: File, text: Vec<u8>) -> Self {
        // Memory can always be read.
        let outline = matches!(file.kind, Kind::Sql(_)).then(|| outline(text.as_slice()).ok()).flatten();
        let (survey, texts) = match outline {
            Some(Outline { survey, statements }) => (Some(survey), statements),
            None => (None, Vec::new()),
        };
        let statements = statement::read(&texts);
        let spans: Vec<Span> = statements.iter().map(|statement| statement.span.clone()).collect();
        let allowances = allow::allowances(&text, &spans);
        Self { id: ScriptId::of_name(&file.name), file, text, statements, survey, allowances }
    }

    /// Whether a comment of the script silences the finding.
    pub fn allows(&self, finding: &Finding) -> bool {
        let at = self.statements.partition_point(|statement| statement.span.end <= finding.span.start);
        self.allowances.iter().any(|allowance| {
            let is_meant =
                if finding.is_general { allowance.is_general } else { allowance.statement == Some(at) };
            is_meant && allowance.rules.iter().any(|(name, _)| name == finding.rule.name)
        })
    }

    /// The lines of comments at the script's beginning, without their marks, each with its place.
    pub fn header(&self) -> Vec<(String, Span)> {
        let mark: &[u8] = if self.file.kind == Kind::Shell { b"#" } else { b"--" };
        let mut at = if self.text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut lines = Vec::new();
        for line in self.text[at..].split_inclusive(|&byte| byte == b'\n') {
            let trimmed = line.trim_ascii();
            match trimmed.strip_prefix(mark) {
                Some(comment) => {
                    lines.push((
                        String::from_utf8_lossy(comment).trim().to_owned(),
                        at..at + line.trim_ascii_end().len(),
                    ));
                }
                None if trimmed.is_empty() => {}
                None => break,
            }
            at += line.len();
        }
        lines
    }

    /// The first line, for findings about the script as a whole.
    pub fn first_line(&self) -> Span {
        let end = self.text.iter().position(|&byte| byte == b'\n').unwrap_or(self.text.len());
        0..self.text[..end].trim_ascii_end().len()
    }

    /// The text of a place.
    pub fn source(&self, span: &Span) -> String {
        String::from_utf8_lossy(self.text.get(span.clone()).unwrap_or_default()).into_owned()
    }
}
