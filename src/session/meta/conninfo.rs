//! Connection strings as libpq reads them: `dbname=x user=y`, or `postgres://user@/x`.

use thiserror::Error;

/// What libpq would say of a connection string.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ConninfoError {
    #[error("missing \"=\" after \"{0}\" in connection info string")]
    NoEqualSign(String),
    #[error("unterminated quoted string in connection info string")]
    Unterminated,
    #[error("invalid connection option \"{0}\"")]
    Unknown(String),
    #[error("invalid percent-encoded token: \"{0}\"")]
    Percent(String),
    #[error("Do not give user, host, or port separately when using a connection string")]
    TooMuch,
    #[error("`\\connect` cannot obey \"{0}\" here: the connection stays as it was chosen for the script")]
    Fixed(String),
}

type Result<T> = std::result::Result<T, ConninfoError>;

/// Settings in their order; of one that is given twice the last holds.
pub(super) type Settings = Vec<(String, String)>;

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// Whether psql takes the first argument of `\connect` for a connection string.
pub(super) fn is_conninfo(text: &str) -> bool {
    text.contains('=') || SCHEMES.iter().any(|scheme| text.starts_with(scheme))
}

pub(super) fn parse(text: &str) -> Result<Settings> {
    match SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)) {
        Some(rest) => url(rest),
        None => pairs(text),
    }
}

/// `name = value …`; a value may stand in single quotes, and a backslash keeps the next character.
fn pairs(text: &str) -> Result<Settings> {
    let (mut found, mut rest) = (Settings::new(), text.trim_start());
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        let after = rest[end..].trim_start().strip_prefix('=');
        let after = after.ok_or_else(|| ConninfoError::NoEqualSign(name.clone()))?.trim_start();
        let (value, left) = value(after)?;
        found.push((name, value));
        rest = left.trim_start();
    }
    Ok(found)
}

fn value(text: &str) -> Result<(String, &str)> {
    let quoted = text.strip_prefix('\'');
    let body = quoted.unwrap_or(text);
    let (mut value, mut characters) = (String::new(), body.char_indices());
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, kept)| kept)),
            '\'' if quoted.is_some() => return Ok((value, &body[at + 1..])),
            _ if quoted.is_none() && character.is_ascii_whitespace() => return Ok((value, &body[at..])),
            _ => value.push(character),
        }
    }
    if quoted.is_some() { Err(ConninfoError::Unterminated) } else { Ok((value, "")) }
}

/// What follows the scheme of a URL: `user:password@host:port/dbname?name=value&…`.
fn url(text: &str) -> Result<Settings> {
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    let (authority, database) = text.split_once('/').unwrap_or((text, ""));
    let (login, server) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (server, ""),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let parts =
        [("user", user), ("password", password), ("host", host), ("port", port), ("dbname", database)];
    let query = query.split('&').filter(|pair| !pair.is_empty());
    let query =
        query.map(|pair| pair.split_once('=').ok_or_else(|| ConninfoError::NoEqualSign(pair.to_owned())));
    let mut found = Settings::new();
    for part in parts.into_iter().filter(|(_, value)| !value.is_empty()).map(Ok).chain(query) {
        let (name, value) = part?;
        found.push((decoded(name)?, decoded(value)?));
    }
    Ok(found)
}

fn decoded(text: &str) -> Result<String> {
    let wrong = || ConninfoError::Percent(text.to_owned());
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(wrong)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match parse(text) {
            Ok(found) => {
                found.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn pairs_are_read_with_quotes_blanks_and_backslashes() {
        assert_eq!(said("dbname=x user = y"), "dbname=x;user=y");
        assert_eq!(said(" dbname = 'it\\'s x' user=a\\ b "), "dbname=it's x;user=a b");
        assert_eq!(said("dbname= user=y"), "dbname=user=y");
        assert_eq!(said("dbname='x"), "unterminated quoted string in connection info string");
        assert_eq!(said("user dbname=x"), "missing \"=\" after \"user\" in connection info string");
    }

    #[test]
    fn urls_are_taken_apart_and_decoded() {
        assert_eq!(said("postgres://"), "");
        assert_eq!(said("postgresql://a%20b:c@/x"), "user=a b;password=c;dbname=x");
        assert_eq!(said("postgres://a@[::1]:5/x"), "user=a;host=::1;port=5;dbname=x");
        assert_eq!(said("postgres:///x?user=y&port=6"), "dbname=x;user=y;port=6");
        assert_eq!(said("postgres://%2Frun/x"), "host=/run;dbname=x");
        assert_eq!(said("postgres:///%zz"), "invalid percent-encoded token: \"%zz\"");
    }
}
