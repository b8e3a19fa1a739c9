//! A remote server behind TLS, as a private unix socket at which everybody can talk plain.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection};

use crate::endpoint::forward::Forwarder;
use crate::endpoint::verify::{Check, Trusted, Verifier};
use crate::endpoint::{Address, Authentication, Endpoint};

/// The protocol's request for TLS: its length and the number that stands for it.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    Disable,
    /// TLS where the server has it.
    Prefer,
    /// TLS with whoever answers; with root certificates, as `VerifyCa`.
    Require,
    VerifyCa,
    VerifyFull,
}

/// Which certificate authorities are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    #[default]
    None,
    /// `sslrootcert=system`.
    System,
    File(PathBuf),
}

/// A server and how to speak to it.
#[derive(Clone, Debug)]
pub struct Remote {
    pub host: String,
    pub port: u16,
    pub mode: SslMode,
    pub roots: Roots,
    /// `sslcert` and `sslkey`.
    pub client: Option<(PathBuf, PathBuf)>,
    pub connect_timeout: Duration,
}

/// Why the server cannot be spoken to.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("`{host}:{port}` cannot be reached: {source}\nnext: check host and port of the URL")]
    Unreachable { host: String, port: u16, source: io::Error },
    #[error(
        "the server at `{host}:{port}` has no TLS, which `sslmode` demands\n\
         next: add `sslmode=disable` to the URL if that network may be trusted"
    )]
    NoTls { host: String, port: u16 },
    #[error(
        "no TLS with the server at `{host}:{port}`: {said}\nnext: check `sslmode`, `sslrootcert` and the host's name"
    )]
    Handshake { host: String, port: u16, said: String },
    #[error(
        "`sslmode` demands root certificates, and there are none\nnext: add `sslrootcert=FILE` or `sslrootcert=system` to the URL"
    )]
    NoRoots,
    #[error("`{}` holds no usable {what}: {said}", path.display())]
    Pem { path: PathBuf, what: &'static str, said: String },
    #[error("`{0}` is not a host that a certificate could name")]
    Name(String),
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
    #[error("a private socket in `{}` cannot be made: {source}", directory.display())]
    Socket { directory: PathBuf, source: io::Error },
}

/// How to open further connections to the same server.
pub(super) struct Dialer {
    remote: Remote,
    config: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

/// What a dialled server turned out to speak.
pub(super) enum Dialled {
    Plain(SocketAddr),
    Tls(TcpStream, Box<ClientConnection>),
}

/// Reaches the server once, then listens on a socket in a new 0700 directory below `runtime_dir`. Where no TLS
/// is wanted or offered, the endpoint is the server's own address.
///
/// # Errors
/// Whatever would keep the first connection from working.
pub fn open(remote: &Remote, runtime_dir: &Path) -> Result<Endpoint, TlsError> {
    let dialer = Dialer::new(remote)?;
    if let Dialled::Plain(address) = dialer.dial()? {
        let address = Address::Tcp { host: address.ip(), port: address.port() };
        return Ok(Endpoint::new(address, Authentication::Any));
    }
    let unusable = |source| TlsError::Socket { directory: runtime_dir.to_owned(), source };
    let forwarder = Forwarder::start(runtime_dir, dialer).map_err(unusable)?;
    let address = Address::Unix { directory: forwarder.directory().to_owned(), port: forwarder.port() };
    Ok(Endpoint::new(address, Authentication::Any).kept_by(forwarder))
}

impl Dialer {
    fn new(remote: &Remote) -> Result<Self, TlsError> {
        let config = match remote.mode {
            SslMode::Disable => None,
            _ => Some((Arc::new(client_config(remote)?), server_name(&remote.host)?)),
        };
        Ok(Self { remote: remote.clone(), config })
    }

    /// Opens one connection, through the handshake.
    pub(super) fn dial(&self) -> Result<Dialled, TlsError> {
        let (mut stream, address) = self.connect()?;
        let Some((config, name)) = &self.config else { return Ok(Dialled::Plain(address)) };
        if !asked_for_tls(&mut stream).map_err(|source| self.unreachable(source))? {
            return match self.remote.mode {
                SslMode::Prefer => Ok(Dialled::Plain(address)),
                _ => Err(TlsError::NoTls { host: self.remote.host.clone(), port: self.remote.port }),
            };
        }
        let mut connection =
            ClientConnection::new(Arc::clone(config), name.clone()).map_err(TlsError::Setup)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).map_err(|error| self.refused(&error))?;
        }
        Ok(Dialled::Tls(stream, Box::new(connection)))
    }

    fn connect(&self) -> Result<(TcpStream, SocketAddr), TlsError> {
        let target = (self.remote.host.as_str(), self.remote.port);
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in target.to_socket_addrs().map_err(|source| self.unreachable(source))? {
            match TcpStream::connect_timeout(&address, self.remote.connect_timeout) {
                Ok(stream) => {
                    let patience = Some(self.remote.connect_timeout);
                    let set = stream.set_read_timeout(patience).and_then(|()| stream.set_nodelay(true));
                    return set.map(|()| (stream, address)).map_err(|source| self.unreachable(source));
                }
                Err(error) => last = error,
            }
        }
        Err(self.unreachable(last))
    }

    fn unreachable(&self, source: io::Error) -> TlsError {
        TlsError::Unreachable { host: self.remote.host.clone(), port: self.remote.port, source }
    }

    fn refused(&self, error: &io::Error) -> TlsError {
        TlsError::Handshake {
            host: self.remote.host.clone(),
            port: self.remote.port,
            said: error.to_string(),
        }
    }
}

/// `S` agrees; `N`, and the error of a server too old to know the question, do not.
fn asked_for_tls(stream: &mut TcpStream) -> io::Result<bool> {
    stream.write_all(&SSL_REQUEST)?;
    // One byte and no more: what follows already belongs to TLS.
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    Ok(answer == *b"S")
}

fn server_name(host: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Name(host.to_owned()))
}

fn client_config(remote: &Remote) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = Arc::new(Verifier::new(check(remote)?, &provider));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match &remote.client {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::Pem {
                path: key.clone(),
                what: "private key",
                said: error.to_string(),
            })?;
            builder.with_client_auth_cert(chain, key).map_err(TlsError::Setup)
        }
    }
}

/// libpq's rule: with root certificates at hand, `require` verifies them too.
fn check(remote: &Remote) -> Result<Check, TlsError> {
    let roots = roots(&remote.roots)?;
    match (remote.mode, roots) {
        (SslMode::VerifyCa | SslMode::VerifyFull, None) => Err(TlsError::NoRoots),
        (SslMode::VerifyFull, Some(roots)) => Ok(Check::Full(roots)),
        (SslMode::VerifyCa | SslMode::Require, Some(roots)) => Ok(Check::Chain(roots)),
        _ => Ok(Check::Nothing),
    }
}

fn roots(roots: &Roots) -> Result<Option<Trusted>, TlsError> {
    let certificates = match roots {
        Roots::None => return Ok(None),
        Roots::System => rustls_native_certs::load_native_certs().certs,
        Roots::File(path) => certificates(path)?,
    };
    Ok(Trusted::new(certificates))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unusable = |said: String| TlsError::Pem { path: path.to_owned(), what: "certificate", said };
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(found) if found.is_empty() => Err(unusable("it has no `BEGIN CERTIFICATE`".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(unusable(error.to_string())),
    }
}
