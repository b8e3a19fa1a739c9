//! `rebuild --fresh` in a container: what an empty volume would give, roles, settings and other databases included.

use std::fs;

use crate::harness::{Project, Ran, docker};

/// What tempts to be wrong: all of it reaches beyond the database.
const REACHING: [(&str, &str); 6] = [
    (
        "001_roles.sql",
        "do $$ begin create role web login password 'x'; exception when duplicate_object then null; end $$;
         create role readers; grant readers to web; alter role web set work_mem = '6MB';",
    ),
    (
        "002_database.sql",
        "alter database appdb set search_path = app, public; grant connect on database appdb to readers;
         comment on database appdb is 'the application''s';",
    ),
    ("003_system.sql", "alter system set max_prepared_transactions = 7;"),
    ("004_second.sql", "create database second;"),
    (
        "005_space.sql",
        "create extension hstore;\ncreate tablespace roomy location '/space';\ncreate table spacious (id int) tablespace roomy;",
    ),
    (
        "006_local.sql",
        "create schema app; create extension citext schema app; create table app.notes (id int primary key, text app.citext,
         more hstore); grant select on app.notes to readers;",
    ),
];

fn project() -> Project {
    let project = Project::with_service();
    let name = project.name().to_owned();
    let text = format!(
        "name: {name}\nservices:\n  db:\n    image: {}\n    environment:\n      POSTGRES_PASSWORD: sesame\n      POSTGRES_USER: app\n      \
         POSTGRES_DB: appdb\n      POSTGRES_INITDB_ARGS: --no-sync\n    volumes:\n      - data:/var/lib/postgresql/data\n      \
         - space:/space\n      - ./init:/docker-entrypoint-initdb.d:ro\nvolumes:\n  data:\n  space:\n",
        crate::harness::IMAGE
    );
    // A tablespace's directory must belong to the server's user, as a team's Dockerfile would see to.
    let volume = format!("{name}_space");
    let own = [
        "--label",
        &format!("com.docker.compose.project={name}"),
        "--label",
        "com.docker.compose.volume=space",
    ];
    docker(["volume", "create"].into_iter().chain(own).chain([volume.as_str()]));
    docker([
        "run",
        "--rm",
        "--entrypoint",
        "chown",
        "-v",
        &format!("{volume}:/space"),
        crate::harness::IMAGE,
        "postgres:postgres",
        "/space",
    ]);
    let project = project.file("compose.yaml", &text).file("dbctl.toml", "[layers]\nahead = false\n");
    REACHING.into_iter().fold(project, |project, (name, text)| project.script(name, text))
}

/// The whole cluster as `pg_dumpall` tells it, without dbctl's own and without salts.
fn cluster(project: &Project) -> String {
    cluster_of(project, "app")
}

pub fn cluster_of(project: &Project, user: &str) -> String {
    let dump = "pg_dumpall -U app --globals-only; for db in $(psql -U app -d postgres -Atc \"select datname from pg_database \
                where datallowconn and datname !~ '^dbctl_' order by 1\"); do pg_dump -U app -C -N dbctl $db; done; \
                grep -v '^#' /var/lib/postgresql/data/postgresql.auto.conf || true";
    let dump = dump.replace("-U app", &format!("-U {user}"));
    let text = docker(["exec", "-u", "postgres", &project.container(), "bash", "-ec", &dump]);
    let kept =
        text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    let plain = kept.map(|line| line.split(" PASSWORD 'SCRAM").next().unwrap_or(line).to_owned());
    plain.collect::<Vec<_>>().join("\n")
}

/// The same from an empty volume.
fn from_an_empty_volume(scripts: &[(&str, &str)]) -> String {
    let project = project();
    for (name, text) in scripts {
        project.write(&format!("init/{name}"), text);
    }
    project.run(["up"]).succeeds();
    cluster(&project)
}

fn fresh(project: &Project) -> Ran {
    project.run(["rebuild", "--fresh"]).succeeds()
}

