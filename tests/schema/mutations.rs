//! Every way to change a schema is seen.

use dbctl::endpoint::Address;
use dbctl::schema::{Sides, diff};

use super::ground::{GROUND, Ground, ROLES, database, dump, run, schema};
use crate::harness::{Project, docker};
use crate::session::cluster::{Cluster, login};

#[test]
fn two_databases_built_alike_do_not_differ() {
    let (first, second) = (database(GROUND), database(GROUND));
    let differences = diff(&schema(&first), &schema(&second));
    assert!(differences.is_empty(), "{differences:#?}");
    run(&second, "create schema dbctl; create table dbctl.ledger (); create temp table gone ();");
    assert_eq!(diff(&schema(&first), &schema(&second)), []);
}

#[test]
fn each_of_the_mutations_is_seen() {
    let cluster = Cluster::new();
    cluster.session("postgres").simple(ROLES).unwrap();
    let name = cluster.database();
    let ground = Ground::on(&cluster, &name);
    ground.run(GROUND);
    let mut before = dump(&cluster, &name);
    let mut outside_the_dump = 0;
    let wrong = unseen(&ground, || {
        let after = dump(&cluster, &name);
        outside_the_dump += usize::from(before == after);
        before = after;
    });
    assert!(wrong.is_empty(), "{} of {} are not seen:\n{}", wrong.len(), MUTATIONS.len(), wrong.join("\n"));
    assert!(MUTATIONS.len() >= 100);
    // Roles, the database's own settings, and an extension's version are in no schema-only dump.
    assert_eq!(outside_the_dump, OUTSIDE_THE_DUMP);
}

#[test]
fn each_of_the_mutations_is_seen_on_version_17() {
    let project = Project::with_service_of("dbctl-postgres:17").script("001_first.sql", "select 1;");
    project.run(["up"]).succeeds();
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let host = docker(["inspect", "-f", format, &project.container()]).parse().unwrap();
    project.sql("create role postgres superuser login password 'sesame'");
    project.sql("create database ground");
    let address = Address::Tcp { host, port: 5432 };
    let ground = Ground::at(address, login("postgres", Some("sesame"), "ground"));
    ground.run(ROLES);
    ground.run(GROUND);
    let wrong = unseen(&ground, || {});
    assert!(wrong.is_empty(), "{} of {} are not seen:\n{}", wrong.len(), MUTATIONS.len(), wrong.join("\n"));
}

/// The mutations whose words are not told.
fn unseen(ground: &Ground, mut after_each: impl FnMut()) -> Vec<String> {
    let mut before = ground.schema();
    let mut wrong = Vec::new();
    for (sql, words) in MUTATIONS {
        if let Err(error) = ground.attempt(sql) {
            wrong.push(format!("{sql}\n  refused: {error}"));
        }
        let after = ground.schema();
        let differences = diff(&before, &after);
        let told: Vec<String> = differences.iter().map(|one| one.told(Sides::BeforeAndAfter)).collect();
        let told = told.join("\n");
        if !told.contains(words) || told.is_empty() {
            wrong.push(format!("{sql}\n  wanted: {words}\n  told: {told}"));
        }
        before = after;
        after_each();
    }
    wrong
}

const OUTSIDE_THE_DUMP: usize = 4;

