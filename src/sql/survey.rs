//! One pass over a script that runs nothing: what it holds, what it wants, and whether it is complete.

mod tokens;

use std::fmt;
use std::io::{self, Read};

use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Inside, Lexer, Mark, Mode, NoVariables, Stop};
use crate::sql::reader::Lines;
use crate::sql::statement::{self, Alone, Kind, Transaction};
use crate::text::Position;
use tokens::TokenHash;

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

/// Those that send the query buffer.
const SENDING: &[&str] = &["g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch", "bind"];

/// What one script holds; included files are not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// As psql would send them, all branches of `\if` counted.
    pub statements: u64,
    pub wants: Wants,
    pub commands: Vec<CommandUse>,
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
    /// `\set AUTOCOMMIT`
    AutocommitVariable,
}

/// A meta-command where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandUse {
    pub name: String,
    pub position: Position,
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
    /// The first meta-command that the session does not speak.
    pub fn first_unspoken(&self) -> Option<&CommandUse> {
        self.commands.iter().find(|used| !SPOKEN.contains(&used.name.as_str()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnTransaction(statement) => {
                write!(f, "`{statement}`: the script controls transactions itself")
            }
            Self::Alone(statement) => write!(f, "`{statement}` cannot run inside a transaction"),
            Self::AutocommitVariable => {
                f.write_str("`\\set AUTOCOMMIT`: the script controls transactions itself")
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

/// The kinds of statement `number` (from 1), of which several may be joined by `\;`; none where the script has
/// fewer.
pub fn kinds_of(input: impl Read, number: u64) -> io::Result<Vec<Kind>> {
    let mut surveyor = Surveyor::new(input);
    surveyor.wanted = Some(number);
    surveyor.run()?;
    Ok(surveyor.wanted_kinds)
}

struct Surveyor<R> {
    /// The statement whose kinds are asked for.
    wanted: Option<u64>,
    wanted_kinds: Vec<Kind>,
    lines: Lines<R>,
    lexer: Lexer,
    strings: bool,
    blocks: Vec<Mark>,
    tokens: TokenHash,
    found: Survey,
}

impl<R: Read> Surveyor<R> {
    fn new(input: R) -> Self {
        let found = Survey {
            statements: 0,
            wants: Wants::Transaction,
            commands: Vec::new(),
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

    /// False for a `\q` that is not in a branch.
    fn command(&mut self) -> io::Result<bool> {
        let position = self.lexer.command_position();
        let name = String::from_utf8_lossy(&self.lexer.command_name()).into_owned();
        self.found.commands.push(CommandUse { name: name.clone(), position });
        self.tokens.command(&name);
        match name.as_str() {
            "i" | "include" => self.include(false, position),
            "ir" | "include_relative" => self.include(true, position),
            "if" => self.blocks.push(self.lexer.mark()),
            "elif" | "else" => self.leave_branch(),
            "endif" => drop(self.blocks.pop()),
            "set" => self.set(position),
            "encoding" => self.encoding(),
            "r" | "reset" => self.lexer.reset(),
            "copy" => return self.copy().map(|()| true),
            "q" | "quit" if self.blocks.is_empty() => return Ok(false),
            _ if SENDING.contains(&name.as_str()) => self.send()?,
            _ => {}
        }
        self.hash_arguments();
        Ok(true)
    }

    fn include(&mut self, relative: bool, position: Position) {
        let (argument, literal) = self.literal_argument();
        let file = argument.filter(|_| literal);
        self.found.includes.push(Include { file, relative, position });
    }

    /// The next argument, and whether it says all there is to it.
    fn literal_argument(&mut self) -> (Option<Vec<u8>>, bool) {
        let Ok(Some(argument)) = self.lexer.argument(Mode::Normal, true, &NoVariables) else {
            return (None, true);
        };
        self.tokens.argument(&argument.value);
        let literal = argument.backticks.is_empty() && argument.quote != Some(b':');
        (Some(argument.value), literal)
    }

    /// Text that one branch has left in the query buffer is not there in the next.
    fn leave_branch(&mut self) {
        if let Some(mark) = self.blocks.last() {
            self.lexer.rewind(*mark);
        }
    }

    fn set(&mut self, position: Position) {
        if self.literal_argument().0.is_some_and(|name| name == b"AUTOCOMMIT") {
            self.want_autocommit(Reason::AutocommitVariable, position);
        }
    }

    fn encoding(&mut self) {
        let name = self.literal_argument().0.unwrap_or_default();
        if let Some(encoding) = Encoding::named(&String::from_utf8_lossy(&name)) {
            self.lexer.set_client_encoding(encoding);
        }
    }

    fn send(&mut self) -> io::Result<()> {
        if !self.lexer.is_empty() {
            self.statement()?;
        }
        self.lexer.reset();
        Ok(())
    }

    /// `\copy … from stdin` reads the script's next lines.
    fn copy(&mut self) -> io::Result<()> {
        let line = self.lexer.argument(Mode::WholeLine, false, &NoVariables);
        let line = line.ok().flatten().map(|argument| argument.value).unwrap_or_default();
        self.tokens.argument(&line);
        self.lexer.abandon_command();
        let statement = [b"copy ".as_slice(), &line].concat();
        if statement::kinds(&statement, self.strings) == [Kind::CopyFromStdin] {
            self.skip_data()?;
        }
        Ok(())
    }

    fn hash_arguments(&mut self) {
        for argument in self.lexer.end_command() {
            self.tokens.argument(&argument);
        }
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
