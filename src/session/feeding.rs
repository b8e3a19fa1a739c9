//! Waits for answers, and feeds the COPYs among what was sent.

use std::io::Read;

use super::conversation::{Sent, Stopped, Turn};
use super::failure::FailureKind;
use super::run::{Mode, Outcome, Run};
use crate::sql::reader::Lines;

impl Run<'_> {
    /// Waits until everything sent is answered, feeding the COPYs in it; fails as the first of them failed.
    pub fn settle(&mut self) -> Outcome<()> {
        while let Turn::CopyIn { binary } = self.conversation.drain().map_err(|lost| self.lost(lost))? {
            self.copy_in(binary)?;
        }
        self.over()?;
        if std::mem::take(&mut self.conversation.has_news) {
            self.note_result();
        }
        Ok(())
    }

    fn note_result(&mut self) {
        // psql forgets to note an error of COPY's data.
        if self.conversation.failed && self.conversation.failed_in_copy {
            return;
        }
        match &self.conversation.last_error {
            Some((error, _)) if self.conversation.failed => self.variables.failed(error),
            _ => self.variables.succeeded(&self.conversation.last_tag),
        }
    }

    fn copy_in(&mut self, binary: bool) -> Outcome<()> {
        let is_script = self.conversation.current().is_some_and(Sent::is_script);
        if is_script {
            return self.feed_copy(binary);
        }
        let refused = self.conversation.refuse_data("no data belongs to this statement");
        refused.map_err(|lost| self.lost(lost))
    }

    fn feed_copy(&mut self, binary: bool) -> Outcome<()> {
        // Triggers before the first row have had their say by now.
        self.conversation.listen_briefly().map_err(|lost| self.lost(lost))?;
        let mut outside = self.data.take();
        if outside.is_none() {
            let begin = self.input().lines.place();
            self.conversation.data_begins(begin);
        }
        while self.feed_block(outside.as_mut(), binary)? {}
        let marker = outside.as_mut().unwrap_or(&mut self.input().lines).take_marker();
        if self.sends_marker() {
            self.conversation.copy(marker).map_err(|lost| self.lost(lost))?;
        }
        if !binary {
            let line = self.input().line();
            self.conversation.data_ended(line);
        }
        self.data = outside;
        self.conversation.end_copy().map_err(|lost| self.lost(lost))
    }

    /// Sends the next block of data; whether more is wanted.
    fn feed_block(&mut self, outside: Option<&mut Lines<Box<dyn Read>>>, binary: bool) -> Outcome<bool> {
        let input = self.inputs.last_mut().expect("a file is being read");
        let lines = outside.unwrap_or(&mut input.lines);
        match lines.data(binary) {
            Ok(None) => Ok(false),
            Ok(Some(data)) => {
                if self.mode != Mode::Transaction {
                    self.bookkeeping.data(data);
                }
                self.conversation.copy(data).map_err(|lost| self.lost(lost))
            }
            Err(error) => {
                let name = input.name.to_string();
                let _ = self.conversation.refuse_data("aborted because of read failure");
                Err(self.unreadable(name, error))
            }
        }
    }

    /// psql has sent the line that ends the data along with them, until its version 18; the server heeds neither
    /// it nor what follows, but counts it in its messages.
    fn sends_marker(&self) -> bool {
        self.conversation.session.version() < 180_000
    }

    /// Reads over the data of a COPY that is left out; binary data reach to the end of the file.
    pub fn skip_data(&mut self, binary: bool) -> Outcome<()> {
        if self.data.is_some() {
            return Ok(());
        }
        loop {
            let input = self.inputs.last_mut().expect("a file is being read");
            match input.lines.data(binary) {
                Ok(Some(data)) => self.bookkeeping.data(data),
                Ok(None) => return Ok(()),
                Err(error) => {
                    let name = input.name.to_string();
                    return Err(self.unreadable(name, error));
                }
            }
        }
    }

    /// Fails if the conversation is over, after the answers to everything that was sent.
    pub fn over(&mut self) -> Outcome<()> {
        if !self.conversation.is_over() {
            return Ok(());
        }
        while let Turn::CopyIn { .. } = self.conversation.drain().map_err(|lost| self.lost(lost))? {
            self.conversation.refuse_data("canceled by user").map_err(|lost| self.lost(lost))?;
        }
        Err(match self.conversation.stopped.take() {
            None => self.failure(FailureKind::Interrupted, None),
            Some(Stopped::TransactionOver { sent }) => {
                self.failure(FailureKind::TransactionLost, Some(&sent))
            }
            Some(Stopped::Unwritten { sent, error }) => self.failure(FailureKind::Meta(error), Some(&sent)),
            Some(Stopped::Error { sent, message }) => self.server_failure(&sent, message),
        })
    }
}
