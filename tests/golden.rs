//! Runs every golden case through the translation path: what is read, what is sent on, what is lost, what is answered.
//!
//! The cases are facts (tests/golden/README.md); this file only compares. All failures are shown together.
//! `PAMGATE_GOLDEN=write cargo test --test golden` writes what came out into the failing cases, for review.
mod golden_format;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use golden_format::flat::{self, Flat};
use golden_format::{Block, Case, canonical};
use pamgate::canonical::{Fault, Record, Shape, Treatment, word};
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Dialect, Files, Recognised, Registry, Unrecognised};
use pamgate::exchange::{Came, Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};
use pamgate::json::Limits;

const DIALECTS: [&str; 3] = ["beyondtrust", "cyberark", "safeguard"];
const FEWEST: usize = 5;

#[test]
fn every_case_comes_out_as_it_is_written() {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let write = std::env::var("PAMGATE_GOLDEN").is_ok_and(|what| what == "write");
    assert!(!write || std::env::var("CI").is_err(), "cases are written by people, never by CI");
    let (mut failed, mut cases) = (String::new(), 0);
    for from in DIALECTS {
        for to in DIALECTS {
            let found = cases_of(from, to);
            if found.len() < FEWEST {
                let _ = writeln!(failed, "{from}-{to}: has {} cases, and needs {FEWEST}", found.len());
            }
            for (path, case) in found {
                cases += 1;
                let outcome = case.and_then(|case| Ok((run(&case, &registry)?, case)));
                match outcome {
                    Err(why) => drop(writeln!(failed, "{path}\n    ! {why}")),
                    Ok((got, case)) => {
                        let wrong = got.difference(&case);
                        if wrong.is_empty() {
                            continue;
                        }
                        let told: Vec<&str> = wrong.iter().map(|(_, told)| told.as_str()).collect();
                        let _ = writeln!(failed, "{path}\n{}", told.concat());
                        if write {
                            let blocks: Vec<&str> = wrong.iter().map(|(block, _)| *block).collect();
                            let text = got.rewritten(&case, &blocks);
                            std::fs::write(&case.path, text).expect("the case can be written");
                        }
                    }
                }
            }
        }
    }
    let many = failed.lines().filter(|line| line.ends_with(".md")).count();
    assert!(failed.is_empty(), "{many} of {cases} cases (- expected, + came out)\n{failed}");
}

