//! The name of a new script.

use std::fmt;

use crate::script::ScriptId;

/// Characters that a script's name may have behind its number.
const LONGEST: usize = 60;

/// The number behind the highest, as wide as the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextNumber {
    pub number: u64,
    width: usize,
}

impl NextNumber {
    /// Behind scripts with these names.
    pub fn after<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let digits = |name: &str| name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
        let known = names.filter_map(|name| Some((ScriptId::of_name(name)?.number, digits(name))));
        let (number, width) = known.max().unwrap_or((0, 3));
        Self { number: number + 1, width }
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }
}

impl fmt::Display for NextNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.number, width = self.width)
    }
}

/// A title in `lower_snake_case`.
pub fn slug(title: &str) -> String {
    let letters = title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    let words = letters.collect::<String>();
    let mut name = String::new();
    for word in words.split_whitespace() {
        if name.len() + word.len() >= LONGEST {
            break;
        }
        if !name.is_empty() {
            name.push('_');
        }
        name.push_str(word);
    }
    if name.is_empty() { "script".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number_is_as_wide_as_the_others() {
        let next = |names: &[&str]| NextNumber::after(names.iter().copied()).to_string();
        assert_eq!(next(&["001_a.sql", "029_b.sql.gz", "028a_c.sql", "roles.sh"]), "030");
        assert_eq!(next(&["0009_a.sql"]), "0010");
        assert_eq!(next(&["99_a.sql"]), "100");
        assert_eq!(next(&[]), "001");
    }

    #[test]
    fn a_title_becomes_a_name() {
        assert_eq!(slug("Add widgets"), "add_widgets");
        assert_eq!(slug("Add  users.nickname (müde)!"), "add_users_nickname_m_de");
        assert_eq!(slug("—"), "script");
        assert!(slug(&"long words ".repeat(20)).len() <= LONGEST);
    }
}
