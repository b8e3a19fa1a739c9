//! What a database is to dbctl: its comment, visible from every database, and the names that dbctl gives.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::untouched::Written;

/// What every mark begins with; a comment of a user's own does not.
pub const PREFIX: &str = "{\"dbctl\":";

/// What a marked database is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Incomplete: the next run may drop it.
    Building,
    /// The result of the first scripts: a template that nobody can connect to.
    Layer,
    /// A ready copy of a layer, prepared ahead.
    Clone,
    /// A generation that was in service.
    Previous,
    /// Saved under a name by the user.
    Snapshot,
}

impl Kind {
    /// Whether it may hold what no script brings back.
    pub fn holds_data(self) -> bool {
        matches!(self, Self::Previous | Self::Snapshot)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Layer => "layer",
            Self::Clone => "clone",
            Self::Previous => "previous",
            Self::Snapshot => "snapshot",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The facts in a database's comment. Times are the server's, in UTC, in ISO's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    #[serde(rename = "dbctl")]
    pub kind: Kind,
    /// The service's database that it belongs to.
    pub of: String,
    /// What a layer or its clone is found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The last script that is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// The user's name for a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it became what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<String>,
    /// Of a previous generation: the higher, the newer; a clock may go back, this does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
    /// Of a previous generation: the one that replaced it, when it went into service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Written>,
    /// Of a previous generation: what was written to it by its scripts, and by nobody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untouched: Option<Written>,
    /// What the comment would be if it were not this: the database gets it in service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Mark {
    /// The mark of a `kind` of database for the service's database `of`, without further facts.
    pub fn new(kind: Kind, of: &str) -> Self {
        Self {
            kind,
            of: of.to_owned(),
            key: None,
            through: None,
            name: None,
            since: None,
            used: None,
            turn: None,
            next: None,
            untouched: None,
            comment: None,
        }
    }

    /// The mark that a comment is; none for a comment of somebody else's.
    pub fn read(comment: &str) -> Option<Self> {
        comment.starts_with(PREFIX).then(|| serde_json::from_str(comment).ok()).flatten()
    }

    /// The comment's text, in ASCII: the server keeps it in the encoding of whichever database wrote it.
    pub fn text(&self) -> String {
        let json = serde_json::to_string(self).expect("strings and numbers only");
        let mut text = String::with_capacity(json.len());
        for character in json.chars() {
            if character.is_ascii() {
                text.push(character);
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
        text
    }

    /// A generated name: of `kind`, for `of`, told apart from others by `salt`; short whatever they are.
    pub fn database(kind: Kind, of: &str, salt: &str) -> String {
        format!("{}{}", name_prefix(kind, of), hash(salt))
    }
}

/// What the generated names of one kind and service have in common.
pub fn name_prefix(kind: Kind, of: &str) -> String {
    format!("dbctl_{kind}_{}_", hash(of))
}

/// Generated names, as a regular expression of the server's.
pub const NAMES: &str = "^dbctl_(building|layer|clone|previous|snapshot)_[0-9a-f]{12}_[0-9a-f]{12}$";

fn hash(text: &str) -> String {
    let mut hex = String::with_capacity(12);
    for byte in &Sha256::digest(text.as_bytes())[..6] {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_from_its_ascii_text() {
        let mut mark = Mark::new(Kind::Layer, "ünï \"code\" 😀");
        mark.key = Some("abc".to_owned());
        mark.comment = Some("it's\nmine".to_owned());
        assert!(mark.text().is_ascii(), "{}", mark.text());
        assert!(mark.text().starts_with("{\"dbctl\":\"layer\",\"of\":"), "{}", mark.text());
        assert_eq!(Mark::read(&mark.text()), Some(mark));
    }

    #[test]
    fn a_comment_of_somebody_else_is_no_mark() {
        for comment in ["", "my database", "{\"dbctl\":\"newer kind\",\"of\":\"a\"}", "{\"of\":\"a\"}"] {
            assert_eq!(Mark::read(comment), None, "{comment}");
        }
    }

    #[test]
    fn a_generated_name_fits_whatever_the_databases_name() {
        let name = Mark::database(Kind::Building, &"x".repeat(63), "salt");
        assert!(name.len() <= 63, "{name}");
        assert_ne!(name, Mark::database(Kind::Building, &"x".repeat(62), "salt"));
    }
}
