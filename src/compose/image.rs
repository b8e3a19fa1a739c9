//! Tells a Postgres image by its name.

/// Words in the last part of an image's name that mean a Postgres server.
const SERVERS: [&str; 8] =
    ["postgres", "postgis", "timescale", "pgvector", "citus", "paradedb", "pgrouting", "pgduckdb"];

/// Words that mean a tool beside the server.
const COMPANIONS: [&str; 18] = [
    "postgrest",
    "exporter",
    "backup",
    "bouncer",
    "pool",
    "admin",
    "operator",
    "client",
    "meta",
    "proxy",
    "loader",
    "dump",
    "migrat",
    "mcp",
    "web",
    "studio",
    "restore",
    "wait",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Server,
    /// A tool, even if it has Postgres in its name.
    Companion,
    Unknown,
}

/// What the name of an image says, registry, tag and digest aside.
#[must_use]
pub fn judge(image: &str) -> Verdict {
    let name = image.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    let last = last.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| last.contains(word));
    if names(&COMPANIONS) {
        return Verdict::Companion;
    }
    if names(&SERVERS) { Verdict::Server } else { Verdict::Unknown }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};

    #[test]
    fn images_are_told_by_the_last_part_of_their_name() {
        for image in [
            "postgres",
            "postgres:16-alpine",
            "docker.io/library/postgres@sha256:00",
            "postgis/postgis:16-3.4",
            "timescale/timescaledb-ha:pg16",
            "pgvector/pgvector:pg16",
            "supabase/postgres:15.1",
            "citusdata/citus:12",
            "bitnami/postgresql:16",
            "registry.local:5000/team/my-postgres:1",
            "ankane/pgvector",
        ] {
            assert_eq!(judge(image), Verdict::Server, "{image}");
        }
        for image in [
            "dpage/pgadmin4",
            "postgrest/postgrest",
            "prometheuscommunity/postgres-exporter",
            "edoburu/pgbouncer",
            "prodrigestivill/postgres-backup-local",
            "supabase/postgres-meta",
        ] {
            assert_eq!(judge(image), Verdict::Companion, "{image}");
        }
        assert_eq!(judge("postgres-team/redis"), Verdict::Unknown);
    }
}
