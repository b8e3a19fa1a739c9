//! Where the routines that a script defines have their bodies, so that an error in one that runs later has a place.

use std::fmt;
use std::rc::Rc;

use super::body::{Body, number_after};
use super::caution::verb;
use super::message::ServerMessage;
use crate::sql::lexer::{StatementText, Tokens};

/// The line of the script's files at which a routine was when an error left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutinePlace {
    /// The routine's name as it was written.
    pub name: String,
    pub file: String,
    pub line: u64,
}

impl fmt::Display for RoutinePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in `{}`, at line {} of `{}`", self.name, self.line, self.file)
    }
}

/// A routine and the line on which its body begins.
struct Routine {
    name: String,
    file: Rc<str>,
    line: u64,
}

/// So many are kept, with names of so many bytes, that a script full of them takes no more memory than another.
const MOST: usize = 4_000;
const LONGEST_NAME: usize = 300;

/// Those that the script has defined so far; of too many, none.
#[derive(Default)]
pub(super) struct Routines {
    kept: Vec<Routine>,
    are_too_many: bool,
}

impl Routines {
    /// Whether the statement may define one.
    pub fn concern(text: &[u8]) -> bool {
        verb(text).eq_ignore_ascii_case(b"create")
    }

    /// Keeps what a statement that [concerns](Self::concern) routines defines, if that is one.
    pub fn note(&mut self, statement: &StatementText, file: Rc<str>, standard_strings: bool) {
        if self.are_too_many {
            return;
        }
        let text = &statement.text;
        let Some(name) = routine_name(text, standard_strings) else { return };
        let Some(body) = Body::of(text, standard_strings) else { return };
        let line = statement.position(body.start()).line;
        // One that is missing might be the one that an error means.
        if self.kept.len() == MOST || name.len() > LONGEST_NAME {
            *self = Self { kept: Vec::new(), are_too_many: true };
            return;
        }
        self.kept.push(Routine { name, file, line });
    }

    /// Where the innermost routine of the error's context was. Of several with the same name none is chosen.
    pub fn place(&self, message: &ServerMessage) -> Option<RoutinePlace> {
        let context = message.context()?;
        let frame = context.lines().find(|line| line.contains("PL/pgSQL"))?;
        let called = frame.split_once("function ")?.1.split_once('(')?.0;
        let line = number_after(frame, ") line ")?;
        let mut found = self.kept.iter().filter(|routine| last_part(&routine.name) == last_part(called));
        let routine = found
            .next()
            .filter(|first| found.all(|other| other.line == first.line && other.file == first.file))?;
        let line = routine.line + u64::try_from(line.saturating_sub(1)).ok()?;
        Some(RoutinePlace { name: routine.name.clone(), file: routine.file.to_string(), line })
    }
}

/// `name` of `CREATE [OR REPLACE] FUNCTION name`.
fn routine_name(text: &[u8], standard_strings: bool) -> Option<String> {
    let mut tokens =
        Tokens::new(text, standard_strings).skip(1).skip_while(|token| token.is("or") || token.is("replace"));
    tokens.next().filter(|token| token.is("function") || token.is("procedure"))?;
    let parts = tokens.take_while(|token| token.is_name() || token.bytes == b".");
    let name: Vec<u8> = parts.flat_map(|token| token.bytes.to_vec()).collect();
    String::from_utf8(name).ok().filter(|name| !name.is_empty())
}

/// The name without its schema, as the server writes it: in lower case unless it was quoted.
fn last_part(name: &str) -> String {
    let last = match name.strip_suffix('"') {
        Some(rest) => rest.rfind('"').map_or(rest, |quote| &rest[quote + 1..]),
        None => return name.rsplit('.').next().unwrap_or(name).to_lowercase(),
    };
    last.to_owned()
}
