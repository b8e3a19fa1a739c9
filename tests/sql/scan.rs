//! The scanner over a whole script, as fast as it goes.

use dbctl::sql::lexer::{Lexer, NoVariables, Stop};
use dbctl::sql::reader::Lines;

/// How many statements there are.
pub fn statements(script: &[u8]) -> u64 {
    let (mut lines, mut lexer, mut count) = (Lines::new(script), Lexer::new(), 0);
    while let Some(line) = lines.next_line().expect("memory can be read") {
        lexer.feed(line.bytes, line.place);
        loop {
            match lexer.scan(&NoVariables) {
                Stop::LineEnd => break,
                Stop::Statement => {
                    count += 1;
                    lexer.clear();
                }
                Stop::MetaCommand => {
                    lexer.command_name();
                    lexer.end_command();
                }
            }
        }
    }
    count + u64::from(lexer.finish().pending)
}
