//! What belongs to a database itself survives a rebuild.

use dbctl::database::generations::{Kind, Mark, Sessions};

use super::bench::{Bench, quoted};

fn catalog(bench: &Bench, database: &str) -> Vec<Vec<Option<String>>> {
    let sql = format!(
        "select d.datdba, d.datconnlimit, s.setrole::text, s.setconfig::text, \
         array(select a::text from unnest(d.datacl) as a order by 1)::text \
         from pg_database d left join pg_db_role_setting s on s.setdatabase = d.oid \
         where d.datname = '{}' order by s.setrole",
        database.replace('\'', "''")
    );
    bench.server(&sql)
}

#[test]
fn a_copy_gets_owner_privileges_settings_limit_and_comment() {
    let bench = Bench::new();
    let service = quoted(&bench.service);
    let [owner, first, second] = ["o", "a", "b"].map(|role| format!("{role}'{}", &bench.service[4..]));
    let [owner, first, second] = [&owner, &first, &second].map(|role| quoted(role));
    bench.server(&format!("create role {owner}; create role {first}; create role {second};"));
    bench.server(&format!(
        "alter database {service} owner to {owner}; alter database {service} connection limit 17;
         revoke all on database {service} from public;
         grant connect on database {service} to {first} with grant option;
         set role {first}; grant connect on database {service} to {second}; reset role;
         comment on database {service} is 'the user''s own';
         alter database {service} set search_path = app, \"Of, two\", \"$user\";
         alter database {service} set work_mem = '65536kB';
         alter database {service} set app.words = 'a, ''b'' \\ c';
         alter role {first} in database {service} set search_path = '';"
    ));
    let mut generations = bench.generations();
    let properties = generations.properties(&bench.service).unwrap();
    let mark = Mark::new(Kind::Building, &bench.service);
    let copy = generations.clone(&bench.service, &mark, Sessions::Respect).unwrap();
    assert_ne!(catalog(&bench, &copy), catalog(&bench, &bench.service));
    generations.reapply(&properties, &copy).unwrap();
    assert_eq!(catalog(&bench, &copy), catalog(&bench, &bench.service));
    assert_eq!(generations.properties(&copy).unwrap(), properties);
    let before = catalog(&bench, &bench.service);

    let previous = generations.swap(&copy).unwrap().previous;
    let comment = format!(
        "select shobj_description(oid, 'pg_database') from pg_database where datname = '{}'",
        bench.service
    );
    assert_eq!(bench.server(&comment), [[Some("the user's own".to_owned())]]);
    assert_eq!(catalog(&bench, &bench.service), before);
    assert_eq!(catalog(&bench, &previous), before);
}

#[test]
fn the_default_privileges_stay_the_default() {
    let bench = Bench::new();
    let new = bench.built("new");
    let mut generations = bench.generations();
    let properties = generations.properties(&bench.service).unwrap();
    generations.reapply(&properties, &new).unwrap();
    let sql = format!("select datacl from pg_database where datname = '{new}'");
    assert_eq!(bench.server(&sql), [[None]]);
}
