//! The ways to the server in a container, tried from the fastest to the one that asks most of the user.

use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::{ContainerFacts, Engine, Published, ServerIdentity};
use crate::endpoint::{Address, Authentication, Endpoint};

/// An address that does not take a connection within this time leads nowhere.
const CONNECT: Duration = Duration::from_millis(200);
const USUAL_PORT: u16 = 5432;
pub(in crate::docker) const NOT_STARTED: &str = "the server does not listen yet";

/// One way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// The container's own address.
    Address,
    /// A socket whose connections an exec in the container forwards.
    Tunnel,
    /// The published port.
    Port,
}

/// How the ladder is to be climbed.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Every rung unless one is given.
    pub only: Option<Rung>,
    /// Where server identities are remembered.
    pub cache: PathBuf,
    /// Where the tunnel's private directory is made.
    pub sockets: PathBuf,
}

/// What came of asking a server who it is.
pub enum Answer {
    /// The right server answers; `postmaster` tells one run of it from the next.
    Ours { postmaster: i64 },
    /// A server answers that is not this container's.
    Foreign(String),
    /// Nothing useful yet.
    Silent(String),
    /// The right server refuses, and waiting will not help.
    Refused(Box<dyn std::error::Error + Send + Sync>),
}

/// Asks the server at an endpoint. Where an identity is given, the address might be somebody else's, and the
/// server's start time and system identifier must match it.
pub type Ask<'a> = dyn FnMut(&Endpoint, Option<&ServerIdentity>) -> Answer + 'a;

/// An endpoint at which the right server answered.
pub(in crate::docker) struct Reached {
    pub endpoint: Endpoint,
    /// What the server had to prove; none where nobody else can answer.
    pub identity: Option<ServerIdentity>,
    pub postmaster: i64,
}

/// What one rung came to.
enum Step {
    Reached(Reached),
    No(String),
}

impl Engine {
    /// The first endpoint at which the server of this running container answers.
    pub fn endpoint(&self, container: &ContainerFacts, ladder: &Ladder, ask: &mut Ask) -> Result<Endpoint> {
        Climb::new(self, container, ladder).climb(ask).map(|reached| reached.endpoint)
    }
}

/// One ladder, climbed once or, while the server starts, again and again.
pub(in crate::docker) struct Climb<'a> {
    engine: &'a Engine,
    container: &'a ContainerFacts,
    ladder: &'a Ladder,
    /// Kept from one attempt to the next.
    tunnel: Option<Endpoint>,
}

impl<'a> Climb<'a> {
    pub fn new(engine: &'a Engine, container: &'a ContainerFacts, ladder: &'a Ladder) -> Self {
        Self { engine, container, ladder, tunnel: None }
    }

    /// Up to the first rung that holds; [`ContainerError::NoWay`] says what became of each.
    pub fn climb(&mut self, ask: &mut Ask) -> Result<Reached> {
        // Only a server that is known to listen says by its silence on one rung that the next is needed.
        let Some(identity) = self.engine.identity(self.container, &self.ladder.cache)? else {
            return Err(self.no_way(vec![NOT_STARTED.to_owned()]));
        };
        let mut tried = Vec::new();
        for rung in [Rung::Address, Rung::Tunnel, Rung::Port] {
            if self.ladder.only.is_some_and(|only| only != rung) {
                continue;
            }
            match self.step(rung, identity, ask)? {
                Step::Reached(reached) => return Ok(reached),
                Step::No(why) => tried.push(format!("{rung}: {why}")),
            }
        }
        Err(self.no_way(tried))
    }

    /// Whether the container's address refuses connections, as it does until the server listens: a cheaper
    /// question than those asked inside. A server on another port, or for its own host alone, refuses for ever.
    pub fn is_closed(&self) -> bool {
        let addresses = self.own_addresses(USUAL_PORT);
        let refused = |address: &SocketAddr| {
            TcpStream::connect_timeout(address, CONNECT)
                .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        };
        self.ladder.only.is_none_or(|only| only == Rung::Address) && addresses.iter().any(refused)
    }

    pub fn no_way(&self, tried: Vec<String>) -> ContainerError {
        ContainerError::NoWay { name: self.container.name.clone(), tried }
    }

    fn step(&mut self, rung: Rung, identity: ServerIdentity, ask: &mut Ask) -> Result<Step> {
        match rung {
            Rung::Tunnel => self.through_tunnel(identity.port, ask),
            Rung::Address => self.over_tcp(&self.own_addresses(identity.port), identity, ask),
            Rung::Port => self.over_tcp(&self.published_addresses(identity.port), identity, ask),
        }
    }

    fn over_tcp(&self, addresses: &[SocketAddr], identity: ServerIdentity, ask: &mut Ask) -> Result<Step> {
        let mut why = "there is none that can be reached from here".to_owned();
        for address in addresses {
            if let Err(error) = TcpStream::connect_timeout(address, CONNECT) {
                why = format!("{address}: {error}");
                continue;
            }
            let address = Address::Tcp { host: address.ip(), port: address.port() };
            match self.proven(Endpoint::new(address, Authentication::ScramOrTrust), identity, ask)? {
                Step::No(reason) => why = reason,
                reached @ Step::Reached(_) => return Ok(reached),
            }
        }
        Ok(Step::No(why))
    }

