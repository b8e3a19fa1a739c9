//! The variables that psql itself obeys: which values they take, and what psql says of others.

use thiserror::Error;

use super::parse_bool;
use crate::session::print::message::{MessageStyle, ShowContext, Verbosity};

/// A value that a special variable does not take, in psql's words.
#[derive(Debug, Error)]
pub enum SpecialError {
    #[error("unrecognized value \"{value}\" for \"{name}\": Boolean expected")]
    Boolean { name: String, value: String },
    #[error("invalid value \"{value}\" for \"{name}\": integer expected")]
    Integer { name: String, value: String },
    #[error("unrecognized value \"{value}\" for \"{name}\"\nAvailable values are: {available}.")]
    Choice { name: String, value: String, available: &'static str },
}

/// What psql shows of the script itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Echo {
    #[default]
    None,
    Errors,
    Queries,
    All,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Special {
    pub autocommit: bool,
    /// `ON_ERROR_STOP`
    pub stop: bool,
    /// `ON_ERROR_ROLLBACK`, which scripts obey only where it is `on`.
    pub savepoints: bool,
    pub echo: Echo,
    /// `ECHO_HIDDEN`
    pub echo_hidden: bool,
    pub quiet: bool,
    pub single_line: bool,
    /// `SHOW_ALL_RESULTS`
    pub show_all: bool,
    pub fetch_count: usize,
    pub style: MessageStyle,
}

impl Default for Special {
    fn default() -> Self {
        Self {
            autocommit: true,
            stop: false,
            savepoints: false,
            echo: Echo::None,
            echo_hidden: false,
            quiet: false,
            single_line: false,
            show_all: true,
            fetch_count: 0,
            style: MessageStyle::default(),
        }
    }
}

const ECHOES: &[(&str, Echo)] =
    &[("none", Echo::None), ("errors", Echo::Errors), ("queries", Echo::Queries), ("all", Echo::All)];
const VERBOSITIES: &[(&str, Verbosity)] = &[
    ("default", Verbosity::Default),
    ("verbose", Verbosity::Verbose),
    ("terse", Verbosity::Terse),
    ("sqlstate", Verbosity::Sqlstate),
];
const CONTEXTS: &[(&str, ShowContext)] =
    &[("never", ShowContext::Never), ("errors", ShowContext::Errors), ("always", ShowContext::Always)];
const CASES: &[(&str, ())] = &[("lower", ()), ("upper", ()), ("preserve-lower", ()), ("preserve-upper", ())];
const HISTORIES: &[(&str, ())] = &[("none", ()), ("ignorespace", ()), ("ignoredups", ()), ("ignoreboth", ())];

/// Those of which scripts notice nothing but their values.
const OTHER_BOOLEANS: &[&str] = &["HIDE_TABLEAM", "HIDE_TOAST_COMPRESSION", "SINGLESTEP"];

/// Whether psql treats the variable specially; `\gset` leaves those alone.
pub fn is_special(name: &[u8]) -> bool {
    const NAMES: &str = "AUTOCOMMIT COMP_KEYWORD_CASE ECHO ECHO_HIDDEN FETCH_COUNT HIDE_TABLEAM \
        HIDE_TOAST_COMPRESSION HISTCONTROL HISTSIZE IGNOREEOF ON_ERROR_ROLLBACK ON_ERROR_STOP PROMPT1 PROMPT2 \
        PROMPT3 QUIET SHOW_ALL_RESULTS SHOW_CONTEXT SINGLELINE SINGLESTEP VERBOSITY";
    NAMES.split_ascii_whitespace().any(|known| known.as_bytes() == name)
}

impl Special {
    /// Takes the new value of a variable that psql obeys, none where it is unset: the value that it has now.
    /// None for other variables.
    pub fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<Option<Vec<u8>>, SpecialError> {
        let Some(name) = std::str::from_utf8(name).ok().filter(|name| is_special(name.as_bytes())) else {
            return Ok(None);
        };
        let value = substitute(name, value);
        self.obey(name, &value)?;
        Ok(Some(value))
    }

