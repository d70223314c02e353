//! The command line's entry. All there is stands in `cli`.
use std::process::ExitCode;

fn main() -> ExitCode {
    pamgate::cli::run(std::env::args_os().collect())
}
