//! Bytes, durations and command lines, read as compose reads them.

use std::time::Duration;

/// `512m`, `1.5gb`, `1073741824`: powers of 1024.
#[must_use]
pub fn bytes(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    let number_end = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let (number, unit) = lower.split_at(number_end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let unit = unit.strip_suffix('b').unwrap_or(unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    let power = ["", "k", "m", "g", "t", "p"].iter().position(|known| *known == unit)?;
    let factor = 1024_i64.pow(u32::try_from(power).ok()?);
    match number.parse::<i64>() {
        Ok(whole) => whole.checked_mul(factor),
        Err(_) => scaled(number.parse().ok()?, factor),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "compose cuts fractions off too"
)]
fn scaled(number: f64, factor: i64) -> Option<i64> {
    let value = number * factor as f64;
    if value.is_finite() && value >= 0.0 { Some(value as i64) } else { None }
}

/// Go's notation: `1m30s`, `1.5h`, `100ms`. Never negative.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = 0.0_f64;
    let mut parts = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        total += number.parse::<f64>().ok()? * nanoseconds(unit)?;
        rest = after;
        parts += 1;
    }
    if parts == 0 || total > 9.2e18 { None } else { Some(Duration::from_nanos(whole(total))) }
}

fn nanoseconds(unit: &str) -> Option<f64> {
    match unit {
        "ns" => Some(1.0),
        "us" | "µs" | "μs" => Some(1e3),
        "ms" => Some(1e6),
        "s" => Some(1e9),
        "m" => Some(60e9),
        "h" => Some(3600e9),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be in range and positive"
)]
fn whole(nanoseconds: f64) -> u64 {
    nanoseconds.round() as u64
}

/// A duration in Go's notation.
#[must_use]
pub fn print_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    for (limit, unit, size) in [(1_000, "ns", 1), (1_000_000, "µs", 1_000), (1_000_000_000, "ms", 1_000_000)]
    {
        if nanos < limit {
            return format!("{}{unit}", decimal(nanos, size));
        }
    }
    let (minutes, seconds) = (nanos / 60_000_000_000, nanos % 60_000_000_000);
    let seconds = decimal(seconds, 1_000_000_000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

fn decimal(value: u128, unit: u128) -> String {
    let width = unit.to_string().len() - 1;
    let fraction = format!("{:0width$}", value % unit);
    let fraction = if width == 0 { "" } else { fraction.trim_end_matches('0') };
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{}{dot}{fraction}", value / unit)
}

/// A command line split at blanks, quotes and backslashes respected.
///
/// Like compose, what follows an unquoted `;`, `&`, `|`, `<` or `>` is dropped: no shell reads it.
#[must_use]
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut splitter = Splitter::default();
    for character in line.chars() {
        if !splitter.take(character)? {
            break;
        }
    }
    splitter.finish()
}

#[derive(Default)]
struct Splitter {
    words: Vec<String>,
    word: Option<String>,
    escaped: bool,
    quote: Option<char>,
}

impl Splitter {
    /// Takes one character; false at the end of the command, none for a bare parenthesis.
    fn take(&mut self, character: char) -> Option<bool> {
        match (self.quote, character) {
            _ if self.escaped => self.push_escaped(character),
            (Some('\''), '\\') => self.push('\\'),
            (_, '\\') => self.escaped = true,
            (Some('('), ')') | (Some('`'), '`') => {
                self.quote = None;
                self.push(character);
            }
            (Some(open), _) if open == character => self.quote = None,
            (None, '"' | '\'' | '`') => self.open(character),
            (None, ' ' | '\t' | '\r' | '\n') => self.words.extend(self.word.take()),
            (None, '(') if self.word.as_ref().is_some_and(|word| word.ends_with('$')) => self.open('('),
            (None, '(' | ')') => return None,
            (None, ';' | '&' | '|' | '<' | '>') => return Some(false),
            _ => self.push(character),
        }
        Some(true)
    }

    /// Starts what is taken as it stands: between quotes, which go, or in `` ` ` `` or `$( )`, which stay.
    fn open(&mut self, quote: char) {
        self.quote = Some(quote);
        self.word.get_or_insert_default();
        if matches!(quote, '`' | '(') {
            self.push(quote);
        }
    }

    fn push_escaped(&mut self, character: char) {
        self.escaped = false;
        if matches!(self.quote, Some('`' | '(')) {
            self.push('\\');
        }
        self.push(character);
    }

    fn push(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn finish(mut self) -> Option<Vec<String>> {
        self.words.extend(self.word.take());
        if self.escaped || self.quote.is_some() { None } else { Some(self.words) }
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, duration, print_duration, words};

    #[test]
    fn bytes_are_powers_of_1024() {
        for (text, value) in [
            ("1gb", Some(1 << 30)),
            ("256m", Some(256 << 20)),
            ("1.5G", Some(1_610_612_736)),
            ("64 MiB", Some(64 << 20)),
            ("1024", Some(1024)),
            ("1x", None),
            ("", None),
            ("-1", None),
        ] {
            assert_eq!(bytes(text), value, "{text}");
        }
    }

    #[test]
    fn durations_go_there_and_back() {
        for (text, printed) in [
            ("90s", "1m30s"),
            ("1m30s", "1m30s"),
            ("1.5h", "1h30m0s"),
            ("100ms", "100ms"),
            ("1500us", "1.5ms"),
            ("0s", "0s"),
            ("1h", "1h0m0s"),
            ("1s500ms", "1.5s"),
        ] {
            assert_eq!(duration(text).map(print_duration).as_deref(), Some(printed), "{text}");
        }
        assert_eq!((duration("5"), duration("5 s"), duration("-1s"), duration("")), (None, None, None, None));
    }

    #[test]
    fn command_lines_split_into_words() {
        let split = |line| words(line).map(|words| words.join("|"));
        for (line, expected) in [
            ("postgres -c 'a b'=\"c d\"", Some("postgres|-c|a b=c d")),
            ("a \\ b \"\" c\\\"d", Some("a| b||c\"d")),
            ("sh -c x && y", Some("sh|-c|x")),
            ("", Some("")),
            ("a 'b", None),
            ("f(x)", None),
            ("echo $(date +%s) `a b`", Some("echo|$(date +%s)|`a b`")),
        ] {
            assert_eq!(split(line).as_deref(), expected, "{line}");
        }
    }
}
