//! A value that must never be shown: passwords, mostly.

/// Text without `Debug` and `Display`, so that it cannot reach a log, an error or `--json` by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that hands it to the server or the engine.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
