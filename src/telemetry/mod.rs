//! What the process tells: the log on standard error, request ids, and one access line a request.
//!
//! Start at [`init`]; [`emit`] writes an access line, [`RequestId`] names the request in it. Knows no
//! other module. Never writes a secret: an access line has no place for a header or a body.

mod access;
mod id;

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

pub use self::access::{ACCESS, AccessLine, ClientRequestId, access_on, emit};
pub use self::id::RequestId;

/// The environment variable that sets the level where no flag does.
pub const LEVEL_VARIABLE: &str = "PAMGATE_LOG";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The log can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is none.
    #[error(
        "`{given}` is no log level ({why}): write error, warn, info, debug, trace, off, or target=level pairs"
    )]
    Level {
        /// As it was given.
        given: String,
        /// In the parser's words.
        why: String,
    },
    /// Something has set up a log already.
    #[error("the log is set up already")]
    Already,
}

/// Sets up the log, once for the process. `level` wins over the environment; without either it is `info`.
///
/// # Errors
/// A level that is none, or a log that is set up already.
pub fn init(format: LogFormat, level: Option<&str>) -> Result<(), TelemetryError> {
    let given = level.map(str::to_owned).or_else(|| std::env::var(LEVEL_VARIABLE).ok());
    let given = given.filter(|given| !given.trim().is_empty()).unwrap_or_else(|| "info".to_owned());
    let filter = EnvFilter::try_new(&given)
        .map_err(|why| TelemetryError::Level { given: given.clone(), why: why.to_string() })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    let done = match format {
        LogFormat::Text => log.with_ansi(colour()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).try_init(),
    };
    done.map_err(|_| TelemetryError::Already)
}

/// Colour only where a person looks, and didn't decline it (<https://no-color.org>).
fn colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_is_none_is_told_with_what_may_be_written() {
        let error = init(LogFormat::Text, Some("loud=very=much")).unwrap_err().to_string();
        assert!(error.starts_with("`loud=very=much` is no log level") && error.contains("warn"), "{error}");
    }
}
