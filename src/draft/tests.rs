//! What the patterns write, and that it keeps the conventions.

use std::path::PathBuf;

use super::{Draft, File, Pattern};
use crate::lint::config::Settings;
use crate::lint::{self, Config, Preset, Reading};
use crate::script::{Compression, Kind};

fn reading(name: &str, text: &str) -> Reading {
    let shown = format!("init/{name}");
    let file = lint::File {
        name: name.to_owned(),
        path: PathBuf::from(&shown),
        within: shown.clone(),
        shown,
        kind: Kind::Sql(Compression::None),
        is_wanted: true,
    };
    Reading::of(file, text.as_bytes().to_vec())
}

const BASE: &str = "CREATE TABLE IF NOT EXISTS users (id BIGSERIAL PRIMARY KEY, name VARCHAR(20) NOT NULL);
CREATE TABLE IF NOT EXISTS orders (id SERIAL PRIMARY KEY);";

fn files(preset: Preset, patterns: Vec<Pattern>) -> Vec<File> {
    let readings = [reading("029_base.sql", BASE)];
    let (author, date) = ("Ada".to_owned(), "2026-01-25".to_owned());
    Draft { title: None, author, date, patterns, preset, readings: &readings }.files()
}

fn all() -> Vec<Vec<Pattern>> {
    let patterns = || {
        [
            Pattern::table("widgets"),
            Pattern::column("users.nickname:varchar(255)"),
            Pattern::column("users.tags:text[]"),
            Pattern::column("public.users.seen:timestamp"),
            Pattern::foreign_key("orders.user_id:users.id"),
            Pattern::enumeration("mood:glad,it's"),
            Pattern::enum_value("mood:calm"),
            Pattern::trigger("orders"),
            Pattern::seed("users"),
            Pattern::table("Order"),
            Pattern::column("order.user:json"),
            Pattern::foreign_key("order.user_id:users.id"),
            Pattern::seed("order"),
        ]
        .map(|pattern| pattern.expect("it is sound"))
    };
    let mut all: Vec<Vec<Pattern>> = patterns().into_iter().map(|pattern| vec![pattern]).collect();
    all.push(patterns().into_iter().collect());
    all.push(Vec::new());
    all
}

#[test]
fn every_draft_keeps_every_convention() {
    for preset in [Preset::Init, Preset::Migrations] {
        for patterns in all() {
            let shown = format!("{patterns:?}");
            let several_tables = patterns.len() > 1;
            let mut readings = vec![reading("029_base.sql", BASE)];
            readings[0].file.is_wanted = false;
            readings.extend(files(preset, patterns).iter().map(|file| reading(&file.name, &file.text)));
            let off: &[String] = if several_tables { &["one-change=off".to_owned()] } else { &[] };
            let config = Config::new(&Settings::default(), Some(preset), off).expect("it is sound");
            let findings = lint::findings(&readings, &config);
            let told: Vec<_> = findings.iter().map(|finding| (finding.rule.name, &finding.message)).collect();
            assert!(told.is_empty(), "{shown}: {told:?}");
        }
    }
}

#[test]
fn a_column_is_asked_for_before_it_is_added() {
    let column = Pattern::column("users.nickname:varchar(255)").expect("it is sound");
    let expected = "\
-- 030_add_users_nickname.sql
-- Description: Add users nickname
-- Author: Ada
-- Date: 2026-01-25

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = 'users' AND column_name = 'nickname'
    ) THEN
        ALTER TABLE users ADD COLUMN nickname VARCHAR(255);
    END IF;
END $$;

COMMENT ON COLUMN users.nickname IS 'Nickname';
";
    let files = files(Preset::Init, vec![column]);
    assert_eq!(files.len(), 1);
    assert_eq!((files[0].name.as_str(), files[0].text.as_str()), ("030_add_users_nickname.sql", expected));
}

#[test]
fn what_would_lock_a_table_in_use_gets_files_of_its_own() {
    let key = || vec![Pattern::foreign_key("orders.user_id:users.id").expect("it is sound")];
    let names = |preset| files(preset, key()).into_iter().map(|file| file.name).collect::<Vec<_>>();
    assert_eq!(names(Preset::Init), ["030_link_orders_user_id.sql"]);
    let expected = [
        "030_link_orders_user_id.sql",
        "031_link_orders_user_id_index.sql",
        "032_link_orders_user_id_validate.sql",
    ];
    assert_eq!(names(Preset::Migrations), expected);
    let text = &files(Preset::Init, key())[0].text;
    assert!(text.contains("ADD COLUMN user_id BIGINT;"), "the type is the key's: {text}");
}

#[test]
fn the_function_that_stamps_is_written_once_and_a_known_one_is_used() {
    let trigger = || vec![Pattern::trigger("orders").expect("it is sound")];
    let text = &files(Preset::Init, trigger())[0].text;
    assert_eq!(text.matches("FUNCTION set_updated_at()").count(), 2, "defined and used: {text}");
    let known = "CREATE OR REPLACE FUNCTION app.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;";
    let readings = [reading("001_a.sql", known)];
    let (author, date) = (String::new(), String::new());
    let draft =
        Draft { title: None, author, date, patterns: trigger(), preset: Preset::Init, readings: &readings };
    let text = &draft.files()[0].text;
    assert!(
        text.contains("EXECUTE FUNCTION app.touch_updated_at()") && !text.contains("CREATE OR REPLACE"),
        "{text}"
    );
}
