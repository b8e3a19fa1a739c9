//! `rebuild --fresh` on a server started for the test: what an empty database would give, and nothing lost.

mod histories;
mod killed;
mod large;
mod layers;
mod project;
mod replacing;
mod replays;
mod watching;
