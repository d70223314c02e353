//! `pamgate translate`: one message from one dialect to another, without a network.
//!
//! Start at [`run`]. Goes the way that the gateway goes, [`crate::exchange`], with what the options say instead of a
//! configuration; `options` reads them, `address` finds the operation that they mean. What `--explain` tells is laid out in `text`, in columns by `layout`, and in `tree` as JSON.
mod address;
mod layout;
mod options;
mod text;
mod tree;
mod written;

use std::borrow::Cow;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::canonical::Fault;
use crate::crosswalk::Crosswalk;
use crate::diagnostic::plain;
use crate::dialect::{Dialect, Registry};
use crate::exchange::explain::{self, Explanation};
use crate::exchange::{Answered, Came, Chosen, Context, Pair, Policy, Prepared, Principal, Side, ask};
use crate::json::Limits;
use crate::mapping::Took;

use super::{Exit, Failure, TableFiles, Terminal};
use address::Address;

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
    /// A variant of a dialect, as cyberark/page: the same as writing it after --from or --to. May be given twice.
    #[arg(long, value_name = "DIALECT/VARIANT")]
    pub variant: Vec<String>,
    /// What the message asks for, or with --reply answers.
    #[arg(long, value_name = "OPERATION", default_value = "request.create")]
    pub operation: String,
    /// The path that a request was sent to, from its beginning and with its query: where the operation has several, or
    /// one that says a field.
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
    #[arg(long, value_name = "TIME", value_parser = options::time)]
    pub now: Option<jiff::Timestamp>,
    /// Who asks.
    #[arg(long, value_name = "NAME")]
    pub principal: Option<String>,
    /// The user at the server whose session the request goes through.
    #[arg(long, value_name = "NAME")]
    pub as_user: Option<String>,
    /// A value for a canonical field that the message doesn't say but the other dialect needs, as
    /// `reason.text=maintenance`. May be given several times.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = options::pair)]
    pub supply: Vec<(String, String)>,
    /// What becomes of a field that the other dialect can't say: refuse, note or drop, as `emergency=note`. `default`
    /// stands for the fields that are noted unless they have their own. May be given several times.
    #[arg(long, value_name = "FIELD=TREATMENT", value_parser = options::pair)]
    pub treat: Vec<(String, String)>,
    /// Which mapping tables and schemas to use.
    #[command(flatten)]
    pub tables: TableFiles,
    /// What standard output holds: the translated message alone (losses are told on standard error), or a JSON
    /// object with message, canonical form and losses.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub output: Output,
    /// Tell of each value what it became and why: which entry read it, which wrote it, what the crosswalk, the
    /// policy and the other dialect made of it. What is sent on stands below; with --output json it stands beside the
    /// explanation.
    #[arg(long)]
    pub explain: bool,
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

/// The largest message that is read.
const MESSAGE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Translates one message.
///
/// # Errors
/// What can't be read, and options that don't go together. A message that is refused is no failure of the program:
/// the caller's dialect's error goes to standard error, and the exit status is 1.
pub fn run(args: TranslateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let registry =
        Registry::load(&args.tables.read().map_err(Failure::WrongFiles)?).map_err(Failure::WrongFiles)?;
    options::variants(&args)?;
    let side = |label: &str| {
        let dialect = registry.labelled(options::labelled(&args, label)).map_err(Failure::Usage)?.clone();
        Ok::<_, Failure>(Side { space: dialect.name.as_str().into(), dialect })
    };
    let (from, to) = (side(&args.from)?, side(&args.to)?);
    let (caller, upstream) = if args.reply { (to, from) } else { (from, to) };
    let crosswalk = Crosswalk::load(&args.crosswalk).map_err(Failure::WrongFiles)?;
    let work = Work {
        caller: caller.dialect.clone(),
        pair: Arc::new(Pair::new(caller, upstream)),
        policy: options::policy(&args)?,
        context: Context {
            crosswalk: &crosswalk,
            now: args.now.unwrap_or_else(Timestamp::now),
            limits: Limits::default(),
        },
        args: &args,
    };
    options::tell_idle(&args, &work.pair, &work.policy, terminal);
    let message = read(args.file.as_ref())?;
    match (&args.request, args.reply) {
        (Some(request), true) => work.reply(&read(Some(request))?, &message, terminal),
        _ => work.request(&message, terminal),
    }
}

