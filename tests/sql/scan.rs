//! The scanner over a whole script, as fast as it goes.

use dbctl::sql::lexer::{Lexer, Mode, NoVariables, Statement, Stop};
use dbctl::sql::reader::Lines;

/// Reads a script to its end; meta-commands as psql reads those that it knows.
pub fn scan(script: &[u8], mut lexer: Lexer, mut found: impl FnMut(Statement)) {
    let mut lines = Lines::new(script);
    while let Some(line) = lines.next_line().expect("memory can be read") {
        lexer.feed(line.bytes, line.place);
        loop {
            match lexer.scan(&NoVariables) {
                Stop::LineEnd => break,
                Stop::Statement => {
                    found(lexer.statement());
                    lexer.clear();
                }
                Stop::MetaCommand => read_command(&mut lexer),
            }
        }
    }
    if lexer.finish().pending {
        found(lexer.statement());
    }
}

fn read_command(lexer: &mut Lexer) {
    lexer.command_name();
    while let Ok(Some(_)) = lexer.argument(Mode::Normal, false, &NoVariables) {}
    lexer.end_command();
}

/// How many statements there are.
pub fn statements(script: &[u8]) -> u64 {
    let mut count = 0;
    scan(script, Lexer::new(), |_| count += 1);
    count
}
