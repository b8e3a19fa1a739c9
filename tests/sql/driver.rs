//! A main loop as small as psql's would be without a server: it drives the scanner over a script.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use memchr::memmem;

use dbctl::sql::encoding::Encoding;
use dbctl::sql::lexer::{Argument, Lexer, Mark, Mode, Notice, Stop, Variables};
use dbctl::sql::reader::Lines;

use super::psql::Server;

/// psql's variables, and what the script has caused.
#[derive(Default)]
pub struct Outcome {
    pub variables: Values,
    pub queries: Vec<Vec<u8>>,
    pub stdout: Vec<u8>,
    pub notices: Vec<Notice>,
    /// `standard_conforming_strings`, once a script has set it.
    pub strings: Option<bool>,
}

#[derive(Default)]
pub struct Values(pub HashMap<Vec<u8>, Vec<u8>>);

impl Variables for Values {
    fn value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.0.get(name).map(|value| Cow::Borrowed(value.as_slice()))
    }

    // Where psql runs, the shell finds no program; of what it knows by itself only `echo` shows anything.
    fn shell(&self, command: &[u8]) -> Option<Vec<u8>> {
        memmem::find(command, b"echo")?;
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(OsStr::from_bytes(command)).env_clear().env("PATH", "/nowhere");
        let output = shell.stdin(Stdio::null()).stderr(Stdio::null()).output();
        Some(output.expect("there is a shell").stdout)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Branch {
    True,
    False,
    Ignored,
    ElseTrue,
    ElseFalse,
}

struct Block {
    branch: Branch,
    mark: Mark,
}

/// One script being read.
struct Run<'a> {
    lexer: Lexer,
    blocks: Vec<Block>,
    outcome: &'a mut Outcome,
    strings: bool,
    quit: bool,
    previous: Vec<u8>,
}

/// Runs a script as `psql -f` does without `ON_ERROR_STOP`.
pub fn run(server: Server, script: &[u8], outcome: &mut Outcome) {
    let mut lexer = Lexer::new();
    lexer.set_client_encoding(Encoding::named(server.client_encoding).expect("a known encoding"));
    let strings = outcome.strings.unwrap_or(server.standard_conforming_strings);
    Run { lexer, blocks: Vec::new(), outcome, strings, quit: false, previous: Vec::new() }.file(script);
}

