//! `postgres://…`: one server, or several of which one is wanted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{ProjectError, Settings};
use crate::endpoint::tls::{Remote, Roots, SslMode};
use crate::secret::Secret;

/// A server's address and login as libpq's URL form gives them.
#[derive(Clone)]
pub struct ServerUrl {
    /// Tried in this order; a host that begins with `/` is a socket's directory.
    pub hosts: Vec<(String, u16)>,
    pub user: String,
    pub password: Option<Secret>,
    pub database: String,
    pub target: TargetSession,
    pub ssl_mode: SslMode,
    /// `sslrootcert`, `sslcert`, `sslkey`, `connect_timeout`, `options`, as written.
    pub parameters: BTreeMap<String, String>,
}

/// `target_session_attrs`, as far as it matters to who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSession {
    Any,
    ReadWrite,
}

const PARAMETERS: [&str; 9] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "connect_timeout",
    "options",
    "application_name",
    "target_session_attrs",
    "channel_binding",
];

impl ServerUrl {
    /// Reads `text`; what it leaves out comes from libpq's `PG*` variables, then libpq's defaults.
    pub fn parse(text: &str, environment: &BTreeMap<String, String>) -> Result<Self, ProjectError> {
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
            .ok_or_else(|| refused("it does not begin with `postgres://`"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').map_or((login, None), |(user, word)| (user, Some(word)));
        let mut parameters = parameters(query)?;
        let own = |name: &str| environment.get(name).filter(|value| !value.is_empty()).cloned();
        let user = given(user)?
            .or_else(|| parameters.remove("user"))
            .or_else(|| own("PGUSER"))
            .or_else(|| own("USER"));
        let user = user.ok_or_else(|| refused("it names no user"))?;
        let password = match password {
            Some(word) => Some(decoded(word)?),
            None => parameters.remove("password").or_else(|| own("PGPASSWORD")),
        };
        let database = given(path)?.or_else(|| parameters.remove("dbname")).or_else(|| own("PGDATABASE"));
        let target = target(parameters.get("target_session_attrs").map(String::as_str))?;
        Ok(Self {
            hosts: host_list(hosts, &mut parameters, own("PGPORT").as_deref())?,
            database: database.unwrap_or_else(|| user.clone()),
            ssl_mode: ssl_mode(parameters.get("sslmode").map(String::as_str))?,
            user,
            password: password.map(Secret::new),
            target,
            parameters,
        })
    }
}

impl ServerUrl {
    /// The same server, with the login that the user asks for besides.
    #[must_use]
    pub fn with(self, settings: &Settings) -> Self {
        Self {
            user: settings.user.clone().unwrap_or(self.user),
            password: settings.password.clone().or(self.password),
            database: settings.database.clone().unwrap_or(self.database),
            ..self
        }
    }

    /// One of the hosts, with libpq's parameters for TLS.
    pub fn remote(&self, host: &str, port: u16) -> Remote {
        let parameter = |name: &str| self.parameters.get(name).map(PathBuf::from);
        let seconds = self.parameters.get("connect_timeout").and_then(|text| text.parse().ok());
        Remote {
            host: host.to_owned(),
            port,
            mode: self.ssl_mode,
            roots: match self.parameters.get("sslrootcert").map(String::as_str) {
                None => Roots::None,
                Some("system") => Roots::System,
                Some(path) => Roots::File(PathBuf::from(path)),
            },
            client: parameter("sslcert").zip(parameter("sslkey")),
            connect_timeout: Duration::from_secs(seconds.filter(|&seconds| seconds > 0).unwrap_or(10)),
        }
    }
}

/// Without the password: this is what messages show.
impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
        write!(f, "postgres://{}@{}/{}", self.user, hosts.join(","), self.database)
    }
}

fn refused(reason: &str) -> ProjectError {
    ProjectError::Url { reason: reason.to_owned() }
}

fn given(text: &str) -> Result<Option<String>, ProjectError> {
    if text.is_empty() { Ok(None) } else { decoded(text).map(Some) }
}

fn target(word: Option<&str>) -> Result<TargetSession, ProjectError> {
    match word {
        None | Some("any") => Ok(TargetSession::Any),
        Some("read-write" | "primary") => Ok(TargetSession::ReadWrite),
        Some(other) => {
            Err(refused(&format!("target_session_attrs={other}: dbctl writes, so `any` or `read-write`")))
        }
    }
}

