//! Where results go: to the caller, into the file of `\o` or `\g`, or to a meta-command that waits for them.

use std::io::{self, Write};

use super::message::ServerMessage;
use super::meta::MetaError;
use super::output::{Channel, Locus, Output};
use super::print::message::MessageStyle;
use super::print::{Settings, Table};
use super::printer::Printer;
use super::wire::{Column, Row};

/// Where `\o` and `\g` write; dropping it ends it.
pub(super) type Outlet = Printer<Box<dyn Write>, io::Sink>;

/// What is done with the results of one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hold {
    /// Each is shown as it comes.
    #[default]
    No,
    /// The last one, if it has rows, is for a meta-command.
    Take,
    /// None is shown.
    Hide,
    /// Only the last one is shown (`SHOW_ALL_RESULTS`).
    ShowLast,
}

/// A result that is kept until it is known whether it is the last.
#[derive(Default)]
pub(super) struct Held {
    pub columns: Option<Vec<Column>>,
    pub rows: Vec<Row>,
    tag: Option<String>,
}

pub(super) struct Stage<'a> {
    screen: &'a mut dyn Output,
    /// The file of `\o`.
    elsewhere: Option<Outlet>,
    /// The file of `\g`.
    once: Option<Outlet>,
    /// Whether the rows of the current result go into it: command tags do not.
    has_rows: bool,
    pub hold: Hold,
    held: Option<Held>,
    taken: Option<Held>,
    encoding: String,
    settings: Settings,
    quiet: bool,
    rows_at_once: usize,
    style: MessageStyle,
    /// The data of a COPY go to the caller, whatever `\o` says.
    pub to_screen: bool,
    /// What could not be written of the last results.
    unwritten: Option<MetaError>,
}

impl<'a> Stage<'a> {
    pub fn new(screen: &'a mut dyn Output) -> Self {
        Self {
            screen,
            elsewhere: None,
            once: None,
            has_rows: false,
            hold: Hold::No,
            held: None,
            taken: None,
            encoding: "UTF8".to_owned(),
            settings: Settings::default(),
            quiet: false,
            rows_at_once: 0,
            style: MessageStyle::default(),
            to_screen: false,
            unwritten: None,
        }
    }

    /// The result that [`Hold::Take`] has kept.
    pub fn take(&mut self) -> Option<Held> {
        self.hold = Hold::No;
        self.taken.take()
    }

    /// `\o`: from now on results go there, or to the caller again.
    pub fn redirect(&mut self, outlet: Option<Box<dyn Write>>) {
        self.elsewhere = outlet.map(|writer| self.outlet(writer));
    }

    /// `\g FILE`: the next statement's rows go there.
    pub fn redirect_once(&mut self, outlet: Option<Box<dyn Write>>) {
        self.once = outlet.map(|writer| self.outlet(writer));
    }

    /// What could not be written of the results since this was last asked. Tags and echoes that are lost are no
    /// error to psql.
    pub fn unwritten(&mut self) -> Option<MetaError> {
        self.unwritten.take()
    }

    fn look_for_failure(&mut self, meaning: fn(io::Error) -> MetaError) {
        let failure = if self.to_screen { self.screen.failure() } else { self.target().failure() };
        let is_on_screen =
            self.to_screen || !(self.elsewhere.is_some() || (self.has_rows && self.once.is_some()));
        let failure = failure.map(|error| match error.kind() {
            io::ErrorKind::BrokenPipe if is_on_screen => MetaError::Unread(error),
            _ => meaning(error),
        });
        self.unwritten = self.unwritten.take().or(failure);
    }

    fn outlet(&self, writer: Box<dyn Write>) -> Outlet {
        let mut outlet = Printer::new(writer, io::sink());
        outlet.encoding(&self.encoding);
        outlet.settings(&self.settings);
        outlet.quiet(self.quiet);
        outlet.rows_at_once(self.rows_at_once);
        outlet
    }

    /// The caller and the files.
    fn everyone(&mut self, mut tell: impl FnMut(&mut dyn Output)) {
        tell(self.screen);
        for outlet in self.elsewhere.iter_mut().chain(&mut self.once) {
            tell(outlet);
        }
    }

    /// Where the current result goes.
    fn target(&mut self) -> &mut dyn Output {
        match (&mut self.once, &mut self.elsewhere) {
            (Some(outlet), _) if self.has_rows => outlet,
            (_, Some(outlet)) => outlet,
            _ => self.screen,
        }
    }

    pub fn encoding(&mut self, name: &str) {
        name.clone_into(&mut self.encoding);
        self.everyone(|output| output.encoding(name));
    }

    pub fn settings(&mut self, settings: &Settings) {
        self.settings.clone_from(settings);
        self.everyone(|output| output.settings(settings));
    }

    // What the caller has set stays until the script sets something else.
    pub fn quiet(&mut self, quiet: bool) {
        if std::mem::replace(&mut self.quiet, quiet) == quiet {
            return;
        }
        self.everyone(|output| output.quiet(quiet));
    }

    pub fn rows_at_once(&mut self, rows: usize) {
        if std::mem::replace(&mut self.rows_at_once, rows) == rows {
            return;
        }
        self.everyone(|output| output.rows_at_once(rows));
    }

