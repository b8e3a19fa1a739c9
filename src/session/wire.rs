//! The protocol's messages over a non-blocking stream: what is sent is queued, what arrives is read whenever
//! something is sent, so that neither side ever waits for the other's full buffer.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{self, DataRowBody, Header, Message};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::message::ServerMessage;
use super::stream::Stream;
use crate::interrupt;

const READ_SIZE: usize = 64 * 1024;

/// A column of a result, as `RowDescription` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// In the connection's `client_encoding`.
    pub name: Vec<u8>,
    pub type_oid: u32,
    pub type_modifier: i32,
}

/// Where a session stands between two statements (the letter of `ReadyForQuery`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    Idle,
    InTransaction,
    Failed,
}

/// One message of the server.
pub(super) enum Reply {
    Authentication(Message),
    Key { process: i32, secret: i32 },
    Parameter { name: String, value: String },
    Columns(Vec<Column>),
    Row(DataRowBody),
    Complete(String),
    Empty,
    Notice(ServerMessage),
    Error(ServerMessage),
    CopyIn { binary: bool },
    CopyOut,
    CopyData(Bytes),
    CopyDone,
    Notification { process: i32, channel: String, payload: String },
    Ready(TransactionStatus),
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    Traffic,
    Interrupt,
    Timeout,
}

pub(super) struct Wire {
    stream: Stream,
    outgoing: BytesMut,
    incoming: BytesMut,
    /// Where the system writes what arrives.
    landing: Box<[u8]>,
    /// Whether a wait ends when the user asks to stop.
    pub interruptible: bool,
}

impl Wire {
    pub fn new(stream: Stream) -> io::Result<Self> {
        stream.stop_blocking()?;
        Ok(Self {
            stream,
            outgoing: BytesMut::new(),
            incoming: BytesMut::new(),
            landing: vec![0; READ_SIZE].into(),
            interruptible: false,
        })
    }

    /// Where messages to the server are appended; they leave with [`Wire::wait`] or [`Wire::pump`].
    pub fn outgoing(&mut self) -> &mut BytesMut {
        &mut self.outgoing
    }

    /// The next message that has arrived whole, without waiting.
    pub fn take(&mut self) -> io::Result<Option<Reply>> {
        if self.incoming.first() == Some(&backend::ROW_DESCRIPTION_TAG) {
            return self.take_columns();
        }
        Message::parse(&mut self.incoming)?.map(Reply::from_message).transpose()
    }

