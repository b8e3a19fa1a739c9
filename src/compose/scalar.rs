//! What a plain YAML scalar means to compose: the rules of Go's yaml library.

use super::node::Value;

/// The value of an unquoted scalar. `yes`, `no`, `on` and `off` are text, `017` and `0o17` are octal.
#[must_use]
pub fn resolve(plain: &str) -> Value {
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if !plain.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Value::Text(plain.to_owned());
    }
    timestamp(plain)
        .map(Value::Text)
        .or_else(|| integer(plain).map(Value::Int))
        .or_else(|| float(plain).map(Value::Float))
        .unwrap_or_else(|| Value::Text(plain.to_owned()))
}

fn integer(plain: &str) -> Option<i64> {
    let digits = plain.replace('_', "");
    let (negative, magnitude) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let (radix, body) = radix(magnitude);
    if body.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(body, radix).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}

fn radix(magnitude: &str) -> (u32, &str) {
    let lower = magnitude.get(..2).map(str::to_ascii_lowercase);
    match lower.as_deref() {
        Some("0x") => (16, &magnitude[2..]),
        Some("0o") => (8, &magnitude[2..]),
        Some("0b") => (2, &magnitude[2..]),
        Some(_) if magnitude.starts_with('0') => (8, &magnitude[1..]),
        _ => (10, magnitude),
    }
}

fn float(plain: &str) -> Option<f64> {
    let digits = plain.replace('_', "");
    match digits.to_ascii_lowercase().as_str() {
        ".inf" | "+.inf" => return Some(f64::INFINITY),
        "-.inf" => return Some(f64::NEG_INFINITY),
        ".nan" => return Some(f64::NAN),
        _ => {}
    }
    let numeric = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    if numeric && digits.contains(|c: char| c.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// A date as compose prints it in an environment: `2024-01-01` becomes `2024-01-01 00:00:00 +0000 UTC`.
fn timestamp(plain: &str) -> Option<String> {
    let split = plain.find(['T', 't', ' ']).unwrap_or(plain.len());
    let (date, clock) = plain.split_at(split);
    let (year, month_and_day) = date.split_once('-')?;
    let (month, day) = month_and_day.split_once('-')?;
    let month = two_digits(month, 1, 12)?;
    let day = two_digits(day, 1, 31)?;
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let clock = if clock.is_empty() { "00:00:00".to_owned() } else { time_of_day(clock)? };
    Some(format!("{year}-{month:02}-{day:02} {clock} +0000 UTC"))
}

fn time_of_day(clock: &str) -> Option<String> {
    let text = clock[1..].strip_suffix('Z').unwrap_or(&clock[1..]);
    let mut parts = text.splitn(3, ':');
    let hour = two_digits(parts.next()?, 0, 23)?;
    let minute = two_digits(parts.next()?, 0, 59)?;
    let (second, fraction) = parts.next().map(|s| s.split_once('.').unwrap_or((s, "")))?;
    let second = two_digits(second, 0, 59)?;
    let fraction = fraction.trim_end_matches('0');
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hour:02}:{minute:02}:{second:02}{dot}{fraction}"))
}

fn two_digits(text: &str, low: u32, high: u32) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.filter(|n| (low..=high).contains(n))
}

/// A float as Go's `%v` prints it: shortest form, an exponent below 1e-4 and from 1e6 on.
#[must_use]
pub fn print_float(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(power) if (-4..6).contains(&power) => format!("{number}"),
        Ok(power) => format!("{digits}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs()),
        Err(_) => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, print_float, resolve};

    fn printed(plain: &str) -> String {
        match resolve(plain) {
            Value::Null => "null".to_owned(),
            Value::Bool(b) => format!("bool {b}"),
            Value::Int(i) => format!("int {i}"),
            Value::Float(f) => format!("float {}", print_float(f)),
            Value::Text(t) => format!("text {t}"),
            Value::List(_) | Value::Map(_) => unreachable!(),
        }
    }

    #[test]
    fn plain_scalars_mean_what_they_mean_to_compose() {
        for (plain, meaning) in [
            ("~", "null"),
            ("yes", "text yes"),
            ("True", "bool true"),
            ("017", "int 15"),
            ("0o17", "int 15"),
            ("0x1F", "int 31"),
            ("1_000", "int 1000"),
            ("+5", "int 5"),
            ("-12", "int -12"),
            ("08", "float 8"),
            ("1.50", "float 1.5"),
            ("1e3", "float 1000"),
            ("1e21", "float 1e+21"),
            ("1000000.0", "float 1e+06"),
            ("0.00001", "float 1e-05"),
            ("123456789012345678901", "float 1.2345678901234568e+20"),
            ("12:30:45", "text 12:30:45"),
            ("1.2.3", "text 1.2.3"),
            ("5432:5432", "text 5432:5432"),
            ("-c", "text -c"),
            ("2024-01-01", "text 2024-01-01 00:00:00 +0000 UTC"),
            ("2024-13-01", "text 2024-13-01"),
            ("0", "int 0"),
            ("-", "text -"),
        ] {
            assert_eq!(printed(plain), meaning, "{plain}");
        }
    }
}
