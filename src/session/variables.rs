//! psql's variables, as far as scripts can see them.

mod special;

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::memmem;

use super::Session;
use super::message::ServerMessage;
use super::script::Permissions;
use super::shell::Environment;
use crate::endpoint::Address;
pub(super) use crate::sql::boolean::parse_bool;
use crate::sql::lexer;
pub use special::SpecialError;
pub(super) use special::{Echo, Special, is_special};

/// psql's own values at the start.
const INITIAL: &[(&str, &str)] = &[
    ("AUTOCOMMIT", "on"),
    ("COMP_KEYWORD_CASE", "preserve-upper"),
    ("ECHO", "none"),
    ("ECHO_HIDDEN", "off"),
    ("FETCH_COUNT", "0"),
    ("HIDE_TABLEAM", "off"),
    ("HIDE_TOAST_COMPRESSION", "off"),
    ("HISTCONTROL", "none"),
    ("HISTSIZE", "500"),
    ("IGNOREEOF", "0"),
    ("LAST_ERROR_MESSAGE", ""),
    ("LAST_ERROR_SQLSTATE", "00000"),
    ("ON_ERROR_ROLLBACK", "off"),
    ("ON_ERROR_STOP", "off"),
    ("PROMPT1", "%/%R%x%# "),
    ("PROMPT2", "%/%R%x%# "),
    ("PROMPT3", ">> "),
    ("QUIET", "off"),
    ("SHOW_ALL_RESULTS", "on"),
    ("SHOW_CONTEXT", "errors"),
    ("SINGLELINE", "off"),
    ("SINGLESTEP", "off"),
    ("VERBOSITY", "default"),
];

