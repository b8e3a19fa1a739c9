//! The schema as Markdown: `docs/DATABASE_SCHEMA.md`.

use std::fmt::Write;

use super::Schema;
use super::attribution::Attribution;
use super::diagram::{Diagram, mermaid};
use super::outline::{Cell, Chapter, Grid, Outline, Section, Source};

/// The same schema always gives the same text; one object a line, so that a diff of two reads well.
pub fn markdown(title: &str, schema: &Schema, attribution: &Attribution) -> String {
    let outline = Outline::new(&Source { schema, attribution });
    let mut text = format!("# {title}\n\n{}.\n", outline.counts.join(", "));
    text += "\nWritten by `dbctl docs` from the scripts; what is changed here by hand is lost with the next run. ";
    text += "A number under *script* is the script that made the object.\n";
    let diagram = Diagram::new(schema);
    if !diagram.boxes.is_empty() {
        let _ = write!(text, "\n## Diagram\n\n```mermaid\n{}```\n", mermaid(&diagram));
    }
    for chapter in &outline.chapters {
        write_chapter(&mut text, chapter);
    }
    text
}

fn write_chapter(text: &mut String, chapter: &Chapter) {
    let _ = write!(text, "\n## {}\n", chapter.title);
    let named: Vec<&Section> = chapter.sections.iter().filter(|section| section.name.is_some()).collect();
    if named.len() > 1 {
        write_contents(text, &named);
    }
    for section in &chapter.sections {
        write_section(text, section);
    }
}

fn write_contents(text: &mut String, sections: &[&Section]) {
    *text += "\n| name | purpose |\n|---|---|\n";
    for section in sections {
        let name = section.name.as_deref().unwrap_or_default();
        let purpose = cell(section.purpose.as_deref().unwrap_or_default());
        let _ = writeln!(text, "| [{name}](#{}) | {purpose} |", anchor(name));
    }
}

/// The anchor that a heading gets: lower case, spaces to hyphens, other signs but `_` and `-` left out.
fn anchor(name: &str) -> String {
    let lower = name.to_lowercase().replace(' ', "-");
    lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn write_section(text: &mut String, section: &Section) {
    if let Some(name) = &section.name {
        let _ = write!(text, "\n### {name}\n");
    }
    for paragraph in section.purpose.iter().chain(&section.notes) {
        let _ = write!(text, "\n{paragraph}\n");
    }
    for grid in section.grids.iter().filter(|grid| !grid.rows.is_empty()) {
        write_grid(text, grid);
    }
    if let Some(sql) = &section.sql {
        let _ = write!(text, "\n```sql\n{}\n```\n", sql.trim_matches('\n'));
    }
}

fn write_grid(text: &mut String, grid: &Grid) {
    if !grid.caption.is_empty() {
        let _ = write!(text, "\n{}:\n", grid.caption);
    }
    let _ = writeln!(text, "\n| {} |\n|{}", grid.header.join(" | "), "---|".repeat(grid.header.len()));
    for row in &grid.rows {
        let cells: Vec<String> = row.iter().map(written).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

fn written(content: &Cell) -> String {
    match content {
        Cell::Text(text) => cell(text),
        Cell::Code(code) if code.is_empty() => String::new(),
        Cell::Code(code) => {
            let code = cell(code);
            let fence = if code.contains('`') { "``" } else { "`" };
            format!("{fence}{code}{fence}")
        }
    }
}

/// One line, in which a bar does not end the cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
