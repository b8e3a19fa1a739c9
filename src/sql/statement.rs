//! What kind a statement is, judged by its tokens alone.

mod parser;

use std::fmt;

use memchr::memmem;

use crate::sql::lexer::Tokens;
use parser::Parser;

/// A possibly qualified name, quotes removed and folded as the server folds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub Vec<String>);

/// What a statement means for how a script is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Transaction control.
    Transaction(Transaction),
    /// Cannot run inside a transaction block.
    Alone(Alone),
    /// `SET` and `RESET` of a setting for the session or, with `local`, for the transaction.
    Setting { name: String, value: Option<String>, local: bool },
    /// Reads the script's next lines up to `\\.`; binary data reach to the end of the file.
    CopyFromStdin { binary: bool },
    /// Writes to the client.
    CopyToStdout,
    /// Anything else, comments included.
    Other,
}

/// Transaction control statements; `chain` is `AND CHAIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    Begin,
    Commit { chain: bool },
    Rollback { chain: bool },
    Savepoint,
    Release,
    RollbackTo,
    Prepare,
}

/// Statements that the server refuses inside a transaction block (`PostgreSQL` 13 to 18), with what they
/// are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alone {
    /// The index has no name of its own if the statement leaves the choice to the server.
    CreateIndexConcurrently {
        index: Option<Name>,
        table: Option<Name>,
        if_not_exists: bool,
    },
    DropIndexConcurrently {
        indexes: Vec<Name>,
    },
    /// `REINDEX … CONCURRENTLY`, or of a schema, a database or the system catalogs.
    Reindex {
        target: Option<Name>,
    },
    Vacuum,
    Cluster,
    CreateDatabase(Name),
    DropDatabase(Name),
    AlterDatabaseTablespace(Name),
    CreateTablespace(Name),
    DropTablespace(Name),
    AlterSystem,
    DiscardAll,
    CreateSubscription(Name),
    AlterSubscription(Name),
    DropSubscription(Name),
    DetachPartitionConcurrently {
        table: Option<Name>,
    },
    /// `COMMIT PREPARED` and `ROLLBACK PREPARED`.
    FinishPrepared,
}

/// Whether `DISCARD ALL` would not take back what the statement does to this session or to the next ones:
/// settings of a database or role, a loaded library, a setting of an extension's or the user's own, a procedural
/// language with globals. In doubt, yes: a new connection costs milliseconds.
pub fn outlives_reset(text: &[u8], kinds: &[Kind]) -> bool {
    const WORDS: [&[u8]; 6] = [b"set_config", b"plperl", b"plpython", b"pltcl", b"load", b"alter"];
    let custom = |kind: &Kind| matches!(kind, Kind::Setting { name, .. } if name.contains('.'));
    if kinds.iter().any(custom) {
        return true;
    }
    let text = text.to_ascii_lowercase();
    let found = |word: &[u8]| memmem::find(&text, word).is_some();
    match WORDS.iter().position(|word| found(word)) {
        None => false,
        Some(0..=3) => true,
        Some(_) => {
            let mut words = text[start(&text)..].split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
            match (words.next(), words.find(|word| !word.is_empty())) {
                (Some(b"load"), _) => true,
                (Some(b"alter"), Some(object)) => [&b"role"[..], b"user", b"database"].contains(&object),
                // Dynamic SQL may do the same.
                _ => found(b"alter role") || found(b"alter user") || found(b"alter database"),
            }
        }
    }
}

/// The kinds of the statements in one message: one, unless `\;` has joined several.
pub fn kinds(text: &[u8], standard_strings: bool) -> Vec<Kind> {
    let single = memchr::memchr(b';', text).is_none_or(|at| at + 1 == text.len());
    let mut parser = Parser::new(Tokens::new(text, standard_strings));
    if single {
        return vec![parser.kind()];
    }
    let mut kinds = Vec::new();
    while parser.begin_statement() {
        kinds.push(parser.kind());
        parser.end_statement();
    }
    if kinds.is_empty() {
        kinds.push(Kind::Other);
    }
    kinds
}

