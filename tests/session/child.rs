//! Tests that need a process of their own: to be killed, interrupted or measured.

use std::env;
use std::process::{Child, Command, Stdio};

use dbctl::endpoint::{Address, Authentication, Endpoint};
use dbctl::session::Session;

use super::cluster::{Cluster, login};

/// Starts this test again in a process of its own, which [`child`] recognises.
pub fn spawn(test: &str, database: &str) -> Child {
    let cluster = Cluster::shared();
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("DBCTL_TEST_CHILD", format!("{} {} {database}", cluster.directory().display(), cluster.port()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The parent's database, in the process that [`spawn`] started.
pub fn child() -> Option<Session> {
    let told = env::var("DBCTL_TEST_CHILD").ok()?;
    let mut words = told.split(' ');
    let mut word = || words.next().unwrap();
    let address = Address::Unix { directory: word().into(), port: word().parse().unwrap() };
    let endpoint = Endpoint::new(address, Authentication::Any);
    Some(Session::connect(&endpoint, &login("postgres", None, word())).unwrap())
}
