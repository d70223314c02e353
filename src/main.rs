//! The command line's entry. All there is stands in `cli`.
use std::process::ExitCode;

/// A gateway makes and drops many small things per request; benches/README.md tells what changing to this allocator
/// came with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pamgate::cli::run(std::env::args_os().collect())
}
