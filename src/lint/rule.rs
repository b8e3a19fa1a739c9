//! A rule: its name, what it wants and why, and how it looks at a script.

use serde::Deserialize;

use super::config::Preset;
use super::look::Look;

/// One convention.
pub struct Rule {
    pub name: &'static str,
    /// In one line, for tables.
    pub wants: &'static str,
    /// What goes wrong otherwise.
    pub why: &'static str,
    pub example: Example,
    pub init: Severity,
    pub migrations: Severity,
    /// `--fix` can mend some of its findings.
    pub fixes: bool,
    pub check: fn(&mut Look),
}

/// What breaks a rule, and what keeps it.
pub enum Example {
    /// A script, which comes after those of [`Example::BASE`].
    Sql { wrong: &'static str, right: &'static str },
    /// The names of all scripts.
    Files { wrong: &'static [&'static str], right: &'static [&'static str] },
    /// Told, not shown.
    Words { wrong: &'static str, right: &'static str },
}

impl Example {
    /// What stands in an earlier script.
    pub const BASE: &'static str = "CREATE TABLE IF NOT EXISTS users (id SERIAL PRIMARY KEY, name TEXT);";
}

/// How much a rule matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Off,
    Warn,
    Error,
}

impl Rule {
    pub fn severity(&self, preset: Preset) -> Severity {
        match preset {
            Preset::Init => self.init,
            Preset::Migrations => self.migrations,
        }
    }
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    pub fn named(text: &str) -> Option<Self> {
        [Self::Off, Self::Warn, Self::Error].into_iter().find(|severity| severity.as_str() == text)
    }
}
