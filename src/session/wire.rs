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
    Key {
        process: i32,
        secret: i32,
    },
    Parameter {
        name: String,
        value: String,
    },
    Columns(Vec<Column>),
    Row(DataRowBody),
    Complete(String),
    Empty,
    Notice(ServerMessage),
    Error(ServerMessage),
    CopyIn {
        binary: bool,
    },
    CopyOut,
    CopyData(Bytes),
    CopyDone,
    /// In the connection's `client_encoding`.
    Notification {
        process: i32,
        channel: Vec<u8>,
        payload: Vec<u8>,
    },
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
        let read = match self.incoming.first() {
            Some(&backend::ROW_DESCRIPTION_TAG) => read_columns,
            Some(&backend::PARAMETER_STATUS_TAG) => read_parameter,
            Some(&backend::COMMAND_COMPLETE_TAG) => read_tag,
            Some(&backend::NOTIFICATION_RESPONSE_TAG) => read_notification,
            _ => return Message::parse(&mut self.incoming)?.map(Reply::from_message).transpose(),
        };
        self.take_text(read)
    }

    // The crate's own reading refuses text that is not UTF-8, which other client encodings have.
    fn take_text(&mut self, read: fn(&mut Bytes) -> Option<Reply>) -> io::Result<Option<Reply>> {
        let Some(header) = Header::parse(&self.incoming)? else { return Ok(None) };
        let length = 1 + usize::try_from(header.len()).map_err(io::Error::other)?;
        if self.incoming.len() < length {
            return Ok(None);
        }
        let mut body = self.incoming.split_to(length).freeze();
        body.advance(5);
        read(&mut body).map(Some).ok_or_else(|| ErrorKind::InvalidData.into())
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

    /// Whether nothing waits to be read, not even the stream's end.
    pub fn is_silent(&self) -> bool {
        self.incoming.is_empty() && self.poll(Some(Duration::ZERO)).is_ok_and(|(socket, _)| socket.is_empty())
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

/// The text before the next zero.
fn read_text(body: &mut Bytes) -> Option<Bytes> {
    let text = body.split_to(memchr::memchr(0, body)?);
    body.advance(1);
    Some(text)
}

/// What dbctl itself reads is ASCII; anything else is for the eye.
fn read_words(body: &mut Bytes) -> Option<String> {
    read_text(body).map(|text| String::from_utf8_lossy(&text).into_owned())
}

fn read_parameter(body: &mut Bytes) -> Option<Reply> {
    Some(Reply::Parameter { name: read_words(body)?, value: read_words(body)? })
}

fn read_tag(body: &mut Bytes) -> Option<Reply> {
    read_words(body).map(Reply::Complete)
}

fn read_notification(body: &mut Bytes) -> Option<Reply> {
    let process = body.try_get_i32().ok()?;
    let (channel, payload) = (read_text(body)?.to_vec(), read_text(body)?.to_vec());
    Some(Reply::Notification { process, channel, payload })
}

fn read_columns(body: &mut Bytes) -> Option<Reply> {
    let count = body.try_get_u16().ok()?;
    (0..count).map(|_| read_column(body)).collect::<Option<_>>().map(Reply::Columns)
}

fn read_column(body: &mut Bytes) -> Option<Column> {
    let name = read_text(body)?.to_vec();
    // The table's oid and the column's number come first.
    if body.remaining() < 18 {
        return None;
    }
    body.advance(6);
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
            Message::DataRow(body) => Self::Row(body),
            Message::EmptyQueryResponse => Self::Empty,
            Message::NoticeResponse(body) => Self::Notice(ServerMessage::read(body.fields())?),
            Message::ErrorResponse(body) => Self::Error(ServerMessage::read(body.fields())?),
            Message::CopyInResponse(body) => Self::CopyIn { binary: body.format() == 1 },
            Message::CopyOutResponse(_) => Self::CopyOut,
            Message::CopyData(body) => Self::CopyData(body.into_bytes()),
            Message::CopyDone => Self::CopyDone,
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
