//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    dbctl::run(std::env::args_os())
}
