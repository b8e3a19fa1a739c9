//! `-- dbctl: allow RULE` in a script: the rule is silent for one statement.

use memchr::memmem;

use super::act::Span;

/// Rules that a comment silences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The statement that it is for; none at the script's end.
    pub statement: Option<usize>,
    /// It stands before the first statement, and so is for the script as a whole, too.
    pub is_general: bool,
    /// Names, each with its place.
    pub rules: Vec<(String, Span)>,
}

/// The allowances of a script whose statements stand at `statements`. A comment is for the statement that it stands
/// in or whose last line it ends, else for the next one.
pub fn allowances(text: &[u8], statements: &[Span]) -> Vec<Allowance> {
    let found = memmem::find_iter(text, b"dbctl:").filter(|&at| is_comment(&text[..at]));
    found.filter_map(|at| allowance(text, at, statements)).collect()
}

/// Whether what stands before the word begins a comment, of SQL or of a shell.
fn is_comment(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    before.ends_with(b"--") || before.ends_with(b"#")
}

fn allowance(text: &[u8], at: usize, statements: &[Span]) -> Option<Allowance> {
    let end = text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |length| at + length);
    let mut offset = at + "dbctl:".len();
    let line = String::from_utf8_lossy(&text[offset..end]);
    let mut words = line.split(|c: char| c.is_whitespace() || c == ',').filter_map(|word| {
        let span = offset..offset + word.len();
        offset += word.len() + 1;
        (!word.is_empty()).then(|| (word.to_owned(), span))
    });
    if words.next()?.0 != "allow" {
        return None;
    }
    let is_general = statements.first().is_none_or(|first| at < first.start);
    Some(Allowance { statement: meant(text, at, statements), is_general, rules: words.collect() })
}

fn meant(text: &[u8], at: usize, statements: &[Span]) -> Option<usize> {
    let next = statements.partition_point(|statement| statement.end <= at);
    let is_inside = statements.get(next).is_some_and(|statement| statement.start <= at);
    let ends_line = next.checked_sub(1).filter(|&last| !text[statements[last].end..at].contains(&b'\n'));
    match ends_line {
        Some(last) if !is_inside => Some(last),
        _ => (next < statements.len()).then_some(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_for_the_statement_around_before_or_behind_it() {
        let text = "-- dbctl: allow a\none;\n-- dbctl: allow b, c\ntwo; -- dbctl: allow d\nthree -- dbctl:allow e\n;\n-- dbctl: psql";
        let at = |word: &str| text.find(word).expect("it is there");
        let statements =
            [at("one")..at("one") + 4, at("two")..at("two") + 4, at("three")..at("\n-- dbctl: psql")];
        let found: Vec<_> = allowances(text.as_bytes(), &statements)
            .into_iter()
            .map(|one| {
                let names: Vec<_> =
                    one.rules.iter().map(|(name, span)| (name.clone(), &text[span.clone()])).collect();
                assert!(names.iter().all(|(name, place)| name == place));
                (
                    one.statement,
                    one.is_general,
                    names.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" "),
                )
            })
            .collect();
        let expected =
            [(Some(0), true, "a"), (Some(1), false, "b c"), (Some(1), false, "d"), (Some(2), false, "e")];
        assert_eq!(found, expected.map(|(statement, general, names)| (statement, general, names.to_owned())));
    }
}
