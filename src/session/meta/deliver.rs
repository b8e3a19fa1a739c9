//! The commands that send the query buffer: `\g`, `\gx`, `\gset`, `\gexec`, `\gdesc`, `\crosstabview`, `\watch`.

use std::rc::Rc;

use super::watch::Watch;
use super::{MetaError, Trouble};
use crate::session::caution::verb;
use crate::session::conversation::Command;
use crate::session::print::{Expanded, Settings, Table};
use crate::session::request::How;
use crate::session::run::{Mode, Run};
use crate::session::stage::{Held, Hold};
use crate::session::variables::{Echo, is_special};
use crate::session::wire::{Column, TransactionStatus};
use crate::sql::lexer::{self, StatementText};

/// What is done with the result of the query buffer's statement.
pub(super) enum Delivery {
    /// It is printed, in its own way and place where they are given.
    Print {
        file: Option<Vec<u8>>,
        settings: Option<Settings>,
    },
    /// Its only row becomes variables.
    Set {
        prefix: Vec<u8>,
    },
    /// Its values are statements.
    Exec,
    /// Its columns are listed, and nothing is run.
    Describe,
    Crosstab(Vec<Vec<u8>>),
    Watch(Watch),
}

impl Run<'_> {
    /// Reads the arguments of a command that sends the query buffer; none for other commands.
    pub(super) fn delivery(&mut self, name: &str) -> Result<Option<Delivery>, Trouble> {
        Ok(Some(match name {
            "g" | "gx" => self.print_delivery(name)?,
            "gset" => Delivery::Set { prefix: self.argument()?.unwrap_or_default() },
            "gexec" => Delivery::Exec,
            "gdesc" => Delivery::Describe,
            "crosstabview" => Delivery::Crosstab(self.crosstab_arguments()?),
            "watch" => Delivery::Watch(self.watch_arguments(name)?),
            _ => return Ok(None),
        }))
    }

    fn crosstab_arguments(&mut self) -> Result<Vec<Vec<u8>>, MetaError> {
        let mut arguments = Vec::new();
        while arguments.len() < 4 {
            let Some(argument) = self.argument_as(lexer::Mode::Normal, true)? else { break };
            arguments.push(argument.value);
        }
        Ok(arguments)
    }

    fn print_delivery(&mut self, name: &str) -> Result<Delivery, Trouble> {
        let mut settings = None;
        let mut file = self.argument_as(lexer::Mode::FileOrPipe, false)?;
        if let Some(first) = file.take_if(|file| file.value.first() == Some(&b'(')) {
            settings = Some(self.own_settings(name, first.value[1..].to_vec())?);
            file = self.argument_as(lexer::Mode::FileOrPipe, false)?;
        }
        if name == "gx" {
            settings.get_or_insert_with(|| self.settings.clone()).expanded = Expanded::On;
        }
        let file = file.map(|file| file.value);
        if file.as_ref().is_some_and(|file| file.starts_with(b"|")) {
            self.permit_shell()?;
        }
        Ok(Delivery::Print { file, settings })
    }

    /// The settings in parentheses, each as `\pset` takes them.
    fn own_settings(&mut self, command: &str, first: Vec<u8>) -> Result<Settings, Trouble> {
        let mut settings = self.settings.clone();
        let mut next = Some(first);
        while let Some(mut option) = next {
            let last = option.pop_if(|byte| *byte == b')').is_some();
            if !option.is_empty() {
                let mut parts = option.splitn(2, |byte| *byte == b'=');
                let name = parts.next().unwrap_or_default();
                settings.set(name, parts.next()).map_err(MetaError::from)?;
            }
            if last {
                return Ok(settings);
            }
            next = self.argument()?;
        }
        Err(MetaError::NoParenthesis { command: command.to_owned() }.into())
    }

    /// Sends the query buffer, or the last statement once more where it is empty.
    pub(super) fn deliver(&mut self, delivery: Delivery, command: &Command) -> Result<(), Trouble> {
        let statement = self.take_buffer();
        match delivery {
            Delivery::Print { file: None, settings: None } => Ok(self.submit(statement)?),
            Delivery::Print { file, settings } => self.print(statement, file, settings),
            Delivery::Set { prefix } => self.fetch_variables(statement, &prefix),
            Delivery::Exec => self.execute_values(statement, command),
            Delivery::Describe => self.describe(statement, command),
            Delivery::Crosstab(arguments) => self.crosstab(statement, &arguments),
            Delivery::Watch(watch) => self.watch(statement, &watch),
        }
    }

    fn take_buffer(&mut self) -> Rc<StatementText> {
        let input = self.input();
        if input.lexer.is_empty() {
            return Rc::clone(&input.previous);
        }
        let statement = Rc::new(input.lexer.statement().to_text());
        input.lexer.reset();
        statement
    }

    fn print(
        &mut self,
        statement: Rc<StatementText>,
        file: Option<Vec<u8>>,
        settings: Option<Settings>,
    ) -> Result<(), Trouble> {
        self.settle()?;
        if let Some(settings) = &settings {
            self.conversation.stage.settings(settings);
        }
        let printed = match file {
            None => self.submit(statement).and_then(|()| self.settle()).map_err(Trouble::from),
            Some(file) => self.print_to(&file, statement),
        };
        self.conversation.stage.redirect_once(None);
        if settings.is_some() {
            self.conversation.stage.settings(&self.settings);
        }
        printed
    }

    /// The file is opened once there is something to print, unless that comes in pieces.
    fn print_to(&mut self, file: &[u8], statement: Rc<StatementText>) -> Result<(), Trouble> {
        let comes_in_pieces =
            verb(&statement.text).eq_ignore_ascii_case(b"copy") || statement.text.contains(&b';');
        if comes_in_pieces {
            let outlet = self.open_outlet(file)?;
            self.conversation.stage.redirect_once(Some(outlet));
            self.submit(statement)?;
            return Ok(self.settle()?);
        }
        let Some(held) = self.result_of(statement)? else { return Ok(()) };
        let outlet = self.open_outlet(file)?;
        self.conversation.stage.redirect_once(Some(outlet));
        self.conversation.stage.show_rows(&held);
        self.written()
    }

    /// Fails if what was shown last could not be written.
    fn written(&mut self) -> Result<(), Trouble> {
        self.conversation.stage.unwritten().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Runs the statement and keeps its last result; none if it has no rows, failed, or is left out.
    pub(super) fn result_of(&mut self, statement: Rc<StatementText>) -> Result<Option<Held>, Trouble> {
        self.settle()?;
        self.conversation.stage.hold = Hold::Take;
        let sent = self.submit(statement).and_then(|()| self.settle());
        let held = self.conversation.stage.take();
        self.restore_hold();
        sent?;
        Ok(held)
    }

    fn fetch_variables(&mut self, statement: Rc<StatementText>, prefix: &[u8]) -> Result<(), Trouble> {
        let reads = ["select", "values", "table", "show", "with"];
        let reads = reads.iter().any(|word| verb(&statement.text).eq_ignore_ascii_case(word.as_bytes()));
        if self.is_left_out(self.number + 1) && !reads {
            return Err(MetaError::NotAgain.into());
        }
        self.needs_result = true;
        let held = self.result_of(statement);
        self.needs_result = false;
        match held? {
            Some(held) => self.set_variables(prefix, &held),
            None => Ok(()),
        }
    }

    fn set_variables(&mut self, prefix: &[u8], held: &Held) -> Result<(), Trouble> {
        let row = match held.rows.as_slice() {
            [row] => row,
            [] => return Err(MetaError::NoRow.into()),
            _ => return Err(MetaError::ManyRows.into()),
        };
        for (column, value) in held.columns.iter().flatten().zip(row.values()) {
            let name = [prefix, &column.name].concat();
            if is_special(&name) {
                let name = String::from_utf8_lossy(&name).into_owned();
                self.complain(&format!(
                    "warning: attempt to \\gset into specially treated variable \"{name}\" ignored"
                ));
            } else {
                self.variables.set(name, value.map(<[u8]>::to_vec)).map_err(MetaError::from)?;
            }
        }
        Ok(())
    }

    fn execute_values(&mut self, statement: Rc<StatementText>, command: &Command) -> Result<(), Trouble> {
        self.withhold_progress = true;
        let outcome = self.execute_each(statement, command);
        self.withhold_progress = false;
        outcome?;
        self.progress_now()
    }

    fn execute_each(&mut self, statement: Rc<StatementText>, command: &Command) -> Result<(), Trouble> {
        let Some(held) = self.result_of(statement)? else { return Ok(()) };
        for value in held.rows.iter().flat_map(crate::session::Row::values).flatten() {
            if self.variables.special.echo == Echo::All {
                self.echo_line(value)?;
            }
            self.submit_generated(value.to_vec(), How::Simple, command)?;
        }
        Ok(self.settle()?)
    }

    /// The row that was withheld while a command's own statements ran.
    fn progress_now(&mut self) -> Result<(), Trouble> {
        let is_due = matches!(self.mode, Mode::Autocommit { .. })
            && self.status() == TransactionStatus::Idle
            && !self.is_left_out(self.number);
        if is_due {
            self.progress(self.number)?;
        }
        Ok(())
    }

    fn describe(&mut self, statement: Rc<StatementText>, command: &Command) -> Result<(), Trouble> {
        self.withhold_progress = true;
        let outcome = self.describe_columns(statement, command);
        (self.withhold_progress, self.unseen) = (false, false);
        outcome?;
        self.progress_now()
    }

    fn describe_columns(&mut self, statement: Rc<StatementText>, command: &Command) -> Result<(), Trouble> {
        self.submit_as(statement, How::Parse)?;
        self.settle()?;
        if self.conversation.failed || self.is_left_out(self.number) {
            return Ok(());
        }
        self.unseen = true;
        self.conversation.stage.hold = Hold::Take;
        let sent = self.submit_generated(Vec::new(), How::Describe, command).and_then(|()| self.settle());
        let held = self.conversation.stage.take();
        self.restore_hold();
        sent?;
        match held.and_then(|held| held.columns).filter(|columns| !columns.is_empty()) {
            Some(columns) => Ok(self.submit_generated(description(&columns), How::Simple, command)?),
            None => self.tell(b"The command has no result, or the result has no columns.\n"),
        }
    }

    fn crosstab(&mut self, statement: Rc<StatementText>, arguments: &[Vec<u8>]) -> Result<(), Trouble> {
        let held = self.result_of(statement)?;
        if self.conversation.failed || self.is_left_out(self.number) {
            return Ok(());
        }
        // Without rows it has been shown as it is.
        let Some(held) = held else { return Ok(()) };
        let mut table = Table::new(held.columns.as_deref().unwrap_or_default(), self.encoding());
        held.rows.iter().for_each(|row| table.push(row));
        let crossed = table.crosstab(arguments, self.settings.null.as_deref());
        self.conversation.stage.table(&crossed.map_err(MetaError::from)?);
        self.written()
    }
}

/// The query in which psql asks for the names of the columns' types.
fn description(columns: &[Column]) -> Vec<u8> {
    let mut query =
        b"SELECT name AS \"Column\", pg_catalog.format_type(tp, tpm) AS \"Type\"\nFROM (VALUES ".to_vec();
    for (index, column) in columns.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        query.extend_from_slice(comma.as_bytes());
        query.push(b'(');
        query.extend(literal(&column.name));
        let kind = format!(", '{}'::pg_catalog.oid, {})", column.type_oid, column.type_modifier);
        query.extend_from_slice(kind.as_bytes());
    }
    query.extend_from_slice(b") s(name, tp, tpm)");
    query
}

/// A literal as libpq quotes it.
pub(super) fn literal(text: &[u8]) -> Vec<u8> {
    let escapes = text.contains(&b'\\');
    let mut quoted = if escapes { b" E'".to_vec() } else { b"'".to_vec() };
    for &byte in text {
        if byte == b'\'' || byte == b'\\' {
            quoted.push(byte);
        }
        quoted.push(byte);
    }
    quoted.push(b'\'');
    quoted
}
