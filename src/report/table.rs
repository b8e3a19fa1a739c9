//! Tables for people: columns as wide as their content, no lines.

use comfy_table::{ContentArrangement, Table, presets};

/// The rows below the header, with a line end at the end.
pub fn of(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.to_vec());
    table.add_rows(rows);
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.map(|line| line.strip_prefix(' ').map(str::to_owned).unwrap_or(line)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_as_wide_as_their_content() {
        let rows = [vec!["a".to_owned(), "long one".to_owned()], vec!["bb".to_owned(), "x".to_owned()]];
        assert_eq!(super::of(&["x", "y"], rows.into_iter()), "x   y\na   long one\nbb  x\n");
    }
}
