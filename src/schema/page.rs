//! The schema as one self-contained page: search, a drawn diagram, light and dark, no network.

use std::fmt::Write;

use super::Schema;
use super::attribution::Attribution;
use super::diagram::{Diagram, escaped, svg};
use super::outline::{Cell, Chapter, Grid, Outline, Section, Source};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The same schema always gives the same page.
pub fn page(title: &str, schema: &Schema, attribution: &Attribution) -> String {
    let outline = Outline::new(&Source { schema, attribution });
    let diagram = Diagram::new(schema);
    let title = escaped(title);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the schema</a>\n"
    );
    write_navigation(&mut html, &title, &outline);
    let _ = write!(
        html,
        "<main id=\"main\">\n<h1>{title}</h1>\n<p class=\"counts\">{}</p>\n",
        escaped(&outline.counts.join(" · "))
    );
    if !diagram.boxes.is_empty() {
        write_diagram(&mut html, &diagram);
    }
    for chapter in &outline.chapters {
        write_chapter(&mut html, chapter);
    }
    html += "<p id=\"nothing\" role=\"status\" hidden>Nothing matches.</p>\n</main>\n";
    let _ = write!(html, "<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    html
}

fn write_navigation(html: &mut String, title: &str, outline: &Outline) {
    let _ = write!(
        html,
        "<nav aria-label=\"Schema\">\n<div class=\"top\"><a class=\"home\" href=\"#main\">{title}</a>\
         <button id=\"theme\" type=\"button\" aria-label=\"Light or dark\" title=\"Light or dark\">◐</button></div>\n\
         <input id=\"search\" type=\"search\" placeholder=\"Search  ( / )\" aria-label=\"Search tables, columns, comments\" autocomplete=\"off\" spellcheck=\"false\">\n<div id=\"list\">\n"
    );
    for chapter in &outline.chapters {
        let _ = writeln!(html, "<h2><a href=\"#{}\">{}</a></h2>", anchor(chapter.title), chapter.title);
        let names = chapter.sections.iter().filter_map(|section| section.name.as_deref());
        for name in names {
            let _ = writeln!(html, "<a class=\"entry\" href=\"#{}\">{}</a>", anchor(name), escaped(name));
        }
    }
    *html += "</div>\n</nav>\n";
}

fn write_diagram(html: &mut String, diagram: &Diagram) {
    *html += "<section id=\"diagram\" aria-label=\"Diagram\">\n<h2>Diagram</h2>\n<div class=\"tools\">\
              <button type=\"button\" data-zoom=\"in\" aria-label=\"Larger\">+</button>\
              <button type=\"button\" data-zoom=\"out\" aria-label=\"Smaller\">−</button>\
              <button type=\"button\" data-zoom=\"fit\">Fit</button>\
              <span class=\"help\">drag to move · Ctrl and wheel, + and − to zoom · Tab from table to table</span></div>\n\
              <div id=\"view\" tabindex=\"0\" role=\"region\" aria-label=\"Diagram; arrow keys move it, plus and minus zoom\">\n";
    *html += &svg(diagram, anchor);
    *html += "</div>\n</section>\n";
}

fn write_chapter(html: &mut String, chapter: &Chapter) {
    let _ = write!(
        html,
        "<section class=\"chapter\">\n<h2 id=\"{}\">{}</h2>\n",
        anchor(chapter.title),
        chapter.title
    );
    for section in &chapter.sections {
        write_section(html, section);
    }
    *html += "</section>\n";
}

fn write_section(html: &mut String, section: &Section) {
    *html += "<article>\n";
    if let Some(name) = &section.name {
        let _ = writeln!(html, "<h3 id=\"{}\" tabindex=\"-1\">{}</h3>", anchor(name), escaped(name));
    }
    if let Some(purpose) = &section.purpose {
        let _ = writeln!(html, "<p class=\"purpose\">{}</p>", escaped(purpose));
    }
    for note in &section.notes {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", escaped(&note.replace('`', "")));
    }
    for grid in section.grids.iter().filter(|grid| !grid.rows.is_empty()) {
        write_grid(html, grid);
    }
    if let Some(sql) = &section.sql {
        let _ = writeln!(html, "<pre tabindex=\"0\"><code>{}</code></pre>", escaped(sql.trim_matches('\n')));
    }
    *html += "</article>\n";
}

fn write_grid(html: &mut String, grid: &Grid) {
    *html += "<div class=\"grid\"><table>\n";
    if !grid.caption.is_empty() {
        let _ = writeln!(html, "<caption>{}</caption>", grid.caption);
    }
    let head: String = grid.header.iter().flat_map(|name| ["<th scope=\"col\">", name, "</th>"]).collect();
    let _ = writeln!(html, "<thead><tr>{head}</tr></thead>\n<tbody>");
    for row in &grid.rows {
        let cells: String = row.iter().map(cell).collect();
        let _ = writeln!(html, "<tr>{cells}</tr>");
    }
    *html += "</tbody></table></div>\n";
}

fn cell(content: &Cell) -> String {
    match content {
        Cell::Code(code) if !code.is_empty() => format!("<td><code>{}</code></td>", escaped(code)),
        Cell::Code(text) | Cell::Text(text) => format!("<td>{}</td>", escaped(text)),
    }
}

/// A name as an address within the page: what is no letter, digit, `_` or `-` is written as its number.
fn anchor(name: &str) -> String {
    name.chars().fold("s-".to_owned(), |mut anchor, c| {
        match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') => anchor.push(c),
            c => {
                let _ = write!(anchor, ".{:x}", u32::from(c));
            }
        }
        anchor
    })
}
