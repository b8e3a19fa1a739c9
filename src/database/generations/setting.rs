//! One setting of a database: for everybody, or for one user in it.

use postgres_protocol::escape::{escape_identifier, escape_literal};

/// The settings whose value is a list of quoted names, from the server's `GUC_LIST_QUOTE`: `pg_dump` keeps the same.
const LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// As `pg_db_role_setting` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub role: Option<String>,
    pub name: String,
    pub value: String,
}

impl Setting {
    /// The statement that sets it for `database`.
    pub fn statement(&self, database: &str) -> String {
        let database = escape_identifier(database);
        let whom = self.role.as_ref().map_or_else(
            || format!("DATABASE {database}"),
            |role| format!("ROLE {} IN DATABASE {database}", escape_identifier(role)),
        );
        format!("ALTER {whom} SET {} TO {};\n", escape_identifier(&self.name), self.written())
    }

    fn written(&self) -> String {
        if !LISTS.contains(&self.name.to_ascii_lowercase().as_str()) {
            return escape_literal(&self.value);
        }
        let names = elements(&self.value);
        if names.is_empty() {
            return "''".to_owned();
        }
        names.iter().map(|name| escape_literal(name)).collect::<Vec<_>>().join(", ")
    }
}

/// The names of a list as the server writes it: `app, "Of two", "a""b"`.
fn elements(list: &str) -> Vec<String> {
    let mut elements = Vec::new();
    let mut rest = list.trim_start();
    while !rest.is_empty() {
        let (element, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted_name(quoted)
        } else {
            let end = rest.find([',', ' ']).unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        elements.push(element);
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    elements
}

/// A name up to its closing quote, and what follows.
fn quoted_name(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('"') {
        name.push_str(before);
        let Some(more) = after.strip_prefix('"') else { return (name, after) };
        name.push('"');
        rest = more;
    }
    (name + rest, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_as_names_and_any_other_value_as_one() {
        let statement = |name: &str, value: &str| {
            Setting { role: None, name: name.to_owned(), value: value.to_owned() }.statement("d")
        };
        let path = statement("search_path", "app, \"Of, two\", \"a\"\"b\", \"$user\"");
        assert_eq!(path, "ALTER DATABASE \"d\" SET \"search_path\" TO 'app', 'Of, two', 'a\"b', '$user';\n");
        assert!(statement("search_path", "\"\"").ends_with("TO '';\n"));
        assert!(statement("search_path", "").ends_with("TO '';\n"));
        assert!(statement("app.list", "a, \"b\"").ends_with("TO 'a, \"b\"';\n"));
    }
}
