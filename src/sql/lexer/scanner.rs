//! The state machine of `psqlscan.l`: where a statement ends, and what is a variable or a backslash.

use memchr::{memchr, memchr2};

use super::Inside;

/// Why [`Scanner::run`] came back. What lies before belongs to the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The text is used up.
    End,
    /// A `;` that ends the statement; it belongs to it.
    Semicolon,
    /// A backslash that begins a meta-command.
    Backslash,
    /// `\;` or `\:`: the backslash is dropped, the next byte belongs to the statement.
    Escaped,
    /// A variable reference of so many bytes.
    Variable(Reference, usize),
}

/// The four ways to name a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// `:name`
    Plain,
    /// `:'name'`
    Literal,
    /// `:"name"`
    Identifier,
    /// `:{?name}`
    Test,
}

impl Reference {
    /// Bytes before and after the name.
    pub fn frame(self) -> (usize, usize) {
        match self {
            Self::Plain => (1, 0),
            Self::Literal | Self::Identifier => (2, 1),
            Self::Test => (3, 1),
        }
    }

    /// The reference that begins with the `:` at the start of `bytes`, and its length.
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let (reference, close) = match bytes.get(1)? {
            b'\'' => (Self::Literal, Some(b'\'')),
            b'"' => (Self::Identifier, Some(b'"')),
            b'{' if bytes.get(2) == Some(&b'?') => (Self::Test, Some(b'}')),
            _ => (Self::Plain, None),
        };
        let (before, after) = reference.frame();
        let name = bytes[before..].iter().take_while(|&&byte| is_name(byte)).count();
        let closed = close.is_none() || bytes.get(before + name).copied() == close;
        (name > 0 && closed).then_some((reference, before + name + after))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    /// `B'…'` and `X'…'`, which know no doubled quote.
    Bits,
    Standard,
    Escape,
    /// After a closing quote: the string may go on after a newline.
    QuoteStop,
    Identifier,
    Dollar,
    Comment,
}

const SPACE: u8 = 1;
const IDENTIFIER_START: u8 = 2;
const DIGIT: u8 = 4;
const OPERATOR: u8 = 8;
/// Bytes that end nothing and begin nothing.
const INERT: u8 = 16;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
        let character = byte as u8;
        table[byte] = match character {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => SPACE,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80..=0xff => IDENTIFIER_START,
            b'0'..=b'9' => DIGIT,
            b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'+' | b'-' | b'*' | b'/'
            | b'%' | b'<' | b'>' | b'=' => OPERATOR,
            b'\'' | b'"' | b'$' | b'.' | b':' | b';' | b'(' | b')' | b'\\' => 0,
            _ => INERT,
        };
        byte += 1;
    }
    table
}

fn is(byte: u8, class: u8) -> bool {
    CLASS[usize::from(byte)] & class != 0
}

/// psql's characters of a variable's name, and a dollar quote's tag.
fn is_name(byte: u8) -> bool {
    is(byte, IDENTIFIER_START | DIGIT)
}

fn run_of(bytes: &[u8], from: usize, class: u8) -> usize {
    bytes[from..].iter().position(|&byte| !is(byte, class)).map_or(bytes.len(), |length| from + length)
}

fn identifier_end(bytes: &[u8], from: usize) -> usize {
    let is_part = |byte: u8| is(byte, IDENTIFIER_START | DIGIT) || byte == b'$';
    bytes[from..].iter().position(|&byte| !is_part(byte)).map_or(bytes.len(), |length| from + length)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr2(b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |length| from + length)
}

fn is_dash_comment(bytes: &[u8], at: usize) -> bool {
    bytes[at..].starts_with(b"--")
}

/// The first words of a statement, as far as psql looks at them: they tell a routine's definition, in whose
/// body `begin atomic … end` holds semicolons together.
#[derive(Default)]
struct Words {
    count: usize,
    initials: [u8; 4],
    routine: bool,
    begin_depth: u32,
}

impl Words {
    /// Takes the next identifier; true where a body begins.
    fn take(&mut self, word: &[u8], paren_depth: u32) -> bool {
        if self.count == 0 {
            self.initials = [0; 4];
        }
        if self.count < self.initials.len() {
            self.initials[self.count] = initial(word);
            self.routine = is_routine(self.initials);
        }
        self.count += 1;
        self.routine && paren_depth == 0 && self.nest(word)
    }

