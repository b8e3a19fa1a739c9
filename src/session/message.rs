//! What the server says about an error or a notice, kept as the bytes it sent.

use std::borrow::Cow;
use std::fmt;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;

/// An `ErrorResponse` or `NoticeResponse`, field by field (manual, chapter "Error and Notice Message Fields").
///
/// The bytes are in the connection's `client_encoding`; the text methods replace what is not UTF-8.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ServerMessage {
    fields: Vec<(u8, Box<[u8]>)>,
}

impl ServerMessage {
    pub(super) fn read(mut fields: ErrorFields<'_>) -> std::io::Result<Self> {
        let mut message = Self::default();
        while let Some(field) = fields.next()? {
            message.fields.push((field.type_(), field.value_bytes().into()));
        }
        Ok(message)
    }

    /// The bytes of a field, by the letter that the protocol gives it.
    pub fn field(&self, letter: u8) -> Option<&[u8]> {
        self.fields.iter().find(|(kind, _)| *kind == letter).map(|(_, value)| &**value)
    }

    fn text(&self, letter: u8) -> Option<Cow<'_, str>> {
        self.field(letter).map(String::from_utf8_lossy)
    }

    fn number(&self, letter: u8) -> Option<usize> {
        self.text(letter)?.parse().ok()
    }

    /// The five letters that name the condition; empty when the server sent none.
    pub fn sqlstate(&self) -> &str {
        self.field(b'C').and_then(|code| std::str::from_utf8(code).ok()).unwrap_or("")
    }

    /// In the server's language.
    pub fn severity(&self) -> Cow<'_, str> {
        self.text(b'S').unwrap_or_default()
    }

    /// Whether the server closes the connection after this message.
    pub fn is_fatal(&self) -> bool {
        let severity = self.field(b'V').or_else(|| self.field(b'S'));
        matches!(severity, Some(b"FATAL" | b"PANIC"))
    }

    pub fn message(&self) -> Cow<'_, str> {
        self.text(b'M').unwrap_or_default()
    }

    pub fn detail(&self) -> Option<Cow<'_, str>> {
        self.text(b'D')
    }

    pub fn hint(&self) -> Option<Cow<'_, str>> {
        self.text(b'H')
    }

    pub fn context(&self) -> Option<Cow<'_, str>> {
        self.text(b'W')
    }

    /// 1-based, in characters of the statement that was sent.
    pub fn position(&self) -> Option<usize> {
        self.number(b'P')
    }

    /// 1-based, in characters of [`ServerMessage::internal_query`].
    pub fn internal_position(&self) -> Option<usize> {
        self.number(b'p')
    }

    /// The statement that the server itself made, in a function mostly.
    pub fn internal_query(&self) -> Option<Cow<'_, str>> {
        self.text(b'q')
    }

    pub fn schema(&self) -> Option<Cow<'_, str>> {
        self.text(b's')
    }

    pub fn table(&self) -> Option<Cow<'_, str>> {
        self.text(b't')
    }

    pub fn column(&self) -> Option<Cow<'_, str>> {
        self.text(b'c')
    }

    pub fn data_type(&self) -> Option<Cow<'_, str>> {
        self.text(b'd')
    }

    pub fn constraint(&self) -> Option<Cow<'_, str>> {
        self.text(b'n')
    }
}

impl fmt::Display for ServerMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.message(), self.sqlstate())
    }
}

impl fmt::Debug for ServerMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        formatter
            .debug_map()
            .entries(self.fields.iter().map(|(kind, value)| (char::from(*kind), text(value))))
            .finish()
    }
}
