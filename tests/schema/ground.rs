//! Databases that hold one of everything, on a server of their own: roles are compared, too.

use std::sync::OnceLock;

use dbctl::database::Database;
use dbctl::schema::Schema;

use crate::session::cluster::{Cluster, binary, login};

pub const GROUND: &str = include_str!("ground.sql");

pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let cluster = Cluster::new();
        cluster.session("postgres").simple("create role reader; create role writer;").unwrap();
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
    if let Err(error) = attempt(database, sql) {
        panic!("{error}: {sql}");
    }
}

pub fn attempt(database: &str, sql: &str) -> Result<(), String> {
    cluster().session(database).simple(sql).map(|_| ()).map_err(|error| format!("{error:?}"))
}

pub fn schema(database: &str) -> Schema {
    let mut database = Database::connect(&cluster().socket(), &login("postgres", None, database)).unwrap();
    Schema::read(&mut database).unwrap()
}

/// What `pg_dump --schema-only` writes, without the random word that newer ones put in.
pub fn dump(database: &str) -> String {
    let output = std::process::Command::new(binary("pg_dump"))
        .args(["--schema-only", "-U", "postgres", "-p", &cluster().port().to_string(), "-d", database, "-h"])
        .arg(cluster().directory())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n")
}
