//! `check`, `docs`, `diff` and `show`: the scripts replayed where nobody else is, and the live database only read.

use std::fs;

use crate::harness::{Project, docker};

const NOTES: &str = "-- 001_notes.sql\n-- Description: Notes\n-- Author: tests\n-- Date: 2026-01-01\n\n\
    CREATE TABLE IF NOT EXISTS notes (\n    id SERIAL PRIMARY KEY,\n    body TEXT NOT NULL\n);\n\
    COMMENT ON TABLE notes IS 'What people write';\n";
const TITLES: &str = "-- 002_titles.sql\n-- Description: Titles\n-- Author: tests\n-- Date: 2026-01-01\n\n\
    ALTER TABLE notes ADD COLUMN IF NOT EXISTS title VARCHAR(200);\n\
    INSERT INTO notes (body) SELECT 'first' WHERE NOT EXISTS (SELECT 1 FROM notes);\n";

fn project() -> Project {
    Project::with_service()
        .script("001_notes.sql", NOTES)
        .script("002_titles.sql", TITLES)
        .file("dbctl.toml", "[lint.rules]\nno-drop = \"off\"\n")
}

fn containers() -> String {
    docker(["ps", "-a", "--filter", "label=dbctl.part", "--format", "{{.Names}}"])
}

#[test]
fn the_schema_document_is_written_from_the_scripts_and_held_current() {
    let project = project();
    project.run(["docs", "--check"]).fails(1).prints("it does not exist");
    project.run(["docs", "--html", "schema.html"]).succeeds().prints("DATABASE_SCHEMA.md` is written");
    let text = fs::read_to_string(project.path().join("docs/DATABASE_SCHEMA.md")).unwrap();
    for told in ["What people write", "title", "character varying(200)", "002"] {
        assert!(text.contains(told), "`{told}` is missing in\n{text}");
    }
    assert!(fs::read_to_string(project.path().join("schema.html")).unwrap().contains("<svg"));
    project.run(["docs"]).succeeds().prints("is current already");
    project.run(["docs", "--check"]).succeeds();
    project.write("init/003_more.sql", "CREATE TABLE more (id INT);");
    project.run(["docs", "--check"]).fails(1).prints("is not current").prints("next: `dbctl docs`");
    let of_ours = docker([
        "volume",
        "ls",
        "-q",
        "--filter",
        &format!("label=com.docker.compose.project={}", project.name()),
    ]);
    assert_eq!(of_ours, "", "the service was not touched");
}

#[test]
fn a_clean_project_passes_the_check_and_what_is_wrong_is_named() {
    let project = project();
    project.run(["docs"]).succeeds();
    project
        .run(["check"])
        .succeeds()
        .prints("each runs twice")
        .prints("no live database")
        .prints("document is current");
    project.run(["up"]).succeeds();
    project.run(["check"]).succeeds().prints("no drift");
    project.sql("alter table notes add column by_hand int");
    project.run(["check"]).fails(1).prints("drift: ").prints("by_hand").prints("(by hand)");
    project.sql("alter table notes drop column by_hand");

    project.write(
        "init/003_seed.sql",
        "-- 003_seed.sql\n-- Description: Seed\n-- Author: tests\n-- Date: 2026-01-01\n\nSELECT 1;\nINSERT INTO notes (body) VALUES ('again');\n",
    );
    let found = project.run(["check"]).fails(1);
    found
        .prints("`003_seed.sql`, line 7: `INSERT INTO notes (body) VALUES ('again');` cannot be run twice")
        .prints("changes table public.notes from 2 to 3 rows")
        .prints("`003_seed.sql` is pending there");
    project.write("init/003_seed.sql", "-- 003_seed.sql\n-- Description: T\n-- Author: t\n-- Date: 2026-01-01\n\nCREATE TABLE again (id INT);\n");
    project.run(["check"]).fails(1).prints("fails when it is run again").prints("already exists");
    project.write("init/003_seed.sql", "CREATE TABLE IF NOT EXISTS extra (id INT);\nSELEC 1;\n");
    let failed = project.run(["check"]).fails(1);
    failed
        .prints("error[syntax]")
        .prints("`003_seed.sql` failed at line 2, column 1")
        .prints("next: fix the file, then the same command again")
        .prints("one failed, and what comes after it is not known")
        .does_not_print("rebuild --fresh")
        .does_not_print("drift");
    assert_eq!(project.sql("select count(*) from notes"), "1", "the live database was only read");
    assert!(!containers().contains(project.name()));
}

