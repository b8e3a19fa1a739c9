//! Booleans as psql writes them.

/// Any unambiguous beginning of `true`, `false`, `yes`, `no`, `on`, `off`, or 1, 0.
pub fn parse_bool(text: &[u8]) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        text.len() >= least
            && text.len() <= word.len()
            && word.as_bytes()[..text.len()].eq_ignore_ascii_case(text)
    };
    match text {
        _ if begins("true", 1) || begins("yes", 1) || begins("on", 2) || text == b"1" => Some(true),
        _ if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == b"0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_may_be_shortened_as_long_as_they_are_clear() {
        for yes in ["true", "T", "y", "on", "ON", "1"] {
            assert_eq!(parse_bool(yes.as_bytes()), Some(true), "{yes}");
        }
        for no in ["false", "f", "n", "of", "0"] {
            assert_eq!(parse_bool(no.as_bytes()), Some(false), "{no}");
        }
        for neither in ["", "o", "2", "truex"] {
            assert_eq!(parse_bool(neither.as_bytes()), None, "{neither}");
        }
    }
}
