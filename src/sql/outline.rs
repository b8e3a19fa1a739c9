//! A script cut into its statements, each with its way back to the file: for those who look into them.

use std::io::{self, Read};

use crate::sql::lexer::{Statement, StatementText};
use crate::sql::survey::{self, Listener, Survey};
use crate::text::Position;

/// What a script holds, statement by statement. Branches of `\if` that are never taken are left out.
pub struct Outline {
    pub survey: Survey,
    pub statements: Vec<StatementText>,
}

/// Reads a script to its end (or its `\q`).
///
/// # Errors
/// Those of reading.
pub fn outline(input: impl Read) -> io::Result<Outline> {
    let (survey, statements) = survey::listened(input, Statements::default())?;
    Ok(Outline { survey, statements: statements.0 })
}

#[derive(Default)]
struct Statements(Vec<StatementText>);

impl Listener for Statements {
    fn statement(&mut self, statement: &Statement, _standard_strings: bool) {
        self.0.push(statement.to_text());
    }

    fn command(&mut self, _name: &str, _position: Position) {}

    fn argument(&mut self, _value: &[u8]) {}

    fn data(&mut self, _block: &[u8]) {}
}

#[cfg(test)]
mod tests {
    use super::outline;

    #[test]
    fn statements_stand_apart_from_commands_and_data() {
        let script = "\\set x 1\ncopy t from stdin;\n1;2\n\\.\n-- a;\nselect ';' \\gset\ncreate table t ();";
        let outline = outline(script.as_bytes()).expect("memory can be read");
        let texts: Vec<_> =
            outline.statements.iter().map(|one| String::from_utf8_lossy(&one.text).into_owned()).collect();
        assert_eq!(texts, ["copy t from stdin;", "select ';' ", "create table t ();"]);
        assert_eq!(outline.statements[2].position(0).line, 7);
        assert_eq!(outline.survey.commands.len(), 2);
    }
}
