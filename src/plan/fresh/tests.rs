//! Where fresh databases are built, case by case, as text.

use super::*;
use crate::layer::Ground;
use crate::ledger::{Applied, Entry, Mode, Outcome, Past, Ran};
use crate::script::{Checksum, Compression, Directives, Kind, ScriptId};
use crate::sql::reach;

/// A project with its history, in which the tests change one thing.
struct Case {
    scripts: Vec<Judged>,
    ledger: Vec<Entry>,
    building: bool,
    layers: Vec<Layer>,
    past: Past,
    prepared: Option<usize>,
    to: Option<&'static str>,
    image_fills: bool,
    has_place: bool,
}

fn judged(name: &str, text: &str) -> Judged {
    let script = Script {
        id: ScriptId::of_name(name),
        name: name.to_owned(),
        path: name.into(),
        kind: Kind::of_name(name).unwrap_or(Kind::Sql(Compression::None)),
        checksum: Checksum::from_text(text),
        directives: Directives::default(),
    };
    let reach = match script.kind {
        Kind::Shell => Reach::of_shell(),
        Kind::Sql(_) => reach::reach(text.as_bytes()).expect("memory can be read"),
    };
    Judged { script, reach }
}

fn applied(name: &str, text: &str) -> Entry {
    let applied = Applied { checksum: text.to_owned(), token_hash: None, at: String::new() };
    Entry {
        script: name.to_owned(),
        outcome: Outcome::Applied,
        mode: Mode::Transaction,
        checksum: text.to_owned(),
        finished: 1,
        finished_hash: None,
        at: String::new(),
        took_ms: None,
        error: None,
        by: String::new(),
        applied: Some(applied),
    }
}

/// As the ledger tells it.
fn ran(name: &str, text: &str) -> Ran {
    let Judged { script, reach } = judged(name, text);
    Ran { script: script.name, checksum: text.to_owned(), extent: Some(reach.extent()) }
}

const ROLE: &str = "do $$ begin execute 'create role app login'; end $$;";

impl Case {
    /// All was built from these texts, and the layers before the last script and at the end were kept.
    fn built(texts: &[(&str, &str)]) -> Self {
        let scripts: Vec<Judged> = texts.iter().map(|(name, text)| judged(name, text)).collect();
        let mut case = Self {
            ledger: texts.iter().map(|(name, text)| applied(name, text)).collect(),
            scripts,
            building: false,
            layers: Vec::new(),
            past: Past(texts.iter().map(|(name, text)| ran(name, text)).collect()),
            prepared: None,
            to: None,
            image_fills: false,
            has_place: true,
        };
        case.keep(texts.len() - 1);
        case.keep(texts.len());
        case
    }

    fn usual() -> Self {
        Self::built(&[
            ("001_roles.sql", ROLE),
            ("002_a.sql", "create table a ();"),
            ("003_b.sql", "create table b ();"),
        ])
    }

    fn keys(&self) -> Vec<LayerKey> {
        let (wanted, _) = in_build_order(self.scripts.clone(), self.to);
        Ground::default().keys(wanted.iter().map(|judged| &judged.script))
    }

    fn keep(&mut self, scripts: usize) {
        let key = self.keys().swap_remove(scripts);
        self.layers.push(Layer { key, through: None, bytes: 1, used: 1 });
    }

    fn edit(mut self, index: usize, text: &str) -> Self {
        self.scripts[index] = judged(&self.scripts[index].script.name.clone(), text);
        self
    }

    fn text(&self) -> String {
        let keys = self.keys();
        let (wanted, left_out) = in_build_order(self.scripts.clone(), self.to);
        let ledger = Ledger::new(self.ledger.clone(), self.building);
        let prepared: Vec<LayerKey> = self.prepared.iter().map(|&scripts| keys[scripts].clone()).collect();
        let facts = Facts {
            scripts: &wanted,
            left_out: &left_out,
            keys: &keys,
            layers: &self.layers,
            ledger: &ledger,
            past: &self.past,
            prepared: &prepared,
            image_fills: self.image_fills,
            has_place: self.has_place,
        };
        fresh(&facts).to_string()
    }