#[test]
fn what_a_second_run_leaves_is_not_in_the_way_of_the_scripts_after_it() {
    let project = project()
        .script("003_seed.sql", "INSERT INTO notes (body) VALUES ('again');\n")
        .script("004_unique.sql", "CREATE UNIQUE INDEX IF NOT EXISTS notes_body ON notes (body);\n")
        .script("005_more.sql", "INSERT INTO notes (body) VALUES ('more') ON CONFLICT DO NOTHING;\n")
        .script(
            "006_count.sql",
            "DO $$ BEGIN ASSERT (SELECT count(*) = 3 FROM notes), 'too many';\n\
             ASSERT (SELECT last_value = 3 FROM notes_id_seq), 'moved'; END $$;\n",
        )
        .script("007_view.sql", "CREATE VIEW bodies AS SELECT body FROM notes;\n")
        .script(
            "008_alone.sql",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity\n\
             WHERE datname = current_database() AND pid <> pg_backend_pid();\n",
        );
    let found = project.run(["check"]).fails(1);
    found
        .prints("`003_seed.sql`, line 1: ")
        .prints("`007_view.sql` cannot be run twice: it fails when it is run again")
        .prints("2 cannot be run twice")
        .does_not_print("one failed");
}

#[test]
fn what_a_script_does_and_how_the_live_database_differs_is_shown() {
    let project = project();
    project.run(["show", "2"]).succeeds().prints("adds column `public.notes.title`");
    project.run(["diff", "--between", "1", "2"]).fails(1).prints("title").prints("002_titles.sql");
    project.run(["diff", "--between", "2", "1"]).fails(1).prints("title").does_not_print("by hand");
    project.run(["up"]).succeeds();
    project.run(["diff"]).succeeds().prints("no difference");
    project.sql("alter table notes drop column title; create table by_hand (id int)");
    let differs = project.run(["diff"]).fails(1);
    differs
        .prints("title")
        .prints("(`002_titles.sql`)")
        .prints("table `public.by_hand` is only in live (by hand)");
    let column = "ALTER TABLE public.notes ADD COLUMN IF NOT EXISTS title";
    project.run(["diff", "--sql", "--dry-run"]).fails(1).prints(column).prints("-- left to you");
    let script = "init/003_bring_the_live_schema_along.sql";
    assert!(!project.path().join(script).exists());
    let told = project.run(["diff", "--sql"]).fails(1);
    told.prints(&format!("created {script}")).prints("left to you: table `public.by_hand`");
    assert!(std::fs::read_to_string(project.path().join(script)).unwrap().contains(column));
    let again = project.run(["diff", "--sql", "--dry-run"]).fails(1);
    again.prints("`003_bring_the_live_schema_along.sql` is pending there: `dbctl up` runs it");
    project.run(["up"]).succeeds().prints("003_bring_the_live_schema_along.sql");
    project.run(["diff"]).fails(1).prints("by_hand").does_not_print("title");
    project.sql("drop table by_hand");
    project.run(["diff", "--sql"]).succeeds().prints("no statement is needed");
    project.run(["check"]).prints("each runs twice");
    project.run(["show", "9"]).fails(2).prints("no script `9`");
}

#[test]
fn a_repository_is_written_from_the_live_table() {
    let project = project();
    project.run(["up"]).succeeds();
    project
        .run(["new", "--repository", "notes"])
        .succeeds()
        .prints("class NotesRepository")
        .prints("async def get(")
        .prints("async def upsert(");
    project.run(["new", "--repository", "nothing"]).fails(3).prints("nothing");
    assert!(!project.path().join("init/003_notes.sql").exists());
}
