//! `pamgate check`: are the mapping tables right?
//!
//! Start at [`run`]. Loads all tables as the gateway would at start-up and tells everything that is wrong, so what
//! passes here can't keep a gateway from starting. Knows `dialect` and `diagnostic`; opens no socket.
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Registry;

use super::{Exit, Failure, TableFiles, Terminal};

/// The options of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    tables: TableFiles,
    /// What standard output holds: a line for people, or a JSON array with an object for each mistake.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    output: Output,
}

/// What standard output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Output {
    /// One line; the mistakes are told on standard error.
    #[default]
    Text,
    /// An array of {code, message, file, line, column, label, help}, empty where nothing is wrong.
    Json,
}

/// Checks, and says what was found.
///
/// # Errors
/// Only where standard output can't be written.
pub fn run(args: CheckArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    args.tables.strays().iter().for_each(|stray| terminal.warning(&stray.to_string()));
    let checked = args.tables.read().and_then(|files| Registry::load(&files));
    let (wrong, line) = match checked {
        Ok(registry) => (Diagnostics::default(), summary(&registry)),
        Err(wrong) => {
            let line = count(wrong.0.len(), "mistake");
            (wrong, line)
        }
    };
    match args.output {
        Output::Text => {
            if !wrong.0.is_empty() {
                terminal.report(&wrong);
                terminal.say("\n`pamgate help CODE` says more of a mistake, with an example.");
            }
            terminal.answer(&line)?;
        }
        Output::Json => {
            let all: Vec<Value> = wrong.0.iter().map(as_json).collect();
            terminal.answer(&format!("{:#}", Value::Array(all)))?;
        }
    }
    Ok(if wrong.0.is_empty() { Exit::Done } else { Exit::Wrong })
}

/// `3 dialects, 20 messages, nothing wrong`
fn summary(registry: &Registry) -> String {
    let messages = registry.all().map(|dialect| dialect.messages.len()).sum();
    format!("{}, {}, nothing wrong", count(registry.all().count(), "dialect"), count(messages, "message"))
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn as_json(one: &Diagnostic) -> Value {
    let (line, column) = one.place().unzip();
    json!({
        "code": one.code.as_str(),
        "message": one.message,
        "file": one.source.name,
        "line": line,
        "column": column,
        "label": one.label,
        "help": one.help,
    })
}
