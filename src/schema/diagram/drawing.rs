//! The diagram as SVG, its colours left to the page's style sheet.

use std::fmt::Write;

use super::layout::{Layout, Point, Size, layout, real};
use super::{Column, Diagram, Table};

const HEAD: f64 = 28.0;
const ROW: f64 = 19.0;
const PADDING: f64 = 10.0;
/// A character of the fixed-width font at 12 pixels, generously.
const CHARACTER: f64 = 7.3;
const MARGIN: f64 = 24.0;
/// From so many boxes on, only keys are shown.
const MANY: usize = 40;
const MOST_ROWS: usize = 30;
const LONGEST_TYPE: usize = 22;

/// A box as it is drawn.
struct Drawn<'a> {
    table: &'a Table,
    columns: Vec<&'a Column>,
    hidden: usize,
}

/// Each box is a link to `#` and what `anchor` makes of the table's name.
pub fn svg(diagram: &Diagram, anchor: impl Fn(&str) -> String) -> String {
    let drawn: Vec<Drawn> =
        diagram.boxes.iter().map(|table| Drawn::new(table, diagram.boxes.len() > MANY)).collect();
    let sizes: Vec<Size> = drawn.iter().map(Drawn::size).collect();
    let references: Vec<(usize, usize)> =
        diagram.lines.iter().map(|line| (line.child, line.parent)).collect();
    let layout = layout(&sizes, &references);
    let (width, height) = (layout.size.width + 2.0 * MARGIN, layout.size.height + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{:.0} {:.0} {width:.0} {height:.0}\" data-width=\"{width:.0}\" \
         data-height=\"{height:.0}\" role=\"group\" aria-label=\"Tables and their references\">\n",
        -MARGIN, -MARGIN
    );
    for index in 0..diagram.lines.len() {
        write_line(&mut svg, diagram, &drawn, &layout, index);
    }
    for (at, one) in drawn.iter().enumerate() {
        one.write(&mut svg, at, layout.corners[at], &anchor(&one.table.name));
    }
    svg + "</svg>\n"
}

impl<'a> Drawn<'a> {
    fn new(table: &'a Table, keys_only: bool) -> Self {
        let shown = table.columns.iter().filter(|column| !keys_only || column.is_key());
        let columns: Vec<&Column> = shown.take(MOST_ROWS).collect();
        Self { table, hidden: table.columns.len() - columns.len(), columns }
    }

    fn size(&self) -> Size {
        let length = |text: &str| real(text.chars().count()) * CHARACTER;
        let row =
            |column: &&Column| length(&column.name) + length(&short(&column.data_type)) + 5.0 * CHARACTER;
        let widest = self.columns.iter().map(row).fold(length(&self.table.name) * 1.1, f64::max);
        let rows = self.columns.len() + usize::from(self.hidden > 0);
        Size { width: (widest + 2.0 * PADDING).max(120.0), height: HEAD + ROW * real(rows) + 6.0 }
    }

    /// The middle of a column's row, from the box's upper edge; of the head, where it is not shown.
    fn row(&self, name: Option<&String>) -> f64 {
        let at = self.columns.iter().position(|column| Some(&column.name) == name);
        at.map_or(HEAD / 2.0, |at| HEAD + ROW * (real(at) + 0.5) + 2.0)
    }

    fn write(&self, svg: &mut String, at: usize, corner: Point, anchor: &str) {
        let Size { width, height } = self.size();
        let name = escaped(&self.table.name);
        let _ = write!(
            svg,
            "<a class=\"box\" href=\"#{anchor}\" data-box=\"{at}\" data-name=\"{name}\" transform=\"translate({:.1} {:.1})\"><title>{}</title>\
             <rect class=\"body\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"6\"/>\
             <path class=\"head\" d=\"M0 {HEAD}V6a6 6 0 0 1 6-6H{:.1}a6 6 0 0 1 6 6V{HEAD}Z\"/>\
             <text class=\"name\" x=\"{PADDING}\" y=\"19\">{name}</text>",
            corner.x,
            corner.y,
            escaped(if self.table.purpose.is_empty() { &self.table.name } else { &self.table.purpose }),
            width - 6.0
        );
        for (index, column) in self.columns.iter().enumerate() {
            write_column(svg, column, HEAD + ROW * real(index) + 16.0, width);
        }
        if self.hidden > 0 {
            let y = HEAD + ROW * real(self.columns.len()) + 16.0;
            let more = if self.columns.is_empty() { "" } else { " more" };
            let noun = if self.hidden == 1 { "column" } else { "columns" };
            let _ = write!(
                svg,
                "<text class=\"type\" x=\"{PADDING}\" y=\"{y:.1}\">{}{more} {noun}</text>",
                self.hidden
            );
        }
        *svg += "</a>\n";
    }
}

