//! Access lists in words: what is granted beyond the default, and what of the default was taken away.

use std::collections::BTreeSet;

use crate::lint::tree::quoted;

const WORDS: [(char, &str); 15] = [
    ('r', "SELECT"),
    ('a', "INSERT"),
    ('w', "UPDATE"),
    ('d', "DELETE"),
    ('D', "TRUNCATE"),
    ('x', "REFERENCES"),
    ('t', "TRIGGER"),
    ('m', "MAINTAIN"),
    ('X', "EXECUTE"),
    ('U', "USAGE"),
    ('C', "CREATE"),
    ('T', "TEMPORARY"),
    ('c', "CONNECT"),
    ('s', "SET"),
    ('A', "ALTER SYSTEM"),
];

/// `SELECT to app`, `SELECT to app with grant option`, `not EXECUTE to PUBLIC`; a grantor is named where it is not
/// the `owner`. Lists as `aclitem` prints them: `grantee=privileges/grantor`.
pub fn differing(granted: &[String], default: &[String], owner: Option<&str>) -> Vec<String> {
    let (granted, default) = (words(granted, owner), words(default, owner));
    let lost = default.difference(&granted).map(|word| format!("not {word}"));
    granted.difference(&default).cloned().chain(lost).collect()
}

fn words(list: &[String], owner: Option<&str>) -> BTreeSet<String> {
    list.iter().filter_map(|item| of_item(item, owner)).flatten().collect()
}

fn of_item(item: &str, owner: Option<&str>) -> Option<Vec<String>> {
    let (grantee, rest) = name(item, '=')?;
    let (letters, grantor) = rest.split_once('/')?;
    let grantee = if grantee.is_empty() { "PUBLIC".to_owned() } else { quoted(&grantee) };
    let grantor = name(grantor, '\0').map_or_else(String::new, |(grantor, _)| grantor);
    let by = if owner.is_some_and(|owner| owner != grantor) {
        format!(" by {}", quoted(&grantor))
    } else {
        String::new()
    };
    let letters: Vec<char> = letters.chars().collect();
    let word = |(at, letter): (usize, &char)| {
        let word = WORDS.iter().find(|(known, _)| known == letter)?.1;
        let option = if letters.get(at + 1) == Some(&'*') { " with grant option" } else { "" };
        Some(format!("{word} to {grantee}{option}{by}"))
    };
    Some(letters.iter().enumerate().filter_map(word).collect())
}

/// A role's name, quoted or not, up to `end`; and what comes after it.
fn name(text: &str, end: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut inside = false;
    for (at, character) in text.char_indices() {
        match character {
            // A doubled quote inside is one, and toggling twice comes to the same.
            '"' if inside && text[at + 1..].starts_with('"') => name.push('"'),
            '"' => inside = !inside,
            _ if character == end && !inside => return Some((name, &text[at + 1..])),
            _ => name.push(character),
        }
    }
    (end == '\0').then_some((name, ""))
}

#[cfg(test)]
mod tests {
    use super::differing;

    fn words(granted: &[&str], default: &[&str]) -> Vec<String> {
        let owned = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
        differing(&owned(granted), &owned(default), Some("owner"))
    }

    #[test]
    fn what_is_beyond_the_default_and_what_is_gone() {
        let granted = ["owner=arw/owner", "app=r*/owner", "app=a/other"];
        assert_eq!(
            words(&granted, &["owner=arw/owner", "=X/owner"]),
            ["INSERT to app by other", "SELECT to app with grant option", "not EXECUTE to PUBLIC"]
        );
        assert!(words(&["=X/owner"], &["=X/owner"]).is_empty());
    }

    #[test]
    fn names_with_signs_of_their_own() {
        assert_eq!(words(&[r#""a=b ""c"""=r/owner"#], &[]), [r#"SELECT to "a=b ""c""""#]);
    }
}
