//! What the database remembers of each script, and where that meets the disk. Pure: no server here.

use std::collections::BTreeMap;

use crate::script::Script;
use crate::sql::reach::Extent;

/// How a script is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One transaction for the script and its ledger row.
    Transaction,
    /// Statement by statement, as psql does without `--single-transaction`.
    Autocommit,
    /// A `.sh` in the container.
    Shell,
    /// By psql itself: the container's, or this machine's.
    Psql,
    /// Not run: a fresh-only script on a database that exists.
    NotNeeded,
}

impl Mode {
    /// The word in the ledger's `mode` column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Autocommit => "autocommit",
            Self::Shell => "shell",
            Self::Psql => "psql",
            Self::NotNeeded => "not-needed",
        }
    }

    /// Whether another program runs the script, so that nobody counts its statements.
    pub fn is_uncounted(self) -> bool {
        matches!(self, Self::Shell | Self::Psql)
    }

    /// The mode that a ledger row names; unknown words (a newer dbctl's) read as autocommit, the mode that
    /// promises least.
    pub fn from_word(word: &str) -> Self {
        match word {
            "transaction" => Self::Transaction,
            "shell" => Self::Shell,
            "psql" => Self::Psql,
            "not-needed" => Self::NotNeeded,
            _ => Self::Autocommit,
        }
    }
}

/// The event of an attempt that a ledger row records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Started,
    Progress,
    Applied,
    Failed,
    Adopted,
    Forgotten,
}

impl Outcome {
    /// The word in the ledger's `event` column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Progress => "progress",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Adopted => "adopted",
            Self::Forgotten => "forgotten",
        }
    }

    /// The event that a ledger row names, if this dbctl knows it.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Started, Self::Progress, Self::Applied, Self::Failed, Self::Adopted, Self::Forgotten]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }

    /// Whether it tells by itself what holds of the script from then on.
    pub fn settles(self) -> bool {
        matches!(self, Self::Applied | Self::Adopted | Self::Forgotten)
    }
}

/// The last attempt to run a script, and the last one that succeeded: what the view `dbctl.standing` shows in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub script: String,
    pub outcome: Outcome,
    pub mode: Mode,
    /// The checksum of the last attempt.
    pub checksum: String,
    /// Statements of the last attempt that are committed.
    pub finished: u32,
    /// The hash over them, where it is known.
    pub finished_hash: Option<String>,
    /// When the last event was recorded, as the server's clock tells it (ISO 8601, UTC).
    pub at: String,
    /// Milliseconds that the last attempt took, once it ended.
    pub took_ms: Option<i64>,
    /// The message of a failed attempt.
    pub error: Option<String>,
    /// Who ran it: user and host.
    pub by: String,
    /// What holds now, if the script was ever applied or adopted and not forgotten since.
    pub applied: Option<Applied>,
}

/// The content that is in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub checksum: String,
    pub token_hash: Option<String>,
    pub at: String,
}

/// A text of a script that has run in this database, or in the one that it was cloned from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub script: String,
    pub checksum: String,
    /// How far it may have reached; none where nobody judged it.
    pub extent: Option<Extent>,
}

/// All texts that have run: what they did to the cluster is still there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past(pub Vec<Ran>);

impl Past {
    /// How far this text reaches, if it has run and was judged then.
    pub fn extent(&self, script: &str, checksum: &str) -> Option<Extent> {
        self.0.iter().find(|ran| ran.script == script && ran.checksum == checksum)?.extent
    }

    /// Those that may have touched more than their database.
    pub fn beyond_database(&self) -> impl Iterator<Item = &Ran> {
        self.0.iter().filter(|ran| ran.extent.is_none_or(Extent::is_beyond_database))
    }
}

/// Where disk and ledger meet, for one script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Pending,
    Applied,
    /// Applied with other content than the disk has now.
    Changed,
    /// An attempt has begun and nothing tells its end; so many statements are committed.
    Interrupted {
        finished: u32,
    },
    /// The last attempt failed; so many of its statements are committed.
    Failed {
        finished: u32,
    },
}

impl Standing {
    /// The word that `status` shows.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Changed => "changed",
            Self::Interrupted { .. } => "interrupted",
            Self::Failed { .. } => "failed",
        }
    }
}

/// All that the database remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: BTreeMap<String, Entry>,
    /// The database is still on its way from nothing to the init dir's state: fresh-only scripts run.
    pub building: bool,
    /// Its tables were made by an older dbctl.
    pub is_old: bool,
}

impl Ledger {
    /// The first of `scripts` of which no content is applied.
    pub fn first_pending<'a>(&self, scripts: &'a [Script]) -> Option<&'a Script> {
        scripts.iter().find(|script| self.entry(&script.name).is_none_or(|entry| entry.applied.is_none()))
    }

    pub fn new(entries: impl IntoIterator<Item = Entry>, building: bool) -> Self {
        let entries = entries.into_iter().map(|entry| (entry.script.clone(), entry)).collect();
        Self { entries, building, is_old: false }
    }

    pub fn entry(&self, script: &str) -> Option<&Entry> {
        self.entries.get(script)
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Where `script` stands. A failed or rolled-back attempt in a transaction changed nothing, so an
    /// earlier success goes on standing.
    pub fn standing(&self, script: &Script) -> Standing {
        let Some(entry) = self.entry(&script.name) else { return Standing::Pending };
        match entry.outcome {
            Outcome::Started | Outcome::Progress => Standing::Interrupted { finished: entry.finished },
            Outcome::Failed if entry.finished > 0 || entry.applied.is_none() => {
                Standing::Failed { finished: entry.finished }
            }
            _ => match &entry.applied {
                None => Standing::Pending,
                Some(applied) if applied.checksum == script.checksum.to_string() => Standing::Applied,
                Some(_) => Standing::Changed,
            },
        }
    }

    /// Entries that hold now and whose script is not on the disk any more.
    pub fn missing<'a>(&'a self, on_disk: &'a [Script]) -> impl Iterator<Item = &'a Entry> {
        self.entries.values().filter(move |entry| {
            entry.applied.is_some() && !on_disk.iter().any(|script| script.name == entry.script)
        })
    }
}