    fn nest(&mut self, word: &[u8]) -> bool {
        if word.eq_ignore_ascii_case(b"begin") {
            self.begin_depth += 1;
            return self.begin_depth == 1;
        }
        if word.eq_ignore_ascii_case(b"case") && self.begin_depth > 0 {
            self.begin_depth += 1;
        } else if word.eq_ignore_ascii_case(b"end") {
            self.begin_depth = self.begin_depth.saturating_sub(1);
        }
        false
    }
}

fn initial(word: &[u8]) -> u8 {
    let known: [&[u8]; 5] = [b"create", b"function", b"procedure", b"or", b"replace"];
    let is_known = known.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is_known { word[0].to_ascii_lowercase() } else { 0 }
}

fn is_routine(initials: [u8; 4]) -> bool {
    matches!(initials, [b'c', b'f' | b'p', ..] | [b'c', b'o', b'r', b'f' | b'p'])
}

pub(super) struct Scanner {
    pub standard_strings: bool,
    pub paren_depth: u32,
    state: State,
    /// The kind of string that a quote has just closed.
    closed: State,
    comment_depth: u32,
    /// The dollar quote's opening, both `$` included.
    tag: Vec<u8>,
    words: Words,
    /// Bytes of the statement before the quote or comment that is open.
    opened: usize,
    /// Bytes of the statement before the outermost parenthesis that is open.
    parenthesis: usize,
    /// Bytes of the statement before the body that is open.
    body: usize,
    /// What turns a place in the text being scanned into a place in the statement.
    base: usize,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            standard_strings: true,
            paren_depth: 0,
            state: State::Plain,
            closed: State::Plain,
            comment_depth: 0,
            tag: Vec::new(),
            words: Words::default(),
            opened: 0,
            parenthesis: 0,
            body: 0,
            base: 0,
        }
    }
}

impl Scanner {
    /// psql's `psql_scan_reset`.
    pub fn reset(&mut self) {
        self.state = State::Plain;
        self.paren_depth = 0;
        self.words.count = 0;
        self.words.begin_depth = 0;
    }

    /// A meta-command leaves the scanner outside of everything but parentheses.
    pub fn leave_string(&mut self) {
        self.state = State::Plain;
    }

    pub fn in_quote(&self) -> bool {
        !matches!(self.state, State::Plain | State::QuoteStop)
    }

    /// Whether the input may end here without cutting anything off.
    pub fn at_rest(&self) -> bool {
        self.inside().is_none()
    }

    /// What is open, and where in the statement it was opened.
    pub fn inside(&self) -> Option<(Inside, usize)> {
        match self.state {
            State::Bits | State::Standard | State::Escape => Some((Inside::Quote, self.opened)),
            State::Identifier => Some((Inside::Identifier, self.opened)),
            State::Dollar => Some((Inside::DollarQuote, self.opened)),
            State::Comment => Some((Inside::Comment, self.opened)),
            State::Plain | State::QuoteStop if self.paren_depth > 0 => {
                Some((Inside::Parentheses, self.parenthesis))
            }
            State::Plain | State::QuoteStop if self.words.begin_depth > 0 => {
                Some((Inside::AtomicBody, self.body))
            }
            State::Plain | State::QuoteStop => None,
        }
    }

    /// Skips white space and `--` comments, which psql drops while its buffer is empty.
    pub fn skip_blank(&self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        if self.state != State::Plain {
            return at;
        }
        loop {
            at = run_of(bytes, at, SPACE);
            if !is_dash_comment(bytes, at) {
                return at;
            }
            at = line_end(bytes, at);
        }
    }

    /// Reads on to the next event and returns where it is. `before` bytes of the statement precede `from`.
    pub fn run(&mut self, bytes: &[u8], from: usize, before: usize) -> (usize, Event) {
        self.base = before.wrapping_sub(from);
        let mut at = from;
        while at < bytes.len() {
            at = match self.state {
                State::Plain => match self.plain(bytes, at) {
                    Step::To(next) => next,
                    Step::Stop(next, event) => return (next, event),
                },
                _ => self.inside_step(bytes, at),
            };
        }
        (bytes.len(), Event::End)
    }