fn cases_of(from: &str, to: &str) -> Vec<(String, Result<Case, String>)> {
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
struct Got {
    said: Flat,
    unsaid: Flat,
    end: End,
    minted: Option<String>,
}

#[derive(Default)]
enum End {
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

fn run(case: &Case, registry: &Registry) -> Result<Got, String> {
    let given = &case.given;
    let dialect = |name: &str| {
        let variant = given.variant.iter().find(|(of, _)| of == name).map(|(_, variant)| variant.as_str());
        registry.get(name, variant).cloned()
    };
    let (caller, upstream) = (dialect(&case.from)?, dialect(&case.to)?);
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
    let side = |dialect: &Arc<Dialect>, name: &str| Side { dialect: dialect.clone(), space: name.into() };
    let pair = Arc::new(Pair::new(side(&caller, &case.from), side(&upstream, &case.to)));
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
        Ok(Chosen { pair: pair.clone(), policy: &policy, principal })
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
    Ok((route.method.clone(), path))
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

    /// The blocks of which something is otherwise than written, with what.
    fn difference(&self, case: &Case) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        let mut tell = |block: &'static str, found: Result<Option<String>, String>| match found {
            Ok(None) => {}
            Ok(Some(lines)) => out.push((block, format!("  {block}\n{lines}"))),
            Err(why) => out.push((block, format!("  {block}\n    ! {why}\n"))),
        };
        if let Some(block) = case.block("canonical") {
            tell("canonical", self.canonical_difference(block));
        }
        match &self.end {
            End::None => tell("send", Err("nothing came out".into())),
            End::Refused { status, body, fault, why } => match case.block("refuse") {
                None => tell("forward", Err(format!("refused: {status} {fault}: {why}"))),
                Some(block) => {
                    tell("refuse", refuse_difference(block, &case.from, *status, body, fault, why))
                }
            },
            End::Forwarded { call, body, losses, reply } => {
                if let Some(block) = case.block("refuse") {
                    let sent = String::from_utf8_lossy(body);
                    let refuse = block.words[1..].join(" ");
                    tell("refuse", Err(format!("should be refused ({refuse}), and is sent: {call} {sent}")));
                }
                if let Some(block) = case.block("forward") {
                    tell("forward", forward_difference(block, call, body));
                }
                if let Some(block) = case.block("losses") {
                    tell("losses", Ok(losses_difference(block, losses)));
                }
                if let (Some(block), Some((status, body))) = (case.block("reply"), reply) {
                    tell("reply", self.reply_difference(block, case, *status, body));
                }
            }
        }
        out
    }

    fn canonical_difference(&self, block: &Block) -> Result<Option<String>, String> {
        let (said, unsaid) = canonical::read(&block.text)?;
        let marked = |said: &Flat, unsaid: &Flat| -> Flat {
            let unsaid = unsaid.iter().map(|(place, value)| (format!("[unsaid] {place}"), value.clone()));
            said.clone().into_iter().chain(unsaid).collect()
        };
        Ok(flat::difference(&marked(&said, &unsaid), &marked(&self.said, &self.unsaid)))
    }

    fn reply_difference(
        &self,
        block: &Block,
        case: &Case,
        status: u16,
        body: &[u8],
    ) -> Result<Option<String>, String> {
        let head = format!("{} {status}", case.from);
        let named = block.words[1..].join(" ");
        let partly = block.words.get(3).is_some_and(|word| word == "partly");
        if named.trim_end_matches(" partly") != head {
            let body = String::from_utf8_lossy(body);
            return Ok(Some(format!("    - {named}\n    + {head} {body}\n")));
        }
        let mut expected = flat::json(block.text.as_bytes())?;
        let mut actual = flat::json(body)?;
        if partly {
            // An object of which nothing is a fact is any object.
            let held = |place: &str| actual.keys().any(|other| other.starts_with(&format!("{place}/")));
            expected.retain(|place, value| !(value == "{}" && held(place)));
            actual.retain(|place, _| expected.contains_key(place));
        }
        for (place, value) in &mut expected {
            if value == "\"<minted>\"" {
                let is = actual.get(place).map(String::as_str).unwrap_or_default();
                if !minted_form(&case.from, is) {
                    return Err(format!("{place} should be an id in the form of {}, and is {is}", case.from));
                }
                *value = is.to_owned();
            }
        }
        Ok(flat::difference(&expected, &actual))
    }

    /// The case's text with what came out in the blocks that are wrong. Where it is refused now and was not before, or
    /// the other way round, all below what is sent is written anew, but for what the upstream answers.
    fn rewritten(&self, case: &Case, wrong: &[&str]) -> String {
        let came: Vec<(&str, String)> = self.blocks(case);
        let turned = case.block("refuse").is_some() != came.iter().any(|(name, _)| *name == "refuse");
        if turned {
            let sent = case.block("send").map_or(0, |block| block.span.end);
            let blocks: Vec<&str> = came.iter().map(|(_, text)| text.as_str()).collect();
            return format!("{}\n{}", &case.file[..sent], blocks.join("\n"));
        }
        let mut out = case.file.clone();
        for block in case.blocks.iter().rev().filter(|block| wrong.contains(&block.name())) {
            if let Some((_, text)) = came.iter().find(|(name, _)| *name == block.name()) {
                out.replace_range(block.span.clone(), text);
            }
        }
        out
    }

    /// What came out, as blocks of a case in their order.
    fn blocks(&self, case: &Case) -> Vec<(&'static str, String)> {
        let block = |head: String, text: &str| format!("```{head}\n{}\n```\n", text.trim_end());
        let mut out = Vec::new();
        if !self.said.is_empty() || !self.unsaid.is_empty() {
            out.push(("canonical", block("toml canonical".into(), &self.canonical_text())));
        }
        match &self.end {
            End::None => {}
            End::Refused { status, fault, why, .. } => {
                out.push(("refuse", block(format!("text refuse {} {status} {fault}", case.from), why)));
            }
            End::Forwarded { call, body, losses, reply } => {
                let body = String::from_utf8_lossy(body);
                out.push(("forward", block(format!("json forward {call}"), &body)));
                let losses = if losses.is_empty() { "none".to_owned() } else { losses.join("\n") };
                out.push(("losses", block("text losses".into(), &losses)));
                if let (Some((status, body)), Some(answer)) = (reply, case.block("answer")) {
                    out.push(("answer", block(format!("json {}", answer.words.join(" ")), &answer.text)));
                    let text = String::from_utf8_lossy(body).into_owned();
                    let text = match &self.minted {
                        Some(id) if text == *id => "\"<minted>\"".to_owned(),
                        Some(id) => text.replace(&format!("\"{id}\""), "\"<minted>\""),
                        None => text,
                    };
                    out.push(("reply", block(format!("json reply {} {status}", case.from), &text)));
                }
            }
        }
        out
    }

    fn canonical_text(&self) -> String {
        let unsaid = if self.unsaid.is_empty() { "" } else { "\n[unsaid]\n" };
        let said: String = self.said.iter().map(canonical::line).collect();
        said + unsaid + &self.unsaid.iter().map(canonical::line).collect::<String>()
    }
}

