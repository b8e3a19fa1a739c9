//! Scripts on disk.
