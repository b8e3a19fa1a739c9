//! The scanner given anything at all: it ends, it panics nowhere, and it knows where each byte came from.

use dbctl::sql::encoding::Encoding;
use dbctl::sql::lexer::{Lexer, StatementText};
use proptest::prelude::*;
use proptest::sample::select;

use super::growth::time;
use super::scan::{scan, statements};
use super::soup::INGREDIENTS;

/// The encodings that differ in what a byte means, the unsafe ones among them.
const ENCODINGS: [&str; 5] = ["UTF8", "LATIN1", "SJIS", "GBK", "EUC_JP"];

/// All statements of the script.
fn found(script: &[u8], encoding: &str, standard_strings: bool) -> Vec<StatementText> {
    let (mut lexer, mut found) = (Lexer::new(), Vec::new());
    lexer.set_client_encoding(Encoding::named(encoding).expect("a known encoding"));
    lexer.set_standard_conforming_strings(standard_strings);
    scan(script, lexer, |statement| found.push(statement.to_text()));
    found
}

/// Each byte of each statement stands in the script where the statement says, one behind the other.
fn assert_in_order(script: &[u8], found: &[StatementText]) {
    // To psql, and so to the scanner, a line with a NUL goes on in the next: no byte of it has a place then. And a
    // question for a variable is answered with a word that stands nowhere.
    if script.contains(&0) || script.windows(3).any(|three| three == b":{?") {
        return;
    }
    let mut last = None;
    for statement in found {
        // Newlines are psql's own between the lines, and the semicolon of `\;` is the second byte of two.
        let own = |(_, byte): &(usize, &u8)| !matches!(byte, b'\n' | b';');
        for (at, byte) in statement.text.iter().enumerate().filter(own) {
            let offset = usize::try_from(statement.position(at).offset).expect("a small script");
            assert_eq!(script.get(offset), Some(byte), "byte {at} of {}", statement.text.escape_ascii());
            assert!(last < Some(offset), "byte {at} of {} comes too late", statement.text.escape_ascii());
            last = Some(offset);
        }
    }
}

fn soups() -> impl Strategy<Value = Vec<u8>> {
    let token = select(INGREDIENTS).prop_map(|token| token.as_bytes().to_vec());
    let noise = proptest::collection::vec(any::<u8>(), 1..4);
    let piece = prop_oneof![9 => token, 1 => noise];
    proptest::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_and_found_again(
        script in proptest::collection::vec(any::<u8>(), 0..2000),
        encoding in select(&ENCODINGS),
        standard_strings in any::<bool>(),
    ) {
        assert_in_order(&script, &found(&script, encoding, standard_strings));
    }

    #[test]
    fn any_tokens_are_read_and_found_again(
        script in soups(),
        encoding in select(&ENCODINGS),
        standard_strings in any::<bool>(),
    ) {
        assert_in_order(&script, &found(&script, encoding, standard_strings));
    }
}

/// The least of several tries, in seconds.
fn seconds(script: &[u8]) -> f64 {
    let once = |_| {
        time(|| {
            std::hint::black_box(statements(script));
        })
    };
    (0..5).map(once).min().expect("several tries").as_secs_f64()
}

/// Twice the text takes about twice the time: the best of several measurements, for on a busy machine each of
/// them may be disturbed.
fn grows_linearly(unit: &[u8]) -> Result<(), String> {
    let once = unit.repeat(300_000 / unit.len() + 1);
    let twice = once.repeat(2);
    let mut worst = String::new();
    for _ in 0..4 {
        let (small, large) = (seconds(&once), seconds(&twice));
        // What is read in less than a millisecond says more of the caches than of the scanner.
        if large <= 2.5 * small.max(1e-3) {
            return Ok(());
        }
        worst = format!("{small:.5} s, twice as much {large:.5} s: {}", unit.escape_ascii());
    }
    Err(worst)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, max_shrink_iters: 50, ..ProptestConfig::default() })]

    #[test]
    fn time_grows_no_faster_than_a_soup(unit in soups().prop_filter("a text", |unit| !unit.is_empty())) {
        prop_assert_eq!(grows_linearly(&unit), Ok(()));
    }
}

#[test]
fn time_grows_no_faster_than_a_token_repeated() {
    let wrong: Vec<_> =
        INGREDIENTS.iter().filter_map(|token| grows_linearly(token.as_bytes()).err()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
