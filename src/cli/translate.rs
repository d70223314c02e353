//! `pamgate translate`: one message from one dialect to another. Not built yet: only its options are declared.
use std::path::PathBuf;

use super::{Exit, Failure, TableFiles, Terminal};

/// The options of `translate`.
#[derive(Debug, clap::Args)]
pub struct TranslateArgs {
    /// The dialect that the message is in: beyondtrust, cyberark, safeguard or one of --mappings, with its variant
    /// after a slash.
    #[arg(long, value_name = "DIALECT[/VARIANT]")]
    pub from: String,
    /// The dialect that it is translated to.
    #[arg(long, value_name = "DIALECT[/VARIANT]")]
    pub to: String,
    /// What the message asks for, or with --reply answers.
    #[arg(long, value_name = "OPERATION", default_value = "request.create")]
    pub operation: String,
    /// The path that a request was sent to, where the operation has several, with its query.
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// The message is a reply: --from is the server's dialect, --to the caller's.
    #[arg(long, requires = "request")]
    pub reply: bool,
    /// With --reply: the caller's request, in the dialect of --to, that the reply answers.
    #[arg(long, value_name = "FILE", requires = "reply")]
    pub request: Option<PathBuf>,
    /// A file that says which ids mean the same at different vendors: CSV, or JSON Lines where its name ends in
    /// .jsonl. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub crosswalk: Vec<PathBuf>,
    /// What time it is, as 2026-01-05T09:00:00Z; without it, the system's clock says.
    #[arg(long, value_name = "TIME")]
    pub now: Option<jiff::Timestamp>,
    /// Who asks.
    #[arg(long, value_name = "NAME")]
    pub principal: Option<String>,
    /// The user at the server whose session the request goes through.
    #[arg(long, value_name = "NAME")]
    pub as_user: Option<String>,
    /// A value for a canonical field that the message doesn't say but the other dialect needs, as
    /// `reason.text=maintenance`. May be given several times.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = pair)]
    pub supply: Vec<(String, String)>,
    /// What becomes of a field that the other dialect can't say: refuse, note or drop, as `emergency=note`. May be
    /// given several times.
    #[arg(long, value_name = "FIELD=TREATMENT", value_parser = pair)]
    pub treat: Vec<(String, String)>,
    /// Which mapping tables and schemas to use.
    #[command(flatten)]
    pub tables: TableFiles,
    /// What standard output holds: the translated message alone (losses are told on standard error), or a JSON
    /// object with message, canonical form and losses.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub output: Output,
    /// The message; - or nothing: standard input.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// What standard output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Output {
    /// The translated message.
    #[default]
    Message,
    /// All that came of it, as a JSON object.
    Json,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write FIELD=VALUE".to_owned()),
    }
}

/// Translates one message.
///
/// # Errors
/// Always, for now: it is not built yet.
pub fn run(_args: TranslateArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::NotStarted("`pamgate translate` is not built yet".to_owned()))
}
