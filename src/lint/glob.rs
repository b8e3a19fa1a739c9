//! Patterns of paths in `dbctl.toml`: `*` within a name, `**` across them, `?` for one character.

/// Whether the pattern fits the path, or, if it has no `/`, the path's last name.
pub fn fits(pattern: &str, path: &str) -> bool {
    let subject = if pattern.contains('/') { path } else { path.rsplit('/').next().unwrap_or(path) };
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    matches(pattern.as_bytes(), subject.as_bytes())
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', b'/', rest @ ..] if matches(rest, text) => true,
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        [b'*', rest @ ..] => {
            let name = text.iter().position(|&byte| byte == b'/').unwrap_or(text.len());
            (0..=name).any(|skip| matches(rest, &text[skip..]))
        }
        [b'?', rest @ ..] => text.first().is_some_and(|&byte| byte != b'/') && matches(rest, &text[1..]),
        [byte, rest @ ..] => text.first() == Some(byte) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_stay_within_a_name_unless_there_are_two() {
        let cases = [
            ("001_*", "init/001_a.sql", true),
            ("001_*", "init/002_a.sql", false),
            ("init/*.sql", "init/001_a.sql", true),
            ("init/*.sql", "init/old/001_a.sql", false),
            ("init/**", "init/old/001_a.sql", true),
            ("**/old/*", "init/old/001_a.sql", true),
            ("**/old/*", "old/001_a.sql", true),
            ("./init/00?_a.sql", "init/001_a.sql", true),
            ("init", "init/001_a.sql", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }
}
