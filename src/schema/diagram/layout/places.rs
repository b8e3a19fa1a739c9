//! Where each box of a layer stands: as near to its neighbours as their order allows.

use super::{CHANNEL, Edge, GAP, Graph, Layout, Point, Size};

const ROUNDS: usize = 40;

pub fn places(graph: &Graph, sizes: &[Size], edges: Vec<Edge>) -> Layout {
    let centres = centres(graph);
    let columns = columns(graph);
    let corner = |at: usize| Point {
        x: columns.get(graph.items[at].layer).map_or(0.0, |column| column.0),
        y: centres[at] - sizes[at].height / 2.0,
    };
    // A passage is as wide as its layer, so that a line does not bend before it is past the boxes.
    let bends = |chain: &Vec<usize>| -> Vec<Point> {
        let inner = chain.get(1..chain.len().saturating_sub(1)).unwrap_or_default();
        let ends = |&item: &usize| {
            let (x, width) = columns[graph.items[item].layer];
            [Point { x, y: centres[item] }, Point { x: x + width, y: centres[item] }]
        };
        inner.iter().flat_map(ends).collect()
    };
    let mut layout = Layout {
        corners: (0..sizes.len()).map(corner).collect(),
        ends: (0..sizes.len())
            .map(|at| columns.get(graph.items[at].layer).map_or(0.0, |c| c.0 + c.1))
            .collect(),
        bends: graph.chains.iter().map(bends).collect(),
        edges,
        size: Size { width: columns.last().map_or(0.0, |column| column.0 + column.1), height: 0.0 },
    };
    let in_layers = graph.layers.iter().flatten().copied();
    settle(&mut layout, graph, &centres, in_layers.collect());
    layout
}

/// Moves everything so that the topmost is at 0.
fn settle(layout: &mut Layout, graph: &Graph, centres: &[f64], items: Vec<usize>) {
    let edge = |item: usize, side: f64| centres[item] + side * graph.items[item].size.height / 2.0;
    let top = items.iter().map(|&item| edge(item, -1.0)).fold(f64::INFINITY, f64::min);
    let bottom = items.iter().map(|&item| edge(item, 1.0)).fold(f64::NEG_INFINITY, f64::max);
    if items.is_empty() {
        return;
    }
    layout.corners.iter_mut().for_each(|corner| corner.y -= top);
    layout.bends.iter_mut().flatten().for_each(|bend| bend.y -= top);
    layout.size.height = bottom - top;
}

/// Left edge and width of each layer.
fn columns(graph: &Graph) -> Vec<(f64, f64)> {
    let mut x = 0.0;
    let column = |layer: &Vec<usize>| {
        let width = layer.iter().map(|&item| graph.items[item].size.width).fold(0.0, f64::max);
        let column = (x, width);
        x += width + CHANNEL;
        column
    };
    graph.layers.iter().map(column).collect()
}

fn centres(graph: &Graph) -> Vec<f64> {
    let mut centres = vec![0.0; graph.items.len()];
    for round in 0..ROUNDS {
        let layers: Vec<usize> = if round % 2 == 0 {
            (0..graph.layers.len()).collect()
        } else {
            (0..graph.layers.len()).rev().collect()
        };
        for layer in layers {
            place(graph, layer, &mut centres);
        }
    }
    centres
}

/// Moves each item of a layer towards the mean of its neighbours. What wants to be in the same place forms a block
/// around the mean of its wishes (least squares under a given order: pool adjacent violators).
fn place(graph: &Graph, layer: usize, centres: &mut [f64]) {
    let items = &graph.layers[layer];
    let mut offset = 0.0;
    let mut offsets = Vec::new();
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (place, &item) in items.iter().enumerate() {
        if let Some(&before) = place.checked_sub(1).and_then(|before| items.get(before)) {
            let heights = graph.items[before].size.height + graph.items[item].size.height;
            offset += heights / 2.0 + graph.gap(before, item);
        }
        offsets.push(offset);
        // A line wants to be straight more than a box wants to be in the middle.
        let weight = if graph.items[item].is_box { 1.0 } else { 3.0 };
        blocks.push((wish(graph, item, centres) - offset, weight, 1));
        while let [.., above, below] = &blocks[..]
            && above.0 > below.0
        {
            let weight = above.1 + below.1;
            let joined = ((above.0 * above.1 + below.0 * below.1) / weight, weight, above.2 + below.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let wishes = blocks.iter().flat_map(|block| std::iter::repeat_n(block.0, block.2));
    for ((wish, offset), &item) in wishes.zip(offsets).zip(items) {
        centres[item] = wish + offset;
    }
}

fn wish(graph: &Graph, item: usize, centres: &[f64]) -> f64 {
    let neighbours = graph.left[item].iter().chain(&graph.right[item]);
    let (sum, count) =
        neighbours.fold((0.0, 0.0), |(sum, count), &other| (sum + centres[other], count + 1.0));
    if count == 0.0 { centres[item] } else { sum / count }
}

/// Boxes without any line stand below the others, in rows.
pub fn add_lonely(layout: &mut Layout, sizes: &[Size], joined: &[bool]) {
    let width = layout.size.width.max(900.0);
    let mut lonely: Vec<usize> = (0..sizes.len()).filter(|&at| !joined[at]).collect();
    // Boxes of like height beside each other leave few holes; the order of names decides among equals.
    lonely.sort_by(|&a, &b| sizes[b].height.total_cmp(&sizes[a].height));
    let mut next =
        Point { x: 0.0, y: if layout.size.height > 0.0 { layout.size.height + 2.0 * GAP } else { 0.0 } };
    let mut row: f64 = 0.0;
    for at in lonely {
        if next.x > 0.0 && next.x + sizes[at].width > width {
            next = Point { x: 0.0, y: next.y + row + GAP };
            row = 0.0;
        }
        layout.corners[at] = next;
        row = row.max(sizes[at].height);
        layout.size.width = layout.size.width.max(next.x + sizes[at].width);
        layout.size.height = layout.size.height.max(next.y + sizes[at].height);
        next.x += sizes[at].width + GAP;
    }
}
