//! A service's database on a test server, and what is found beside it.

use std::sync::atomic::{AtomicU32, Ordering};

use dbctl::database::generations::{Generations, Kind, Mark, Sessions};
use dbctl::endpoint::Endpoint;
use dbctl::session::Session;

use crate::session::cluster::{Cluster, login};

pub struct Bench {
    pub endpoint: Endpoint,
    pub service: String,
}

impl Bench {
    /// On the server that tests share; the database holds the marker `old`.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self::on(Cluster::shared(), &format!("svc {} {number}", std::process::id()))
    }

    pub fn on(cluster: &Cluster, service: &str) -> Self {
        let bench = Self { endpoint: cluster.socket(), service: service.to_owned() };
        bench.server(&format!("create database {}", quoted(service)));
        bench.mark(service, "old");
        bench
    }

    pub fn generations(&self) -> Generations<'static> {
        Generations::connect(&self.endpoint, &login("postgres", None, &self.service)).unwrap()
    }

    /// A complete database that holds `marker`, ready for service.
    pub fn built(&self, marker: &str) -> String {
        let mark = Mark::new(Kind::Building, &self.service);
        let name = self.generations().clone("template0", &mark, Sessions::Respect).unwrap();
        self.mark(&name, marker);
        name
    }

    fn mark(&self, database: &str, marker: &str) {
        self.session(database).simple(&format!("create table marker as select '{marker}' as text")).unwrap();
    }

    pub fn session(&self, database: &str) -> Session {
        Session::connect(&self.endpoint, &login("postgres", None, database)).unwrap()
    }

    /// The marker of the database in service, or of any other.
    pub fn marker(&self, database: &str) -> String {
        value(&mut self.session(database), "select text from marker")
    }

    pub fn in_service(&self) -> String {
        self.marker(&self.service)
    }

    /// In the database `postgres`.
    pub fn server(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.session("postgres").simple(sql).unwrap().rows
    }

    /// The marked databases: what each is, and its name.
    pub fn kinds(&self) -> Vec<(Kind, String)> {
        let list = self.generations().list().unwrap();
        list.into_iter().map(|found| (found.mark.kind, found.database)).collect()
    }
}

pub fn value(session: &mut Session, sql: &str) -> String {
    session.simple(sql).unwrap().rows[0][0].clone().unwrap()
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