    /// Reads on inside a quote or comment, or decides what follows a quote.
    fn inside_step(&mut self, bytes: &[u8], at: usize) -> usize {
        match self.state {
            State::Plain => at,
            State::QuoteStop => self.quote_stop(bytes, at),
            State::Bits => self.close_at(b'\'', State::QuoteStop, bytes, at),
            State::Standard => self.quoted(b'\'', State::QuoteStop, bytes, at),
            State::Identifier => self.quoted(b'"', State::Plain, bytes, at),
            State::Escape => self.escape(bytes, at),
            State::Dollar => self.dollar(bytes, at),
            State::Comment => self.comment(bytes, at),
        }
    }

    fn open(&mut self, state: State, at: usize) {
        self.state = state;
        self.opened = self.base.wrapping_add(at);
    }

    /// One token outside of quotes and comments.
    fn plain(&mut self, bytes: &[u8], at: usize) -> Step {
        let byte = bytes[at];
        if is(byte, SPACE) {
            return Step::To(run_of(bytes, at, SPACE));
        }
        if is(byte, IDENTIFIER_START) {
            return Step::To(self.word(bytes, at));
        }
        if is(byte, DIGIT) {
            return Step::To(number_end(bytes, at));
        }
        if is(byte, OPERATOR) {
            return Step::To(self.operator(bytes, at));
        }
        if is(byte, INERT) {
            return Step::To(at + 1);
        }
        self.special(bytes, at)
    }

    fn special(&mut self, bytes: &[u8], at: usize) -> Step {
        match bytes[at] {
            b'\'' => self.open(if self.standard_strings { State::Standard } else { State::Escape }, at),
            b'"' => self.open(State::Identifier, at),
            b'$' => return Step::To(self.after_dollar(bytes, at)),
            b'.' => return Step::To(after_dot(bytes, at)),
            b':' => return colon(bytes, at),
            b'(' => self.enter_parentheses(at),
            b')' => self.paren_depth = self.paren_depth.saturating_sub(1),
            b'\\' => return self.backslash(bytes, at),
            b';' if self.paren_depth == 0 && self.words.begin_depth == 0 => {
                self.words.count = 0;
                return Step::Stop(at + 1, Event::Semicolon);
            }
            _ => {}
        }
        Step::To(at + 1)
    }

    fn enter_parentheses(&mut self, at: usize) {
        if self.paren_depth == 0 {
            self.parenthesis = self.base.wrapping_add(at);
        }
        self.paren_depth += 1;
    }

    fn backslash(&mut self, bytes: &[u8], at: usize) -> Step {
        match bytes.get(at + 1) {
            Some(b';') => {
                self.words.count = 0;
                Step::Stop(at, Event::Escaped)
            }
            Some(b':') => Step::Stop(at, Event::Escaped),
            _ => Step::Stop(at, Event::Backslash),
        }
    }

    /// An identifier, or a quote with a letter before it.
    fn word(&mut self, bytes: &[u8], at: usize) -> usize {
        if let Some((state, length)) = quote_prefix(&bytes[at..]) {
            if state != State::Plain {
                self.open(state, at);
            }
            return at + length;
        }
        let end = identifier_end(bytes, at);
        if self.words.take(&bytes[at..end], self.paren_depth) {
            self.body = self.base.wrapping_add(at);
        }
        end
    }

    /// An operator, up to a comment that begins inside it; or that comment.
    fn operator(&mut self, bytes: &[u8], at: usize) -> usize {
        if bytes[at..].starts_with(b"/*") {
            self.open(State::Comment, at);
            self.comment_depth = 0;
            return at + 2;
        }
        if is_dash_comment(bytes, at) {
            return line_end(bytes, at);
        }
        let end = run_of(bytes, at, OPERATOR);
        let comment = bytes[at..end].windows(2).position(|pair| pair == b"/*" || pair == b"--");
        comment.map_or(end, |length| at + length)
    }

