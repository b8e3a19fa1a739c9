//! The last words of a text, and what they say together.

use super::finding::Phrase;
use super::judge::{Level, Reading};
use super::word::{
    CONNECTION, DATABASE, ELSEWHERE, ITSELF, JOB, LIBRARY, MEMBERSHIP, OWNED, PREPARED, PROGRAM, ROLE,
    SERVER_FILE, SETTING, SUBSCRIPTION, Scope, TABLESPACE, UNBOUND, UNKNOWN, Word,
};
use crate::sql::lexer::Token;

/// What follows a word.
#[derive(Clone, Copy)]
pub(super) enum Next<'t> {
    Word(Word),
    String(&'t [u8]),
    Symbol(u8),
    End,
}

/// A word of the text, by its bytes.
#[derive(Clone, Copy, Default)]
struct Span {
    from: usize,
    to: usize,
}

/// What the next token decides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    /// `CREATE USER` is no `CREATE USER MAPPING`.
    Role,
    Tablespace,
    DefaultTablespace,
    Execute,
    Load,
    Cron,
    /// `COPY … FROM`, or `TO`.
    Copy {
        reads: bool,
    },
}

/// A part of a statement: `;` begins the next.
pub(super) struct Window<'t> {
    text: &'t [u8],
    base: usize,
    level: Level,
    previous: Word,
    before: Word,
    first: Word,
    second: Word,
    words: usize,
    previous_at: Span,
    depth: i32,
    pending: Option<(Pending, Span)>,
    /// `GRANT` or `REVOKE`, as long as it may be about roles.
    granting: Option<Span>,
    /// `GRANT`, `REVOKE`, `COMMENT` or `SECURITY LABEL` was read.
    names_object: bool,
    copying: Option<i32>,
    has_values: bool,
    /// `%`, and what of a place of `format()` may follow it.
    in_hole: bool,
    /// A name that no comma separates from the next.
    after_name: bool,
    after_colon: bool,
    is_empty: bool,
}

impl<'t> Window<'t> {
    pub fn new(text: &'t [u8], base: usize, level: Level) -> Self {
        Self {
            text,
            base,
            level,
            previous: Word::Other,
            before: Word::Other,
            first: Word::Other,
            second: Word::Other,
            words: 0,
            previous_at: Span::default(),
            depth: 0,
            pending: None,
            granting: None,
            names_object: false,
            copying: None,
            has_values: false,
            in_hole: false,
            after_name: false,
            after_colon: false,
            is_empty: true,
        }
    }

    /// The level of a string that comes next.
    pub fn inside(&self, is_dollar: bool) -> Level {
        let is_body = is_dollar || (self.words > 0 && matches!(self.previous, Word::As | Word::Do));
        let is_row = self.first == Word::Insert && self.has_values && self.depth == 1;
        let is_comment = self.first == Word::Comment && self.previous == Word::Is && !self.level.is_string;
        Level {
            depth: self.level.depth + 1,
            is_string: !is_body,
            is_data: self.level.is_data || is_row || is_comment,
            is_copy: false,
        }
    }

    pub fn word(&mut self, word: Word, token: Token, reading: &mut Reading) {
        let span = Span { from: token.at, to: token.at + token.bytes.len() };
        let word = if self.in_hole && token.bytes.len() == 1 { Word::Hole } else { word };
        self.in_hole = false;
        self.settle(Next::Word(word), reading);
        self.judge(word, span, reading);
        if self.is_empty && self.level.is_string && word.is_shared() {
            self.doubt(span, reading);
        }
        self.is_empty = false;
        self.shift(word, span);
    }

    pub fn next(&mut self, next: Next, token: Token, reading: &mut Reading) {
        self.settle(next, reading);
        let Next::Symbol(symbol) = next else {
            return self.string(next, token, reading);
        };
        self.symbol(symbol, token, reading);
    }

    fn string(&mut self, next: Next, token: Token, reading: &mut Reading) {
        let Next::String(content) = next else { return };
        self.in_hole = false;
        if std::mem::take(&mut self.after_colon) {
            let span = Span { from: token.at, to: token.at + token.bytes.len() };
            self.variable(Word::of(content), span, reading);
        }
        if !content.is_empty() {
            self.forget();
        }
    }

