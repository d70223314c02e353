//! How the program ends: exit statuses, and failures told in one way.
//!
//! Start at [`Exit`]. A subcommand that can't go on returns a [`Failure`]; [`Failure::tell`] writes it. Knows
//! `diagnostic` and its sibling `terminal`. Never ends the process itself.
use std::io;
use std::process::ExitCode;

use crate::diagnostic::Diagnostics;

use super::Terminal;

/// What `--help` says of the exit statuses; [`Exit`] has their numbers.
pub(super) const HELP: &str = "\
Exit status:
  0  done; a server: stopped as it was told to
  1  something is wrong with what was given: `check` finds a mistake, or a folder that it can't read; a message is refused
  2  the command line can't be understood
  3  it can't start: a file can't be read, a table or the configuration has a mistake, an address is taken
  4  it broke off: the output can't be written, a server died underway

Standard output holds what was asked for, standard error all else.";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All went well; a server stopped as it was told to.
    Done,
    /// Something is wrong with what was given.
    Wrong,
    /// The command line can't be understood.
    Usage,
    /// It can't start.
    NotStarted,
    /// It broke off.
    Broken,
}

impl Exit {
    /// The process's exit status.
    pub fn status(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Wrong => 1,
            Exit::Usage => 2,
            Exit::NotStarted => 3,
            Exit::Broken => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.status())
    }
}

/// Why a subcommand can't go on.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was given is refused.
    #[error("{0}")]
    Refused(String),
    /// Options that don't go together in a way that clap can't know.
    #[error("{0}")]
    Usage(String),
    /// It can't start.
    #[error("{0}")]
    NotStarted(String),
    /// Files that it needs to start have mistakes.
    #[error("{0}")]
    WrongFiles(Diagnostics),
    /// It broke off.
    #[error("{0}")]
    Broken(String),
    /// Standard output can't be written.
    #[error("standard output can't be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// How the process ends for it.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Refused(_) => Exit::Wrong,
            Failure::Usage(_) => Exit::Usage,
            Failure::NotStarted(_) | Failure::WrongFiles(_) => Exit::NotStarted,
            Failure::Broken(_) | Failure::Output(_) => Exit::Broken,
        }
    }

    /// Says on standard error why, and how the process ends for it.
    pub(super) fn tell(&self, terminal: &Terminal) -> Exit {
        match self {
            Failure::WrongFiles(wrong) => terminal.report(wrong),
            // `pamgate check | head` is no failure that anybody wants to read about.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            other => terminal.error(&other.to_string()),
        }
        self.exit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_has_every_status_and_no_other() {
        let all = [Exit::Done, Exit::Wrong, Exit::Usage, Exit::NotStarted, Exit::Broken];
        let told: Vec<u8> =
            HELP.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
        assert_eq!(told, all.map(Exit::status));
    }
}