fn of_session(session: &Session) -> Vec<(String, String)> {
    let (host, port) = match &session.address {
        Address::Tcp { host, port } => (host.to_string(), *port),
        Address::Unix { directory, port } => (directory.display().to_string(), *port),
    };
    let version = session.parameter("server_version").unwrap_or_default();
    let number = session.version().to_string();
    let encoding = session.parameter("client_encoding").unwrap_or("UTF8");
    [
        ("DBNAME", session.login.database.as_str()),
        ("ENCODING", encoding),
        ("HOST", &host),
        ("PORT", &port.to_string()),
        ("SERVER_VERSION_NAME", version),
        ("SERVER_VERSION_NUM", &number),
        ("USER", &session.login.user),
        // The reference is the psql of the server's own version.
        ("VERSION", &format!("PostgreSQL {version}")),
        ("VERSION_NAME", version),
        ("VERSION_NUM", &number),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

impl Session {
    /// The server's version as psql's `SERVER_VERSION_NUM` has it: 150018 for 15.18.
    pub(super) fn version(&self) -> u32 {
        version_number(self.parameter("server_version").unwrap_or_default())
    }
}

/// 150018 for "15.18 (Debian …)"; a beta has no second number.
fn version_number(version: &str) -> u32 {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    let major: u32 = numbers.next().unwrap_or(0);
    let is_release = version.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('.');
    major * 10_000 + if is_release { numbers.next().unwrap_or(0) } else { 0 }
}

/// The variable that every statement sets anew.
const ROW_COUNT: &[u8] = b"ROW_COUNT";

#[derive(Default)]
pub(super) struct Variables {
    values: BTreeMap<Vec<u8>, Vec<u8>>,
    /// A variable's value names [`ROW_COUNT`]: any reference may now depend on the last statement.
    pub row_count_is_hidden: bool,
    /// What the variables say that psql itself obeys.
    pub special: Special,
    pub allow_shell: bool,
    pub environment: Environment,
}

/// Why a variable cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    #[error("invalid variable name: \"{0}\"")]
    Name(String),
    #[error(transparent)]
    Special(#[from] SpecialError),
}

impl Variables {
    /// What psql sets by itself; `stop`: the script is one that stops at its first error.
    pub fn new(session: &Session, stop: bool, permissions: Permissions) -> Self {
        let mut variables = Self { allow_shell: permissions.allow_shell, ..Self::default() };
        for (name, value) in INITIAL {
            variables.put(name.as_bytes().to_vec(), value.as_bytes().to_vec());
        }
        if stop {
            variables.put(b"ON_ERROR_STOP".to_vec(), b"1".to_vec());
            variables.special.stop = true;
        }
        variables.connected(session);
        variables
    }

    /// Those that tell of the connection.
    pub fn connected(&mut self, session: &Session) {
        for (name, value) in of_session(session) {
            self.put(name.into_bytes(), value.into_bytes());
        }
    }

    /// Sets a variable, or unsets it; one that psql obeys never goes, but takes its value for nothing.
    pub fn set(&mut self, name: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), VariableError> {
        if !is_name(&name) {
            // Nothing is unset where nothing can be.
            return value
                .map_or(Ok(()), |_| Err(VariableError::Name(String::from_utf8_lossy(&name).into_owned())));
        }
        if let Some(value) = self.special.set(&name, value.as_deref())? {
            self.values.insert(name, value);
        } else if let Some(value) = value {
            self.put(name, value);
        } else {
            self.values.remove(&name);
        }
        Ok(())
    }

    fn put(&mut self, name: Vec<u8>, value: Vec<u8>) {
        self.row_count_is_hidden |= names_row_count(&value);
        self.values.insert(name, value);
    }

    pub fn set_encoding(&mut self, name: &str) {
        if self.values.get(b"ENCODING".as_slice()).is_none_or(|known| known != name.as_bytes()) {
            self.put(b"ENCODING".to_vec(), name.as_bytes().to_vec());
        }
    }

    /// What a statement that succeeded leaves.
    pub fn succeeded(&mut self, tag: &str) {
        // "INSERT 0 5", "SELECT 5", "COPY 5": the count is the last word.
        let count = tag.rsplit(' ').next().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        self.note("ERROR", b"false");
        self.note("SQLSTATE", b"00000");
        self.note("ROW_COUNT", count.filter(|count| !count.is_empty()).unwrap_or("0").as_bytes());
        // Only a tag that psql shows brings an object id, which no table has had since version 12.
        if !tag.starts_with("SELECT") {
            self.note("LASTOID", b"0");
        }
    }

    /// What a statement that failed leaves.
    pub fn failed(&mut self, error: &ServerMessage) {
        self.note("ERROR", b"true");
        self.note("SQLSTATE", error.sqlstate().as_bytes());
        self.note("ROW_COUNT", b"0");
        self.note("LAST_ERROR_SQLSTATE", error.sqlstate().as_bytes());
        self.note("LAST_ERROR_MESSAGE", error.field(b'M').unwrap_or_default());
    }

    fn note(&mut self, name: &str, value: &[u8]) {
        match self.values.get_mut(name.as_bytes()) {
            Some(known) if known == value => {}
            Some(known) => value.clone_into(known),
            None => drop(self.values.insert(name.as_bytes().to_vec(), value.to_vec())),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.values.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }
}

impl lexer::Variables for Variables {
    fn value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.values.get(name).map(|value| Cow::Borrowed(value.as_slice()))
    }

    fn shell(&self, command: &[u8]) -> Option<Vec<u8>> {
        if !self.allow_shell {
            return None;
        }
        super::shell::output_of(command, &self.environment).ok()
    }
}

/// Whether a variable can be given to a script.
///
/// # Errors
/// What psql says of the name or the value.
pub fn check_variable(name: &str, value: &str) -> Result<(), VariableError> {
    Variables::default().set(name.as_bytes().to_vec(), Some(value.as_bytes().to_vec()))
}

/// Whether the text may refer to what the last statement left.
pub(super) fn names_row_count(text: &[u8]) -> bool {
    memmem::find(text, ROW_COUNT).is_some()
}

/// psql's rule: letters, digits, underscores, and bytes above 127.
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_becomes_a_number() {
        assert_eq!(version_number("15.18 (Debian 15.18-0+deb12u1)"), 150_018);
        assert_eq!(version_number("18beta2"), 180_000);
    }

    #[test]
    fn the_row_count_is_the_tags_last_number() {
        let mut variables = Variables::default();
        for (tag, count) in [("INSERT 0 5", "5"), ("SELECT 12", "12"), ("CREATE TABLE", "0")] {
            variables.succeeded(tag);
            assert_eq!(lexer::Variables::value(&variables, b"ROW_COUNT").as_deref(), Some(count.as_bytes()));
        }
    }
}
