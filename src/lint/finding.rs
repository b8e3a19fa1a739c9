//! What a rule has found, and how it could be mended.

use super::act::Span;
use super::rule::{Rule, Severity};

/// A place in a script that breaks a rule.
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    /// The script's index in the set.
    pub script: usize,
    pub span: Span,
    /// It is about the script as a whole.
    pub is_general: bool,
    pub message: String,
    /// Beside the underlined text.
    pub label: String,
    /// What to write instead.
    pub help: Option<String>,
    /// A change that means the same, and keeps the rule.
    pub fix: Vec<Edit>,
}

/// Text that takes the place of a part of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Edit {
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { span: at..at, text: text.into() }
    }

    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

impl Finding {
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = text.into();
        self
    }

    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }

    pub fn fix(&mut self, edits: impl IntoIterator<Item = Edit>) -> &mut Self {
        self.fix.extend(edits);
        self
    }

    /// No more than a warning, however the rule is set.
    pub fn mild(&mut self) -> &mut Self {
        self.severity = self.severity.min(Severity::Warn);
        self
    }
}
