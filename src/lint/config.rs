//! Which rules matter, and how much: a preset, with what `dbctl.toml` and flags say over it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::glob;
use super::rule::{Rule, Severity};
use super::rules::{self, RULES};
use crate::text;

/// A house style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Scripts that an image runs on an empty volume, and dbctl later.
    #[default]
    Init,
    /// Scripts that a migration runner brings to databases with data.
    Migrations,
}

/// How the keys of new tables count up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SerialKey {
    #[default]
    Serial,
    Identity,
}

/// The table `[lint]` of `dbctl.toml`, as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub preset: Option<Preset>,
    pub serial_key: Option<SerialKey>,
    pub external_ids: Option<Vec<String>>,
    pub rules: BTreeMap<String, Severity>,
    /// Patterns of paths, each with rules.
    pub paths: BTreeMap<String, BTreeMap<String, Severity>>,
}

/// What holds for a run.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub preset: Preset,
    pub serial_key: SerialKey,
    /// Columns that hold ids of outside systems.
    pub external_ids: Vec<String>,
    rules: BTreeMap<&'static str, Severity>,
    paths: Vec<(String, BTreeMap<&'static str, Severity>)>,
    /// Flags: they win over paths, too.
    forced: BTreeMap<&'static str, Severity>,
}

/// A setting that names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{place} names the rule `{name}`, which does not exist{}\nnext: `dbctl lint --list` shows the rules", hint(suggestion.as_deref()))]
    UnknownRule { place: String, name: String, suggestion: Option<String> },
    #[error(
        "`{text}` sets no rule\nnext: write it like `--rule no-drop=off`; the severities are error, warn and off"
    )]
    NotASetting { text: String },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

impl Preset {
    pub const NAMES: [&str; 2] = ["init", "migrations"];

    pub fn named(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name)?;
        Some([Self::Init, Self::Migrations][place])
    }
}

impl Config {
    /// From the file, and from flags: a preset, and rules as `NAME=SEVERITY`.
    pub fn new(settings: &Settings, preset: Option<Preset>, flags: &[String]) -> Result<Self, ConfigError> {
        let usual = || ["discord_id", "telegram_id"].map(str::to_owned).to_vec();
        Ok(Self {
            preset: preset.or(settings.preset).unwrap_or_default(),
            serial_key: settings.serial_key.unwrap_or_default(),
            external_ids: settings.external_ids.clone().unwrap_or_else(usual),
            rules: named(&settings.rules, "`[lint.rules]` of `dbctl.toml`")?,
            paths: settings
                .paths
                .iter()
                .map(|(path, rules)| Ok((path.clone(), of_path(path, rules)?)))
                .collect::<Result<_, _>>()?,
            forced: flags.iter().map(|flag| forced(flag)).collect::<Result<_, _>>()?,
        })
    }

    /// How much `rule` matters in the script at `path`. Of several patterns that fit, the longest wins.
    pub fn severity(&self, rule: &Rule, path: &str) -> Severity {
        let fits = |(pattern, rules): &&(String, BTreeMap<&'static str, Severity>)| {
            rules.contains_key(rule.name) && glob::fits(pattern, path)
        };
        let by_path = self.paths.iter().filter(fits).max_by_key(|(pattern, _)| pattern.len());
        let by_path = by_path.and_then(|(_, rules)| rules.get(rule.name));
        let chosen = self.forced.get(rule.name).or(by_path).or_else(|| self.rules.get(rule.name));
        chosen.copied().unwrap_or_else(|| rule.severity(self.preset))
    }
}

fn of_path(
    path: &str,
    rules: &BTreeMap<String, Severity>,
) -> Result<BTreeMap<&'static str, Severity>, ConfigError> {
    named(rules, &format!("`[lint.paths.\"{path}\"]` of `dbctl.toml`"))
}

fn named(
    rules: &BTreeMap<String, Severity>,
    place: &str,
) -> Result<BTreeMap<&'static str, Severity>, ConfigError> {
    rules.iter().map(|(name, severity)| Ok((known(name, place)?.name, *severity))).collect()
}

fn forced(flag: &str) -> Result<(&'static str, Severity), ConfigError> {
    let not_a_setting = || ConfigError::NotASetting { text: flag.to_owned() };
    let (name, severity) = flag.split_once('=').ok_or_else(not_a_setting)?;
    Ok((known(name, "`--rule`")?.name, Severity::named(severity).ok_or_else(not_a_setting)?))
}

/// The rule of that name, or an error with the nearest one.
pub fn known(name: &str, place: &str) -> Result<&'static Rule, ConfigError> {
    rules::find(name).ok_or_else(|| ConfigError::UnknownRule {
        place: place.to_owned(),
        name: name.to_owned(),
        suggestion: nearest(name),
    })
}

/// The rule whose name is nearest.
pub fn nearest(name: &str) -> Option<String> {
    text::nearest(name, RULES.iter().map(|rule| rule.name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn severity(config: &Config, name: &str, path: &str) -> Severity {
        config.severity(rules::find(name).expect("it exists"), path)
    }

    #[test]
    fn flags_win_over_paths_and_these_over_rules_and_these_over_the_preset() {
        let file = settings(
            "preset = 'migrations'\n[rules]\nno-drop = 'warn'\n[paths.'init/00*']\nno-drop = 'off'\n\
             [paths.'init/001_a.sql']\nno-drop = 'error'",
        );
        let config = Config::new(&file, None, &[]).expect("all are known");
        assert_eq!(severity(&config, "index-name", "init/009_x.sql"), Severity::Error);
        assert_eq!(severity(&config, "no-drop", "init/019_x.sql"), Severity::Warn);
        assert_eq!(severity(&config, "no-drop", "init/009_x.sql"), Severity::Off);
        assert_eq!(severity(&config, "no-drop", "init/001_a.sql"), Severity::Error);
        let flags = ["no-drop=warn".to_owned()];
        let config = Config::new(&file, Some(Preset::Init), &flags).expect("all are known");
        assert_eq!(severity(&config, "no-drop", "init/001_a.sql"), Severity::Warn);
        assert_eq!(severity(&config, "index-name", "init/009_x.sql"), Severity::Warn);
    }

    #[test]
    fn a_rule_that_does_not_exist_is_an_error_with_a_suggestion() {
        let error = |file: &str, flag: &[&str]| {
            let flags: Vec<String> = flag.iter().map(|flag| (*flag).to_owned()).collect();
            Config::new(&settings(file), None, &flags).expect_err("unknown").to_string()
        };
        assert!(
            error("[rules]\nnodrop = 'off'", &[])
                .contains("`nodrop`, which does not exist; did you mean `no-drop`?")
        );
        assert!(error("[paths.'x']\ntimestampz = 'off'", &[]).contains("did you mean `timestamptz`?"));
        assert!(error("", &["headers=off"]).contains("`--rule` names the rule `headers`"));
        assert!(error("", &["header=maybe"]).contains("`header=maybe` sets no rule"));
    }
}
