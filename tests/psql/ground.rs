//! The server on which a stage stands: one of this machine, behind a recording proxy, or one in a container.

use std::path::Path;

use dbctl::docker::Rung;
use dbctl::endpoint::{Address, Endpoint};
use dbctl::session::Session;

use super::proxy::{Proxy, Request};
use crate::docker::bench::Bench;
use crate::session::cluster::{Cluster, login};

/// Where a server is reached: a directory or an address, and the port.
type Place = (String, u16);

pub enum Ground {
    Here {
        cluster: Cluster,
        proxy: Proxy,
    },
    /// Reached at the container's own address, and through an exec in it.
    Container {
        bench: Box<Bench>,
        address: Endpoint,
        tunnel: Endpoint,
    },
}

impl Ground {
    pub fn here() -> Self {
        let cluster = Cluster::new();
        let proxy = Proxy::new(cluster.directory().join("proxy"), cluster.directory(), cluster.port());
        Self::Here { cluster, proxy }
    }

    pub fn container() -> Self {
        let bench =
            Bench::new().without("POSTGRES_PASSWORD").environment("POSTGRES_HOST_AUTH_METHOD", "trust");
        let mut bench = Box::new(bench.data_volume());
        bench.service.command =
            Some(["postgres", "-c", "max_prepared_transactions=5"].map(str::to_owned).into());
        bench.start(&[]).unwrap();
        let address = bench.ready(Some(Rung::Address)).unwrap();
        let tunnel = bench.ready(Some(Rung::Tunnel)).unwrap();
        Self::Container { bench, address, tunnel }
    }

    /// A place for files, gone with the server.
    pub fn directory(&self) -> &Path {
        match self {
            Self::Here { cluster, .. } => cluster.directory(),
            Self::Container { bench, .. } => bench.files.path(),
        }
    }

    pub fn server(&self) -> Place {
        match self {
            Self::Here { cluster, .. } => place(&cluster.socket()),
            Self::Container { address, .. } => place(address),
        }
    }

    pub fn proxy(&self) -> Place {
        let Self::Here { cluster, proxy } = self else { panic!("nothing is recorded here") };
        (proxy.directory.display().to_string(), cluster.port())
    }

    pub fn tunnel(&self) -> Place {
        let Self::Container { tunnel, .. } = self else { panic!("a tunnel leads into a container") };
        place(tunnel)
    }

    /// What was asked through the proxy since the last call.
    pub fn recorded(&self) -> Vec<Request> {
        match self {
            Self::Here { proxy, .. } => proxy.take(),
            Self::Container { .. } => Vec::new(),
        }
    }

    pub fn session(&self, database: &str) -> Session {
        let endpoint = match self {
            Self::Here { cluster, .. } => &cluster.socket(),
            Self::Container { address, .. } => address,
        };
        Session::connect(endpoint, &login("postgres", None, database)).unwrap()
    }
}

fn place(endpoint: &Endpoint) -> Place {
    match &endpoint.address {
        Address::Unix { directory, port } => (directory.display().to_string(), *port),
        Address::Tcp { host, port } => (host.to_string(), *port),
    }
}
