//! The data of a COPY, from this side.

use std::io;

use bytes::BufMut;
use postgres_protocol::message::frontend;

use super::Conversation;
use crate::session::error::Lost;
use crate::sql::lexer::Place;

impl Conversation<'_> {
    /// Takes in the notices that have arrived before the data: psql shows them with the line that it has read.
    pub fn listen_briefly(&mut self) -> Result<(), Lost> {
        self.exchange()
    }

    /// Notes which line psql would have read once the data of the statement in front is over.
    pub fn data_ended(&mut self, line: u64) {
        if let Some(sent) = self.window.front_mut() {
            sent.line = line;
        }
    }

    /// Notes that the statement in front now reads its data, which begins here.
    pub fn data_begins(&mut self, at: Place) {
        if let Some(sent) = self.window.front_mut() {
            sent.data = Some(at);
        }
    }

    /// Sends a block of COPY data; false once no more is wanted. psql notices an error only when it has read all
    /// of the data; so, unless the script ends with it, they are read on, but sent no further.
    pub fn copy(&mut self, data: &[u8]) -> Result<bool, Lost> {
        if self.late.is_some() {
            return Ok(!self.is_over() && !self.ends_early);
        }
        // The protocol's messages hold less than 1 GiB; so do the reader's blocks.
        let Ok(length) = u32::try_from(data.len() + 4) else {
            return Err(self.session.lost(io::Error::other("a block of COPY data is too large")));
        };
        let out = self.session.wire.outgoing();
        out.put_u8(b'd');
        out.put_u32(length);
        out.put_slice(data);
        while !self.is_over() && self.has_much_to_send() {
            self.exchange()?;
            if self.has_much_to_send() {
                self.wait_for_room()?;
            }
        }
        Ok(!self.is_over())
    }

    /// Ends the data. After an error the server no longer expects that.
    pub fn end_copy(&mut self) -> Result<(), Lost> {
        if self.interrupted {
            return self.refuse_data("canceled by user");
        }
        if !self.stops_feeding() && self.stopped.is_none() {
            frontend::copy_done(self.session.wire.outgoing());
        }
        Ok(())
    }

    /// Tells the server that the data it waits for will not come.
    pub fn refuse_data(&mut self, reason: &str) -> Result<(), Lost> {
        if self.stops_feeding() {
            return Ok(());
        }
        self.session.refuse_copy(reason)
    }

    /// The data are over; whether the statement had failed before.
    fn stops_feeding(&mut self) -> bool {
        self.feeding = false;
        let late = self.late.take();
        late.map(|message| self.failed(message)).is_some()
    }
}