fn ssl_mode(word: Option<&str>) -> Result<SslMode, ProjectError> {
    match word {
        None | Some("prefer" | "allow") => Ok(SslMode::Prefer),
        Some("disable") => Ok(SslMode::Disable),
        Some("require") => Ok(SslMode::Require),
        Some("verify-ca") => Ok(SslMode::VerifyCa),
        Some("verify-full") => Ok(SslMode::VerifyFull),
        Some(other) => Err(refused(&format!("`sslmode={other}` is no such mode"))),
    }
}

fn parameters(query: &str) -> Result<BTreeMap<String, String>, ProjectError> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| refused(&format!("`{pair}` has no value")))?;
            let known =
                PARAMETERS.contains(&name) || ["user", "password", "dbname", "host", "port"].contains(&name);
            if !known {
                return Err(refused(&format!("unknown parameter `{name}`")));
            }
            Ok((name.to_owned(), decoded(value)?))
        })
        .collect()
}

fn host_list(
    authority: &str,
    parameters: &mut BTreeMap<String, String>,
    default_port: Option<&str>,
) -> Result<Vec<(String, u16)>, ProjectError> {
    let listed = parameters.remove("port").or_else(|| default_port.map(str::to_owned));
    let authority = match parameters.remove("host") {
        Some(host) => host,
        None if authority.is_empty() => "localhost".to_owned(),
        None => authority.to_owned(),
    };
    let ports: Vec<&str> = listed.as_deref().map(|list| list.split(',').collect()).unwrap_or_default();
    authority
        .split(',')
        .enumerate()
        .map(|(index, part)| {
            let fallback = ports.get(index).or(ports.first()).copied().unwrap_or("5432");
            host_and_port(part, fallback)
        })
        .collect()
}

fn host_and_port(written: &str, fallback: &str) -> Result<(String, u16), ProjectError> {
    let (host, port) = match written.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or_else(|| refused("a `[` has no `]`"))?;
            (host, after.strip_prefix(':'))
        }
        None => written.split_once(':').map_or((written, None), |(host, port)| (host, Some(port))),
    };
    let port = port.filter(|port| !port.is_empty()).unwrap_or(fallback);
    let port = port.parse().map_err(|_| refused(&format!("`{port}` is not a port")))?;
    Ok((decoded(host)?, port))
}

fn decoded(text: &str) -> Result<String, ProjectError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(refused("a `%` is not followed by two hexadecimal digits"));
        };
        bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits make a byte"));
    }
    String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ServerUrl, ProjectError> {
        ServerUrl::parse(text, &BTreeMap::new())
    }

    #[test]
    fn a_url_gives_host_port_login_and_database() {
        let url = parse("postgres://an%40na:p%3Aw@db.example:6000/app?sslmode=require").unwrap();
        assert_eq!(url.hosts, [("db.example".to_owned(), 6000)]);
        assert_eq!((url.user.as_str(), url.database.as_str()), ("an@na", "app"));
        assert_eq!(url.password.unwrap().reveal(), "p:w");
        assert_eq!(url.ssl_mode, SslMode::Require);
    }

    #[test]
    fn the_users_own_login_wins_over_the_urls() {
        let settings = Settings {
            user: Some("me".to_owned()),
            password: Some(Secret::new("mine")),
            database: Some("other".to_owned()),
            ..Settings::default()
        };
        let url = parse("postgres://u:p@h/d").unwrap().with(&settings);
        assert_eq!((url.user.as_str(), url.database.as_str()), ("me", "other"));
        assert_eq!(url.password.unwrap().reveal(), "mine");
    }

    #[test]
    fn several_hosts_keep_their_order_and_ports() {
        let url = parse("postgresql://u@a:1,b,[::1]:3/d?target_session_attrs=read-write").unwrap();
        assert_eq!(url.hosts, [("a".into(), 1), ("b".into(), 5432), ("::1".into(), 3)]);
        assert_eq!(url.target, TargetSession::ReadWrite);
    }

    #[test]
    fn a_socket_directory_is_a_host() {
        let url = parse("postgres://u@/d?host=/run/postgresql&port=5433").unwrap();
        assert_eq!(url.hosts, [("/run/postgresql".to_owned(), 5433)]);
    }

    #[test]
    fn what_is_shown_has_no_password() {
        assert_eq!(parse("postgres://u:secret@h/d").unwrap().to_string(), "postgres://u@h:5432/d");
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in
            [("mysql://x", "begin"), ("postgres://u@h:x/d", "port"), ("postgres://u@h/d?ssl=1", "ssl")]
        {
            let error = parse(text).err().unwrap().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