    #[track_caller]
    fn assert_begins(&self, expected: &str) {
        let text = self.text();
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn an_edited_script_is_run_on_a_clone_of_the_layer_before_it() {
    let case = Case::usual().edit(2, "create table b (c int);");
    let expected = "build in place, from the layer of 2 scripts\n  1. run `003_b.sql`\n  \
                    2. swap: the old one is kept as the previous generation\n";
    assert_eq!(case.text(), expected);
}

#[test]
fn a_ready_clone_is_used_where_it_is_one_of_that_layer() {
    let mut case = Case::usual().edit(2, "create table b (c int);");
    case.prepared = Some(2);
    case.assert_begins("build in place, from a clone of the layer of 2 scripts that lies ready\n");
    case.prepared = Some(3);
    case.assert_begins("build in place, from the layer of 2 scripts\n");
}

#[test]
fn where_nothing_changed_a_clone_of_the_last_layer_is_swapped_in() {
    let expected = "build in place, from the layer of 3 scripts\n  \
                    1. swap: the old one is kept as the previous generation\n";
    assert_eq!(Case::usual().text(), expected);
}

#[test]
fn the_first_build_is_in_the_services_database_itself() {
    let mut case = Case::usual();
    (case.ledger, case.layers, case.building) = (Vec::new(), Vec::new(), true);
    let expected = "build in the service's database, in which nothing has run yet\n  \
                    1. keep a layer before all scripts\n  2. run `001_roles.sql`\n  3. run `002_a.sql`\n  \
                    4. run `003_b.sql`\n";
    assert_eq!(case.text(), expected);
    case.ledger = vec![applied("001_roles.sql", ROLE)];
    case.assert_begins(
        "build through a twin: `001_roles.sql`, line 1, column 22: `create role` is about a role\n",
    );
}

#[test]
fn a_guarded_role_edited_from_login_to_nologin_goes_through_a_twin() {
    let case = Case::usual().edit(0, "do $$ begin execute 'create role app nologin'; end $$;");
    let expected = "build through a twin: `001_roles.sql`, line 1, column 22: `create role` is about a role\n  \
                    1. keep a layer before all scripts\n  2. run `001_roles.sql`\n  \
                    3. keep a layer after `001_roles.sql`\n  4. run `002_a.sql`\n  5. run `003_b.sql`\n  \
                    6. keep a layer after `003_b.sql`\n  7. swap: the old one is kept as the previous generation\n";
    assert_eq!(case.text(), expected);
}

#[test]
fn a_script_that_no_longer_makes_a_role_goes_through_a_twin() {
    let case = Case::built(&[("001_a.sql", "create table a ();"), ("002_b.sql", ROLE)]);
    let case = case.edit(1, "create table b ();");
    case.assert_begins(
        "build through a twin: `002_b.sql` was edited after it ran, and what its old text did beyond the database",
    );
}

#[test]
fn a_text_of_which_nobody_knows_how_far_it_reached_goes_through_a_twin() {
    let mut case = Case::usual();
    case.past.0[2].extent = None;
    case.assert_begins("build in place, from the layer of 3 scripts\n");
    case.edit(2, "create table other ();").assert_begins("build through a twin: `003_b.sql` was edited");
}

#[test]
fn a_role_script_that_was_edited_run_by_exec_and_edited_back_goes_through_a_twin() {
    let mut case = Case::usual();
    case.past.0.push(ran("001_roles.sql", "alter role app nologin;"));
    case.assert_begins("build through a twin: `001_roles.sql` was edited after it ran");
}

#[test]
fn a_removed_script_that_reached_into_another_database_goes_through_a_twin() {
    let mut case = Case::usual();
    case.past.0.push(ran("004_gone.sql", "create table here ();"));
    case.assert_begins("build in place, from the layer of 3 scripts\n");
    case.past.0.push(ran("004_gone.sql", "\\c other\ncreate table there ();"));
    case.assert_begins("build through a twin: `004_gone.sql` ran and is not in the init dir any more");
}

#[test]
fn a_new_script_that_reaches_beyond_its_database_goes_through_a_twin() {
    for (text, why) in [
        ("alter database arasul_db set search_path = a;", "`alter database` is about a database"),
        ("grant connect on database arasul_db to app;", "`on database` is about the database itself"),
        (
            "alter system set shared_preload_libraries = 'x';",
            "`alter system` is about a setting of the server",
        ),
        ("\\c other\n", "`\\c` is about another connection"),
        ("select dblink_connect('x');", "`dblink_connect` is about dblink"),
        ("create database other;", "`create database` is about a database"),
    ] {
        let mut case = Case::usual();
        case.scripts.push(judged("004_c.sql", text));
        let text = case.text();
        assert!(
            text.starts_with("build through a twin: `004_c.sql`, line 1, ") && text.contains(why),
            "{text}"
        );
    }
}

#[test]
fn a_script_in_the_layer_may_have_made_roles() {
    let mut case = Case::usual();
    case.layers.truncate(1);
    case.assert_begins("build in place, from the layer of 2 scripts\n");
    case.layers.clear();
    case.assert_begins("build through a twin: `001_roles.sql`");
}

#[test]
fn no_layer_goes_beyond_what_the_checksum_does_not_cover() {
    let mut case = Case::built(&[
        ("001_a.sql", "create table a ();"),
        ("002_b.sql", "copy a from '/x';"),
        ("003_c.sql", "select 1;"),
    ]);
    case.keep(1);
    let expected = "build in place, from the layer of 1 script\n  1. run `002_b.sql`\n  2. run `003_c.sql`\n  \
                    3. swap: the old one is kept as the previous generation\n";
    assert_eq!(case.text(), expected);
    let shell =
        Case::built(&[("001_a.sql", "create table a ();"), ("002_b.sh", "?"), ("003_c.sql", "select 1;")]);
    shell.assert_begins("build through a twin: `002_b.sh`, line 1, column 1: `#!` is about a shell script\n");
}

#[test]
fn to_builds_a_prefix_and_what_it_leaves_out_must_not_stay_in_the_cluster() {
    let mut case = Case::usual();
    case.to = Some("002_a.sql");
    let expected = "build in place, from the layer of 2 scripts\n  \
                    1. swap: the old one is kept as the previous generation\n";
    assert_eq!(case.text(), expected);
    let mut case = Case::built(&[("001_a.sql", "select 1;"), ("002_roles.sql", ROLE)]);
    case.to = Some("001_a.sql");
    case.assert_begins(
        "build through a twin: `002_roles.sql` is left out, and what it did beyond the database would stay\n",
    );
    case.past.0.pop();
    case.assert_begins("build in place, from the layer of 1 script\n");
}

#[test]
fn an_empty_database_serves_only_where_the_image_fills_none() {
    let mut case = Case::built(&[("001_a.sql", "create table a ();")]);
    case.layers.clear();
    case.assert_begins("build in place, from an empty database\n  1. run `001_a.sql`\n  2. keep a layer");
    case.image_fills = true;
    case.assert_begins("build through a twin: no layer holds what the image itself puts");
}

#[test]
fn a_service_whose_database_cannot_be_renamed_is_built_through_a_twin() {
    let case = Case { has_place: false, ..Case::usual() };
    case.assert_begins("build through a twin: the service's database is one that dbctl cannot rename");
}

#[test]
fn repeatable_scripts_are_built_last() {
    let mut scripts = vec![
        judged("001_v.sql", "a"),
        judged("002_a.sql", "b"),
        judged("003_b.sql", "c"),
        judged("004_w.sql", "d"),
    ];
    (scripts[0].script.directives.repeatable, scripts[3].script.directives.repeatable) = (true, true);
    let names = |to: Option<&str>| {
        let (wanted, left_out) = in_build_order(scripts.clone(), to);
        let names =
            |judged: Vec<Judged>| judged.into_iter().map(|judged| judged.script.name).collect::<Vec<_>>();
        (names(wanted).join(" "), names(left_out).join(" "))
    };
    assert_eq!(names(None), ("002_a.sql 003_b.sql 001_v.sql 004_w.sql".to_owned(), String::new()));
    let limited = ("002_a.sql 001_v.sql".to_owned(), "003_b.sql 004_w.sql".to_owned());
    assert_eq!(names(Some("002_a.sql")), limited);
}
