//! Databases beside the service's: copies, swap, undo, and what a kill leaves.

mod bench;
mod copies;
mod fingerprint;
mod killed;
mod obstacles;
mod properties;
mod swapping;
