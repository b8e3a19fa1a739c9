//! Where boxes stand and lines run: layers from left to right, parents before children.

use std::collections::BTreeMap;

mod layers;
mod order;
mod places;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// Two boxes, the one on the left first, by their places in the list.
pub type Edge = (usize, usize);

pub struct Layout {
    /// The upper left corner of each box.
    pub corners: Vec<Point>,
    /// Where the layer of each box ends: a line goes straight that far, past wider boxes.
    pub ends: Vec<f64>,
    /// For each edge the points between its boxes, from left to right.
    pub bends: Vec<Vec<Point>>,
    /// Which box of each edge came to stand on the left.
    pub edges: Vec<Edge>,
    pub size: Size,
}

/// Between two layers: room for lines.
const CHANNEL: f64 = 84.0;
/// Between two boxes of a layer.
const GAP: f64 = 26.0;
/// What a line needs that passes a layer.
const PASSAGE: f64 = 14.0;

/// What stands in a layer: a box, or a line that passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    pub size: Size,
    pub layer: usize,
    pub is_box: bool,
}

/// The boxes and passages of all layers, and which are joined.
pub struct Graph {
    pub items: Vec<Item>,
    pub layers: Vec<Vec<usize>>,
    /// To the layer on the left, and to the one on the right.
    pub left: Vec<Vec<usize>>,
    pub right: Vec<Vec<usize>>,
    /// For each edge the items that it goes through, boxes at both ends.
    pub chains: Vec<Vec<usize>>,
    /// By box and layer: the lines of one box share their way.
    passages: BTreeMap<(usize, usize), usize>,
}

/// Lays out boxes of these sizes; `references` are pairs of child and parent. A box that refers to itself has an edge
/// without bends.
pub fn layout(sizes: &[Size], references: &[(usize, usize)]) -> Layout {
    let edges = layers::edges(sizes.len(), references);
    let is_joined = |at: usize| edges.iter().any(|edge| edge.0 != edge.1 && (edge.0 == at || edge.1 == at));
    let joined: Vec<bool> = (0..sizes.len()).map(is_joined).collect();
    let mut graph = Graph::new(sizes, &layers::layers(sizes, &edges, &joined), &edges, &joined);
    order::order(&mut graph);
    let mut layout = places::places(&graph, sizes, edges);
    places::add_lonely(&mut layout, sizes, &joined);
    layout
}

impl Graph {
    fn new(sizes: &[Size], layer_of: &[usize], edges: &[Edge], joined: &[bool]) -> Self {
        let count = (0..sizes.len()).filter(|&at| joined[at]).map(|at| layer_of[at] + 1).max().unwrap_or(0);
        let item = |at: usize| Item { size: sizes[at], layer: layer_of[at], is_box: true };
        let mut graph = Self {
            items: (0..sizes.len()).map(item).collect(),
            layers: vec![Vec::new(); count],
            left: vec![Vec::new(); sizes.len()],
            right: vec![Vec::new(); sizes.len()],
            chains: Vec::new(),
            passages: BTreeMap::new(),
        };
        for at in (0..sizes.len()).filter(|&at| joined[at]) {
            graph.layers[layer_of[at]].push(at);
        }
        for &edge in edges {
            graph.join(edge);
        }
        graph
    }

    /// A line with a passage through each layer between its boxes.
    fn join(&mut self, (first, last): Edge) {
        let mut chain = vec![first];
        for layer in self.items[first].layer + 1..self.items[last].layer {
            chain.push(self.passage(first, layer));
        }
        chain.push(last);
        for pair in chain.windows(2).filter(|pair| pair[0] != pair[1]) {
            if !self.right[pair[0]].contains(&pair[1]) {
                self.right[pair[0]].push(pair[1]);
                self.left[pair[1]].push(pair[0]);
            }
        }
        self.chains.push(chain);
    }

    fn passage(&mut self, first: usize, layer: usize) -> usize {
        if let Some(&passage) = self.passages.get(&(first, layer)) {
            return passage;
        }
        let passage = self.items.len();
        self.items.push(Item { size: Size { width: 0.0, height: 0.0 }, layer, is_box: false });
        self.layers[layer].push(passage);
        self.left.push(Vec::new());
        self.right.push(Vec::new());
        self.passages.insert((first, layer), passage);
        passage
    }

    /// What must stay free between two neighbours of a layer.
    fn gap(&self, one: usize, two: usize) -> f64 {
        if self.items[one].is_box && self.items[two].is_box { GAP } else { PASSAGE }
    }
}

/// A small number as a length.
#[expect(clippy::cast_precision_loss, reason = "boxes, rows and characters are far fewer than 2^52")]
pub fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{Layout, Point, Size, layout, real};

    fn sizes(count: usize) -> Vec<Size> {
        (0..count).map(|at| Size { width: 150.0, height: 60.0 + 20.0 * real(at % 7) }).collect()
    }

    fn overlap(layout: &Layout, sizes: &[Size]) -> Vec<(usize, usize)> {
        let apart = |a: usize, b: usize| {
            let (one, two): (Point, Point) = (layout.corners[a], layout.corners[b]);
            one.x + sizes[a].width <= two.x || one.y + sizes[a].height <= two.y
        };
        let pairs = (0..sizes.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
        pairs.filter(|&(a, b)| !apart(a, b) && !apart(b, a)).collect()
    }

    #[test]
    fn parents_stand_left_of_their_children() {
        let sizes = sizes(4);
        let layout = layout(&sizes, &[(1, 0), (2, 1), (2, 0)]);
        let x: Vec<f64> = layout.corners.iter().map(|corner| corner.x).collect();
        assert!(x[0] < x[1] && x[1] < x[2], "{x:?}");
        assert!(layout.bends[2].len() > layout.bends[0].len(), "the long line passes a layer");
        assert_eq!(overlap(&layout, &sizes), []);
    }

    #[test]
    fn circles_and_self_references_are_laid_out_too() {
        let sizes = sizes(3);
        let layout = layout(&sizes, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        assert_eq!(layout.edges.len(), 4);
        assert_eq!(overlap(&layout, &sizes), []);
    }

    #[test]
    fn a_large_schema_keeps_its_shape_and_no_boxes_overlap() {
        let sizes = sizes(150);
        let references: Vec<(usize, usize)> =
            (1..140).flat_map(|child| [(child, child / 3), (child, (child * 7) % child.max(1))]).collect();
        let layout = layout(&sizes, &references);
        assert_eq!(overlap(&layout, &sizes), []);
        let ratio = layout.size.width / layout.size.height;
        assert!((0.4..4.0).contains(&ratio), "{ratio}");
    }
}