fn write_column(svg: &mut String, column: &Column, y: f64, width: f64) {
    let mark = match column {
        Column { is_primary: true, .. } => "PK",
        Column { is_foreign: true, .. } => "FK",
        Column { is_unique: true, .. } => "UK",
        _ => "",
    };
    let (name, data_type) = (escaped(&column.name), escaped(&short(&column.data_type)));
    let x = PADDING + 3.0 * CHARACTER;
    let _ = write!(
        svg,
        "<text class=\"mark\" x=\"{PADDING}\" y=\"{y:.1}\">{mark}</text><text x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>\
         <text class=\"type\" x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{data_type}</text>",
        width - PADDING
    );
}

/// A curve from the box on the left through the passages to the one on the right, with the foot of a crow at the child
/// and a bar at the parent (a ring where it may be missing).
fn write_line(svg: &mut String, diagram: &Diagram, drawn: &[Drawn], layout: &Layout, index: usize) {
    let line = &diagram.lines[index];
    let (left, right) = layout.edges[index];
    let y = |at: usize, name: Option<&String>| layout.corners[at].y + drawn[at].row(name);
    let port = |at: usize| {
        let primary =
            drawn[line.parent].columns.iter().find(|column| column.is_primary).map(|column| &column.name);
        y(at, if at == line.child { line.columns.first() } else { primary })
    };
    let start = Point { x: layout.corners[left].x + drawn[left].size().width, y: port(left) };
    let (path, child, parent) = if left == right {
        // A table that refers to itself: a loop on its right side.
        let end = Point { x: start.x, y: y(left, line.columns.first()) };
        let start = Point { y: layout.corners[left].y + HEAD / 2.0, ..start };
        let out = start.x + 34.0;
        let path = format!(
            "M{:.1} {:.1}C{out:.1} {:.1} {out:.1} {:.1} {:.1} {:.1}",
            start.x, start.y, start.y, end.y, end.x, end.y
        );
        (path, (end, 1.0), (start, 1.0))
    } else {
        let end = Point { x: layout.corners[right].x, y: port(right) };
        let ends = [(start, 1.0), (end, -1.0)];
        let (child, parent) = if left == line.child { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
        (curve(start, layout.ends[left], &layout.bends[index], end), child, parent)
    };
    let _ = writeln!(
        svg,
        "<g class=\"line\" data-child=\"{}\" data-parent=\"{}\"><title>{}.{} → {}</title><path d=\"{path}\"/>{}{}</g>",
        line.child,
        line.parent,
        escaped(&diagram.boxes[line.child].name),
        escaped(&line.columns.join(", ")),
        escaped(&diagram.boxes[line.parent].name),
        foot(child, line.is_single),
        bar(parent, line.is_optional)
    );
}

/// Straight to the end of its layer, then level at every point, so that it leaves and enters boxes at right angles.
fn curve(start: Point, layer_end: f64, bends: &[Point], end: Point) -> String {
    let mut path = format!("M{:.1} {:.1}H{layer_end:.1}", start.x, start.y);
    let mut from = Point { x: layer_end, y: start.y };
    for &to in bends.iter().chain([&end]) {
        let half = (to.x - from.x) / 2.0;
        let _ = write!(
            path,
            "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            from.x + half,
            from.y,
            to.x - half,
            to.y,
            to.x,
            to.y
        );
        from = to;
    }
    path
}

/// Many children: three toes; one at most: a bar.
fn foot((at, side): (Point, f64), is_single: bool) -> String {
    if is_single {
        return bar((at, side), false);
    }
    let knee = at.x + side * 11.0;
    format!(
        "<path d=\"M{knee:.1} {:.1}L{:.1} {:.1}M{knee:.1} {:.1}L{:.1} {:.1}\"/>",
        at.y,
        at.x,
        at.y - 5.0,
        at.y,
        at.x,
        at.y + 5.0
    )
}

fn bar((at, side): (Point, f64), is_optional: bool) -> String {
    let x = at.x + side * 8.0;
    if is_optional {
        return format!("<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3.5\"/>", at.y);
    }
    format!("<path d=\"M{x:.1} {:.1}V{:.1}\"/>", at.y - 5.0, at.y + 5.0)
}

fn short(data_type: &str) -> String {
    let short = data_type
        .replace("timestamp with time zone", "timestamptz")
        .replace("timestamp without time zone", "timestamp")
        .replace("character varying", "varchar");
    match short.char_indices().nth(LONGEST_TYPE) {
        Some((end, _)) => format!("{}…", &short[..end]),
        None => short,
    }
}

/// A text between tags or in an attribute.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