    fn obey(&mut self, name: &str, value: &[u8]) -> Result<(), SpecialError> {
        match name {
            "AUTOCOMMIT" => self.autocommit = boolean(name, value)?,
            "ON_ERROR_STOP" => self.stop = boolean(name, value)?,
            "QUIET" => self.quiet = boolean(name, value)?,
            "SINGLELINE" => self.single_line = boolean(name, value)?,
            "SHOW_ALL_RESULTS" => self.show_all = boolean(name, value)?,
            "ON_ERROR_ROLLBACK" => {
                self.savepoints = boolean_or(name, value, "interactive", "on, off, interactive")?;
            }
            "ECHO_HIDDEN" => {
                // What psql would then only show must be carried out here: it is the script's COMMIT.
                let noexec = value.eq_ignore_ascii_case(b"noexec");
                self.echo_hidden = boolean_or(name, value, "noexec", "on, off, noexec")? || noexec;
            }
            "FETCH_COUNT" => self.fetch_count = usize::try_from(integer(name, value)?).unwrap_or(0),
            "HISTSIZE" | "IGNOREEOF" => drop(integer(name, value)?),
            "ECHO" => self.echo = choice(name, value, ECHOES, "none, errors, queries, all")?,
            "VERBOSITY" => {
                self.style.verbosity = choice(name, value, VERBOSITIES, "default, verbose, terse, sqlstate")?;
            }
            "SHOW_CONTEXT" => {
                self.style.show_context = choice(name, value, CONTEXTS, "never, errors, always")?;
            }
            "COMP_KEYWORD_CASE" => {
                choice(name, value, CASES, "lower, upper, preserve-lower, preserve-upper")?;
            }
            "HISTCONTROL" => {
                choice(name, value, HISTORIES, "none, ignorespace, ignoredups, ignoreboth")?;
            }
            _ if OTHER_BOOLEANS.contains(&name) => drop(boolean(name, value)?),
            _ => {}
        }
        Ok(())
    }
}

/// What a variable has that was unset, and a switch that was set to nothing.
fn substitute(name: &str, value: Option<&[u8]>) -> Vec<u8> {
    let is_switch = OTHER_BOOLEANS.contains(&name)
        || matches!(
            name,
            "AUTOCOMMIT"
                | "ON_ERROR_STOP"
                | "QUIET"
                | "SINGLELINE"
                | "SHOW_ALL_RESULTS"
                | "ON_ERROR_ROLLBACK"
                | "ECHO_HIDDEN"
        );
    let initial = match name {
        _ if is_switch => "off",
        "FETCH_COUNT" | "IGNOREEOF" => "0",
        "HISTSIZE" => "500",
        "ECHO" | "HISTCONTROL" => "none",
        "VERBOSITY" => "default",
        "SHOW_CONTEXT" => "errors",
        "COMP_KEYWORD_CASE" => "preserve-upper",
        _ => "",
    };
    match value {
        None => initial.into(),
        Some(b"") if is_switch => b"on".to_vec(),
        Some(b"") if name == "IGNOREEOF" => b"10".to_vec(),
        Some(value) => value.to_vec(),
    }
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn boolean(name: &str, value: &[u8]) -> Result<bool, SpecialError> {
    let wrong = || SpecialError::Boolean { name: name.to_owned(), value: text(value) };
    parse_bool(value).ok_or_else(wrong)
}

/// A switch with a third position, which counts as off.
fn boolean_or(name: &str, value: &[u8], third: &str, available: &'static str) -> Result<bool, SpecialError> {
    if value.eq_ignore_ascii_case(third.as_bytes()) {
        return Ok(false);
    }
    let wrong = || SpecialError::Choice { name: name.to_owned(), value: text(value), available };
    parse_bool(value).ok_or_else(wrong)
}

fn integer(name: &str, value: &[u8]) -> Result<i32, SpecialError> {
    let wrong = || SpecialError::Integer { name: name.to_owned(), value: text(value) };
    let digits = std::str::from_utf8(value).ok().map(str::trim_ascii_start);
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(wrong)
}

fn choice<T: Copy>(
    name: &str,
    value: &[u8],
    choices: &[(&str, T)],
    available: &'static str,
) -> Result<T, SpecialError> {
    let found = choices.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(value));
    let wrong = || SpecialError::Choice { name: name.to_owned(), value: text(value), available };
    found.map(|(_, choice)| *choice).ok_or_else(wrong)
}
