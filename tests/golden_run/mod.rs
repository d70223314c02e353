//! Runs a golden case through the translation path, with any tables, and says what is otherwise than written.
//!
//! Start at [`run`], then [`Got::difference`]. The golden test runs the built-in tables, the mutation test altered ones.
mod compare;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pamgate::canonical::{Fault, Record, Shape, Treatment};
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Dialect, Recognised, Registry, Unrecognised};
use pamgate::exchange::{Came, Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};
use pamgate::json::Limits;

use super::golden_format::flat::{self, Flat};
use super::golden_format::{Block, Case};

/// The dialects that are built in.
pub(crate) const DIALECTS: [&str; 3] = ["beyondtrust", "cyberark", "safeguard"];

/// The cases of a pair with their names, in order; a file that is no case, with why.
pub(crate) fn cases_of(from: &str, to: &str) -> Vec<(String, Result<Case, String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{from}-{to}"));
    let read = || -> std::io::Result<Vec<PathBuf>> {
        std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = match read() {
        Ok(paths) => paths,
        Err(why) => return vec![(folder.display().to_string(), Err(why.to_string()))],
    };
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    let name =
        |path: &Path| format!("{from}-{to}/{}", path.file_name().unwrap_or_default().to_string_lossy());
    paths.iter().map(|path| (name(path), Case::read(path, from, to))).collect()
}

/// What came out of a case.
#[derive(Default)]
pub(crate) struct Got {
    pub(crate) said: Flat,
    pub(crate) unsaid: Flat,
    pub(crate) end: End,
    pub(crate) minted: Option<String>,
}

/// How it ended.
#[derive(Default)]
pub(crate) enum End {
    #[default]
    None,
    Refused {
        status: u16,
        body: Vec<u8>,
        fault: String,
        why: String,
    },
    Forwarded {
        call: String,
        body: Vec<u8>,
        losses: Vec<String>,
        reply: Option<(u16, Vec<u8>)>,
    },
}

/// Runs a case; an error is a case that can't be run.
pub(crate) fn run(case: &Case, registry: &Registry) -> Result<Got, String> {
    let given = &case.given;
    let dialect = |name: &str, side: &str| registry.get(name, given.variant(name, side)).cloned();
    let (caller, upstream) = (dialect(&case.from, "caller")?, dialect(&case.to, "upstream")?);
    let source = Source::new("crosswalk", given.crosswalk.clone());
    let crosswalk = Crosswalk::from_jsonl(&source).map_err(|wrong| wrong.render(false))?;
    let context = Context { crosswalk: &crosswalk, now: given.now, limits: Limits::default() };
    let mut policy = Policy::default();
    for (field, text) in &given.supply {
        policy.supply(field, text)?;
    }
    for (field, text) in &given.treat {
        policy.treat(field, Treatment::parse(text).ok_or_else(|| format!("`{text}` is no treatment"))?)?;
    }
    let side = |dialect: &Arc<Dialect>, side: &str| Side {
        dialect: dialect.clone(),
        space: given.space(&dialect.name, side).into(),
    };
    let pair = Arc::new(Pair::new(side(&caller, "caller"), side(&upstream, "upstream")));
    let send = case.block("send").ok_or("nothing is sent")?;
    let (method, target) = called(send, &caller)?;
    let (path, query) = target.split_once('?').map_or((target.as_str(), None), |(p, q)| (p, Some(q)));
    let mut got = Got::default();
    let recognised = match caller.recognise(&method, path) {
        Ok(recognised) => recognised,
        Err(why) => {
            let word = match why {
                Unrecognised::WrongMethod(_) => "wrong-method",
                Unrecognised::Unknown => "not-found.operation",
                Unrecognised::Elsewhere => return Err(format!("{path} is not a path of {}", case.from)),
            };
            got.end = refused(&caller, None, &Fault::new(word, ""));
            return Ok(got);
        }
    };
    let incoming = Incoming { recognised: &recognised, path, query, body: send.text.as_bytes() };
    let mut record = None;
    let prepared = ask(&incoming, context, |read| {
        record = Some(read.clone().into_owned());
        let principal = Principal { name: given.principal.clone(), as_user: given.as_user.clone() };
        Ok(Chosen { pair: pair.clone(), policy: &policy, principal: Cow::Owned(principal) })
    });
    if let Some(record) = record {
        got.read(&record);
    }
    match prepared {
        Err(fault) => got.end = refused(&caller, Some(&recognised), &fault),
        Ok(prepared) => forwarded(case, &prepared, context, &caller, &recognised, &mut got)?,
    }
    Ok(got)
}

/// Method and path of what is sent.
fn called(send: &Block, caller: &Dialect) -> Result<(String, String), String> {
    if let Some(path) = send.words.get(3) {
        return Ok((send.word(2)?.to_owned(), path.clone()));
    }
    let word = send.word(2)?;
    let operation = caller.operation(word).ok_or_else(|| format!("`{word}` is no operation here"))?;
    let (route, path) = caller
        .address(operation, &Record::new(Shape::Access))
        .ok_or("this operation's path needs a value: write the method and the path")?;
    Ok((route.method.to_owned(), path))
}

fn refused(caller: &Dialect, recognised: Option<&Recognised<'_>>, fault: &Fault) -> End {
    let (status, body) = caller.write_fault(recognised.map(|r| r.operation), fault);
    let why = format!("{} ({})", fault.text, fault.cause.as_deref().unwrap_or("no cause"));
    End::Refused { status, body, fault: fault.word.to_owned(), why }
}

fn forwarded(
    case: &Case,
    prepared: &Prepared,
    context: Context<'_>,
    caller: &Dialect,
    recognised: &Recognised<'_>,
    got: &mut Got,
) -> Result<(), String> {
    let losses = prepared.losses.iter().map(|loss| {
        // What was written instead is not part of a case.
        let line = loss.to_string();
        line.split("   (wrote ").next().unwrap_or_default().to_owned()
    });
    let losses = losses.chain(prepared.supplies.iter().map(ToString::to_string)).collect();
    let reply = match case.block("answer") {
        None => None,
        Some(answer) => {
            let came = Came { status: answer.status()?, body: answer.text.as_bytes() };
            // A case whose answer no server could give would prove nothing.
            if let Ok(outcome) = prepared.outcome(came)
                && let Some(number) = outcome.message
            {
                let entry = prepared.pair.upstream.dialect.message(number);
                let how = prepared.pair.upstream.dialect.json(Limits::default());
                entry.parse(came.body, how).map_err(|e| format!("answer: breaks its schema: {e:?}"))?;
            }
            Some(match prepared.answer(came, None, 7, context) {
                Ok(answered) => {
                    got.minted = answered.made.map(|(ours, _)| ours).filter(|_| !prepared.unchanged());
                    (answered.status, answered.body.unwrap_or_default())
                }
                Err(fault) => caller.write_fault(Some(recognised.operation), &fault),
            })
        }
    };
    got.end = End::Forwarded {
        call: format!("{} {} {}", case.to, prepared.call.method, prepared.call.path),
        body: prepared.call.body.clone().unwrap_or_default(),
        losses,
        reply,
    };
    Ok(())
}

impl Got {
    /// What was said, and what was not.
    fn read(&mut self, record: &Record<'_>) {
        flat::record(&record.to_json(false), "", &mut self.said);
        for (field, value, _) in record.iter().filter(|(.., said)| !said) {
            flat::record(&value.to_json(true), record.shape().field(field).name, &mut self.unsaid);
        }
    }
}
