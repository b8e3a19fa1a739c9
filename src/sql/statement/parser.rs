//! Reads as much of a statement's grammar as its kind depends on.

use std::iter::Peekable;

use super::{Alone, Kind, Name, Transaction};
use crate::sql::lexer::{Token, Tokens};

pub(super) struct Parser<'a> {
    tokens: Peekable<Tokens<'a>>,
    /// Parentheses that the tokens read so far have opened.
    depth: u32,
}

impl<'a> Parser<'a> {
    pub fn new(tokens: Tokens<'a>) -> Self {
        Self { tokens: tokens.peekable(), depth: 0 }
    }

    /// Skips empty statements; false at the end of the text.
    pub fn begin_statement(&mut self) -> bool {
        while self.at_separator() {
            self.advance();
        }
        self.tokens.peek().is_some()
    }

    /// Skips to the end of the statement.
    pub fn end_statement(&mut self) {
        while self.next().is_some() {}
        self.depth = 0;
    }

    /// The kind of the statement that begins here.
    pub fn kind(&mut self) -> Kind {
        let Some(first) = self.next() else { return Kind::Other };
        let word = first.bytes.to_ascii_lowercase();
        match word.as_slice() {
            b"begin" | b"start" => Kind::Transaction(Transaction::Begin),
            b"commit" | b"end" => self.commit(),
            b"rollback" | b"abort" => self.rollback(),
            b"savepoint" => Kind::Transaction(Transaction::Savepoint),
            b"release" => Kind::Transaction(Transaction::Release),
            b"prepare" if self.accept("transaction") => Kind::Transaction(Transaction::Prepare),
            b"set" => self.set(),
            b"reset" => self.reset(),
            b"copy" => self.copy(),
            _ => self.alone(&word).map_or(Kind::Other, Kind::Alone),
        }
    }

    fn commit(&mut self) -> Kind {
        if self.accept("prepared") {
            return Kind::Alone(Alone::FinishPrepared);
        }
        Kind::Transaction(Transaction::Commit { chain: self.chain() })
    }

    fn rollback(&mut self) -> Kind {
        if self.accept("prepared") {
            return Kind::Alone(Alone::FinishPrepared);
        }
        let _noise = self.accept("work") || self.accept("transaction");
        if self.accept("to") {
            return Kind::Transaction(Transaction::RollbackTo);
        }
        Kind::Transaction(Transaction::Rollback { chain: self.chain() })
    }

    fn chain(&mut self) -> bool {
        let _noise = self.accept("work") || self.accept("transaction");
        self.accept("and") && self.accept("chain")
    }

    fn set(&mut self) -> Kind {
        let local = self.accept("local");
        if !local && self.accept("session") {
            if self.accept("authorization") {
                return self.setting("session authorization".to_owned(), false);
            }
            if self.accept("characteristics") {
                return Kind::Other;
            }
        }
        if self.accept("time") && self.accept("zone") {
            return self.setting("timezone".to_owned(), local);
        }
        match self.name() {
            Some(Name(parts)) if ["constraints", "transaction"].contains(&parts.join(".").as_str()) => {
                Kind::Other
            }
            Some(name) => self.setting(name.to_string(), local),
            None => Kind::Other,
        }
    }

    fn setting(&mut self, name: String, local: bool) -> Kind {
        let _sign = self.accept("=") || self.accept("to");
        let value = self.next().map(|token| unquoted(token.bytes));
        Kind::Setting { name, value, local }
    }

    fn reset(&mut self) -> Kind {
        let _authorization = self.accept("session");
        let name = self.name().map_or_else(|| "all".to_owned(), |name| name.to_string());
        Kind::Setting { name, value: None, local: false }
    }

