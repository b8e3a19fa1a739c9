//! The init dir.
