//! `\crosstabview` against the real psql.

use std::fmt::Write as _;

use dbctl::session::{Part, Settings, Table};

use super::printing_formats::tables;
use super::printing_pset::psql;

const SALES: &str = "select * from (values ('north', 'jan', 10, 3), ('south', 'jan', 7, 3), ('north', 'feb', null, 1), \
    ('west', null, 5, 2), (null, 'mar', 1234567, 1), ('East', 'feb', 2, 1)) as t(region, month, amount, rank)";

const QUERIES: [&str; 10] = [
    SALES,
    "select region, month, amount from (values ('a', 'x', 1.5), ('a', 'y', 2), ('b', 'y', null)) t(region, month, amount)",
    "select 1 as a, 2 as b",
    "select 1 as a, 2 as b, 3 as c where false",
    "select 1 as \"A\", 2 as a, 3 as \"1\", 4 as a",
    "select n % 3 as r, n as c, 'v' || n as v from generate_series(1, 1601) g(n)",
    "select n % 5 as r, n % 40 as c, n as v, (n * 7919) % 100 as s from generate_series(1, 40) g(n)",
    "select 1 as r, c, v, s from (values ('x', 1, '10'), ('y', 2, '-3'), ('z', 3, 'no'), ('u', 4, null), ('v', 5, '-')) t(c, v, s)",
    "select * from (values (1, 2, 3), (1, 2, null)) t(a, b, c)",
    "select * from (values (1, null, 3), (1, null, 4)) t(a, b, c)",
];

const ARGUMENTS: [&[&str]; 17] = [
    &[],
    &["1"],
    &["1", "2", "3"],
    &["1", "2", "3", "4"],
    &["region", "month", "amount", "rank"],
    &["month", "region", "amount"],
    &["REGION", "\"month\"", "3"],
    &["\"REGION\""],
    &["2", "1"],
    &["2", "2"],
    &["0"],
    &["9", "1"],
    &["99999999999"],
    &["a", "b"],
    &["\"A\"", "\"1\"", "3"],
    &["1", "3"],
    &["3", "1", "2", "4"],
];

/// All tables turned in all ways, as a script for psql and as what we say to it.
struct Turned {
    settings: Settings,
    script: String,
    out: Vec<u8>,
    err: String,
}

impl Turned {
    fn new(options: &[(&str, &str)]) -> Self {
        let mut settings = Settings::default();
        let mut script = String::from("\\set ON_ERROR_STOP off\n\\set QUIET on\n");
        for (option, value) in options {
            settings.set(option.as_bytes(), Some(value.as_bytes())).unwrap();
            writeln!(script, "\\pset {option} '{value}'").unwrap();
        }
        Self { settings, script, out: vec![], err: String::new() }
    }

    fn turn(&mut self, table: &Table, query: &str, arguments: &[&str]) {
        writeln!(self.script, "{query} \\crosstabview {}", arguments.join(" ")).unwrap();
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        match table.crosstab(&arguments, self.settings.null.as_deref()) {
            Ok(turned) => turned.write(&self.settings, Part::WHOLE, &mut self.out).unwrap(),
            Err(error) => {
                let line = self.script.lines().count();
                writeln!(self.err, "psql:t.sql:{line}: error: {error}").unwrap();
            }
        }
    }
}

fn same(ours: &str, psqls: &str) {
    for (number, (ours, psqls)) in ours.lines().zip(psqls.lines()).enumerate() {
        assert_eq!(ours, psqls, "line {}", number + 1);
    }
    assert_eq!(ours, psqls);
}

#[test]
fn crosstabs_are_turned_as_psql_turns_them() {
    let tables = tables(&QUERIES);
    let ways: [&[(&str, &str)]; 4] = [
        &[],
        &[("null", "(null)")],
        &[("null", ""), ("numericlocale", "on")],
        &[("format", "csv"), ("expanded", "on")],
    ];
    for options in ways {
        let mut turned = Turned::new(options);
        for (table, query) in tables.iter().zip(QUERIES) {
            for arguments in ARGUMENTS {
                turned.turn(table, query, arguments);
            }
        }
        let (out, err) = psql(&turned.script);
        same(&turned.err, &err);
        same(&String::from_utf8(turned.out).unwrap(), &out);
        assert!(err.lines().count() > 20 && out.lines().count() > 100);
    }
}
