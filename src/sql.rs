//! SQL scripts as psql reads them: lines, statements with their places, meta-commands, and what a script wants.

pub mod boolean;
pub mod copy;
pub mod encoding;
pub mod lexer;
pub mod outline;
pub mod reach;
pub mod reader;
pub mod statement;
pub mod survey;
