//! One pass over a script that runs nothing: what it holds, what it wants, and whether it is complete.

mod commands;
mod tokens;

use std::fmt;
use std::io::{self, Read};

use thiserror::Error;

use crate::sql::lexer::{Inside, Lexer, Mark, NoVariables, Stop};
use crate::sql::reader::Lines;
use crate::sql::statement::{self, Alone, Kind, Transaction};
use crate::text::Position;
pub use commands::is_psqls;
pub use tokens::TokenHash;

/// The meta-commands that the session carries out itself.
pub const SPOKEN: &[&str] = &[
    "set",
    "unset",
    "echo",
    "qecho",
    "warn",
    "if",
    "elif",
    "else",
    "endif",
    "i",
    "include",
    "ir",
    "include_relative",
    "q",
    "quit",
    "encoding",
    "restrict",
    "unrestrict",
    "p",
    "print",
    "r",
    "reset",
    "g",
    "gx",
    "gset",
    "gexec",
    "gdesc",
    "bind",
    "watch",
    "crosstabview",
    "c",
    "connect",
    "conninfo",
    "copy",
    "errverbose",
    "getenv",
    "setenv",
    "timing",
    "w",
    "write",
    "o",
    "out",
    "cd",
    "prompt",
    "!",
    "lo_import",
    "lo_export",
    "lo_unlink",
    "lo_list",
    "lo_list+",
    "pset",
    "x",
    "t",
    "a",
    "f",
    "C",
    "H",
    "html",
    "T",
];

/// Bytes that a quick look reads at once.
const BLOCK: usize = 128 * 1024;

/// What one script holds; included files are not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// As psql would send them, all branches of `\if` counted.
    pub statements: u64,
    pub wants: Wants,
    pub commands: Vec<CommandUse>,
    /// The first meta-command that psql would refuse wherever it is read.
    pub malformed: Option<Malformed>,
    pub includes: Vec<Include>,
    /// sha256 over the tokens, in hexadecimal: comments and white space do not count.
    pub token_hash: String,
    /// What the script's end cuts off.
    pub inside: Option<(Inside, Position)>,
    /// Where the transaction was begun that the script's end leaves open, as far as its text tells.
    pub open_transaction: Option<Position>,
    /// A statement changes the session, or what new sessions begin with, in a way that `DISCARD ALL` does not
    /// take back.
    pub outlives_reset: bool,
}

/// How a script is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// In one transaction.
    Transaction,
    /// Statement by statement, because of this first reason.
    Autocommit { reason: Reason, position: Position },
}

/// Why a script cannot be run in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    OwnTransaction(Transaction),
    Alone(Alone),
    /// `\set AUTOCOMMIT off` and the like.
    Variable {
        name: String,
    },
}

/// A meta-command where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandUse {
    pub name: String,
    pub position: Position,
    /// It runs a program on the machine on which psql runs.
    pub runs_program: bool,
}

/// What psql would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub position: Position,
    pub error: MalformedError,
}

/// What is wrong with a meta-command, in psql's words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MalformedError {
    #[error("invalid command `\\{0}`")]
    Unknown(String),
    #[error("unterminated quoted string")]
    UnterminatedQuote,
    #[error("`\\{0}`: no matching \\if")]
    NoIf(String),
    #[error("this `\\if` has no `\\endif`")]
    UnclosedIf,
    #[error("`\\{0}`: missing required argument")]
    MissingArgument(String),
}

/// `\i` or `\ir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The file as it is written; none where a variable or a backtick takes part in its name.
    pub file: Option<Vec<u8>>,
    /// Relative to the including file (`\ir`), not to the working directory.
    pub relative: bool,
    pub position: Position,
}

impl Survey {
    /// The first meta-command that the session does not speak, and psql does.
    pub fn first_unspoken(&self) -> Option<&CommandUse> {
        self.commands.iter().find(|used| !SPOKEN.contains(&used.name.as_str()))
    }

    /// The first meta-command that runs a program on the machine on which psql runs.
    pub fn first_program(&self) -> Option<&CommandUse> {
        self.commands.iter().find(|used| used.runs_program)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnTransaction(statement) => {
                write!(f, "`{statement}`: the script controls transactions itself")
            }
            Self::Alone(statement) => write!(f, "`{statement}` cannot run inside a transaction"),
            Self::Variable { name } => {
                write!(
                    f,
                    "`\\set {name}`: the script says itself what is a transaction and what an error does"
                )
            }
        }
    }
}

