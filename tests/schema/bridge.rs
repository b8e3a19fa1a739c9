//! The statements that bring one schema to another, run and judged by the difference that is left.

use std::collections::BTreeSet;

use dbctl::schema::{Bridge, Key, diff, statements};

use super::ground::{GROUND, database, run, schema};

/// Runs the bridge from one database to another, on the first; what differs then, apart from what was left.
fn cross(from: &str, to: &str) -> (Bridge, Vec<String>) {
    let wanted = schema(to);
    let bridge = statements(&schema(from), &wanted);
    run(from, &format!("begin;\n{}commit;", bridge.sql()));
    // What is there already is left alone: the same once more changes nothing.
    let once = schema(from);
    run(from, &format!("begin;\n{}commit;", bridge.sql()));
    assert_eq!(diff(&once, &schema(from)).iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    let left: BTreeSet<&Key> = bridge.left.iter().map(|left| &left.key).collect();
    let differences = diff(&schema(from), &wanted);
    let remaining = differences.iter().filter(|difference| !left.contains(&difference.key));
    let remaining = remaining.map(ToString::to_string).collect();
    (bridge, remaining)
}

#[test]
fn an_empty_database_gets_everything_that_can_be_written_down() {
    let (bridge, remaining) = cross(&database(""), &database(GROUND));
    assert!(remaining.is_empty(), "{}", remaining.join("\n"));
    let left: Vec<String> = bridge.left.iter().map(|left| left.key.to_string()).collect();
    assert_eq!(left, ["user mapping `for writer server far`", "subscription `hears`"]);
}

#[test]
fn what_is_safe_is_done_in_place() {
    const SAFE: &str = "
        alter type app.mood add value 'great' after 'ok'; alter type app.mood add value 'worst' before 'sad';
        alter domain app.positive set default 5;
        alter table app.customers add column nickname varchar(20) default 'none', add column born date;
        alter table app.customers alter column name drop not null, alter column name set default 'nobody',
            alter column name set statistics 90, alter column name set storage external;
        create index customers_name on app.customers (name);
        comment on column app.customers.name is 'who''s who'; comment on table app.orders is null;
        grant insert, select on app.orders to reader with grant option; revoke select on app.customers from reader;
        grant insert (note) on app.orders to writer; revoke execute on function app.touch() from public;
        create or replace function app.add(a integer, b integer default 1) returns integer language sql as 'select b + a';
        create or replace view app.rich as select id, name, email from app.customers where rank > 1000;
        alter table app.copied enable row level security, force row level security;
        alter table app.copied set (fillfactor = 70);
        alter table app.orders disable trigger touch;
        drop trigger touch on app.events;
        create trigger touch before insert on app.events for each row execute function app.touch();
        alter policy own on app.orders using (customer_id = 2);
        alter sequence app.numbers increment by 5;
        alter table app.orders add constraint not_too_much check (amount < 1000000);
        create table app.late (id serial primary key, mood app.mood default 'ok', customer bigint references app.customers);
        alter table app.late owner to writer;
        alter default privileges in schema app grant insert on tables to writer;
        create view app.latest as select * from app.late;";
    let (from, to) = (database(GROUND), database(GROUND));
    run(&to, SAFE);
    let (bridge, remaining) = cross(&from, &to);
    assert!(remaining.is_empty(), "{}\n{}", remaining.join("\n"), bridge.sql());
    assert_eq!(bridge.left, []);
}

#[test]
fn names_that_are_words_of_sql_and_what_goes_with_its_table_are_no_obstacle() {
    const BOTH: &str = "
        create table app.shared (id integer primary key, name text);
        grant update (name) on app.shared to reader with grant option;
        create table app.numbered (id serial primary key);";
    let both = format!("{GROUND}\n{BOTH}");
    let (from, to) = (database(&both), database(&both));
    run(&from, "grant update on app.shared to reader; alter table app.numbered owner to writer;");
    run(
        &to,
        "alter table app.shared add column \"order\" integer, add column \"user\" text default 'me';
         create table app.\"table\" (\"select\" integer, \"values\" text);
         create view app.names as select id, name from app.shared;
         alter view app.names alter column name set default 'nobody';",
    );
    let (bridge, remaining) = cross(&from, &to);
    assert!(remaining.is_empty(), "{}\n{}", remaining.join("\n"), bridge.sql());
    assert_eq!(bridge.left, []);
}

#[test]
fn an_enum_has_its_new_value_before_anything_uses_it() {
    let (from, to) = (database(GROUND), database(GROUND));
    run(&to, "alter type app.mood add value 'great';");
    run(&to, "alter table app.orders add column mood app.mood not null default 'great';");
    let bridge = statements(&schema(&from), &schema(&to));
    let places = ["ADD VALUE IF NOT EXISTS 'great'", "DEFAULT 'great'"].map(|words| bridge.sql().find(words));
    assert!(places[0].is_some() && places[0] < places[1], "{}", bridge.sql());
}

#[test]
fn what_could_lose_or_refuse_rows_is_left_to_a_person() {
    const UNSAFE: &str = "
        alter table app.customers alter column rank type bigint, alter column email set not null,
            drop column \"Weird Column\", add column must text not null;
        drop table app.parent cascade; drop index app.orders_customer; drop function app.to_mood(integer) cascade;
        alter type app.mood rename value 'sad' to 'low';";
    let (from, to) = (database(GROUND), database(GROUND));
    run(&to, &UNSAFE.replace("alter column rank type bigint,", "alter column created_at type text,"));
    let bridge = statements(&schema(&from), &schema(&to));
    assert_eq!(bridge.sql(), "");
    let left: Vec<String> = bridge.left.iter().map(|left| format!("{}: {}", left.key, left.why)).collect();
    let left = left.join("\n");
    for words in [
        "column `app.customers.must`: is not null",
        "enum `app.mood`: values: `sad, ok, happy` → `low, ok, happy`",
        "column `app.customers.\"Weird Column\"`: is not wanted",
        "column `app.customers.created_at`: type: `timestamp with time zone` → `text`",
        "column `app.customers.email`: not null: — → `yes`",
        "table `app.parent`: is not wanted",
        "index `app.orders_customer`: is not wanted",
        "cast `(integer AS app.mood)`: is not wanted",
    ] {
        assert!(left.contains(words), "{words}\n{left}");
    }
    assert!(!left.contains("app.parent.a"), "{left}");
}
