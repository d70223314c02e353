//! The command line: a file a subcommand, and what they have in common.
//!
//! Start at [`run`]. A subcommand declares its options as a clap struct, does its work, and returns an [`Exit`], or
//! a [`Failure`] that is told in one place, here. Options are read without side effects. Knows every other module;
//! only `main.rs` knows this one. Prints to standard output what was asked for, and everything else to standard
//! error; never a secret that isn't the sandbox's own, made-up one.
pub mod check;
mod exit;
pub mod help;
pub mod losses;
mod options;
mod ready;
pub mod sandbox;
pub mod schema;
pub mod serve;
mod terminal;
pub mod translate;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use exit::{Exit, Failure};
pub use options::TableFiles;
pub use ready::ReadyFile;
pub use terminal::{Colour, Terminal};

/// A gateway between the access-request dialects of BeyondTrust, CyberArk and One Identity Safeguard.
///
/// A client that speaks one vendor's REST API asks for privileged access; pamgate answers it in that dialect and
/// forwards the request to another vendor's server in its own.
#[derive(Debug, Parser)]
#[command(name = "pamgate", version, after_help = exit::HELP, disable_help_subcommand = true)]
struct Cli {
    /// When to write in colour: auto (on a terminal, unless NO_COLOR is set), always or never.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", alias = "color")]
    #[arg(hide_possible_values = true)]
    colour: Colour,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gateway.
    Serve(serve::ServeArgs),
    /// Runs an emulation of one vendor's server, for trying things without an appliance.
    Sandbox(sandbox::SandboxArgs),
    /// Translates one message on the command line, without any network.
    Translate(Box<translate::TranslateArgs>),
    /// Checks mapping tables against their schemas, and tells everything that is wrong with them.
    Check(check::CheckArgs),
    /// Prints the JSON Schema of mapping tables, by which an editor completes and checks them.
    Schema,
    /// Tells what each value would lose between two dialects, by their tables alone.
    Losses(losses::LossesArgs),
    /// Tells of the program, of a command, or of a mistake by its code: what it means, and what to write instead.
    Help(help::HelpArgs),
}

/// Runs the program with its whole command line, the program's name first.
pub fn run(words: Vec<OsString>) -> ExitCode {
    match parse(&words) {
        Ok(cli) => {
            let terminal = Terminal::new(cli.colour);
            let done = match cli.command {
                Command::Serve(args) => serve::run(args, &terminal),
                Command::Sandbox(args) => sandbox::run(args, &terminal),
                Command::Translate(args) => translate::run(*args, &terminal),
                Command::Check(args) => check::run(args, &terminal),
                Command::Schema => schema::run(&terminal),
                Command::Losses(args) => losses::run(args, &terminal),
                Command::Help(args) => help::run(&args, command_of(&words), &terminal),
            };
            done.unwrap_or_else(|failure| failure.tell(&terminal)).into()
        }
        Err(error) => told_by_clap(&error).into(),
    }
}

fn parse(words: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command_of(words).try_get_matches_from(words)?)
}

/// What clap prints itself, help and usage, comes before there is anything parsed to ask for the colour.
fn command_of(words: &[OsString]) -> clap::Command {
    Cli::command().color(terminal::wanted_of(words).for_clap())
}

/// Help and version are an answer; all else is a usage error.
fn told_by_clap(error: &clap::Error) -> Exit {
    let exit = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
        _ => Exit::Usage,
    };
    match error.print() {
        Ok(()) => exit,
        // Nobody listens: there is nowhere left to say so.
        Err(_) => Exit::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_contradict_nothing() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_is_documented() {
        fn undocumented(command: &clap::Command, found: &mut Vec<String>) {
            if command.get_about().is_none() {
                found.push(command.get_name().to_owned());
            }
            let args = command.get_arguments().filter(|arg| arg.get_help().is_none());
            found.extend(args.map(|arg| format!("{} {}", command.get_name(), arg.get_id())));
            command.get_subcommands().for_each(|sub| undocumented(sub, found));
        }
        let mut found = Vec::new();
        undocumented(&Cli::command(), &mut found);
        assert_eq!(found, Vec::<String>::new());
        // And the walk would see one that isn't.
        undocumented(&clap::Command::new("x").arg(clap::Arg::new("y")), &mut found);
        assert_eq!(found, ["x", "x y"]);
    }
}