    fn copy(&mut self) -> Kind {
        let binary = self.accept("binary");
        while let Some(token) = self.next() {
            if self.depth == 0 && (token.is("from") || token.is("to")) {
                // The server takes either word for either direction.
                let client = self.accept("stdin") || self.accept("stdout");
                return match (client, token.is("from")) {
                    (true, true) => Kind::CopyFromStdin { binary: binary || self.names_binary() },
                    (true, false) => Kind::CopyToStdout,
                    (false, _) => Kind::Other,
                };
            }
        }
        Kind::Other
    }

    /// Whether an option up to the statement's end does.
    fn names_binary(&mut self) -> bool {
        while let Some(token) = self.next() {
            if token.is("binary") || token.is("'binary'") {
                return true;
            }
        }
        false
    }

    fn alone(&mut self, word: &[u8]) -> Option<Alone> {
        match word {
            b"vacuum" => Some(Alone::Vacuum),
            b"cluster" => self.cluster(),
            b"discard" => self.accept("all").then_some(Alone::DiscardAll),
            b"reindex" => self.reindex(),
            b"create" => self.create(),
            b"drop" => self.drop(),
            b"alter" => self.alter(),
            _ => None,
        }
    }

    fn cluster(&mut self) -> Option<Alone> {
        let _options = self.options();
        let _verbose = self.accept("verbose");
        self.at_end().then_some(Alone::Cluster)
    }

    fn reindex(&mut self) -> Option<Alone> {
        let mut alone = self.options().iter().any(|option| {
            let mut words = option.iter().map(|word| word.to_ascii_lowercase());
            words.next().is_some_and(|word| word == "concurrently")
                && words.next().is_none_or(|value| ["true", "on", "1"].contains(&value.as_str()))
        });
        let kind = self.next()?;
        alone |= ["schema", "database", "system"].iter().any(|whole| kind.is(whole));
        alone |= self.accept("concurrently");
        alone.then(|| Alone::Reindex { target: self.name() })
    }

    fn create(&mut self) -> Option<Alone> {
        let unique = self.accept("unique");
        if self.accept("index") {
            return self.accept("concurrently").then(|| self.create_index());
        }
        if unique {
            return None;
        }
        if self.accept("database") {
            return self.name().map(Alone::CreateDatabase);
        }
        if self.accept("tablespace") {
            return self.name().map(Alone::CreateTablespace);
        }
        if self.accept("subscription") {
            let name = self.name()?;
            let harmless = self.switched_off(&["create_slot", "connect"]);
            return (!harmless).then_some(Alone::CreateSubscription(name));
        }
        None
    }

    fn create_index(&mut self) -> Alone {
        let if_not_exists = self.accept("if") && self.accept("not") && self.accept("exists");
        let index = if self.peek("on") { None } else { self.name() };
        let table = if self.accept("on") {
            let _only = self.accept("only");
            self.name()
        } else {
            None
        };
        Alone::CreateIndexConcurrently { index, table, if_not_exists }
    }

    fn drop(&mut self) -> Option<Alone> {
        if self.accept("index") {
            return self
                .accept("concurrently")
                .then(|| Alone::DropIndexConcurrently { indexes: self.names() });
        }
        let make = if self.accept("database") {
            Alone::DropDatabase
        } else if self.accept("tablespace") {
            Alone::DropTablespace
        } else if self.accept("subscription") {
            Alone::DropSubscription
        } else {
            return None;
        };
        self.skip_if_exists();
        self.name().map(make)
    }

    fn alter(&mut self) -> Option<Alone> {
        if self.accept("system") {
            return Some(Alone::AlterSystem);
        }
        if self.accept("database") {
            let name = self.name()?;
            let moves = self.accept("set") && self.accept("tablespace");
            return moves.then_some(Alone::AlterDatabaseTablespace(name));
        }
        if self.accept("subscription") {
            return self.alter_subscription();
        }
        if self.accept("table") {
            return self.detach_partition();
        }
        None
    }

