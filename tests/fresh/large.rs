//! Large databases, and disks that are full.

use std::process::Stdio;
use std::time::Instant;

use super::project::Project;
use crate::harness::{IMAGE, Ran, docker};
use crate::session::cluster::{Cluster, eventually};

/// `DBCTL_LARGE=5000` makes it 5 GB, as the long form does.
#[test]
fn a_large_database_is_renamed_and_not_copied() {
    let megabytes: u64 = std::env::var("DBCTL_LARGE").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[("001_a.sql", "create table a (text text);")]);
    project.sql(&format!(
        "alter table a alter text set storage plain; insert into a select repeat('x', 7000) from generate_series(1, {})",
        megabytes * 125
    ));
    let oid = "select oid from pg_database where datname = current_database()";
    let (before, size) =
        (project.sql(oid), project.sql("select pg_database_size(current_database()) / 1000000"));
    project.script("002_b.sql", "create table b (id int);");
    let begun = Instant::now();
    let rebuilt = project.rebuild();
    let took = begun.elapsed();
    let previous = rebuilt["previous"].as_str().unwrap();
    assert_eq!(project.sql(&format!("select oid from pg_database where datname = '{previous}'")), before);
    let others = project.sql(&format!(
        "select (sum(pg_database_size(oid)) / 1000000)::bigint from pg_database where datname <> '{previous}'"
    ));
    println!("{size} MB were replaced in {took:?}; all other databases have {others} MB");
    assert!(others.parse::<u64>().unwrap() < 150, "{others} MB");
    project.run(["undo"]).succeeds();
    assert_eq!(project.sql("select count(*) from a"), (megabytes * 125).to_string());
}

/// A server whose disk has 110 MB; gone when this is dropped.
struct SmallDisk {
    container: String,
}

impl SmallDisk {
    fn start() -> Self {
        let container = format!("dbctl-test-small-{}", std::process::id());
        docker([
            "run",
            "-d",
            "--name",
            &container,
            "--tmpfs",
            "/var/lib/postgresql/data:size=110m",
            // A server that cannot write its log does not go on: its log has a disk of its own.
            "--tmpfs",
            "/log:size=300m",
            "-e",
            "POSTGRES_INITDB_WALDIR=/log/wal",
            "-e",
            "POSTGRES_PASSWORD=sesame",
            "-e",
            "POSTGRES_DB=appdb",
            "-e",
            "POSTGRES_INITDB_ARGS=--no-sync --wal-segsize=1",
            IMAGE,
            "postgres",
            "-c",
            "max_wal_size=8MB",
            "-c",
            "min_wal_size=2MB",
        ]);
        let disk = Self { container };
        let ready = ["exec", &disk.container, "pg_isready", "-q", "-h", "127.0.0.1"];
        eventually("the server answers", || {
            let asked = std::process::Command::new("docker").args(ready).stdout(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        });
        disk
    }

    fn url(&self) -> String {
        let form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        format!("postgres://postgres:sesame@{}/appdb", docker(["inspect", "--format", form, &self.container]))
    }

    fn sql(&self, sql: &str) -> String {
        docker(["exec", &self.container, "psql", "-XqtA", "-U", "postgres", "-d", "appdb", "-c", sql])
    }
}

impl SmallDisk {
    /// None while the server does not answer.
    fn ask(&self, sql: &str) -> Option<String> {
        let psql = ["exec", &self.container, "psql", "-XqtA", "-U", "postgres", "-d", "appdb", "-c", sql];
        let output = std::process::Command::new("docker").args(psql).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("docker").args(["rm", "-f", "-v", &self.container]).output();
    }
}

#[test]
fn where_the_disk_is_full_the_old_database_stays_in_service() {
    let disk = SmallDisk::start();
    let project = crate::harness::Project::new().script("001_a.sql", "create table a (text text);");
    let project = project.file("dbctl.toml", "[layers]\nahead = false\n");
    let url = disk.url();
    let run = |arguments: &[&str]| -> Ran { project.run(arguments.iter().copied().chain(["--url", &url])) };
    run(&["up"]).succeeds();
    disk.sql("insert into a values ('by hand')");
    let ballast = |megabytes: u32| {
        let table = "create table ballast (text text); alter table ballast alter text set storage external;";
        format!(
            "{table} insert into ballast select repeat(md5(i::text), 250) from generate_series(1, {}) as i;",
            megabytes * 125
        )
    };
    for text in [ballast(200), ballast(45)] {
        project.write("init/002_b.sql", &text);
        project.write("init/003_c.sql", ballast(90).replace("ballast", "more"));
        let failed = run(&["rebuild", "--fresh"]);
        assert!(matches!(failed.code, Some(1 | 5)), "{:?} {}", failed.code, failed.stderr);
        // Some writes a server cannot do without: it then starts again.
        let is_told = ["No space left on device", "connection closed", "lost"].iter();
        assert!(is_told.clone().any(|text| failed.stderr.contains(text)), "{}", failed.stderr);
        eventually("the old database is in service", || {
            disk.ask("select text from a").as_deref() == Some("by hand")
        });
    }
    project.write("init/002_b.sql", "select 1;");
    project.write("init/003_c.sql", "select 1;");
    run(&["rebuild", "--fresh"]).succeeds();
    assert_eq!(disk.sql("select count(*) from pg_database where datname ~ '^dbctl_building'"), "0");
    assert_eq!(disk.sql("select count(*) from a"), "0");
    run(&["undo"]).succeeds();
    assert_eq!(disk.sql("select text from a"), "by hand");
}
