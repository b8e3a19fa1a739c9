//! The catalog queries for one server: lines for other versions left out, abbreviations written out.

/// Each gives rows of kind, name, owner of the part, short name, position, address, properties and facts.
const QUERIES: [&str; 15] = [
    include_str!("catalog/database.sql"),
    include_str!("catalog/schemas.sql"),
    include_str!("catalog/privileges.sql"),
    include_str!("catalog/types.sql"),
    include_str!("catalog/relations.sql"),
    include_str!("catalog/sequences.sql"),
    include_str!("catalog/columns.sql"),
    include_str!("catalog/constraints.sql"),
    include_str!("catalog/indexes.sql"),
    include_str!("catalog/triggers.sql"),
    include_str!("catalog/routines.sql"),
    include_str!("catalog/operators.sql"),
    include_str!("catalog/search.sql"),
    include_str!("catalog/foreign.sql"),
    include_str!("catalog/publications.sql"),
];

/// Gives rows of `needs` and two addresses.
const NEEDS: &str = include_str!("catalog/needs.sql");

/// Before version 14, most of their columns are for superusers alone.
const SUBSCRIPTIONS: &str = include_str!("catalog/subscriptions.sql");

/// From version 18 on.
const NOT_NULL: &str = include_str!("catalog/not_null.sql");

/// Names come out qualified, and values the same on every server: what is set here is gone with the transaction that
/// several statements in one message are.
const SURROUNDINGS: &str = "\
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL quote_all_identifiers = off;
SET LOCAL datestyle = ISO;
SET LOCAL intervalstyle = postgres;
SET LOCAL timezone = 'UTC';
SET LOCAL extra_float_digits = 1;
SET LOCAL jit = off;
";

/// Asked first, for [`queries`].
pub const SERVER: &str = "SELECT current_setting('server_version_num'), current_setting('is_superuser')";

const ABBREVIATIONS: [(&str, &str); 7] = [
    ("user", "($1.nspname !~ '^pg_' AND $1.nspname NOT IN ('information_schema', 'dbctl'))"),
    (
        "ours",
        "($2 >= 16384 AND NOT EXISTS (SELECT FROM pg_depend AS member WHERE member.classid = '$1'::regclass \
         AND member.objid = $2 AND member.deptype = 'e'))",
    ),
    ("address", "('$1'::regclass::oid || ' ' || $2 || ' ' || $3)"),
    (
        "remarks",
        "jsonb_build_object('comment', (SELECT description FROM pg_description WHERE classoid = '$1'::regclass \
         AND objoid = $2 AND objsubid = $3), 'security labels', (SELECT jsonb_agg(provider || ': ' || label \
         ORDER BY provider) FROM pg_seclabel WHERE classoid = '$1'::regclass AND objoid = $2 AND objsubid = $3))",
    ),
    (
        "acl",
        "jsonb_build_object('acl', coalesce($2, acldefault('$1', $3))::text[], \
         'default acl', acldefault('$1', $3)::text[], 'acl owner', ARRAY[pg_get_userbyid($3)])",
    ),
    ("firing", "CASE $1 WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END"),
    (
        "options",
        "(SELECT jsonb_agg(x ORDER BY x) FROM (SELECT CASE WHEN o ~* '^[^=]*password' \
         THEN split_part(o, '=', 1) || '=(hash ' || left(md5(o), 6) || ')' ELSE o END FROM unnest($1) AS o) AS y (x))",
    ),
];

/// All queries in one message, for a server of this `server_version_num`.
pub fn queries(version: u32, is_superuser: bool) -> String {
    let subscriptions = (version >= 140_000 || is_superuser).then_some(SUBSCRIPTIONS);
    let not_null = (version >= 180_000).then_some(NOT_NULL);
    let chosen = QUERIES.into_iter().chain(subscriptions).chain(not_null).chain([NEEDS]);
    let lines = |query: &'static str| {
        query
            .lines()
            .filter(move |line| applies(line, version / 10_000, is_superuser))
            .collect::<Vec<_>>()
            .join("\n")
    };
    chosen.fold(SURROUNDINGS.to_owned(), |sql, query| sql + &written_out(&lines(query)) + ";\n")
}

/// Whether a line is for this server: it may end with `-- from 15`, `-- before 17`, both in one, or `-- superuser`.
fn applies(line: &str, version: u32, is_superuser: bool) -> bool {
    let Some((_, condition)) = line.rsplit_once("-- ") else { return true };
    let words: Vec<&str> = condition.split(' ').collect();
    words.chunks(2).all(|words| match words {
        ["from", number] => number.parse().map_or(true, |number: u32| version >= number),
        ["before", number] => number.parse().map_or(true, |number: u32| version < number),
        ["superuser"] => is_superuser,
        _ => true,
    })
}

fn written_out(query: &str) -> String {
    let mut parts = query.split('@');
    let mut sql = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (call, rest) = part.split_once(')').unwrap_or((part, ""));
        let (name, arguments) = call.split_once('(').unwrap_or((call, ""));
        let meaning =
            ABBREVIATIONS.iter().find(|(known, _)| *known == name).map_or("", |(_, meaning)| meaning);
        let filled =
            arguments.split(", ").enumerate().fold(meaning.to_owned(), |meaning, (index, argument)| {
                meaning.replace(&format!("${}", index + 1), argument)
            });
        sql = sql + &filled + rest;
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::{QUERIES, applies, queries, written_out};

    #[test]
    fn a_line_is_for_the_versions_that_it_names() {
        assert!(applies("x, -- from 15", 15, false) && !applies("x, -- from 15", 14, false));
        let both = "x, -- from 15 before 17";
        assert_eq!([14, 15, 16, 17].map(|version| applies(both, version, false)), [false, true, true, false]);
        assert!(applies("x, -- superuser", 15, true) && !applies("x, -- superuser", 15, false));
        assert!(applies("-- Tables, and views.", 15, false));
    }

    #[test]
    fn an_abbreviation_is_written_out_with_its_arguments() {
        assert_eq!(
            written_out("a @user(n) b"),
            "a (n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'dbctl')) b"
        );
    }

    #[test]
    fn every_abbreviation_is_known_and_every_version_has_text() {
        for version in 13..=18 {
            let sql = queries(version * 10_000, true);
            assert!(!sql.contains('@') && !sql.contains('$'), "{version}");
            assert!(sql.matches(";\n").count() >= QUERIES.len());
        }
    }
}
