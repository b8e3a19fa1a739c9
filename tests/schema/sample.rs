//! The sample project's schema, script by script, on a server of its own.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use dbctl::database::Database;
use dbctl::schema::{Attribution, Schema};

use crate::session::cluster::{Cluster, login};

pub struct Sample {
    pub cluster: Cluster,
    pub database: String,
    pub schema: Schema,
    pub attribution: Attribution,
}

pub fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(Sample::build)
}

impl Sample {
    fn build() -> Self {
        let cluster = Cluster::new();
        let database = cluster.database();
        let mut attribution = Attribution::default();
        let mut schema = read(&cluster, &database);
        for script in scripts() {
            run(&cluster, &database, &script);
            let after = read(&cluster, &database);
            attribution.script(&script, &schema, &after);
            schema = after;
        }
        Self { cluster, database, schema, attribution }
    }
}

fn read(cluster: &Cluster, database: &str) -> Schema {
    Schema::read(&mut Database::connect(&cluster.socket(), &login("postgres", None, database)).unwrap())
        .unwrap()
}

fn init() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("init")
}

/// The shell script sets passwords only: no schema has them.
fn scripts() -> Vec<String> {
    let entries = std::fs::read_dir(init()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| extension(name) != "sh").collect();
    names.sort();
    names
}

fn extension(script: &str) -> &str {
    script.rsplit('.').next().unwrap_or_default()
}

fn run(cluster: &Cluster, database: &str, script: &str) {
    let path = init().join(script);
    let reader = if extension(script) == "gz" { "zcat" } else { "cat" };
    let mut read = Command::new(reader).arg(path).stdout(Stdio::piped()).spawn().unwrap();
    let output = cluster.psql(database).args(["-q"]).stdin(read.stdout.take().unwrap()).output().unwrap();
    read.wait().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
}