/// Reads a script to its end (or its `\q`) and tells what it holds.
///
/// # Errors
/// Those of reading.
pub fn survey(input: impl Read) -> io::Result<Survey> {
    let mut surveyor = Surveyor::new(input);
    surveyor.run()?;
    Ok(surveyor.finish())
}

/// Whether there may be a meta-command in it, as far as a quick look tells: no other backslash than those of
/// COPY's NULL and end, and no backtick, means that there is none.
pub fn may_hold_commands(mut input: impl Read) -> io::Result<bool> {
    let (mut block, mut after_backslash) = (vec![0; BLOCK], false);
    loop {
        let count = match input.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result?,
        };
        let text = &block[..count];
        let begins = |byte: &u8| !matches!(byte, b'N' | b'.' | b'\\');
        if after_backslash && text.first().is_some_and(begins) {
            return Ok(true);
        }
        if memchr::memchr_iter(b'\\', text).any(|at| text.get(at + 1).is_some_and(begins)) {
            return Ok(true);
        }
        if count == 0 {
            return Ok(false);
        }
        after_backslash = text.last() == Some(&b'\\');
    }
}

/// The kinds of statement `number` (from 1), of which several may be joined by `\;`; none where the script has
/// fewer.
pub fn kinds_of(input: impl Read, number: u64) -> io::Result<Vec<Kind>> {
    let mut surveyor = Surveyor::new(input);
    surveyor.wanted = Some(number);
    surveyor.run()?;
    Ok(surveyor.wanted_kinds)
}

/// An `\if` that is open.
struct Block {
    at: Position,
    buffer: Mark,
}

struct Surveyor<R> {
    /// The statement whose kinds are asked for.
    wanted: Option<u64>,
    wanted_kinds: Vec<Kind>,
    lines: Lines<R>,
    lexer: Lexer,
    strings: bool,
    blocks: Vec<Block>,
    tokens: TokenHash,
    found: Survey,
}

impl<R: Read> Surveyor<R> {
    fn new(input: R) -> Self {
        let found = Survey {
            statements: 0,
            wants: Wants::Transaction,
            commands: Vec::new(),
            malformed: None,
            includes: Vec::new(),
            token_hash: String::new(),
            inside: None,
            open_transaction: None,
            outlives_reset: false,
        };
        let (lines, lexer, tokens) = (Lines::new(input), Lexer::new(), TokenHash::default());
        Self {
            wanted: None,
            wanted_kinds: Vec::new(),
            lines,
            lexer,
            strings: true,
            blocks: Vec::new(),
            tokens,
            found,
        }
    }

    fn run(&mut self) -> io::Result<()> {
        while let Some(line) = self.lines.next_line()? {
            self.lexer.set_standard_conforming_strings(self.strings);
            if self.lexer.feed(line.bytes, line.place) && !self.line()? {
                break;
            }
        }
        let ending = self.lexer.finish();
        self.found.inside = ending.inside;
        if let Some(opened) = self.blocks.first() {
            self.found
                .malformed
                .get_or_insert(Malformed { position: opened.at, error: MalformedError::UnclosedIf });
        }
        if ending.pending {
            self.statement()?;
        }
        Ok(())
    }

    fn finish(self) -> Survey {
        Survey { token_hash: self.tokens.finish(), ..self.found }
    }

    /// False where the script ends by `\q`.
    fn line(&mut self) -> io::Result<bool> {
        loop {
            match self.lexer.scan(&NoVariables) {
                Stop::LineEnd => return Ok(true),
                Stop::Statement => self.statement()?,
                Stop::MetaCommand => {
                    if !self.command()? {
                        return Ok(false);
                    }
                }
            }
        }
    }

    fn statement(&mut self) -> io::Result<()> {
        let statement = self.lexer.statement();
        let kinds = statement::kinds(statement.text, self.strings);
        self.found.outlives_reset =
            self.found.outlives_reset || statement::outlives_reset(statement.text, &kinds);
        if self.wanted == Some(self.found.statements + 1) {
            self.wanted_kinds.clone_from(&kinds);
        }
        self.tokens.statement(statement.text, self.strings);
        if kinds.iter().any(|kind| *kind != Kind::Other) {
            let position = statement.position(statement::start(statement.text));
            for kind in kinds {
                self.note(kind, position)?;
            }
        }
        self.found.statements += 1;
        self.lexer.clear();
        Ok(())
    }