    pub fn message_style(&mut self, style: MessageStyle) {
        if std::mem::replace(&mut self.style, style) == style {
            return;
        }
        self.screen.message_style(style);
    }

    pub fn table(&mut self, table: &Table) {
        self.has_rows = true;
        self.target().table(table);
        self.look_for_failure(MetaError::ResultTable);
        self.has_rows = false;
    }

    pub fn columns(&mut self, columns: Vec<Column>) {
        if self.hold == Hold::No {
            // A rule may have made one statement into several, which share a command tag.
            if self.has_rows {
                self.target().complete("SELECT");
            }
            self.has_rows = true;
            return self.target().columns(&columns);
        }
        self.release();
        self.held = Some(Held { columns: Some(columns), ..Held::default() });
    }

    pub fn row(&mut self, row: Row) {
        match &mut self.held {
            Some(held) => held.rows.push(row),
            None => self.target().row(&row),
        }
    }

    pub fn complete(&mut self, tag: &str) {
        if self.hold == Hold::No {
            return self.complete_now(tag);
        }
        if let Some(Held { tag: open @ None, .. }) = &mut self.held {
            *open = Some(tag.to_owned());
            return;
        }
        self.release();
        self.held = Some(Held { tag: Some(tag.to_owned()), ..Held::default() });
    }

    // The rows may go into a file, but the tag of a statement with RETURNING does not follow them there.
    fn complete_now(&mut self, tag: &str) {
        let in_file = self.has_rows && self.once.is_some();
        self.target().complete(if in_file { "SELECT" } else { tag });
        if self.has_rows {
            self.look_for_failure(MetaError::ResultTable);
        }
        self.has_rows = false;
        if in_file && is_change(tag) {
            self.target().complete(tag);
        }
    }

    /// Another result follows the one that is held.
    fn release(&mut self) {
        if let (Some(held), Hold::Take) = (self.held.take(), self.hold) {
            self.show(held);
        }
    }

    /// Shows the rows of a result that was taken.
    pub fn show_rows(&mut self, held: &Held) {
        self.has_rows = true;
        let target = self.target();
        target.columns(held.columns.as_deref().unwrap_or_default());
        held.rows.iter().for_each(|row| target.row(row));
        target.complete("SELECT");
        self.look_for_failure(MetaError::ResultTable);
        self.has_rows = false;
    }

    fn show(&mut self, held: Held) {
        if let Some(columns) = &held.columns {
            self.has_rows = true;
            let target = self.target();
            target.columns(columns);
            held.rows.iter().for_each(|row| target.row(row));
        }
        self.complete_now(&held.tag.unwrap_or_default());
    }

    /// The message is answered: what is held is its last result, unless it failed.
    pub fn answered(&mut self, succeeded: bool) {
        match self.held.take() {
            Some(_) if self.hold == Hold::Hide => {}
            Some(held) if succeeded && self.hold == Hold::Take && held.columns.is_some() => {
                let tag = held.tag.clone().unwrap_or_default();
                self.taken = Some(held);
                if is_change(&tag) {
                    self.complete_now(&tag);
                }
            }
            // Of a failed message, the last result is the error.
            Some(held) if succeeded || (self.hold == Hold::Take && held.tag.is_some()) => self.show(held),
            _ => {}
        }
        if !succeeded {
            self.target().discard();
            self.has_rows = false;
        }
    }

    pub fn copy_out(&mut self, data: &[u8]) {
        self.has_rows = true;
        if self.to_screen { self.screen.copy_out(data) } else { self.target().copy_out(data) }
    }

    pub fn copied_out(&mut self, tag: &str) {
        self.look_for_failure(MetaError::CopyData);
        self.has_rows = false;
        // psql leaves out the tag where the data went.
        if let (true, Some(outlet)) = (self.to_screen, &mut self.elsewhere) {
            return outlet.complete(tag);
        }
        // Where the data went into a file, the tag is shown in its usual place.
        if self.once.is_some() { self.target().complete(tag) } else { self.target().copied_out(tag) }
    }

    pub fn notice(&mut self, notice: &ServerMessage, statement: &[u8], locus: &Locus) {
        self.screen.notice(notice, statement, locus);
    }

    pub fn error(&mut self, error: &ServerMessage, statement: &[u8], locus: &Locus) {
        self.screen.error(error, statement, locus);
    }

    pub fn fault(&mut self, text: &[u8], locus: &Locus) {
        self.screen.fault(text, locus);
    }

    pub fn notification(&mut self, channel: &[u8], payload: &[u8], process: i32) {
        self.has_rows = false;
        self.target().notification(channel, payload, process);
    }

    pub fn echo(&mut self, channel: Channel, text: &[u8]) {
        self.screen.echo(channel, text);
    }

    /// Text among the results: `\qecho` and what meta-commands report.
    pub fn tell(&mut self, text: &[u8]) {
        self.has_rows = false;
        self.target().echo(Channel::Out, text);
    }
}

/// Whether psql shows the tag also after the rows of RETURNING.
fn is_change(tag: &str) -> bool {
    ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|verb| tag.starts_with(verb))
}
