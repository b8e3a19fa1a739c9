//! Generated token soups, the same every time, through psql and through the scanner.

use super::psql::Server;
use super::table::compare;

/// Everything the scanner has a rule for, and what it must not take for one of these.
pub const INGREDIENTS: &[&str] = &[
    "select",
    "create",
    "or",
    "replace",
    "function",
    "procedure",
    "begin",
    "atomic",
    "case",
    "end",
    "END",
    "xy",
    "_y",
    "ä",
    "1",
    "2.5",
    ".5",
    "1.",
    "1e",
    "1e+",
    "1e-",
    "7x",
    "$1",
    "$1a",
    "E",
    "e'",
    "B",
    "X",
    "N",
    "U&",
    "u&",
    "'",
    "'",
    "''",
    "\"",
    "\"",
    "\"\"",
    "\\",
    "\\;",
    "\\:",
    ";",
    ";",
    ";",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "..",
    ":",
    "::",
    ":=",
    ":v",
    ":w",
    ":'v'",
    ":\"w\"",
    ":{?v}",
    ":{?n}",
    ":n",
    ":'v",
    ":{",
    "$$",
    "$a$",
    "$b$",
    "$a",
    "$",
    "--",
    "-",
    "/*",
    "*/",
    "/",
    "*",
    "+",
    "@",
    "<",
    "=",
    "#",
    "`",
    "|",
    "\n",
    "\n",
    "\n",
    " ",
    " ",
    "\t",
    "\r",
    "\r\n",
    "\u{c}",
    "\u{b}",
    "\0",
    "\\echo ",
    "\\echo",
    "\\r",
    "\\g out ",
    "\\nonsense ",
    "\\set v ",
    "\\set w ",
    "\\unset v ",
    "\\if true ",
    "\\if 0 ",
    "\\elif 1 ",
    "\\else ",
    "\\endif ",
    "\\\\",
    "\\n",
    "\\x41",
    "\\101",
    "\u{feff}",
    "E'a\\'b'",
    "'it''s;'",
    "/* c; */",
    "-- d;\n",
    "$q$;$q$",
    "select 1;\n",
    "create function f() begin atomic ",
    "\\set v '(1;'\n",
    "\\set w 'E''\\\\n'\n",
    "\\set v :w\n",
    "\\set w '\\\\echo :v'\n",
];

/// A small generator of numbers (Steele, Lea and Flood's `SplitMix64`), so that a soup is known by its seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits") % limit
    }
}

fn soup(seed: u64) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let length = 1 + numbers.below(60);
    let spaced = numbers.below(3);
    let mut text = Vec::new();
    for _ in 0..length {
        text.extend_from_slice(INGREDIENTS[numbers.below(INGREDIENTS.len())].as_bytes());
        if numbers.below(3) < spaced {
            text.push(b' ');
        }
    }
    text
}

fn compare_soups(seeds: std::ops::Range<u64>, server: Server) {
    for start in seeds.clone().step_by(200) {
        let soups: Vec<_> = (start..(start + 200).min(seeds.end)).map(soup).collect();
        let scripts: Vec<&[u8]> = soups.iter().map(Vec::as_slice).collect();
        compare(server, &scripts);
    }
}

/// `DBCTL_SOUPS=1000000` tries more than the usual number.
fn count() -> u64 {
    std::env::var("DBCTL_SOUPS").ok().and_then(|count| count.parse().ok()).unwrap_or(4000)
}

#[test]
fn token_soups_are_read_as_psql_reads_them() {
    compare_soups(0..count(), Server::default());
}

#[test]
fn token_soups_without_standard_strings_are_read_as_psql_reads_them() {
    compare_soups(
        1 << 32..(1 << 32) + count() / 4,
        Server { standard_conforming_strings: false, ..Server::default() },
    );
}

#[test]
fn token_soups_in_an_unsafe_encoding_are_read_as_psql_reads_them() {
    compare_soups(1 << 33..(1 << 33) + count() / 4, Server { client_encoding: "SJIS", ..Server::default() });
}
