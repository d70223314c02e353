//! The command line's entry. All there is stands in `cli`.
use std::process::ExitCode;

/// A gateway makes and drops many small things per request: this allocator takes a tenth less of the processor for
/// it than the system's (benches/README.md tells how that was seen).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pamgate::cli::run(std::env::args_os().collect())
}
