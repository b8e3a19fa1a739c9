//! A session's own work for scripts of many shapes, with a server that answers each statement.

use dbctl::session::Mode;

use super::script::{Bench, Script};
use crate::sql::growth::overgrown;

const LENGTH: usize = 10_000;

#[test]
fn a_session_takes_no_more_than_its_share_of_time() {
    let mut bench = Bench::new();
    let bench = std::cell::RefCell::new(&mut bench);
    let read = |script: &str| {
        // Most of them are errors, of which the session has as much to do.
        let script = Script::new(format!("\\set ON_ERROR_STOP off\n{script}"));
        let _ = bench.borrow_mut().run(&script, Mode::Plain);
    };
    assert_eq!(overgrown(LENGTH, read), [""; 0]);
}
