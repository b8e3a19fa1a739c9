//! The messages that carry one statement to the server.

use std::io;

use bytes::{BufMut, BytesMut};

use super::write_query;

/// How a statement is sent; each way is answered by one `ReadyForQuery`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum How {
    /// As a simple query.
    #[default]
    Simple,
    /// With the values of its parameters (`\bind`).
    Bound(Vec<Vec<u8>>),
    /// Prepared under no name.
    Parse,
    /// What was prepared is described.
    Describe,
}

pub(super) fn write(how: &How, statement: &[u8], out: &mut BytesMut) -> io::Result<()> {
    match how {
        How::Simple => return write_query(statement, out),
        How::Parse => parse(statement, out)?,
        How::Describe => message(b'D', b"S\0", out)?,
        How::Bound(values) => {
            parse(statement, out)?;
            message(b'B', &bind(values)?, out)?;
            message(b'D', b"P\0", out)?;
            message(b'E', b"\0\0\0\0\0", out)?;
        }
    }
    message(b'S', b"", out)
}

fn parse(statement: &[u8], out: &mut BytesMut) -> io::Result<()> {
    message(b'P', &[b"\0", statement, b"\0\0\0"].concat(), out)
}

/// Everything as text: values and results.
fn bind(values: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    let mut body = vec![0, 0, 0, 0];
    body.put_u16(u16::try_from(values.len()).map_err(io::Error::other)?);
    for value in values {
        body.put_i32(i32::try_from(value.len()).map_err(io::Error::other)?);
        body.extend_from_slice(value);
    }
    body.extend_from_slice(&[0, 1, 0, 0]);
    Ok(body)
}

fn message(kind: u8, body: &[u8], out: &mut BytesMut) -> io::Result<()> {
    out.put_u8(kind);
    out.put_i32(i32::try_from(body.len() + 4).map_err(io::Error::other)?);
    out.put_slice(body);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_statement_is_five_messages() {
        let mut out = BytesMut::new();
        write(&How::Bound(vec![b"ab".to_vec()]), b"select $1", &mut out).expect("it is short");
        let mut kinds = Vec::new();
        let mut rest = &out[..];
        while let [kind, a, b, c, d, ..] = *rest {
            kinds.push(char::from(kind));
            rest = &rest[1 + usize::try_from(u32::from_be_bytes([a, b, c, d])).expect("it is short")..];
        }
        assert_eq!((kinds.as_slice(), rest.len()), (&['P', 'B', 'D', 'E', 'S'][..], 0));
    }
}