    /// `REFRESH PUBLICATION`, a changed list of publications unless `refresh` is off, and options that the
    /// publisher must be told.
    fn alter_subscription(&mut self) -> Option<Alone> {
        let name = self.name()?;
        let refreshes = self.accept("refresh");
        let changes = self.accept("set") || self.accept("add") || self.accept("drop");
        let alone = if changes && self.accept("publication") {
            !self.switched_off(&["refresh"])
        } else if changes {
            self.options()
                .iter()
                .any(|option| option.iter().any(|word| word == "failover" || word == "two_phase"))
        } else {
            refreshes
        };
        alone.then_some(Alone::AlterSubscription(name))
    }

    fn detach_partition(&mut self) -> Option<Alone> {
        self.skip_if_exists();
        let _only = self.accept("only");
        let table = self.name();
        let _descendants = self.accept("*");
        if !(self.accept("detach") && self.accept("partition")) {
            return None;
        }
        self.name()?;
        self.accept("concurrently").then_some(Alone::DetachPartitionConcurrently { table })
    }

    fn skip_if_exists(&mut self) {
        let _if_exists = self.accept("if") && self.accept("exists");
    }

    /// Whether the rest of the statement's options turn one of these off.
    fn switched_off(&mut self, names: &[&str]) -> bool {
        while self.tokens.peek().is_some_and(|token| !token.is("(") && !token.ends_statement) {
            self.next();
        }
        self.options().iter().any(|option| {
            let [name, value] = option.as_slice() else { return false };
            names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted))
                && ["false", "off", "0"].iter().any(|off| value.eq_ignore_ascii_case(off))
        })
    }

    /// `(a, b c, d = e)` as lists of words, signs left out; empty if no parenthesis comes next.
    fn options(&mut self) -> Vec<Vec<String>> {
        let mut options = vec![Vec::new()];
        if !self.accept("(") {
            return Vec::new();
        }
        while let Some(token) = self.next() {
            if self.depth == 0 {
                break;
            }
            if token.is(",") {
                options.push(Vec::new());
            } else if let (false, Some(option)) = (token.is("="), options.last_mut()) {
                option.push(unquoted(token.bytes));
            }
        }
        options
    }

    fn names(&mut self) -> Vec<Name> {
        self.skip_if_exists();
        let mut names = Vec::new();
        while let Some(name) = self.name() {
            names.push(name);
            if !self.accept(",") {
                break;
            }
        }
        names
    }

    fn name(&mut self) -> Option<Name> {
        let mut parts = Vec::new();
        while self.tokens.peek().is_some_and(Token::is_name) {
            parts.push(self.next().map(|token| unquoted(token.bytes))?);
            if !self.accept(".") {
                break;
            }
        }
        (!parts.is_empty()).then_some(Name(parts))
    }

    fn peek(&mut self, word: &str) -> bool {
        self.tokens.peek().is_some_and(|token| token.is(word))
    }

    fn at_end(&mut self) -> bool {
        self.tokens.peek().is_none_or(|token| token.ends_statement)
    }

    fn accept(&mut self, word: &str) -> bool {
        let found = self.peek(word);
        if found {
            self.advance();
        }
        found
    }

    /// The next token of the statement.
    fn next(&mut self) -> Option<Token<'a>> {
        if self.at_separator() { None } else { self.advance() }
    }

    fn at_separator(&mut self) -> bool {
        self.tokens.peek().is_some_and(|token| token.ends_statement)
    }

    fn advance(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.next()?;
        match token.bytes {
            b"(" => self.depth += 1,
            b")" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Some(token)
    }
}

/// A name or value without its quotes; an unquoted word in lower case.
fn unquoted(token: &[u8]) -> String {
    let text = String::from_utf8_lossy(token);
    match token {
        [b'"', .., b'"'] => text[1..text.len() - 1].replace("\"\"", "\""),
        [b'\'', .., b'\''] => text[1..text.len() - 1].replace("''", "'"),
        _ => text.to_ascii_lowercase(),
    }
}
