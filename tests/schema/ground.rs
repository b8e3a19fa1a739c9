//! Databases that hold one of everything.

use std::process::Command;
use std::sync::OnceLock;

use dbctl::database::Database;
use dbctl::endpoint::{Address, Authentication, Endpoint};
use dbctl::schema::Schema;
use dbctl::session::{Login, Session};

use crate::session::cluster::{Cluster, binary, login};

pub const GROUND: &str = include_str!("ground.sql");
pub const ROLES: &str = "create role reader; create role writer;";

/// A database, wherever it is.
pub struct Ground {
    address: Address,
    login: Login,
}

/// A server of these tests' own: roles are compared, too.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let cluster = Cluster::new();
        cluster.session("postgres").simple(ROLES).unwrap();
        cluster
    })
}

/// A new database with this in it.
pub fn database(sql: &str) -> String {
    let name = cluster().database();
    run(&name, sql);
    name
}

pub fn run(database: &str, sql: &str) {
    Ground::on(cluster(), database).run(sql);
}

pub fn schema(database: &str) -> Schema {
    Ground::on(cluster(), database).schema()
}

impl Ground {
    pub fn on(cluster: &Cluster, database: &str) -> Self {
        Self { address: cluster.socket().address, login: login("postgres", None, database) }
    }

    pub fn at(address: Address, login: Login) -> Self {
        Self { address, login }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.address.clone(), Authentication::Any)
    }

    pub fn attempt(&self, sql: &str) -> Result<(), String> {
        let mut session = Session::connect(&self.endpoint(), &self.login).unwrap();
        session.simple(sql).map(|_| ()).map_err(|error| format!("{error:?}"))
    }

    pub fn run(&self, sql: &str) {
        if let Err(error) = self.attempt(sql) {
            panic!("{error}: {sql}");
        }
    }

    pub fn schema(&self) -> Schema {
        Schema::read(&mut Database::connect(&self.endpoint(), &self.login).unwrap()).unwrap()
    }
}

/// What `pg_dump --schema-only` writes, without the random word that newer ones put in.
pub fn dump(cluster: &Cluster, database: &str) -> String {
    let output = Command::new(binary("pg_dump"))
        .args(["--schema-only", "-U", "postgres", "-p", &cluster.port().to_string(), "-d", database, "-h"])
        .arg(cluster.directory())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n")
}