#[test]
fn by_twin_by_layers_and_on_an_empty_volume_the_cluster_is_the_same() {
    let project = project();
    project.run(["up"]).succeeds();
    assert_eq!(project.sql("show max_prepared_transactions"), "7", "what waits for a restart was given one");
    project.sql("insert into app.notes values (1, 'by hand')");
    fresh(&project).prints("building through a twin").prints("dbctl undo");
    let expected = from_an_empty_volume(&[]);
    assert_eq!(cluster(&project), expected);
    assert_eq!(project.sql("show max_prepared_transactions"), "7");

    let edited = (
        "006_local.sql",
        "create schema app; create table app.notes (id int primary key, body text, more hstore);",
    );
    project.write("init/006_local.sql", edited.1);
    fresh(&project).prints("building in place, from the layer of 5 scripts");
    assert_eq!(cluster(&project), from_an_empty_volume(&[edited]));

    let locked = (
        "001_roles.sql",
        "do $$ begin create role web nologin; exception when duplicate_object then null; end $$;\ncreate role readers;",
    );
    project.write("init/001_roles.sql", locked.1);
    fresh(&project).prints("building through a twin: `001_roles.sql`");
    assert_eq!(cluster(&project), from_an_empty_volume(&[edited, locked]));

    // What lies in another database is covered by no checksum: from here on there is no layer.
    let elsewhere = (
        "007_elsewhere.sql",
        "-- dbctl: no-transaction\n\\c second\ncreate table in_second as select 1 as id;",
    );
    project.write("init/007_elsewhere.sql", elsewhere.1);
    for _ in 0..2 {
        fresh(&project).prints("building through a twin: `007_elsewhere.sql`");
        assert_eq!(cluster(&project), from_an_empty_volume(&[edited, locked, elsewhere]));
    }
    project.run(["undo"]).succeeds();
    assert_eq!(cluster(&project), from_an_empty_volume(&[edited, locked, elsewhere]));
}

#[test]
fn undo_goes_back_through_data_directories_with_all_that_was_in_them() {
    let project =
        Project::with_service().script("001_roles.sql", "create role web;\ncreate table notes (text text);");
    let project = project.file("dbctl.toml", "[layers]\nahead = false\n");
    project.run(["up"]).succeeds();
    project.sql("insert into notes values ('by hand')");
    fresh(&project);
    assert_eq!(project.sql("select count(*) from notes"), "0");
    project.run(["undo"]).succeeds().prints("the previous data directory is in service again");
    assert_eq!(project.sql("select text from notes"), "by hand");
    project.run(["undo"]).succeeds();
    assert_eq!(project.sql("select count(*) from notes"), "0");
    project.write("init/002_b.sql", "create table b ();");
    fresh(&project).prints("in place");
    project.run(["undo"]).succeeds().prints("the previous generation is in service again");
    assert_eq!(project.sql("select to_regclass('b') is null"), "t");
}

#[test]
fn a_role_that_is_made_by_what_a_table_holds_is_seen_and_leads_to_a_twin() {
    let project = Project::with_service()
        .script(
            "001_a.sql",
            "create table a (cmd text); insert into a values ('cre' || 'ate ro' || 'le sneaky');",
        )
        .file("dbctl.toml", "[layers]\nahead = false\n");
    project.run(["up"]).succeeds();
    project
        .write("init/002_b.sql", "do $$ declare c text; begin select cmd into c from a; execute c; end $$;");
    fresh(&project).prints("`002_b.sql` changed roles, which all databases of the server share");
    assert_eq!(project.sql("select count(*) from pg_roles where rolname = 'sneaky'"), "1");
}

#[test]
fn the_images_default_database_is_built_through_a_twin() {
    let project = Project::with_service().script("001_a.sql", "create table a (id int);");
    let compose = fs::read_to_string(project.path().join("compose.yaml")).unwrap();
    project.write(
        "compose.yaml",
        compose.replace("      POSTGRES_DB: appdb\n", "      POSTGRES_DB: postgres\n"),
    );
    project.run(["up"]).succeeds();
    project.write("init/001_a.sql", "create table a (id bigint);");
    fresh(&project).prints("one that dbctl cannot rename");
    let kind = docker([
        "exec",
        &project.container(),
        "psql",
        "-XqtA",
        "-U",
        "app",
        "-d",
        "postgres",
        "-c",
        "select atttypid::regtype from pg_attribute where attrelid = 'a'::regclass and attname = 'id'",
    ]);
    assert_eq!(kind, "bigint");
}
