//! `.dockerignore`: which files of a build context stay at home, by the engine's own rules.
//!
//! The rules are those of moby's `patternmatcher`, the library behind `docker build`; they are not
//! `.gitignore`'s: every pattern is anchored at the context's root, a pattern that matches a directory matches
//! what is below it, and the last matching pattern decides.

use crate::docker::ignore_pattern::{Pattern, PatternError};

/// An unusable line of an ignore file.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: `{pattern}` is not a pattern: {source}")]
pub struct IgnoreError {
    line: usize,
    pattern: String,
    source: PatternError,
}

/// The patterns of one ignore file.
#[derive(Debug, Default)]
pub(in crate::docker) struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    /// `!pattern`: takes back what earlier rules ignored.
    exception: bool,
    pattern: Pattern,
}

/// What the rules say of one path, kept for the paths below it.
#[derive(Debug, Default)]
pub(in crate::docker) struct Verdict {
    pub ignored: bool,
    /// By rule: whether it matched this path or one above it.
    matched: Vec<bool>,
}

impl Ignore {
    /// Reads an ignore file's text.
    pub(in crate::docker) fn parse(text: &str) -> Result<Self, IgnoreError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for (index, line) in text.lines().enumerate() {
            // Only a `#` in the first column opens a comment.
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let rule = Rule::parse(line.trim());
            let unusable = |source| IgnoreError { line: index + 1, pattern: line.trim().to_owned(), source };
            rules.push(rule.map_err(unusable)?);
        }
        Ok(Self { rules })
    }

    /// Makes sure that `path` is sent, as the builder itself needs it.
    pub(in crate::docker) fn always_send(&mut self, path: &str) {
        if self.ignores(path) {
            self.rules.push(Rule { exception: true, pattern: Pattern::literal(path) });
        }
    }

    /// Whether `path`, relative to the root and with `/` between its parts, stays at home.
    pub(in crate::docker) fn ignores(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.fold(Verdict::default(), |above, end| self.judge(&path[..end], &above)).ignored
    }

    /// The verdict on `path`, given the one on the directory that holds it (the root's is the default one).
    pub(in crate::docker) fn judge(&self, path: &str, above: &Verdict) -> Verdict {
        let mut verdict = Verdict::default();
        for (index, rule) in self.rules.iter().enumerate() {
            let inherited = above.matched.get(index).copied().unwrap_or(false);
            // A rule that could change nothing is not asked, and so is not inherited either.
            let matched = inherited || (rule.exception == verdict.ignored && rule.pattern.matches(path));
            if matched {
                verdict.ignored = !rule.exception;
            }
            verdict.matched.push(matched);
        }
        verdict
    }

    /// Whether an exception may save something below the ignored directory `path`.
    pub(in crate::docker) fn may_save_below(&self, path: &str) -> bool {
        let directory = format!("{path}/");
        let mut exceptions = self.rules.iter().filter(|rule| rule.exception);
        exceptions.any(|rule| format!("{}/", rule.pattern.text()).starts_with(&directory))
    }
}

impl Rule {
    fn parse(line: &str) -> Result<Self, PatternError> {
        let (exception, text) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        let cleaned = cleaned(text);
        let anchored = cleaned.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(&cleaned);
        Ok(Self { exception, pattern: Pattern::parse(anchored)? })
    }
}

/// The shortest equal path: no `.`, no doubled or trailing slash, `..` resolved (Go's `path.Clean`).
fn cleaned(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, joined) => format!("/{joined}"),
        (false, joined) if joined.is_empty() => ".".to_owned(),
        (false, joined) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths that the rules leave.
    fn sent<'a>(rules: &str, paths: &[&'a str]) -> Vec<&'a str> {
        let ignore = Ignore::parse(rules).unwrap();
        paths.iter().copied().filter(|path| !ignore.ignores(path)).collect()
    }

    #[test]
    fn a_pattern_is_anchored_at_the_root() {
        assert_eq!(sent("*.log", &["a.log", "b/a.log"]), ["b/a.log"]);
        assert_eq!(sent("/*.log", &["a.log", "b/a.log"]), ["b/a.log"]);
        assert_eq!(sent("**/*.log", &["a.log", "b/a.log", "b/c/a.log", "d"]), ["d"]);
    }

    #[test]
    fn a_matched_directory_takes_what_is_below_it() {
        assert_eq!(sent("b", &["b", "b/c", "b/c/d", "bc"]), ["bc"]);
        assert_eq!(sent("b/", &["b", "b/c", "bc"]), ["bc"]);
    }

    #[test]
    fn the_last_matching_rule_decides() {
        let paths = ["README.md", "NOTES.md", "SECRET.md"];
        assert_eq!(sent("*.md\n!README*.md\n", &paths), ["README.md"]);
        assert_eq!(sent("!README*.md\n*.md\n", &paths), Vec::<&str>::new());
    }

    #[test]
    fn an_exception_saves_one_file_of_an_ignored_directory() {
        let rules = "b\n!b/keep";
        assert_eq!(sent(rules, &["b/keep", "b/lose"]), ["b/keep"]);
        assert!(Ignore::parse(rules).unwrap().may_save_below("b"));
        assert!(!Ignore::parse(rules).unwrap().may_save_below("b/other"));
    }

    #[test]
    fn comments_blank_lines_carriage_returns_and_a_byte_order_mark_are_no_patterns() {
        assert_eq!(sent("\u{feff}# a\r\n\r\n  a  \r\n", &["a", "# a", "b"]), ["# a", "b"]);
        assert_eq!(sent(" # a", &["# a", "b"]), ["b"]);
    }

    #[test]
    fn what_the_builder_needs_is_always_sent() {
        let mut ignore = Ignore::parse("**").unwrap();
        ignore.always_send("docker/Dockerfile");
        assert!(!ignore.ignores("docker/Dockerfile"));
        assert!(ignore.ignores("docker/other"));
    }

    #[test]
    fn paths_are_cleaned() {
        for (given, clean) in
            [("./a//b/", "a/b"), ("a/../b", "b"), ("/", "/"), ("..", ".."), ("/../a", "/a"), (".", ".")]
        {
            assert_eq!(cleaned(given), clean, "{given}");
        }
    }

    #[test]
    fn a_broken_pattern_is_named_with_its_line() {
        let error = Ignore::parse("a\n[b\n").unwrap_err().to_string();
        assert_eq!(error, "line 2: `[b` is not a pattern: `[` is never closed");
        assert!(Ignore::parse("!").is_err());
    }
}
