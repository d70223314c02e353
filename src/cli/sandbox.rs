//! `pamgate sandbox`: one vendor's server, emulated.
use super::{Exit, Failure, Terminal};
/// The options of `sandbox`.
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {}
/// x
pub fn run(_args: SandboxArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::NotStarted("`pamgate sandbox` is not built yet".to_owned()))
}