/// What is done, and what must be told.
const MUTATIONS: &[(&str, &str)] = &[
    ("create schema more", "adds schema `more`"),
    ("alter schema app owner to writer", "owner: `postgres` → `writer`"),
    ("comment on schema app is 'the app'", "comment: — → `the app`"),
    ("grant create on schema app to writer with grant option", "changes schema `app`"),
    ("revoke usage on schema public from public", "changes schema `public`"),
    ("create extension pgcrypto", "adds extension `pgcrypto`"),
    ("alter extension pgcrypto set schema more", "schema: `public` → `more`"),
    ("drop extension pgcrypto", "removes extension `pgcrypto`"),
    ("alter type app.mood add value 'great' after 'happy'", "values: — → `great`"),
    ("alter type app.mood rename value 'sad' to 'low'", "values: `sad` → `low`"),
    ("alter type app.pair add attribute c integer cascade", "adds attribute `app.pair.c`"),
    ("alter type app.pair alter attribute c type bigint cascade", "type: `integer` → `bigint`"),
    ("comment on column app.pair.c is 'third'", "changes attribute `app.pair.c`"),
    ("alter domain app.positive set default 2", "default: `1` → `2`"),
    ("alter domain app.positive set not null", "not null: — → `yes`"),
    (
        "alter domain app.positive add constraint small check (value < 1000)",
        "adds constraint `app.positive.small`",
    ),
    (
        "alter domain app.positive drop constraint is_positive",
        "removes constraint `app.positive.is_positive`",
    ),
    ("revoke usage on type app.positive from public", "not USAGE to PUBLIC"),
    ("create type app.dates as range (subtype = date)", "adds range type `app.dates`"),
    ("alter type app.shell owner to writer", "changes base type `app.shell`"),
    ("create type app.later", "adds base type `app.later`"),
    ("alter table app.customers add column phone text", "adds column `app.customers.phone`"),
    (
        "alter table app.customers alter column phone type varchar(20)",
        "type: `text` → `character varying(20)`",
    ),
    ("alter table app.customers alter column phone set default '-'", "default: — → `'-'::character varying`"),
    ("alter table app.customers alter column phone set not null", "not null: — → `yes`"),
    ("alter table app.customers alter column phone set statistics 50", "statistics: — → `50`"),
    ("alter table app.customers alter column phone set storage external", "storage: — → `external`"),
    ("alter table app.customers alter column phone set compression pglz", "compression: — → `pglz`"),
    ("alter table app.customers alter column phone set (n_distinct = 7)", "options: — → `n_distinct=7`"),
    (
        "alter table app.customers alter column phone type varchar(20) collate app.plain",
        "collation: — → `app.plain`",
    ),
    ("comment on column app.customers.phone is 'how to call'", "comment: — → `how to call`"),
    ("grant select (phone) on app.customers to writer", "privileges: — → `SELECT to writer`"),
    ("alter table app.customers rename column phone to telephone", "removes column `app.customers.phone`"),
    ("alter table app.customers drop column telephone", "removes column `app.customers.telephone`"),
    ("alter table app.copied drop column b, add column b integer, add column d integer", ""),
    (
        "alter table app.copied drop column b; alter table app.copied add column b integer",
        "order of columns: `a, b, d` → `a, d, b`",
    ),
    ("alter table app.orders alter column id set generated by default", "identity: `always` → `by default`"),
    ("alter table app.orders alter column id set increment by 10", "changes sequence `app.orders_id_seq`"),
    ("alter table app.orders alter column id drop identity", "identity: `by default` → —"),
    ("alter table app.orders alter column twice drop expression", "generated: `(amount * (2)::numeric)` → —"),
    ("alter table app.copied add column s serial", "adds sequence `app.copied_s_seq`"),
    ("alter table app.customers owner to writer", "changes table `app.customers`"),
    ("alter table app.copied set unlogged", "unlogged: — → `yes`"),
    (
        "alter table app.copied set (fillfactor = 70, toast.autovacuum_enabled = off)",
        "storage parameters: — → `fillfactor=70",
    ),
    ("alter table app.copied set access method pile", "access method: — → `pile`"),
    ("alter table app.orders force row level security", "row security: `enabled` → `enabled, forced`"),
    ("alter table app.orders disable row level security", "row security: `enabled, forced` → `forced`"),
    ("alter table app.copied replica identity full", "replica identity: — → `full`"),
    ("alter table app.copied replica identity using index copied_a", "changes index `app.copied_a`"),
    ("alter table app.copied cluster on copied_a", "clustered: — → `yes`"),
    (
        "alter table app.customers cluster on customers_pkey",
        "changes constraint `app.customers.customers_pkey`",
    ),
    ("alter table app.child no inherit app.parent", "inherits: `app.parent` → —"),
    ("alter table app.typed not of", "of type: `app.pair` → —"),
    (
        "create table app.events_2026 partition of app.events for values from ('2026-01-01Z') to ('2027-01-01Z')",
        "adds table `app.events_2026`",
    ),
    ("alter table app.events detach partition app.events_2025", "partition of: `app.events FOR VALUES FROM"),
    ("grant insert on app.customers to reader", "privileges: — → `INSERT to reader`"),
    ("revoke select on app.customers from reader", "privileges: `SELECT to reader` → —"),
    ("comment on table app.orders is null", "comment: `What was bought` → —"),
    ("create table more.things (a integer)", "adds table `more.things`"),
    (
        "drop table \"Odd \"\"name\".\"Table.with.dots\"",
        "removes table `\"Odd \"\"name\".\"Table.with.dots\"`",
    ),
    ("alter table more.things rename to stuff", "adds table `more.stuff`"),
    ("alter table more.stuff set schema app", "removes table `more.stuff`"),
    (
        "alter table app.stuff add constraint a_known check (a > 0) not valid",
        "adds constraint `app.stuff.a_known`",
    ),
    ("alter table app.stuff validate constraint a_known", "NOT VALID` → `CHECK ((a > 0))`"),
    ("comment on constraint a_known on app.stuff is 'known'", "changes constraint `app.stuff.a_known`"),
    ("alter table app.stuff add primary key (a)", "adds constraint `app.stuff.stuff_pkey`"),
    ("alter index app.stuff_pkey set (fillfactor = 50)", "storage parameters: — → `fillfactor=50`"),
    ("comment on index app.stuff_pkey is 'key'", "comment on its index: — → `key`"),
    (
        "alter table app.orders alter constraint orders_customer_id_fkey deferrable initially deferred",
        "DEFERRABLE INITIALLY DEFERRED",
    ),
    ("alter table app.orders drop constraint no_overlap", "removes constraint `app.orders.no_overlap`"),
    ("create index stuff_a on app.stuff (a desc)", "adds index `app.stuff_a`"),
    (
        "drop index app.stuff_a; create index stuff_a on app.stuff (a)",
        "USING btree (a DESC)` → `CREATE INDEX",
    ),
    ("alter index app.orders_half alter column 1 set statistics 77", "statistics: — → `1: 77`"),
    ("alter index app.orders_tags set (fastupdate = off)", "changes index `app.orders_tags`"),
    (
        "update pg_index set indisvalid = false where indexrelid = 'app.stuff_a'::regclass",
        "invalid: — → `yes`",
    ),
    ("drop index app.orders_customer", "removes index `app.orders_customer`"),
    ("alter statistics app.orders_stats set statistics 42", "changes statistics `app.orders_stats`"),
    (
        "drop statistics app.orders_stats; create statistics app.orders_stats (mcv) on customer_id, amount from app.orders",
        "(ndistinct)",
    ),
    ("alter sequence app.numbers increment by 5 maxvalue 1000 cycle", "increment: `1` → `5`"),
    ("alter sequence app.numbers owned by app.stuff.a", "owned by: — → `app.stuff.a`"),
    ("grant usage on sequence app.numbers to reader", "USAGE to reader"),
    (
        "create or replace view app.rich as select id, name from app.customers where rank > 20",
        "rank)::integer > 10",
    ),
    ("alter view app.rich set (security_barrier)", "storage parameters: — → `security_barrier=true`"),
    ("alter view app.rich alter column name set default 'x'", "changes column `app.rich.name`"),
    ("comment on view app.rich is 'the rich'", "changes view `app.rich`"),
    (
        "drop materialized view app.sums; create materialized view app.sums as select customer_id, max(amount) as total from app.orders group by 1",
        "changes materialized view `app.sums`",
    ),
    (
        "create or replace function app.add(a integer, b integer default 1) returns integer language sql immutable as 'select b + a'",
        "select b + a",
    ),
    ("alter function app.add(integer, integer) cost 7 strict", "changes function `app.add(integer,integer)`"),
    ("alter function app.touch() security definer set search_path = ''", "SECURITY DEFINER"),
    ("revoke execute on function app.touch() from public", "not EXECUTE to PUBLIC"),
    ("comment on function app.touch() is 'touches'", "changes function `app.touch()`"),
    (
        "create function app.add(a text) returns text language sql as 'select a'",
        "adds function `app.add(text)`",
    ),
    (
        "create or replace procedure app.tidy(inout done integer) language plpgsql as $$ begin done := 2; end; $$",
        "changes procedure `app.tidy(integer)`",
    ),
    (
        "create or replace aggregate app.total(integer) (sfunc = app.add, stype = integer, initcond = '1')",
        "changes aggregate `app.total(integer)`",
    ),
    (
        "alter operator app.=== (integer, integer) set (restrict = eqsel)",
        "changes operator `app.===(integer,integer)`",
    ),
    (
        "alter operator family app.numbers using btree add operator 1 < (integer, bigint), function 1 (integer, bigint) btint48cmp(integer, bigint)",
        "changes operator family `app.numbers using btree`",
    ),
    (
        "create operator class app.other for type integer using hash as operator 1 =, function 1 hashint4(integer)",
        "adds operator class `app.other using hash`",
    ),
    ("drop operator class app.int_class using btree", "removes operator class `app.int_class using btree`"),
    (
        "drop cast (integer as app.mood); create cast (integer as app.mood) with function app.to_mood(integer) as assignment",
        "changes cast `(integer AS app.mood)`",
    ),
    (
        "comment on transform for integer language sql is 'odd'",
        "changes transform `for integer language sql`",
    ),
    (
        "drop conversion app.latin; create default conversion app.latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
        "changes conversion `app.latin`",
    ),
    ("create collation app.other (locale = 'POSIX')", "adds collation `app.other`"),
    (
        "alter text search dictionary app.words (stopwords = german)",
        "changes text search dictionary `app.words`",
    ),
    (
        "alter text search configuration app.search alter mapping for asciiword with app.words, simple",
        "mappings: `asciiword with simple` → `asciiword with app.words, simple`",
    ),
    ("drop text search parser app.parser", "removes text search parser `app.parser`"),
    ("comment on text search template app.template is 'form'", "changes text search template `app.template`"),
    (
        "drop rule quiet on app.orders; create rule quiet as on delete to app.orders where old.amount > 2000 do instead nothing",
        "changes rule `app.orders.quiet`",
    ),
    ("alter table app.orders disable rule quiet", "enabled: — → `no`"),
    ("alter table app.orders disable trigger touch", "changes trigger `app.orders.touch`"),
    (
        "drop trigger touch on app.orders; create trigger touch before update of note on app.orders for each row execute function app.touch()",
        "changes trigger `app.orders.touch`",
    ),
    (
        "create constraint trigger later after insert on app.orders deferrable for each row execute function app.touch()",
        "adds trigger `app.orders.later`",
    ),
    ("alter table app.events_2026 disable trigger touch", "changes trigger `app.events_2026.touch`"),
    ("alter event trigger watch enable always", "enabled: `no` → `always`"),
    ("alter policy own on app.orders to reader using (customer_id = 2)", "to: `writer` → `reader`"),
    (
        "create policy never on app.orders as restrictive for all using (false)",
        "adds policy `app.orders.never`",
    ),
    ("drop policy own on app.orders", "removes policy `app.orders.own`"),
    ("alter publication news add table app.stuff where (a > 1)", "tables: — → `app.stuff WHERE ((a > 1))`"),
    (
        "alter publication news set (publish = 'insert')",
        "publishes: `insert, update, delete, truncate` → `insert`",
    ),
    ("alter publication news add tables in schema more", "schemas: — → `more`"),
    (
        "alter subscription hears connection 'host=near.example password=secret'",
        "connection: `host=far.example password=…` → `host=near.example password=…`",
    ),
    ("alter subscription hears set (binary = true)", "binary: — → `yes`"),
    (
        "alter server far options (set host 'near.example')",
        "options: `host=far.example` → `host=near.example`",
    ),
    ("alter user mapping for writer server far options (set password 'other')", "options: `password=(hash "),
    ("alter foreign table app.distant options (add schema_name 's')", "options: — → `schema_name=s`"),
    (
        "alter foreign table app.distant alter column a options (set column_name 'c')",
        "foreign options: `column_name=b` → `column_name=c`",
    ),
    ("grant usage on foreign server far to writer", "USAGE to writer"),
    (
        "alter foreign data wrapper own_wrapper options (add debug 'true')",
        "changes foreign-data wrapper `own_wrapper`",
    ),
    ("comment on access method pile is 'a heap'", "changes access method `pile`"),
    ("alter language plother owner to writer", "changes language `plother`"),
    (
        "alter default privileges in schema app grant insert on tables to writer",
        "changes default privileges `of postgres on tables in schema app`",
    ),
    (
        "alter default privileges revoke execute on functions from public",
        "adds default privileges `of postgres on functions`",
    ),
    ("grant select on pg_catalog.pg_authid to writer", "adds system privileges `table pg_catalog.pg_authid`"),
    (
        "revoke execute on function public.citext_hash(citext) from public",
        "system privileges `function public.citext_hash",
    ),
    ("alter role reader login connection limit 3", "connection limit: — → `3`"),
    ("grant reader to writer with admin option", "member of: — → `reader with admin option`"),
    (
        "do $$ begin execute format('alter database %I set work_mem = ''8MB''', current_database()); end $$",
        "changes database `this database`",
    ),
    (
        "alter extension citext update to '1.6'; update pg_extension set extversion = '1.5' where extname = 'citext'",
        "version: `1.6` → `1.5`",
    ),
];