    /// The text ends here; what its last word is may go on in another string.
    pub fn end(&mut self, reading: &mut Reading) {
        self.settle(Next::End, reading);
        let is_half = self.previous.is_verb() || self.granting.is_some();
        if self.level.is_string && is_half {
            self.doubt(self.previous_at, reading);
        }
    }

    fn symbol(&mut self, symbol: u8, token: Token, reading: &mut Reading) {
        self.after_colon = symbol == b':' && token.bytes.len() == 1;
        if self.in_hole && matches!(symbol, b'0'..=b'9' | b'$' | b'-') {
            return;
        }
        self.in_hole = symbol == b'%' && self.level.depth > 0;
        if self.after_colon && self.level.depth == 0 && self.previous.is_verb() {
            self.found(self.previous_at, (Scope::Cluster, UNKNOWN), reading);
        }
        match symbol {
            b'(' => self.depth += 1,
            b')' => self.depth -= 1,
            b',' => self.after_name = false,
            b';' => return self.begin_statement(),
            _ => {}
        }
        // Only what joins strings may stand between the words of one phrase.
        if !matches!(symbol, b'|' | b'%') {
            self.forget();
        }
    }

    fn begin_statement(&mut self) {
        let (is_empty, pending) = (self.is_empty, self.pending);
        *self = Self { pending, is_empty, ..Self::new(self.text, self.base, self.level) };
    }

    fn forget(&mut self) {
        (self.previous, self.before) = (Word::Other, Word::Other);
    }

    fn shift(&mut self, word: Word, span: Span) {
        match self.words {
            0 => self.first = word,
            1 => self.second = word,
            _ => {}
        }
        self.words += 1;
        (self.before, self.previous, self.previous_at) = (self.previous, word, span);
        self.after_colon = false;
    }

    /// What the word says with those before it.
    fn judge(&mut self, word: Word, span: Span, reading: &mut Reading) {
        if let Word::Telling(scope, why) = word {
            let made = matches!(self.previous, Word::Extension | Word::Exists);
            if !(made && why == ELSEWHERE) {
                self.found(span, (scope, why), reading);
            }
        }
        if let Some(what) = self.pair(word) {
            self.found(Span { from: self.previous_at.from, to: span.to }, what, reading);
        }
        if (self.previous == Word::Hole && word.is_shared())
            || (self.previous.is_verb() && word == Word::Hole)
        {
            self.doubt(span, reading);
        }
        if self.after_colon {
            self.variable(word, span, reading);
        }
        self.grant(word, span, reading);
        self.begin_phrase(word, span);
    }

    /// Variables of psql that tell where it is connected to.
    fn variable(&self, word: Word, span: Span, reading: &mut Reading) {
        match word {
            Word::DbName => self.found(span, (Scope::Cluster, ITSELF), reading),
            Word::Host => self.found(span, (Scope::Uncovered, CONNECTION), reading),
            _ => {}
        }
    }

    /// Two words that are enough.
    fn pair(&self, word: Word) -> Option<(Scope, &'static str)> {
        let in_table = self.first == Word::Alter && self.second == Word::Table;
        let verb = self.previous.is_verb() && !(in_table && self.words > 2);
        let why = match (self.previous, word) {
            (_, Word::Database) if verb => DATABASE,
            (_, Word::Subscription) if verb => SUBSCRIPTION,
            (Word::Alter, Word::System) if verb => SETTING,
            (Word::Drop | Word::Reassign, Word::Owned) => OWNED,
            (Word::On, Word::Database) if self.names_object => ITSELF,
            (Word::On, Word::Parameter) if self.names_object => SETTING,
            (Word::On, Word::Role) if self.names_object && self.granting.is_none() => ROLE,
            (Word::Prepare, Word::Transaction) | (Word::Commit, Word::Prepared) => PREPARED,
            (Word::Create, Word::Server) | (Word::Foreign, Word::Table | Word::Schema) => {
                return Some((Scope::Uncovered, ELSEWHERE));
            }
            (Word::Language, Word::Unbound) => return Some((Scope::Both, UNBOUND)),
            _ => return None,
        };
        Some((Scope::Cluster, why))
    }