    // The crate's own reading refuses names that are not UTF-8, which other client encodings have.
    fn take_columns(&mut self) -> io::Result<Option<Reply>> {
        let Some(header) = Header::parse(&self.incoming)? else { return Ok(None) };
        let length = 1 + usize::try_from(header.len()).map_err(io::Error::other)?;
        if self.incoming.len() < length {
            return Ok(None);
        }
        let mut body = self.incoming.split_to(length).freeze();
        body.advance(5);
        read_columns(&mut body).map(Reply::Columns).map(Some).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    /// Sends and receives what is possible now.
    pub fn pump(&mut self) -> io::Result<()> {
        self.wait(Some(Duration::ZERO)).map(drop)
    }

    /// Sends what is possible now; then waits until something was received, the user asks to stop, or the time is
    /// over. Where not everything could be sent, it also ends once more can be.
    pub fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Wake> {
        let sent = self.send();
        let wake = self.attend(if sent.is_ok() { timeout } else { Some(Duration::ZERO) });
        // What the server said before it closed the connection is worth more than the error of a write.
        if self.incoming.is_empty() {
            sent?;
        }
        wake
    }

    /// Waits, with much to send, until some of it can be sent or something was received.
    pub fn wait_for_room(&mut self) -> io::Result<Wake> {
        self.attend(None)
    }

    fn attend(&mut self, timeout: Option<Duration>) -> io::Result<Wake> {
        let (socket, interrupted) = self.poll(timeout)?;
        if interrupted {
            return Ok(Wake::Interrupt);
        }
        if socket.intersects(!PollFlags::OUT) {
            self.receive()?;
        }
        Ok(if socket.is_empty() { Wake::Timeout } else { Wake::Traffic })
    }

    fn poll(&self, timeout: Option<Duration>) -> io::Result<(PollFlags, bool)> {
        let wanted = if self.outgoing.is_empty() { PollFlags::IN } else { PollFlags::IN | PollFlags::OUT };
        let mut descriptors = vec![PollFd::new(&self.stream, wanted)];
        let interrupt = interrupt::descriptor().filter(|_| self.interruptible);
        if let Some(interrupt) = &interrupt {
            descriptors.push(PollFd::new(interrupt, PollFlags::IN));
        }
        let timeout = timeout.map(|time| Timespec::try_from(time).map_err(io::Error::other)).transpose()?;
        match poll(&mut descriptors, timeout.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok((PollFlags::empty(), false)),
            Err(error) => return Err(error.into()),
        }
        let interrupted = descriptors.get(1).is_some_and(|fd| !fd.revents().is_empty());
        Ok((descriptors[0].revents(), interrupted))
    }

    fn send(&mut self) -> io::Result<()> {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.outgoing.advance(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn receive(&mut self) -> io::Result<()> {
        match self.stream.read(&mut self.landing) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.incoming.extend_from_slice(&self.landing[..count]);
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn read_columns(body: &mut Bytes) -> Option<Vec<Column>> {
    let count = body.try_get_u16().ok()?;
    (0..count).map(|_| read_column(body)).collect()
}

fn read_column(body: &mut Bytes) -> Option<Column> {
    let end = memchr::memchr(0, body)?;
    let name = body.split_to(end).to_vec();
    // The terminating zero, the table's oid and the column's number.
    if body.remaining() < 19 {
        return None;
    }
    body.advance(7);
    let type_oid = body.get_u32();
    body.advance(2);
    let type_modifier = body.get_i32();
    body.advance(2);
    Some(Column { name, type_oid, type_modifier })
}

impl Reply {
    fn from_message(message: Message) -> io::Result<Self> {
        Ok(match message {
            Message::BackendKeyData(body) => {
                Self::Key { process: body.process_id(), secret: body.secret_key() }
            }
            Message::ParameterStatus(body) => {
                Self::Parameter { name: body.name()?.to_owned(), value: body.value()?.to_owned() }
            }
            Message::DataRow(body) => Self::Row(body),
            Message::CommandComplete(body) => Self::Complete(body.tag()?.to_owned()),
            Message::EmptyQueryResponse => Self::Empty,
            Message::NoticeResponse(body) => Self::Notice(ServerMessage::read(body.fields())?),
            Message::ErrorResponse(body) => Self::Error(ServerMessage::read(body.fields())?),
            Message::CopyInResponse(body) => Self::CopyIn { binary: body.format() == 1 },
            Message::CopyOutResponse(_) => Self::CopyOut,
            Message::CopyData(body) => Self::CopyData(body.into_bytes()),
            Message::CopyDone => Self::CopyDone,
            Message::NotificationResponse(body) => Self::Notification {
                process: body.process_id(),
                channel: body.channel()?.to_owned(),
                payload: body.message()?.to_owned(),
            },
            Message::ReadyForQuery(body) => Self::Ready(TransactionStatus::from_letter(body.status())?),
            other => Self::Authentication(other),
        })
    }
}

impl TransactionStatus {
    fn from_letter(letter: u8) -> io::Result<Self> {
        match letter {
            b'I' => Ok(Self::Idle),
            b'T' => Ok(Self::InTransaction),
            b'E' => Ok(Self::Failed),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }
}

/// The values of a row: `None` is NULL.
#[derive(Clone, Debug)]
pub struct Row(DataRowBody);

impl Row {
    pub(super) fn new(body: DataRowBody) -> Self {
        Self(body)
    }

    /// The values in the columns' order, in the connection's `client_encoding`.
    pub fn values(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let buffer = self.0.buffer();
        self.0.ranges().iterator().map_while(Result::ok).map(move |range| range.map(|range| &buffer[range]))
    }
}
