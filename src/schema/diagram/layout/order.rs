//! In which order boxes and passages stand in a layer: the one with few crossings that sweeps find.

use super::{Graph, real};

const SWEEPS: usize = 24;

pub fn order(graph: &mut Graph) {
    let mut best = (crossings(graph), graph.layers.clone());
    for sweep in 0..SWEEPS {
        let count = graph.layers.len();
        let to_right = sweep % 2 == 0;
        let layers: Vec<usize> =
            if to_right { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for layer in layers {
            sort(graph, layer, to_right);
        }
        let crossings = crossings(graph);
        if crossings < best.0 {
            best = (crossings, graph.layers.clone());
        }
    }
    graph.layers = best.1;
}

/// By the mean place of each one's neighbours in the layer that was sorted before.
fn sort(graph: &mut Graph, layer: usize, to_right: bool) {
    let places = places(graph, if to_right { layer - 1 } else { layer + 1 });
    let neighbours = if to_right { &graph.left } else { &graph.right };
    let mut keyed: Vec<(f64, usize)> = graph.layers[layer]
        .iter()
        .enumerate()
        .map(|(place, &item)| (mean(&neighbours[item], &places).unwrap_or(real(place)), item))
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    graph.layers[layer] = keyed.into_iter().map(|(_, item)| item).collect();
}

fn mean(items: &[usize], places: &[f64]) -> Option<f64> {
    let sum: f64 = items.iter().map(|&item| places[item]).sum();
    (!items.is_empty()).then(|| sum / real(items.len()))
}

fn places(graph: &Graph, layer: usize) -> Vec<f64> {
    let mut places = vec![0.0; graph.items.len()];
    for (place, &item) in graph.layers[layer].iter().enumerate() {
        places[item] = real(place);
    }
    places
}

fn crossings(graph: &Graph) -> usize {
    (1..graph.layers.len()).map(|layer| between(graph, layer - 1)).sum()
}

/// How often lines between this layer and the next cross.
fn between(graph: &Graph, layer: usize) -> usize {
    let next = places(graph, layer + 1);
    let lines: Vec<(usize, f64)> = graph.layers[layer]
        .iter()
        .enumerate()
        .flat_map(|(place, &item)| graph.right[item].iter().map(move |&to| (place, to)))
        .map(|(place, to)| (place, next[to]))
        .collect();
    let crosses = |(at, one): (usize, &(usize, f64))| {
        lines[..at].iter().filter(|two| two.0 < one.0 && two.1 > one.1).count()
    };
    lines.iter().enumerate().map(crosses).sum()
}