impl Run<'_> {
    fn file(&mut self, script: &[u8]) {
        let mut lines = Lines::new(script);
        while let Some(line) = lines.next_line().expect("memory can be read") {
            self.lexer.set_standard_conforming_strings(self.strings);
            self.lexer.set_single_line(self.outcome.variables.0.contains_key(b"SINGLELINE".as_slice()));
            if self.lexer.feed(line.bytes, line.place) {
                self.line();
            }
            // psql still sends what it has begun to read when `\q` comes.
            if self.quit {
                break;
            }
        }
        if self.lexer.finish().pending && self.active() {
            self.send();
        }
        self.outcome.notices.extend(self.lexer.take_notices());
    }

    fn line(&mut self) {
        loop {
            match self.lexer.scan(&self.outcome.variables) {
                Stop::LineEnd => return,
                Stop::Statement if self.active() => self.send(),
                Stop::Statement => {}
                Stop::MetaCommand => self.command(),
            }
            if self.quit {
                return;
            }
        }
    }

    fn send(&mut self) {
        let statement = self.lexer.statement().text.to_vec();
        match statement.as_slice() {
            b"set standard_conforming_strings = off;" => self.strings = false,
            b"set standard_conforming_strings = on;" => self.strings = true,
            _ => {}
        }
        self.outcome.strings = Some(self.strings);
        self.previous.clone_from(&statement);
        self.outcome.queries.push(statement);
        self.lexer.clear();
    }

    /// `\g` sends the last statement again if there is no other, and an empty text if there was none.
    fn send_again(&mut self) {
        if self.lexer.is_empty() {
            self.outcome.queries.push(self.previous.clone());
        } else {
            self.send();
        }
        self.lexer.reset();
    }

    fn active(&self) -> bool {
        self.blocks.last().is_none_or(|block| matches!(block.branch, Branch::True | Branch::ElseTrue))
    }

    fn argument(&mut self) -> Option<Argument> {
        self.lexer.argument(Mode::Normal, false, &self.outcome.variables).unwrap_or_default()
    }

    fn arguments(&mut self) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.argument().map(|argument| argument.value)).collect()
    }

    fn command(&mut self) {
        let name = self.lexer.command_name();
        let understood = match name.as_slice() {
            b"if" => self.begin_block(),
            b"elif" => self.turn_block(),
            b"else" => self.else_block(),
            b"endif" => self.end_block(),
            _ if !self.active() => self.skip(&name),
            b"echo" => self.echo(),
            b"set" => self.set(),
            b"unset" => self.unset(),
            b"r" => {
                self.lexer.reset();
                true
            }
            b"g" => {
                let _file = self.lexer.argument(Mode::FileOrPipe, false, &self.outcome.variables);
                self.send_again();
                true
            }
            b"q" => {
                self.quit = true;
                true
            }
            _ => false,
        };
        if understood {
            self.lexer.end_command();
        } else {
            self.lexer.abandon_command();
        }
    }

    fn skip(&mut self, name: &[u8]) -> bool {
        let known: [&[u8]; 6] = [b"echo", b"set", b"unset", b"r", b"g", b"q"];
        if known.contains(&name) {
            self.arguments();
        }
        known.contains(&name)
    }

    fn echo(&mut self) -> bool {
        let arguments = self.arguments();
        self.outcome.stdout.extend(arguments.join(b" ".as_slice()));
        self.outcome.stdout.push(b'\n');
        true
    }

    fn set(&mut self) -> bool {
        let mut arguments = self.arguments().into_iter();
        let Some(name) = arguments.next() else { return true };
        let value = arguments.collect::<Vec<_>>().concat();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..);
        let valid = !name.is_empty() && name.iter().all(is_name);
        if valid {
            self.outcome.variables.0.insert(name, value);
        }
        valid
    }

    fn unset(&mut self) -> bool {
        if let Some(name) = self.argument() {
            self.outcome.variables.0.remove(&name.value);
            return true;
        }
        false
    }

    fn condition(&mut self) -> bool {
        let words = self.arguments().join(b" ".as_slice()).to_ascii_lowercase();
        let begins = |word: &str, least| words.len() >= least && word.as_bytes().starts_with(&words);
        begins("true", 1) || begins("yes", 1) || begins("on", 2) || words == b"1"
    }

    fn switch(&mut self) {
        let active = self.active();
        self.lexer.set_active(active);
    }

    fn begin_block(&mut self) -> bool {
        let outer = self.active();
        let mark = self.lexer.mark();
        let branch = if outer {
            if self.condition() { Branch::True } else { Branch::False }
        } else {
            self.arguments();
            Branch::Ignored
        };
        self.blocks.push(Block { branch, mark });
        self.switch();
        true
    }

    fn turn_block(&mut self) -> bool {
        let Some(block) = self.blocks.last_mut() else { return false };
        match block.branch {
            Branch::True => {
                block.mark = self.lexer.mark();
                block.branch = Branch::Ignored;
                self.switch();
                self.arguments();
            }
            Branch::False => {
                self.lexer.rewind(block.mark);
                block.branch = Branch::True;
                self.switch();
                let branch = if self.condition() { Branch::True } else { Branch::False };
                self.blocks.last_mut().expect("just seen").branch = branch;
            }
            Branch::Ignored => {
                self.lexer.rewind(block.mark);
                self.arguments();
            }
            Branch::ElseTrue | Branch::ElseFalse => return false,
        }
        self.switch();
        true
    }

    fn else_block(&mut self) -> bool {
        let Some(block) = self.blocks.last_mut() else { return false };
        block.branch = match block.branch {
            Branch::True => {
                block.mark = self.lexer.mark();
                Branch::ElseFalse
            }
            Branch::False => {
                self.lexer.rewind(block.mark);
                Branch::ElseTrue
            }
            Branch::Ignored => {
                self.lexer.rewind(block.mark);
                Branch::ElseFalse
            }
            Branch::ElseTrue | Branch::ElseFalse => return false,
        };
        self.switch();
        true
    }

    fn end_block(&mut self) -> bool {
        let Some(block) = self.blocks.pop() else { return false };
        if !matches!(block.branch, Branch::True | Branch::ElseTrue) {
            self.lexer.rewind(block.mark);
        }
        self.switch();
        true
    }
}
