//! The Docker room against the real engine, with the `docker` CLI as oracle.

mod build;
mod connect;
mod ignore;
mod logs;
mod pull;
mod sample;
mod stub;
mod tls;
