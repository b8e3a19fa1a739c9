//! A copy of a database, and what becomes of it.

use postgres_protocol::escape::{escape_identifier, escape_literal};

use super::{GenerationError, Generations, Kind, Mark, comment, nonce};
use crate::fault;

/// Up to this size, writing a copy through the log is the faster way. Measured with version 15 on a disk that
/// others used as well: 8 MB take 0.3 s through the log and 0.5 to 0.9 s as files (two checkpoints), 56 MB
/// 0.8 to 1.0 and 0.8 to 1.2 s, 200 MB 1.4 to 1.7 and 0.7 to 0.8 s.
const FILES_ABOVE: u64 = 50 << 20;

/// What is done about sessions in the database that is copied: the server copies none that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// They are in the way, and named.
    Respect,
    /// They are ended; new ones wait until the copy is complete.
    End,
}

impl Generations<'_> {
    /// A copy of the database `from`, marked and named as `mark` tells; its name. Owner, privileges, settings,
    /// connection limit and the user's comment are not copied ([`Self::properties`], [`Self::reapply`]).
    ///
    /// Until it is complete it is marked as building (or not yet marked): [`Self::tidy`] removes what a kill leaves.
    ///
    /// # Errors
    /// [`GenerationError::InTheWay`] where `from` is in use. SQLSTATE 42P04 where there is a layer of that key, or a
    /// snapshot of that name, already.
    pub fn clone(&mut self, from: &str, mark: &Mark, sessions: Sessions) -> Result<String, GenerationError> {
        let building = self.copy(from, mark, sessions)?;
        if mark.kind == Kind::Building {
            return Ok(building);
        }
        let finished = self.finish(&building, mark);
        if finished.is_err() {
            // What is left of it is the next run's to remove; the first error is the one to tell.
            let _ = self.remove(&building, false);
        }
        finished
    }

    /// Makes of a complete `building` database what `mark` tells: its new name. Mark, name and, of a layer, that
    /// nobody can connect come in one transaction.
    pub fn finish(&mut self, building: &str, mark: &Mark) -> Result<String, GenerationError> {
        let found = self.expect(building, &[Kind::Building])?;
        let now = Some(self.now()?);
        let mark = Mark {
            of: self.of.clone(),
            since: now.clone(),
            used: now,
            comment: found.mark.comment.or_else(|| mark.comment.clone()),
            ..mark.clone()
        };
        let name = self.named(&mark);
        let sql = rename(building, &name) + &comment(&name, Some(&mark.text()));
        fault::step("copy.complete");
        self.alone(building, &(sql + &closing(&mark, &name)))?;
        fault::step("copy.finished");
        Ok(name)
    }

    fn copy(&mut self, from: &str, mark: &Mark, sessions: Sessions) -> Result<String, GenerationError> {
        let (oid, strategy) = self.source(from)?;
        let mark = Mark { kind: Kind::Building, of: self.of.clone(), ..mark.clone() };
        let name = self.named(&mark);
        self.copyable(from)?;
        let doorkeeper = match sessions {
            Sessions::End => Some(self.at_the_door(oid)?),
            Sessions::Respect => None,
        };
        let sql = format!(
            "CREATE DATABASE {} TEMPLATE {}{strategy}",
            escape_identifier(&name),
            escape_identifier(from)
        );
        let copied = self.change("copying a database", &sql);
        drop(doorkeeper);
        self.told(copied, from)?;
        fault::step("copy.made");
        self.change("marking a database", &comment(&name, Some(&mark.text())))?;
        fault::step("copy.marked");
        Ok(name)
    }

    /// Its number, and how it is copied; before version 15 there is no choice.
    fn source(&mut self, database: &str) -> Result<(u32, &'static str), GenerationError> {
        let sql = format!(
            "SELECT d.oid, CASE WHEN current_setting('server_version_num')::int < 150000 THEN '' \
             WHEN pg_catalog.pg_database_size(d.oid) > {FILES_ABOVE} THEN 'f' ELSE 'w' END \
             FROM pg_catalog.pg_database AS d WHERE d.datname = {}",
            escape_literal(database)
        );
        let rows = self.database.rows("looking for a database", &sql)?;
        let missing = || GenerationError::Missing { database: database.to_owned() };
        let row = rows.first().ok_or_else(missing)?;
        let oid = row.get(0).and_then(|text| text.parse().ok()).ok_or_else(missing)?;
        let strategy = match row.get(1) {
            Some("f") => " STRATEGY file_copy",
            Some("w") => " STRATEGY wal_log",
            _ => "",
        };
        Ok((oid, strategy))
    }

    /// Changes a database that nobody but dbctl has any business in: whoever is connected is ended.
    fn alone(&mut self, database: &str, sql: &str) -> Result<(), GenerationError> {
        let oid = self.oid(database)?;
        let doorkeeper = self.at_the_door(oid)?;
        doorkeeper.settle();
        let done = self.change("naming a database", sql);
        drop(doorkeeper);
        self.told(done, database)
    }

    /// The name that `mark` asks for: a layer and a snapshot are found again by theirs.
    fn named(&self, mark: &Mark) -> String {
        let salt = match mark.kind {
            Kind::Layer => mark.key.clone(),
            Kind::Snapshot => mark.name.clone(),
            Kind::Building | Kind::Clone | Kind::Previous => None,
        };
        Mark::database(mark.kind, &self.of, &salt.unwrap_or_else(nonce))
    }
}

/// What makes a layer of a database: nobody can change it any more.
fn closing(mark: &Mark, name: &str) -> String {
    if mark.kind != Kind::Layer {
        return String::new();
    }
    let name = escape_identifier(name);
    format!("ALTER DATABASE {name} IS_TEMPLATE true; ALTER DATABASE {name} ALLOW_CONNECTIONS false")
}

pub(super) fn rename(from: &str, to: &str) -> String {
    format!("ALTER DATABASE {} RENAME TO {};\n", escape_identifier(from), escape_identifier(to))
}