    /// `GRANT a TO b` is about roles, `GRANT a ON c TO b` is not.
    fn grant(&mut self, word: Word, span: Span, reading: &mut Reading) {
        match word {
            Word::Grant | Word::Revoke if !self.level.is_string || self.words == 0 => {
                (self.granting, self.names_object) = (Some(span), true);
                self.after_name = false;
                return;
            }
            Word::Comment | Word::Label => self.names_object = true,
            Word::On => self.granting = None,
            Word::To | Word::From => {
                if let Some(Span { from, .. }) = self.granting.take() {
                    self.found(Span { from, to: span.to }, (Scope::Cluster, MEMBERSHIP), reading);
                }
            }
            // In prose, names follow each other without a comma.
            Word::Other if self.level.is_string && self.after_name => self.granting = None,
            _ => {}
        }
        self.after_name = word == Word::Other;
    }

    /// Words that the next token explains.
    fn begin_phrase(&mut self, word: Word, span: Span) {
        let in_table = self.first == Word::Alter && self.second == Word::Table && self.words > 2;
        let pending = match word {
            Word::Role if self.previous.is_verb() && !in_table => Pending::Role,
            Word::Tablespace => Pending::Tablespace,
            Word::DefaultTablespace => Pending::DefaultTablespace,
            Word::Execute if self.level.depth > 0 => Pending::Execute,
            Word::Load => Pending::Load,
            Word::Cron => Pending::Cron,
            Word::From | Word::To if self.copying == Some(self.depth) => {
                Pending::Copy { reads: word == Word::From }
            }
            Word::Copy => return self.copying = Some(self.depth),
            Word::Values => return self.has_values = true,
            _ => return,
        };
        let from = if pending == Pending::Role { self.previous_at.from } else { span.from };
        self.pending = Some((pending, Span { from, to: span.to }));
    }

    fn settle(&mut self, next: Next, reading: &mut Reading) {
        let Some((pending, span)) = self.pending.take() else { return };
        let what = match (pending, next) {
            (Pending::DefaultTablespace, Next::Word(Word::To) | Next::Symbol(b'=')) => {
                return self.pending = Some((pending, span));
            }
            (Pending::Copy { reads }, next) => return self.copy(reads, next, span, reading),
            _ if is_settled(pending, next) => return,
            (Pending::Execute, _) => return reading.findings.is_dynamic = true,
            (Pending::Role, _) => ROLE,
            (Pending::Tablespace | Pending::DefaultTablespace, _) => TABLESPACE,
            (Pending::Load, _) => LIBRARY,
            (Pending::Cron, _) => JOB,
        };
        self.found(span, (Scope::Cluster, what), reading);
    }

    fn copy(&mut self, reads: bool, next: Next, span: Span, reading: &mut Reading) {
        let scope = if reads { Scope::Uncovered } else { Scope::Cluster };
        match next {
            Next::Word(Word::Program) => self.found(span, (Scope::Both, PROGRAM), reading),
            Next::Word(Word::Stream) | Next::Symbol(b'(') => {}
            Next::Word(_) if !self.level.is_copy => {}
            Next::End if !self.level.is_string => {}
            _ => self.found(span, (scope, SERVER_FILE), reading),
        }
    }

    fn found(&self, span: Span, what: (Scope, &'static str), reading: &mut Reading) {
        reading.findings.add(&reading.place, self.phrase(span), what, !self.level.is_data);
    }

    fn doubt(&self, span: Span, reading: &mut Reading) {
        reading.findings.add(&reading.place, self.phrase(span), (Scope::Cluster, UNKNOWN), false);
    }

    fn phrase(&self, span: Span) -> Phrase<'t> {
        Phrase { text: &self.text[span.from..span.to], at: self.base + span.from }
    }
}

/// Whether what follows the word makes it harmless.
fn is_settled(pending: Pending, next: Next) -> bool {
    match pending {
        Pending::Role => matches!(next, Next::Word(Word::Mapping)),
        Pending::Tablespace => matches!(next, Next::Word(Word::Default)),
        Pending::DefaultTablespace => {
            matches!(next, Next::Word(Word::Default) | Next::End | Next::String(b"" | b"pg_default"))
        }
        Pending::Execute => {
            matches!(next, Next::Word(Word::Routine | Word::On) | Next::Symbol(b',' | b')') | Next::End)
        }
        Pending::Load => !matches!(next, Next::String(_)),
        Pending::Cron => !matches!(next, Next::Symbol(b'.')),
        Pending::Copy { .. } => false,
    }
}