    /// A dollar quote's opening, a parameter, or just the `$`.
    fn after_dollar(&mut self, bytes: &[u8], at: usize) -> usize {
        if let Some(length) = dollar_tag(&bytes[at..]) {
            self.tag.clear();
            self.tag.extend_from_slice(&bytes[at..at + length]);
            self.open(State::Dollar, at);
            return at + length;
        }
        let digits = run_of(bytes, at + 1, DIGIT);
        if digits > at + 1 { junk_end(bytes, digits) } else { at + 1 }
    }

    /// Up to the next `quote`, which closes and cannot be doubled.
    fn close_at(&mut self, quote: u8, closed: State, bytes: &[u8], at: usize) -> usize {
        let Some(length) = memchr(quote, &bytes[at..]) else { return bytes.len() };
        self.closed = self.state;
        self.state = closed;
        at + length + 1
    }

    /// Up to the next `quote` that is not doubled.
    fn quoted(&mut self, quote: u8, closed: State, bytes: &[u8], mut at: usize) -> usize {
        while let Some(length) = memchr(quote, &bytes[at..]) {
            at += length;
            if bytes.get(at + 1) != Some(&quote) {
                return self.close_at(quote, closed, bytes, at);
            }
            at += 2;
        }
        bytes.len()
    }

    /// Up to the end of an `E'…'` string: a backslash hides the byte after it.
    fn escape(&mut self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(length) = memchr2(b'\'', b'\\', &bytes[at..]) {
            at += length;
            if bytes[at] == b'\'' && bytes.get(at + 1) != Some(&b'\'') {
                return self.close_at(b'\'', State::QuoteStop, bytes, at);
            }
            at = (at + 2).min(bytes.len());
        }
        bytes.len()
    }

    /// After a closing quote: a newline and another quote continue the string. A new line of the script never
    /// does, because psql scans line by line; a newline inside a variable's value can.
    fn quote_stop(&mut self, bytes: &[u8], at: usize) -> usize {
        let (mut next, mut newline) = (at, false);
        loop {
            let end = run_of(bytes, next, SPACE);
            newline |= memchr2(b'\n', b'\r', &bytes[next..end]).is_some();
            if !is_dash_comment(bytes, end) {
                next = end;
                break;
            }
            next = line_end(bytes, end);
        }
        if newline && bytes.get(next) == Some(&b'\'') {
            self.state = self.closed;
            return next + 1;
        }
        self.state = State::Plain;
        at
    }

    fn dollar(&mut self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(length) = memchr(b'$', &bytes[at..]) {
            at += length;
            if bytes[at..].starts_with(&self.tag) {
                self.state = State::Plain;
                return at + self.tag.len();
            }
            at += 1;
        }
        bytes.len()
    }

    fn comment(&mut self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(length) = memchr2(b'*', b'/', &bytes[at..]) {
            at += length;
            if bytes[at..].starts_with(b"/*") {
                self.comment_depth += 1;
                at += 2;
            } else if bytes[at..].starts_with(b"*/") {
                if self.comment_depth == 0 {
                    self.state = State::Plain;
                    return at + 2;
                }
                self.comment_depth -= 1;
                at += 2;
            } else {
                at += 1;
            }
        }
        bytes.len()
    }
}

/// The tokens of a text, comments and white space left out.
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
    scanner: Scanner,
}

/// A token and where in the text it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
    /// A `;` outside of parentheses and routines' bodies.
    pub ends_statement: bool,
}

impl Token<'_> {
    /// Whether it is this keyword (given in lower case) or an identifier written without quotes.
    pub fn is(&self, word: &str) -> bool {
        self.bytes.eq_ignore_ascii_case(word.as_bytes())
    }

    /// Whether it is a keyword or an identifier, quoted or not.
    pub fn is_name(&self) -> bool {
        let (first, last) = (self.bytes[0], self.bytes[self.bytes.len() - 1]);
        first == b'"' || (is(first, IDENTIFIER_START) && last != b'\'')
    }
}

impl<'a> Tokens<'a> {
    /// The tokens of a statement as the server would see them.
    pub fn new(bytes: &'a [u8], standard_strings: bool) -> Self {
        Self { bytes, at: 0, scanner: Scanner { standard_strings, ..Scanner::default() } }
    }

