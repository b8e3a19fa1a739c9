//! Variables in text: `$X`, `${X}` and the operators `:-`, `-`, `:?`, `?`, `:+`, `+`, nested, and `$$`.

/// Where values come from.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Why text cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A `$` that starts no variable.
    Invalid,
    /// `${variable:?message}` without a value.
    Required { variable: String, message: String },
}

/// `text` with its variables replaced. A variable without value and default becomes nothing.
pub fn substitute(text: &str, lookup: Lookup<'_>) -> Result<String, Fault> {
    substitute_noting(text, lookup, &mut Vec::new())
}

/// The same; the variables that became nothing are added to `unset`.
pub fn substitute_noting(text: &str, lookup: Lookup<'_>, unset: &mut Vec<String>) -> Result<String, Fault> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        let (value, after) = reference(&rest[at + 1..], lookup, unset)?;
        filled.push_str(&value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The value of the reference that follows a `$`, and the text behind it.
fn reference<'t>(
    text: &'t str,
    lookup: Lookup<'_>,
    unset: &mut Vec<String>,
) -> Result<(String, &'t str), Fault> {
    if let Some(after) = text.strip_prefix('$') {
        return Ok(("$".to_owned(), after));
    }
    if let Some(inside) = text.strip_prefix('{') {
        let end = closing_brace(inside).ok_or(Fault::Invalid)?;
        return Ok((braced(&inside[..end], lookup, unset)?, &inside[end + 1..]));
    }
    let (name, after) = split_name(text)?;
    Ok((plain(name, lookup, unset), after))
}

/// The value of a variable for which the text has no default.
fn plain(name: &str, lookup: Lookup<'_>, unset: &mut Vec<String>) -> String {
    lookup(name).unwrap_or_else(|| {
        unset.push(name.to_owned());
        String::new()
    })
}

fn split_name(text: &str) -> Result<(&str, &str), Fault> {
    let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
        Ok((name, rest))
    } else {
        Err(Fault::Invalid)
    }
}

fn braced(inside: &str, lookup: Lookup<'_>, unset: &mut Vec<String>) -> Result<String, Fault> {
    let (name, rest) = split_name(inside)?;
    if rest.is_empty() {
        return Ok(plain(name, lookup, unset));
    }
    let value = lookup(name);
    let (filled_only, rest) = rest.strip_prefix(':').map_or((false, rest), |rest| (true, rest));
    let operator = rest.chars().next().ok_or(Fault::Invalid)?;
    // Like compose, a fault in the word counts even where the word is not used.
    let word = substitute_noting(&rest[operator.len_utf8()..], lookup, unset)?;
    let present = value.as_ref().is_some_and(|value| !filled_only || !value.is_empty());
    match operator {
        '-' | '+' if present == (operator == '+') => Ok(word),
        '?' if !present => Err(Fault::Required { variable: name.to_owned(), message: word }),
        '-' | '+' | '?' => Ok(value.unwrap_or_default()),
        _ => Err(Fault::Invalid),
    }
}

/// The brace that ends a reference; where braces do not balance, the last one, as compose takes it.
fn closing_brace(inside: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    inside.rfind('}')
}

#[cfg(test)]
mod tests {
    use super::{Fault, substitute, substitute_noting};

    fn fill(text: &str) -> Result<String, Fault> {
        substitute(text, &|name| match name {
            "SET" => Some("value".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn every_form_of_a_variable_is_filled_in() {
        for (text, filled) in [
            ("$SET ${SET} $NONE.", "value value ."),
            ("$$SET $${SET}", "$SET ${SET}"),
            ("${NONE-a}${EMPTY-a}${SET-a}", "avalue"),
            ("${NONE:-a}${EMPTY:-a}${SET:-a}", "aavalue"),
            ("${NONE+a}${EMPTY+a}${SET+a}", "aa"),
            ("${NONE:+a}${EMPTY:+a}${SET:+a}", "a"),
            ("${SET:?x}${EMPTY?x}", "value"),
            ("${NONE:-${EMPTY:-${SET}}}!", "value!"),
            ("${NONE:-a:-b}", "a:-b"),
            ("${NONE:-{\"k\": {}}} ${SET}", "{\"k\": {}} value"),
            ("${NONE:-}", ""),
        ] {
            assert_eq!(fill(text).as_deref(), Ok(filled), "{text}");
        }
    }

    #[test]
    fn a_required_variable_names_itself_and_its_reason() {
        let fault = Fault::Required { variable: "NONE".to_owned(), message: "ask value".to_owned() };
        assert_eq!(fill("${NONE:?ask ${SET}}"), Err(fault));
    }

    #[test]
    fn a_variable_that_became_nothing_is_noted() {
        let mut unset = Vec::new();
        let text = "$NONE ${OTHER} ${NONE:-x} $SET $EMPTY $$NONE";
        substitute_noting(text, &|name| (name == "SET" || name == "EMPTY").then(String::new), &mut unset)
            .unwrap();
        assert_eq!(unset, ["NONE", "OTHER"]);
    }

    #[test]
    fn a_dollar_without_a_variable_is_a_fault() {
        for text in ["$", "a $ b", "${}", "${1A}", "${A", "${A!b}", "$1"] {
            assert_eq!(fill(text), Err(Fault::Invalid), "{text}");
        }
    }
}
