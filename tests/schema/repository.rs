//! The Python repository class, checked by ruff and run against the database.

use std::path::{Path, PathBuf};
use std::process::Command;

use dbctl::schema::repository;

use super::ground::{GROUND, database, schema};
use super::sample::sample;

fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn checked(program: &str, arguments: &[&str], directory: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed (tests/bench/prerequisites): {error}"));
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}

#[test]
fn every_table_of_the_sample_gets_a_module_that_ruff_accepts() {
    let directory = directory("repositories");
    let ground = schema(&database(GROUND));
    let tables = |schema: &dbctl::schema::Schema| -> Vec<String> {
        schema.of_kind(dbctl::schema::Kind::Table).map(|table| table.key.name.clone()).collect()
    };
    let mut written = 0;
    for schema in [&sample().schema, &ground] {
        for (at, table) in tables(schema).iter().enumerate() {
            let Some(text) = repository(schema, table) else { continue };
            std::fs::write(directory.join(format!("table_{}_{at}.py", schema.objects().count())), text)
                .unwrap();
            written += 1;
        }
    }
    assert!(written >= 17, "{written}");
    checked("ruff", &["check", "--no-cache", "--isolated", "."], &directory);
    checked("python3", &["-m", "compileall", "-q", "-f", "."], &directory);
}

#[test]
fn upsert_writes_once_and_then_changes() {
    let sample = sample();
    let directory = directory("upsert");
    for table in ["admin_users", "workspaces", "sessions", "alert_configs"] {
        let text = repository(&sample.schema, &format!("public.{table}")).unwrap();
        std::fs::write(directory.join(format!("{table}.py")), text).unwrap();
    }
    std::fs::write(directory.join("main.py"), MAIN).unwrap();
    let (host, port) = (sample.cluster.directory().display().to_string(), sample.cluster.port().to_string());
    let told = checked("python3", &["main.py", &host, &port, &sample.database], &directory);
    assert_eq!(told, "done\n");
}

const MAIN: &str = r#"
import asyncio
import datetime
import sys

import asyncpg

from admin_users import AdminUsersRepository
from sessions import SessionsRepository
from workspaces import WorkspacesRepository


async def main():
    host, port, database = sys.argv[1:]
    connection = await asyncpg.connect(host=host, port=int(port), user="postgres", database=database)
    users = AdminUsersRepository(connection)
    first = await users.upsert(username="ada", password_hash="!", preferences={"theme": "dark"})
    assert first.role == "viewer" and first.preferences == {"theme": "dark"} and first.email is None
    second = await users.upsert(username="ada", password_hash="?", email="ada@example.org", role="admin")
    assert (second.id, second.role, second.password_hash) == (first.id, "admin", "?")
    assert second.preferences == {"theme": "dark"}, "what is not given is kept"
    assert await users.get(first.id) == second
    assert await users.get_by_username("ada") == second
    assert await users.get_by_email("ADA@example.org") == second
    assert await users.get(0) is None
    count = await connection.fetchval("select count(*) from admin_users where username = 'ada'")
    assert count == 1, count

    workspaces = WorkspacesRepository(connection)
    made = await workspaces.upsert(slug="lab", name="Lab", owner_id=first.id)
    again = await workspaces.upsert(slug="lab", name="Laboratory")
    assert (again.id, again.name, again.owner_id) == (made.id, "Laboratory", first.id)

    sessions = SessionsRepository(connection)
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    session = await sessions.upsert(admin_user_id=first.id, token_hash=b"x", expires_at=end)
    assert (await sessions.get(session.id)).expires_at == end
    print("done")


asyncio.run(main())
"#;