    /// Reads one token in the open, with the quote or comment that it begins; none for a comment.
    fn step(&mut self) -> Option<Token<'a>> {
        let at = self.at;
        let step = self.scanner.plain(self.bytes, at);
        let ends_statement = matches!(step, Step::Stop(_, Event::Semicolon));
        self.at = match step {
            Step::To(next) => next,
            Step::Stop(next, _) => next + usize::from(!ends_statement),
        };
        let comment = self.scanner.state == State::Comment;
        while self.scanner.state != State::Plain && self.at < self.bytes.len() {
            self.at = self.scanner.inside_step(self.bytes, self.at);
        }
        self.scanner.state = State::Plain;
        (!comment).then(|| Token { bytes: &self.bytes[at..self.at], at, ends_statement })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.at = self.scanner.skip_blank(self.bytes, self.at);
            if self.at >= self.bytes.len() {
                return None;
            }
            if let Some(token) = self.step() {
                return Some(token);
            }
        }
    }
}

/// Where a token in the open leads.
enum Step {
    To(usize),
    Stop(usize, Event),
}

/// `E'`, `B'`, `X'`, `U&'`, `U&"` at the start of `bytes`, and their length. `N'` and a bare `U&` are one plain
/// letter, which psql does not count as a word.
fn quote_prefix(bytes: &[u8]) -> Option<(State, usize)> {
    match (bytes[0], bytes.get(1)?) {
        (b'e' | b'E', b'\'') => Some((State::Escape, 2)),
        (b'b' | b'B' | b'x' | b'X', b'\'') => Some((State::Bits, 2)),
        (b'n' | b'N', b'\'') => Some((State::Plain, 1)),
        (b'u' | b'U', b'&') => Some(match bytes.get(2) {
            Some(b'\'') => (State::Standard, 3),
            Some(b'"') => (State::Identifier, 3),
            _ => (State::Plain, 1),
        }),
        _ => None,
    }
}

/// The length of `$tag$` at the start of `bytes`.
fn dollar_tag(bytes: &[u8]) -> Option<usize> {
    let name = bytes[1..].iter().take_while(|&&byte| is_name(byte)).count();
    let begins_well = name == 0 || is(bytes[1], IDENTIFIER_START);
    (begins_well && bytes.get(1 + name) == Some(&b'$')).then_some(name + 2)
}

/// Letters glued to a number belong to it.
fn junk_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(&byte) if is(byte, IDENTIFIER_START) => identifier_end(bytes, at),
        _ => at,
    }
}

/// The end of the number that begins with the digit at `at`; `1..2` is `1`, `..`, `2`.
fn number_end(bytes: &[u8], at: usize) -> usize {
    let integer = run_of(bytes, at, DIGIT);
    if bytes.get(integer) != Some(&b'.') || bytes.get(integer + 1) == Some(&b'.') {
        return exponent_end(bytes, integer);
    }
    exponent_end(bytes, run_of(bytes, integer + 1, DIGIT))
}

/// After a mantissa: `e5`, `e+5`, even a bare `e+`, which psql takes as a whole; or glued letters.
fn exponent_end(bytes: &[u8], at: usize) -> usize {
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return junk_end(bytes, at);
    }
    match bytes.get(at + 1) {
        Some(b'+' | b'-') => match run_of(bytes, at + 2, DIGIT) {
            digits if digits > at + 2 => junk_end(bytes, digits),
            _ => at + 2,
        },
        _ => identifier_end(bytes, at),
    }
}

/// `.5`, `..` or a lone `.`.
fn after_dot(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1) {
        Some(b'.') => at + 2,
        Some(&byte) if is(byte, DIGIT) => exponent_end(bytes, run_of(bytes, at + 1, DIGIT)),
        _ => at + 1,
    }
}

/// `::`, `:=`, a variable, or a lone `:`.
fn colon(bytes: &[u8], at: usize) -> Step {
    if matches!(bytes.get(at + 1), Some(b':' | b'=')) {
        return Step::To(at + 2);
    }
    match Reference::parse(&bytes[at..]) {
        Some((reference, length)) => Step::Stop(at, Event::Variable(reference, length)),
        None => Step::To(at + 1),
    }
}
