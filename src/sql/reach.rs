//! How far a script reaches: beyond its own database, and beyond what its checksum covers.
//!
//! It is judged by the script's tokens, before anything runs: guarded or not, in the open, in a routine's body
//! or in a string that may become a statement. In doubt the answer is yes. Comments do not count.
//!
//! What was decided where the text alone cannot tell:
//!
//! - **Local** is what only names a role: `GRANT … ON TABLE … TO`, `OWNER TO`, policies, `SET ROLE`. So are
//!   `SET`, `set_config`, user mappings, publications, and extensions whose objects lie in the database.
//! - **Dynamic SQL** is `EXECUTE` in a body and `\gexec`. A string counts as if it stood in the open. In a script
//!   that has dynamic SQL, half of such a statement counts, too: a string that ends with `create`, begins with
//!   `role`, or has a place of `format()` beside either. Then what is inserted as data and what `COMMENT` says
//!   count as well, which they do not elsewhere: nothing there can run them.
//! - **`EXECUTE cmd`** of something of which the script holds no such string is local: what it runs is then read
//!   from a table, or made of single letters. A table whose trigger makes a role, or a routine of an earlier script
//!   that does, is not seen either. Whoever runs scripts in place compares the shared catalogs before `COMMIT`.
//! - **Tablespaces** count where they are named at all, but for `pg_default`.
//! - **Time and randomness** (`now()`, `random()`, `gen_random_uuid()`) are covered: a layer freezes them, as a
//!   database does that is kept.

mod command;
mod finding;
mod judge;
#[cfg(test)]
mod tests;
mod window;
mod word;

use std::io::{self, Read};

use crate::sql::survey::{self, Survey, TokenHash};
use crate::text::Position;
use judge::Judge;

/// What a script may touch beyond its own database, and read beyond what its checksum covers: the first place of
/// each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// It may change or depend on what all databases of the cluster share, or on the database's own name: it can
    /// be run in place only where that is done already.
    pub cluster: Option<Found>,
    /// It may read what its checksum does not cover, such as files of the server: a layer with it in it could be
    /// stale.
    pub uncovered: Option<Found>,
}

/// Something that tells how far a script reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// As it is written, white space apart.
    pub word: String,
    /// In the file it was found in.
    pub position: Position,
    /// What it reaches, such as `a role`, with its article.
    pub why: &'static str,
}

/// [`Reach`] without its places, as the ledger keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Its own database, and what its checksum covers.
    Database,
    /// It may read what its checksum does not cover.
    Uncovered,
    /// It may touch what all databases of the cluster share.
    Cluster,
    /// Both.
    Anything,
}

impl Extent {
    /// The word in the ledger's `reach` column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Uncovered => "uncovered",
            Self::Cluster => "cluster",
            Self::Anything => "anything",
        }
    }

    /// The extent that a ledger row tells; none for what this dbctl does not know.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Database, Self::Uncovered, Self::Cluster, Self::Anything]
            .into_iter()
            .find(|extent| extent.as_str() == word)
    }

    /// Whether the cluster beside the database may be touched.
    pub fn is_beyond_database(self) -> bool {
        matches!(self, Self::Cluster | Self::Anything)
    }
}

impl Reach {
    pub fn extent(&self) -> Extent {
        match (self.cluster.is_some(), self.uncovered.is_some()) {
            (false, false) => Extent::Database,
            (false, true) => Extent::Uncovered,
            (true, false) => Extent::Cluster,
            (true, true) => Extent::Anything,
        }
    }

    /// Of a shell script, which may do anything.
    pub fn of_shell() -> Self {
        let found = Found {
            word: "#!".to_owned(),
            position: Position { line: 1, column: 1, offset: 0 },
            why: "a shell script",
        };
        Self { cluster: Some(found.clone()), uncovered: Some(found) }
    }

    /// This script with a file that it includes, whose positions are that file's.
    #[must_use]
    pub fn with_included(self, included: Self) -> Self {
        Self { cluster: self.cluster.or(included.cluster), uncovered: self.uncovered.or(included.uncovered) }
    }

    /// Nothing of the kind was found.
    pub fn is_local(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads a script to its end (or its `\q`) and tells how far it reaches. Branches of `\if` that are never taken do
/// not count. Included files are the caller's to add ([`Reach::with_included`]); one whose name only a variable
/// tells counts as both. So are the values of variables that are set from outside: each is SQL to be read as well.
///
/// # Errors
/// Those of reading.
pub fn reach(input: impl Read) -> io::Result<Reach> {
    let (found, judge) = survey::listened(input, Judge::default())?;
    Ok(judge.reach(&found))
}

/// As [`reach`], and what the same reading found besides.
///
/// # Errors
/// Those of reading.
pub fn judged(input: impl Read) -> io::Result<(Survey, Reach)> {
    let (found, (tokens, judge)) = survey::listened(input, (TokenHash::default(), Judge::default()))?;
    let reach = judge.reach(&found);
    Ok((Survey { token_hash: tokens.finish(), ..found }, reach))
}