    fn note(&mut self, kind: Kind, position: Position) -> io::Result<()> {
        match kind {
            Kind::Transaction(statement) => self.note_transaction(statement, position),
            Kind::Alone(alone) => self.want_autocommit(Reason::Alone(alone), position),
            Kind::Setting { name, value: Some(value), .. } if name == "standard_conforming_strings" => {
                self.strings = !["off", "false", "no", "0"].contains(&value.as_str());
            }
            Kind::CopyFromStdin => self.skip_data()?,
            Kind::Setting { .. } | Kind::CopyToStdout | Kind::Other => {}
        }
        Ok(())
    }

    fn note_transaction(&mut self, statement: Transaction, position: Position) {
        match statement {
            Transaction::Begin => self.found.open_transaction = Some(position),
            Transaction::Commit { chain: true } | Transaction::Rollback { chain: true } => {}
            Transaction::Commit { .. } | Transaction::Rollback { .. } | Transaction::Prepare => {
                self.found.open_transaction = None;
            }
            // Savepoints are as good inside the transaction that dbctl begins.
            Transaction::Savepoint | Transaction::Release | Transaction::RollbackTo => return,
        }
        self.want_autocommit(Reason::OwnTransaction(statement), position);
    }

    fn want_autocommit(&mut self, reason: Reason, position: Position) {
        if self.found.wants == Wants::Transaction {
            self.found.wants = Wants::Autocommit { reason, position };
        }
    }