fn read(path: Option<&PathBuf>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let (name, done) = match path.filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            let file = std::fs::File::open(path);
            (
                path.display().to_string(),
                file.and_then(|file| file.take(MESSAGE_BYTES_MAX + 1).read_to_end(&mut bytes)),
            )
        }
        None => {
            let input = std::io::stdin().lock();
            ("standard input".to_owned(), input.take(MESSAGE_BYTES_MAX + 1).read_to_end(&mut bytes))
        }
    };
    done.map_err(|error| Failure::NotStarted(format!("{name} can't be read: {error}")))?;
    if bytes.len() as u64 > MESSAGE_BYTES_MAX {
        return Err(Failure::NotStarted(format!("{name} is larger than {MESSAGE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

/// All that one translation needs.
struct Work<'w> {
    caller: Arc<Dialect>,
    pair: Arc<Pair>,
    policy: Policy,
    context: Context<'w>,
    args: &'w TranslateArgs,
}

impl Work<'_> {
    fn request(&self, message: &[u8], terminal: &Terminal) -> Result<Exit, Failure> {
        let address = self.recognised()?;
        let (prepared, explanation) = self.ask_explained(&address, message);
        if self.args.explain {
            let done = prepared.as_ref().map_err(Clone::clone).map(|prepared| {
                let body = prepared.call.body.clone().unwrap_or_default();
                (prepared, body, format!("{} {}", prepared.call.method, prepared.call.path))
            });
            return self.explained(&address, false, done, &explanation, terminal);
        }
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(fault) => return Ok(self.refused(&fault, terminal)),
        };
        let body = prepared.call.body.clone().unwrap_or_default();
        self.tell(&prepared, &body, &unknown(&explanation), terminal)?;
        Ok(Exit::Done)
    }

    fn reply(&self, request: &[u8], message: &[u8], terminal: &Terminal) -> Result<Exit, Failure> {
        let address = self.recognised()?;
        if self.args.explain {
            let prepared = match self.ask_explained(&address, request) {
                (Ok(prepared), _) => prepared,
                (Err(fault), why) => return self.explained(&address, false, Err(fault), &why, terminal),
            };
            let came = Came { status: self.status(&prepared), body: message };
            let (answered, why) = explain::answer(&prepared, came, None, 0, self.context);
            let done = answered.map(|Answered { status, body, .. }| {
                (&prepared, body.unwrap_or_default(), status.to_string())
            });
            return self.explained(&address, true, done, &why, terminal);
        }
        let answered = self.ask(&address, request).and_then(|prepared| {
            let came = Came { status: self.status(&prepared), body: message };
            let answered = prepared.answer(came, None, 0, self.context)?;
            Ok((prepared, answered))
        });
        match answered {
            Ok((prepared, answered)) => {
                self.tell(&prepared, &answered.body.unwrap_or_default(), &[], terminal)?;
                Ok(Exit::Done)
            }
            Err(fault) => Ok(self.refused(&fault, terminal)),
        }
    }

    /// The status that the upstream answers with when all is well.
    fn status(&self, prepared: &Prepared) -> u16 {
        let theirs = self.pair.upstream.dialect.operation(prepared.operation());
        theirs.and_then(|operation| operation.outcomes.first()).map_or(200, |one| one.status)
    }

    fn ask(&self, address: &Address<'_>, body: &[u8]) -> Result<Prepared, Fault> {
        ask(&address.incoming(body), self.context, |_| Ok(self.chosen()))
    }

    fn ask_explained(&self, address: &Address<'_>, body: &[u8]) -> (Result<Prepared, Fault>, Explanation) {
        explain::ask(&address.incoming(body), self.context, |_| Ok(self.chosen()))
    }

    fn chosen(&self) -> Chosen<'_> {
        let principal = Principal {
            name: self.args.principal.clone().unwrap_or_default(),
            as_user: self.args.as_user.clone().or_else(|| self.args.principal.clone()),
        };
        Chosen { pair: self.pair.clone(), policy: &self.policy, principal: Cow::Owned(principal) }
    }

    /// What came of it, and why; a refusal is told as without the explanation.
    fn explained(
        &self,
        address: &Address<'_>,
        reply: bool,
        done: Result<(&Prepared, Vec<u8>, String), Fault>,
        explanation: &Explanation,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        let (caller, upstream) = (self.pair.caller.dialect.label(), self.pair.upstream.dialect.label());
        let called = format!("{} {}", address.recognised.route.method, address.path);
        let answered = done.as_ref().err().map(|fault| self.answered(fault));
        let case = text::Case {
            from: if reply { &upstream } else { &caller },
            to: if reply { &caller } else { &upstream },
            operation: &self.args.operation,
            reply,
            called: if reply { "" } else { &called },
            calls: done.as_ref().map_or("", |(.., calls)| calls),
            answered: answered.as_ref().map(|(status, body)| (*status, body.as_str())),
        };
        let message = done.as_ref().map_or(&[][..], |(_, body, _)| body);
        match self.args.output {
            Output::Message => {
                let look = layout::Look { width: terminal.width(), colour: terminal.coloured_answers() };
                let mut told = text::told(&case, explanation, look);
                if !message.is_empty() {
                    told.push_str(&format!("\n{}\n", String::from_utf8_lossy(message)));
                }
                terminal.answer(&told)?;
            }
            Output::Json => {
                let prepared = done.as_ref().ok().map(|(prepared, ..)| *prepared);
                let why = tree::told(&case, explanation);
                terminal.answer(&tree::all(prepared, message, &unknown(explanation), Some(why))?)?;
            }
        }
        match done {
            Ok(_) => Ok(Exit::Done),
            Err(fault) => Ok(self.refused(&fault, terminal)),
        }
    }

    /// The caller's dialect's error.
    fn answered(&self, fault: &Fault) -> (u16, String) {
        let operation = self.caller.operation(&self.args.operation);
        let (status, body) = self.caller.write_fault(operation, fault);
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// The caller's dialect's error, as its server would answer it.
    fn refused(&self, fault: &Fault, terminal: &Terminal) -> Exit {
        let (status, body) = self.answered(fault);
        terminal.say(&plain(&format!("{status} {body}")));
        let cause = fault.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
        terminal.error(&plain(&format!("refused as {}{cause}", fault.word)));
        Exit::Wrong
    }

    fn tell(
        &self,
        prepared: &Prepared,
        message: &[u8],
        unknown: &[&str],
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if self.args.output == Output::Message {
            unknown
                .iter()
                .for_each(|place| terminal.say(&plain(&format!("{place}   not known, and ignored"))));
            prepared.losses.iter().for_each(|loss| terminal.say(&plain(&loss.to_string())));
            prepared.supplies.iter().for_each(|supply| terminal.say(&plain(&supply.to_string())));
            return Ok(terminal.answer(&String::from_utf8_lossy(message))?);
        }
        Ok(terminal.answer(&tree::all(Some(prepared), message, unknown, None)?)?)
    }
}

/// What a message has beside what its own server would read: most likely it is misspelt.
fn unknown(explanation: &Explanation) -> Vec<&str> {
    let unknown = explanation.read.iter().filter(|read| read.taken.took == Took::Unknown);
    let unknown = unknown.filter(|_| !explanation.unchanged);
    unknown.filter_map(|read| read.taken.place.as_deref()).collect()
}
