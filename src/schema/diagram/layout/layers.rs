//! In which layer each box stands: to the right of all its parents, and no layer much higher than the others.

use super::{CHANNEL, Edge, GAP, Size};

/// Width over height that a diagram should have.
const SHAPE: f64 = 1.5;

/// References as edges from left to right, turned round where they would close a circle.
pub fn edges(count: usize, references: &[(usize, usize)]) -> Vec<Edge> {
    let mut search =
        Search { references, state: vec![State::New; count], turned: vec![false; references.len()] };
    for at in 0..count {
        search.visit(at);
    }
    let edge = |(&(child, parent), &turned): (&(usize, usize), &bool)| {
        if turned { (child, parent) } else { (parent, child) }
    };
    references.iter().zip(&search.turned).map(edge).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

struct Search<'a> {
    references: &'a [(usize, usize)],
    state: Vec<State>,
    turned: Vec<bool>,
}

impl Search<'_> {
    fn visit(&mut self, at: usize) {
        if self.state[at] != State::New {
            return;
        }
        self.state[at] = State::Open;
        for (index, &(child, parent)) in self.references.iter().enumerate() {
            if child != at || child == parent {
                continue;
            }
            match self.state[parent] {
                State::Open => self.turned[index] = true,
                _ => self.visit(parent),
            }
        }
        self.state[at] = State::Done;
    }
}

/// The layer of each box.
pub fn layers(sizes: &[Size], edges: &[Edge], joined: &[bool]) -> Vec<usize> {
    let limit = limit(sizes, joined);
    let mut filled: Vec<f64> = Vec::new();
    let mut layers = vec![0; sizes.len()];
    for at in from_left(sizes.len(), edges).into_iter().filter(|&at| joined[at]) {
        let parents = edges.iter().filter(|edge| edge.1 == at && edge.0 != at);
        let mut layer = parents.map(|edge| layers[edge.0] + 1).max().unwrap_or(0);
        while filled.get(layer).is_some_and(|height| height + sizes[at].height > limit) {
            layer += 1;
        }
        filled.resize(filled.len().max(layer + 1), 0.0);
        filled[layer] += sizes[at].height + GAP;
        layers[at] = layer;
    }
    draw_near(&mut layers, edges, sizes, (&mut filled, limit));
    layers
}

/// A box without parents moves to where its first child is, if there is room.
fn draw_near(layers: &mut [usize], edges: &[Edge], sizes: &[Size], (filled, limit): (&mut [f64], f64)) {
    for at in 0..layers.len() {
        let is_root = !edges.iter().any(|edge| edge.1 == at && edge.0 != at);
        let first = edges.iter().filter(|edge| edge.0 == at && edge.1 != at).map(|edge| layers[edge.1]).min();
        let Some(wanted) = first.filter(|_| is_root).map(|first| first.saturating_sub(1)) else { continue };
        let height = sizes[at].height + GAP;
        let nearest = (layers[at] + 1..=wanted).rev().find(|&layer| filled[layer] + height <= limit);
        if let Some(layer) = nearest {
            filled[layers[at]] -= height;
            filled[layer] += height;
            layers[at] = layer;
        }
    }
}

/// How high a layer may be, so that the whole has its shape.
fn limit(sizes: &[Size], joined: &[bool]) -> f64 {
    let chosen: Vec<&Size> =
        sizes.iter().zip(joined).filter(|(_, joined)| **joined).map(|(size, _)| size).collect();
    let area: f64 = chosen.iter().map(|size| (size.height + GAP) * (size.width + CHANNEL)).sum();
    let tallest = chosen.iter().map(|size| size.height + GAP).fold(0.0, f64::max);
    (area / SHAPE).sqrt().max(tallest)
}

/// Boxes in an order in which parents come first; those with the most children first among equals.
fn from_left(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut waiting: Vec<usize> =
        (0..count).map(|at| edges.iter().filter(|edge| edge.1 == at && edge.0 != at).count()).collect();
    let children = |at: usize| edges.iter().filter(|edge| edge.0 == at).count();
    let mut ready: Vec<usize> = (0..count).filter(|&at| waiting[at] == 0).collect();
    ready.sort_by_key(|&at| std::cmp::Reverse(children(at)));
    let mut at = 0;
    while let Some(&parent) = ready.get(at) {
        for edge in edges.iter().filter(|edge| edge.0 == parent && edge.1 != parent) {
            waiting[edge.1] -= 1;
            if waiting[edge.1] == 0 {
                ready.push(edge.1);
            }
        }
        at += 1;
    }
    ready
}
