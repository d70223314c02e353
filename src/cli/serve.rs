//! `pamgate serve`: the gateway itself. Not built yet: only its options are declared.
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::sandbox::Vendor;
use crate::telemetry::LogFormat;

use super::{Exit, Failure, Terminal};

/// The options of `serve`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("setting").required(true).args(["config", "sandbox"]))]
pub struct ServeArgs {
    /// The configuration; docs/configuration.md describes it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Without a configuration: forwards to an emulated server inside this process, with made-up machines, users
    /// and keys, for trying. Never for real access.
    #[arg(long, requires = "upstream")]
    pub sandbox: bool,
    /// With --sandbox: whose server is emulated: beyondtrust, cyberark or safeguard.
    #[arg(long, value_name = "DIALECT", requires = "sandbox")]
    pub upstream: Option<Vendor>,
    /// Where clients call, instead of what the configuration says; port 0 takes a free one. May be given several
    /// times.
    #[arg(long, value_name = "ADDR")]
    pub listen: Vec<SocketAddr>,
    /// Where /healthz and /readyz are told, instead of what the configuration says.
    #[arg(long, value_name = "ADDR")]
    pub admin: Option<SocketAddr>,
    /// Where requests made are kept, instead of what the configuration says: `memory` or `sqlite:PATH`.
    #[arg(long, value_name = "STORE")]
    pub store: Option<StoreAt>,
    /// Written once the gateway serves, with the addresses that it listens at, one a line.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// How log lines are written, to standard error.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub log_format: LogFormat,
    /// What is logged: error, warn, info, debug, trace or off, or `target=level` pairs with commas between; without
    /// it, the variable PAMGATE_LOG, and without that info.
    #[arg(long, value_name = "LEVEL")]
    pub log: Option<String>,
}

/// Where requests made are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAt {
    /// Forgotten at exit.
    Memory,
    /// An SQLite file.
    Sqlite(PathBuf),
}

impl std::str::FromStr for StoreAt {
    type Err = String;

    fn from_str(text: &str) -> Result<StoreAt, String> {
        match text.split_once(':') {
            None if text == "memory" => Ok(StoreAt::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(StoreAt::Sqlite(path.into())),
            _ => Err("write `memory` or `sqlite:PATH`".to_owned()),
        }
    }
}

/// Runs the gateway until it is told to stop.
///
/// # Errors
/// Always, for now: it is not built yet.
pub fn run(_args: ServeArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::NotStarted("`pamgate serve` is not built yet".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_memory_or_a_file() {
        assert_eq!("memory".parse(), Ok(StoreAt::Memory));
        assert_eq!("sqlite:/a:b.db".parse(), Ok(StoreAt::Sqlite("/a:b.db".into())));
        for wrong in ["", "sqlite", "sqlite:", "memory:x", "postgres:x"] {
            assert!(wrong.parse::<StoreAt>().is_err(), "{wrong}");
        }
    }
}
