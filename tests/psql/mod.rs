//! dbctl against the real psql: the same scripts through both, and everything that they leave compared.

mod case;
mod client;
mod compare;
mod corpus;
mod counting;
mod ground;
mod huge;
mod known;
mod proxy;
mod stage;