/// Where the first token of a statement stands in its text: after comments.
pub fn start(text: &[u8]) -> usize {
    Tokens::new(text, true).next().map_or(0, |token| token.at)
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl fmt::Display for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Begin => "BEGIN",
            Self::Commit { .. } => "COMMIT",
            Self::Rollback { .. } => "ROLLBACK",
            Self::Savepoint => "SAVEPOINT",
            Self::Release => "RELEASE SAVEPOINT",
            Self::RollbackTo => "ROLLBACK TO SAVEPOINT",
            Self::Prepare => "PREPARE TRANSACTION",
        })
    }
}

impl fmt::Display for Alone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateIndexConcurrently { .. } => "CREATE INDEX CONCURRENTLY",
            Self::DropIndexConcurrently { .. } => "DROP INDEX CONCURRENTLY",
            Self::Reindex { .. } => "REINDEX",
            Self::Vacuum => "VACUUM",
            Self::Cluster => "CLUSTER",
            Self::CreateDatabase(_) => "CREATE DATABASE",
            Self::DropDatabase(_) => "DROP DATABASE",
            Self::AlterDatabaseTablespace(_) => "ALTER DATABASE … SET TABLESPACE",
            Self::CreateTablespace(_) => "CREATE TABLESPACE",
            Self::DropTablespace(_) => "DROP TABLESPACE",
            Self::AlterSystem => "ALTER SYSTEM",
            Self::DiscardAll => "DISCARD ALL",
            Self::CreateSubscription(_) => "CREATE SUBSCRIPTION",
            Self::AlterSubscription(_) => "ALTER SUBSCRIPTION",
            Self::DropSubscription(_) => "DROP SUBSCRIPTION",
            Self::DetachPartitionConcurrently { .. } => "ALTER TABLE … DETACH PARTITION … CONCURRENTLY",
            Self::FinishPrepared => "COMMIT PREPARED",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        let mut kinds = kinds(text.as_bytes(), true);
        assert_eq!(kinds.len(), 1, "{text}");
        kinds.remove(0)
    }

    fn name(text: &str) -> Name {
        Name(text.split('.').map(str::to_owned).collect())
    }

    #[test]
    fn transaction_control_is_recognised_in_all_its_forms() {
        let cases = [
            ("begin;", Transaction::Begin),
            ("/* x */ BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE", Transaction::Begin),
            ("start transaction read only;", Transaction::Begin),
            ("commit;", Transaction::Commit { chain: false }),
            ("END WORK;", Transaction::Commit { chain: false }),
            ("commit and chain;", Transaction::Commit { chain: true }),
            ("commit and no chain;", Transaction::Commit { chain: false }),
            ("rollback work and chain", Transaction::Rollback { chain: true }),
            ("abort;", Transaction::Rollback { chain: false }),
            ("rollback to a;", Transaction::RollbackTo),
            ("rollback transaction to savepoint a;", Transaction::RollbackTo),
            ("savepoint a;", Transaction::Savepoint),
            ("release a;", Transaction::Release),
            ("prepare transaction 'x';", Transaction::Prepare),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(text), Kind::Transaction(expected), "{text}");
        }
    }

    #[test]
    fn statements_that_must_be_alone_keep_what_they_are_about() {
        let concurrently = |index: Option<&str>, if_not_exists| Alone::CreateIndexConcurrently {
            index: index.map(name),
            table: Some(name("public.t")),
            if_not_exists,
        };
        let cases = [
            ("create index concurrently i on public.t (a);", concurrently(Some("i"), false)),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I x\" ON ONLY public.T (a)",
                concurrently(Some("I x"), true),
            ),
            ("create index concurrently on public.t (a)", concurrently(None, false)),
            (
                "drop index concurrently if exists a.i, j cascade;",
                Alone::DropIndexConcurrently { indexes: vec![name("a.i"), name("j")] },
            ),
            ("reindex index concurrently s.i;", Alone::Reindex { target: Some(name("s.i")) }),
            ("reindex (verbose, concurrently) table t;", Alone::Reindex { target: Some(name("t")) }),
            ("reindex (verbose) database;", Alone::Reindex { target: None }),
            ("reindex schema s;", Alone::Reindex { target: Some(name("s")) }),
            ("vacuum (analyze) t;", Alone::Vacuum),
            ("cluster verbose;", Alone::Cluster),
            ("create database d owner o;", Alone::CreateDatabase(name("d"))),
            ("drop database if exists \"D\"\"d\" with (force);", Alone::DropDatabase(name("D\"d"))),
            ("alter database d set tablespace t;", Alone::AlterDatabaseTablespace(name("d"))),
            ("create tablespace t location '/x';", Alone::CreateTablespace(name("t"))),
            ("drop tablespace if exists t;", Alone::DropTablespace(name("t"))),
            ("alter system set work_mem = '1MB';", Alone::AlterSystem),
            ("discard all;", Alone::DiscardAll),
            ("create subscription s connection '' publication p;", Alone::CreateSubscription(name("s"))),
            ("drop subscription if exists s;", Alone::DropSubscription(name("s"))),
            ("alter subscription s refresh publication;", Alone::AlterSubscription(name("s"))),
            (
                "alter table if exists only p.t detach partition p.u concurrently;",
                Alone::DetachPartitionConcurrently { table: Some(name("p.t")) },
            ),
            ("rollback prepared 'x';", Alone::FinishPrepared),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(text), Kind::Alone(expected), "{text}");
        }
    }

    #[test]
    fn their_look_alikes_may_run_in_a_transaction() {
        let cases = [
            "create index i on t (concurrently);",
            "create index if not exists concurrently_i on t (a);",
            "drop index i;",
            "reindex table t;",
            "reindex (concurrently false) table t;",
            "cluster t using i;",
            "alter database d set work_mem = '1MB';",
            "alter database d rename to e;",
            "discard temp;",
            "",
            "create subscription s connection '' publication p with (create_slot = false);",
            "create subscription s connection '' publication p with (connect = false);",
            "alter subscription s disable;",
            "alter subscription s set publication p with (refresh = false);",
            "alter table t detach partition u;",
            "alter table t detach partition u finalize;",
            "prepare p as select 1;",
            "refresh materialized view concurrently m;",
            "analyze;",
            "\"begin\";",
            "create function f() returns int begin atomic select 1; select 2; end",
            "alter systems;",
        ];
        for text in cases {
            assert!(
                !matches!(kinds(text.as_bytes(), true)[0], Kind::Alone(_) | Kind::Transaction(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn the_body_of_a_routine_is_not_split() {
        let text = "create function f() returns int begin atomic select 1; select 2; end;";
        assert_eq!(kind(text), Kind::Other);
    }

    #[test]
    fn copies_settings_and_joined_statements_are_told_apart() {
        assert_eq!(kind("copy t (a, \"from\") from stdin;"), Kind::CopyFromStdin { binary: false });
        assert_eq!(kind("copy t from stdin (format 'binary')"), Kind::CopyFromStdin { binary: true });
        assert_eq!(kind("COPY BINARY t FROM STDIN"), Kind::CopyFromStdin { binary: true });
        assert_eq!(kind("copy t from 'stdin';"), Kind::Other);
        assert_eq!(kind("copy (select a from stdin) to stdout with csv;"), Kind::CopyToStdout);
        assert_eq!(kind("copy t from program 'x';"), Kind::Other);
        let setting = |name: &str, value: Option<&str>, local| Kind::Setting {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            local,
        };
        assert_eq!(kind("set search_path to a, b;"), setting("search_path", Some("a"), false));
        assert_eq!(kind("SET LOCAL \"My.x\" = 'y''z';"), setting("My.x", Some("y'z"), true));
        assert_eq!(kind("set app.user = 5"), setting("app.user", Some("5"), false));
        assert_eq!(kind("reset all"), setting("all", None, false));
        assert_eq!(kind("set session authorization x"), setting("session authorization", Some("x"), false));
        assert_eq!(kind("set session statement_timeout = 0"), setting("statement_timeout", Some("0"), false));
        assert_eq!(kind("set time zone 'UTC'"), setting("timezone", Some("UTC"), false));
        assert_eq!(kind("set constraints all immediate"), Kind::Other);
        assert_eq!(kind("set transaction read only"), Kind::Other);
        let joined = kinds(b"select 1; begin; copy t from stdin;", true);
        assert_eq!(
            joined,
            [Kind::Other, Kind::Transaction(Transaction::Begin), Kind::CopyFromStdin { binary: false }]
        );
    }
}