    fn skip_data(&mut self) -> io::Result<()> {
        while let Some(block) = self.lines.copy_data()? {
            self.tokens.data(block);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(script: &str) -> Survey {
        survey(script.as_bytes()).expect("memory can be read")
    }

    fn reason(script: &str) -> Option<(String, u64, u64)> {
        match of(script).wants {
            Wants::Transaction => None,
            Wants::Autocommit { reason, position } => {
                Some((reason.to_string(), position.line, position.column))
            }
        }
    }

    #[test]
    fn an_ordinary_script_wants_a_transaction() {
        let survey = of("-- head\ncreate table t (a int);\nsavepoint a;\ninsert into t values (1), (2)\n");
        assert_eq!((survey.statements, &survey.wants, survey.inside), (3, &Wants::Transaction, None));
    }

    #[test]
    fn the_first_reason_for_autocommit_is_kept_with_its_place() {
        let alone =
            reason("select 1;\n/* ä */ select 2; /* ö */ create index concurrently i on t (a);\nvacuum;");
        assert_eq!(alone.expect("autocommit").1, 2);
        let own = reason("/* ö\n */ begin;\ncommit;").expect("autocommit");
        assert_eq!(own, ("`BEGIN`: the script controls transactions itself".to_owned(), 2, 5));
        assert!(reason("do $$begin perform 1; end$$; select 'vacuum;'; -- vacuum;").is_none());
    }

    #[test]
    fn copy_data_is_not_read_as_statements() {
        let survey =
            of("copy t from stdin; select 1;\nbegin;\n'\n\\.\nselect 2;\n\\copy t from stdin\nvacuum;\n");
        assert_eq!((survey.statements, survey.wants, survey.inside), (3, Wants::Transaction, None));
    }

    #[test]
    fn meta_commands_are_listed_and_includes_found() {
        let survey = of("\\i a.sql\nselect 1 \\ir 'b c.sql'\n;\\i :file\n\\d t\nselect 2 \\gset\n");
        let names: Vec<&str> = survey.commands.iter().map(|used| used.name.as_str()).collect();
        assert_eq!(names, ["i", "ir", "i", "d", "gset"]);
        let files: Vec<_> = survey.includes.iter().map(|include| include.file.as_deref()).collect();
        assert_eq!(files, [Some(b"a.sql".as_slice()), Some(b"b c.sql"), None]);
        let unspoken = survey.first_unspoken().expect("\\d is not spoken");
        assert_eq!((unspoken.name.as_str(), unspoken.position.line, unspoken.position.column), ("d", 4, 1));
        assert_eq!(survey.statements, 2);
    }

    fn malformed(script: &str) -> Option<(MalformedError, u64, u64)> {
        of(script).malformed.map(|found| (found.error, found.position.line, found.position.column))
    }

    #[test]
    fn what_psql_would_refuse_is_found_with_its_place() {
        let unknown = MalformedError::Unknown("nonsense".to_owned());
        assert_eq!(malformed("select 1;\n \\nonsense x\n"), Some((unknown, 2, 2)));
        assert_eq!(malformed("\\echo 'open\n"), Some((MalformedError::UnterminatedQuote, 1, 1)));
        assert_eq!(malformed("\n\\else\n"), Some((MalformedError::NoIf("else".to_owned()), 2, 1)));
        assert_eq!(malformed("\\if true\n\\if x\n\\endif\n"), Some((MalformedError::UnclosedIf, 1, 1)));
        assert_eq!(malformed("\\i\n"), Some((MalformedError::MissingArgument("i".to_owned()), 1, 1)));
        assert_eq!(malformed("\\dt+ x*\n\\l\n\\if 1\n\\elif 0\n\\else\n\\endif\nselect 1 \\gexec\n"), None);
    }

    #[test]
    fn a_command_that_runs_a_program_is_told_apart() {
        for script in [
            "\\! ls",
            "\\set x `date`",
            "select 1 \\g | cat",
            "select 1 \\g (format=csv) |cat",
            "\\o |cat",
            "\\copy t from program 'ls'",
            "\\copy (select 1) TO PROGRAM 'cat'",
            "\\if `true`\n\\endif",
        ] {
            assert!(of(script).first_program().is_some(), "{script}");
        }
        for script in
            ["\\o '|file'", "\\echo '`date`' |", "\\copy (select program from to) to stdout", "\\g program"]
        {
            assert_eq!(of(script).first_program(), None, "{script}");
        }
    }

    #[test]
    fn variables_that_change_what_an_error_does_want_autocommit() {
        for (script, name) in [
            ("\\set AUTOCOMMIT off", "AUTOCOMMIT"),
            ("\\unset AUTOCOMMIT", "AUTOCOMMIT"),
            ("\\set ON_ERROR_STOP :maybe", "ON_ERROR_STOP"),
            ("\\set ON_ERROR_ROLLBACK on", "ON_ERROR_ROLLBACK"),
        ] {
            let (why, ..) = reason(script).expect(script);
            assert!(why.contains(name), "{why}");
        }
        for script in [
            "\\set AUTOCOMMIT on",
            "\\set ON_ERROR_STOP",
            "\\set ON_ERROR_ROLLBACK off",
            "\\unset ON_ERROR_ROLLBACK",
        ] {
            assert_eq!(reason(script), None, "{script}");
        }
    }

    #[test]
    fn what_is_left_open_is_told_with_its_place() {
        let quote = of("select 1;\nselect 'open\n;").inside.expect("open");
        assert_eq!((quote.0, quote.1.line, quote.1.column), (Inside::Quote, 2, 8));
        let paren = of("select 1, (2, (3;\n").inside.expect("open");
        assert_eq!((paren.0, paren.1.column), (Inside::Parentheses, 11));
        let comment = of("select 1; /* x").inside.expect("open");
        assert_eq!((comment.0, comment.1.column), (Inside::Comment, 11));
        assert_eq!(of("begin;\nselect 1;").open_transaction.map(|at| at.line), Some(1));
        assert_eq!(of("begin;\ncommit and chain;").open_transaction.map(|at| at.line), Some(1));
        assert_eq!(of("begin;\nrollback;").open_transaction, None);
    }

    #[test]
    fn the_token_hash_sees_changes_but_not_comments() {
        let hash = |script: &str| of(script).token_hash;
        let plain = hash("select 1, 'a  b'; copy t from stdin;\n1\n\\.\n");
        let commented = "-- c\n\n/* d */ select 1,\n 'a  b' -- e\n; copy t from stdin;\n1\n\\.\n";
        assert_eq!(plain, hash(commented));
        assert_ne!(plain, hash("select 1, 'a b'; copy t from stdin;\n1\n\\.\n"));
        assert_ne!(plain, hash("select 1, 'a  b'; copy t from stdin;\n2\n\\.\n"));
        assert_ne!(hash("select 1; select 2"), hash("select 1 select 2"));
        assert_eq!(hash("select 1"), hash("select 1;"));
    }
}