fn forward_difference(block: &Block, call: &str, body: &[u8]) -> Result<Option<String>, String> {
    let expected = block.words[1..].join(" ");
    let mut out = String::new();
    if expected != call {
        let _ = writeln!(out, "    - {expected}\n    + {call}");
    }
    out.push_str(
        &flat::difference(&flat::json(block.text.as_bytes())?, &flat::json(body)?).unwrap_or_default(),
    );
    Ok((!out.is_empty()).then_some(out))
}

fn losses_difference(block: &Block, losses: &[String]) -> Option<String> {
    let count = |lines: &mut dyn Iterator<Item = &str>| {
        let mut counted: BTreeMap<String, String> = BTreeMap::new();
        lines.filter(|line| !line.is_empty() && *line != "none").for_each(|line| {
            counted.entry(line.to_owned()).or_default().push('.');
        });
        counted
    };
    let expected = count(&mut block.text.lines().map(str::trim_end));
    let actual = count(&mut losses.iter().map(String::as_str));
    flat::difference(&expected, &actual)
}

fn refuse_difference(
    block: &Block,
    caller: &str,
    status: u16,
    body: &[u8],
    fault: &str,
    why: &str,
) -> Result<Option<String>, String> {
    if block.word(1)? != caller || block.status()? != status {
        let named = block.words[1..].join(" ");
        return Ok(Some(format!("    - {named}\n    + {caller} {status} {fault}: {why}\n")));
    }
    if block.language == "json" {
        return Ok(flat::difference(&flat::json(block.text.as_bytes())?, &flat::json(body)?));
    }
    let named = block.word(3)?;
    if !pamgate::canonical::fault::FAULTS.iter().any(|(known, _)| *known == named) {
        return Err(format!("`{named}` is no fault"));
    }
    Ok((!word::within(fault, named)).then(|| format!("    - {named}\n    + {fault}: {why}\n")))
}

/// Whether an id, as JSON, has the form of a dialect's own.
fn minted_form(dialect: &str, id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let quoted = id.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match (dialect, quoted) {
        // An int32, and no text.
        ("beyondtrust", None) => id.parse::<i32>().is_ok_and(|number| number > 0),
        // The safe and a number.
        ("cyberark", Some(id)) => {
            id.rsplit_once('_').is_some_and(|(safe, number)| !safe.is_empty() && digits(number))
        }
        ("safeguard", Some(id)) => {
            let parts: Vec<&str> = id.split('-').collect();
            parts.len() == 7 && parts.iter().enumerate().all(|(at, part)| at == 5 || digits(part))
        }
        _ => false,
    }
}