    /// A remembered identity may be outdated where the server restarts inside its container.
    fn proven(&self, endpoint: Endpoint, identity: ServerIdentity, ask: &mut Ask) -> Result<Step> {
        match ask(&endpoint, Some(&identity)) {
            Answer::Foreign(why) => match self.engine.read_identity(self.container)? {
                Some(now) if now != identity => {
                    let answer = ask(&endpoint, Some(&now));
                    settled(endpoint, Some(now), answer)
                }
                _ => Ok(Step::No(why)),
            },
            answer => settled(endpoint, Some(identity), answer),
        }
    }

    fn through_tunnel(&mut self, port: u16, ask: &mut Ask) -> Result<Step> {
        let endpoint = match self.tunnel.take() {
            Some(endpoint) => endpoint,
            None => match self.engine.tunnel(self.container, port, &self.ladder.sockets) {
                Err(error @ ContainerError::NoShellTools { .. }) if self.has_another_way() => {
                    return Ok(Step::No(error.to_string()));
                }
                opened => opened?,
            },
        };
        match ask(&endpoint, None) {
            Answer::Silent(why) => {
                self.tunnel = Some(endpoint);
                Ok(Step::No(why))
            }
            answer => settled(endpoint, None, answer),
        }
    }

    fn has_another_way(&self) -> bool {
        self.ladder.only.is_none() && !self.container.published.is_empty()
    }

    fn own_addresses(&self, port: u16) -> Vec<SocketAddr> {
        if !self.engine.is_local() {
            return Vec::new();
        }
        let shares_the_host = self.container.addresses.contains_key("host");
        let host = shares_the_host.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        self.container
            .addresses
            .values()
            .flatten()
            .copied()
            .chain(host)
            .map(|ip| SocketAddr::new(ip, port))
            .collect()
    }

    fn published_addresses(&self, port: u16) -> Vec<SocketAddr> {
        let host = self.engine.ports_host();
        let published = self.container.published.iter().filter(|published| published.target == port);
        let resolved =
            |published: &Published| (place(published, host)?, published.host_port).to_socket_addrs().ok();
        published.filter_map(resolved).flatten().collect()
    }
}

fn settled(endpoint: Endpoint, identity: Option<ServerIdentity>, answer: Answer) -> Result<Step> {
    match answer {
        Answer::Ours { postmaster } => Ok(Step::Reached(Reached { endpoint, identity, postmaster })),
        Answer::Foreign(why) | Answer::Silent(why) => Ok(Step::No(why)),
        Answer::Refused(cause) => Err(ContainerError::Refused(cause)),
    }
}

/// Where a published port answers, if the engine's `host` is where published ports do.
fn place(published: &Published, host: &str) -> Option<String> {
    let is_here = host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    match published.host_ip {
        None => Some(host.to_owned()),
        Some(ip) if ip.is_unspecified() => Some(host.to_owned()),
        Some(ip) if ip.is_loopback() && !is_here => None,
        Some(ip) => Some(ip.to_string()),
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Address => "the container's address",
            Self::Tunnel => "a tunnel",
            Self::Port => "the published port",
        })
    }
}

/// The words of `DBCTL_ENDPOINT`.
impl FromStr for Rung {
    type Err = UnknownRung;

    fn from_str(text: &str) -> std::result::Result<Self, UnknownRung> {
        match text {
            "address" => Ok(Self::Address),
            "tunnel" => Ok(Self::Tunnel),
            "port" => Ok(Self::Port),
            _ => Err(UnknownRung { given: text.to_owned() }),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "`{given}` is no way to the server\nnext: use `address`, `tunnel` or `port`, or leave the choice to dbctl"
)]
pub struct UnknownRung {
    given: String,
}

#[cfg(test)]
mod tests {
    use super::{Published, place};

    fn place_of(published_on: &str, host: &str) -> Option<String> {
        place(&Published { target: 5432, host_ip: published_on.parse().ok(), host_port: 15432 }, host)
    }

    #[test]
    fn a_port_published_everywhere_answers_at_the_engines_host() {
        assert_eq!(place_of("0.0.0.0", "127.0.0.1").as_deref(), Some("127.0.0.1"));
        assert_eq!(place_of("::", "build.example").as_deref(), Some("build.example"));
    }

    #[test]
    fn a_port_published_on_one_address_answers_only_there() {
        assert_eq!(place_of("192.0.2.7", "127.0.0.1").as_deref(), Some("192.0.2.7"));
        assert_eq!(place_of("127.0.0.1", "127.0.0.1").as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn another_machines_loopback_address_leads_nowhere() {
        assert_eq!(place_of("127.0.0.1", "build.example"), None);
    }
}
