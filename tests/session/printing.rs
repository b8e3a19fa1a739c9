//! What is shown, against the bytes of the real psql.

use super::script::{AUTOCOMMIT, Bench, Script, psql_shows};
use dbctl::session::Mode;

/// Each line is a statement of its own.
const STATEMENTS: &str = r"
select 1;
select 1 as one, 'two' as two, null as nothing;
select;
select from generate_series(1, 3);
select 1 where false;
select 'a' as x, 'b' as y where false;
select * from generate_series(8, 12) as g(number);
select 1.5::float8, 2::numeric(10,3), 3::money, 4::oid, 5::bigint, 6::smallint, 7::real;
select true, 'x'::char(5), 'abc'::bytea, '{1,2}'::int[], '1 day'::interval;
select E'one\ntwo' as lines, 'x' as next;
select 'x' as first, E'one\ntwo\n\nfour' as lines;
select E'a\tb' as tab, E'12345678\tb' as tabs, E'a\rb' as cr;
select E'bell\x07' as control, E'del\x7f' as del, U&'c1\0085' as c1;
select 'ä' as umlaut, '漢字' as wide, 'e' || U&'\0301' as combined, '😀' as smile;
select 1 as ä, 2 as 漢字, 3 as x;
select 'short' as a_rather_long_title, 'a rather long value' as t;
select 1 as a, 22 as bb, 333 as ccc union all select 4444, 5, 6 order by 1;
select repeat('long ', 60) as long, 1 as one;
select 'left' as l, 1 as r, 'left' as l, 1 as r;
select 1 as two
;select 'x' as trailing_semicolon;
create table t (id serial primary key, name text);
insert into t (name) values ('one'), ('two');
insert into t (name) values ('three') returning *;
update t set name = upper(name) where id < 3;
update t set name = 'x' where id = 3 returning id, name;
delete from t where id = 2 returning name;
table t;
copy t to stdout;
copy (select 1, 'two') to stdout csv header;
create table s as select * from t;
select * into s2 from t;
select 1 \; select 2 as second \; create table u ();
;
show work_mem;
explain (costs off) select 1;
begin; declare c cursor for select generate_series(1, 3) as n; fetch 2 from c; fetch all from c; commit;
values (1, 'x'), (2, null);
select array_agg(x) from (values ('a b'), (null)) v(x);
select '<a href=x>' as html, '|' as pipe, '\' as backslash;
select now() is not null as ok;
set work_mem = '1MB';
prepare p as select $1::int + 1 as next; execute p(41); deallocate p;
drop table s, s2;
do $$ begin raise notice 'first'; raise warning 'second' using detail = 'd', hint = 'h'; end $$;
create table if not exists t ();
select 1; do $$ begin raise notice E'two\nlines'; end $$; select 2;
do $$ begin raise info 'info'; raise log 'unseen'; raise debug 'unseen'; end $$;
truncate t;
listen l; notify l, 'payload'; notify l;
select 1 as last_without_semicolon";

#[test]
fn results_tags_and_notices_are_psqls_byte_for_byte() {
    let script = Script::new(STATEMENTS);
    let (mut out, err) = Bench::new().shown(&script, AUTOCOMMIT);
    let (mut expected, expected_err) = psql_shows(&script);
    for text in [&mut out, &mut expected] {
        // The process that notifies differs.
        *text = text.lines().map(|line| line.split(" PID ").next().unwrap().to_owned() + "\n").collect();
    }
    similar(&out, &expected);
    similar(&err, &expected_err);
    assert!(expected.len() > 3000, "psql printed too little to compare");
}

/// Fails at the first line that differs.
fn similar(ours: &str, psqls: &str) {
    for (number, (our, psqls)) in ours.lines().zip(psqls.lines()).enumerate() {
        assert_eq!(our, psqls, "line {}", number + 1);
    }
    assert_eq!(ours, psqls);
}

#[test]
fn pipelining_changes_nothing_that_is_shown() {
    let fits = |line: &&str| !line.starts_with("begin;") && !line.starts_with("listen");
    let statements = STATEMENTS.lines().filter(fits).collect::<Vec<_>>().join("\n");
    let script = Script::new(statements);
    assert_eq!(Bench::new().shown(&script, Mode::Transaction), Bench::new().shown(&script, AUTOCOMMIT));
}

#[test]
fn every_character_has_the_width_that_psql_gives_it() {
    let script = Script::new(
        "select chr(n) || '' as c, 1 as after from generate_series(1, 1114111) n where n not between 55296 and 57343;",
    );
    let (out, _) = Bench::new().shown(&script, AUTOCOMMIT);
    let (expected, _) = psql_shows(&script);
    let wrong: Vec<_> = out.lines().zip(expected.lines()).filter(|(ours, psqls)| ours != psqls).collect();
    assert!(wrong.is_empty(), "{} differ: {:?}", wrong.len(), &wrong[..wrong.len().min(40)]);
}
