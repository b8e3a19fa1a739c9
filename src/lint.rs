//! Rules for scripts: what teams keep in their heads, checked on the syntax tree. Needs no server.

pub mod act;
pub mod allow;
pub mod catalog;
pub mod config;
pub mod error;
pub mod finding;
pub mod fix;
pub mod glob;
pub mod look;
pub mod reading;
pub mod rule;
pub mod rules;
pub mod statement;
pub mod tree;

use crate::parallel;
use crate::script::ScriptError;
use catalog::Catalog;
pub use config::{Config, ConfigError, Preset};
pub use error::LintError;
pub use finding::{Edit, Finding};
use look::{Look, Set};
pub use reading::{File, Reading};
pub use rule::{Rule, Severity};
pub use rules::RULES;

/// The parser recurses where SQL nests.
const STACK: usize = 256 * 1024 * 1024;

/// Scripts in the order in which they run, read and parsed, with what the rules have found in them.
pub struct Report {
    pub readings: Vec<Reading>,
    /// By script, then by place.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Both, with the scripts of `other` behind these.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        let count = self.readings.len();
        self.readings.extend(other.readings);
        self.findings.extend(other.findings.into_iter().map(|mut finding| {
            finding.script += count;
            finding
        }));
        self
    }

    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads `files`, which are all scripts of one init dir in the order in which they run, and applies the rules to
/// those that are wanted: the others tell what tables there are.
pub fn lint(files: Vec<File>, config: &Config) -> Result<Report, ScriptError> {
    let readings = parallel::each(files.len(), STACK, |index| Reading::read(&files[index]))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let findings = findings(&readings, config);
    Ok(Report { readings, findings })
}

/// What the rules find in scripts that are at hand, by script and place.
pub fn findings(readings: &[Reading], config: &Config) -> Vec<Finding> {
    let set = Set { readings, catalog: Catalog::of(readings), config };
    let found = parallel::each(readings.len(), STACK, |index| {
        if readings[index].file.is_wanted { of_script(&set, index) } else { Vec::new() }
    });
    found.into_iter().flatten().collect()
}

/// What the rules find in one script, but for what its comments allow.
fn of_script(set: &Set, index: usize) -> Vec<Finding> {
    let reading = &set.readings[index];
    let mut findings = Vec::new();
    for rule in RULES {
        let severity = set.config.severity(rule, &reading.file.within);
        if severity > Severity::Off {
            let mut look = Look::new(set, index, rule, severity, &mut findings);
            (rule.check)(&mut look);
        }
    }
    findings.retain(|finding| !reading.allows(finding));
    findings.sort_by_key(|finding| finding.span.start);
    findings
}
