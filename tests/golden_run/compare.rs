//! What came out of a case against what is written.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use pamgate::canonical::word;

use super::super::golden_format::flat::{self, Flat};
use super::super::golden_format::{Block, Case, canonical};
use super::{End, Got};

impl Got {
    /// The blocks of which something is otherwise than written, with what.
    pub(crate) fn difference(&self, case: &Case) -> Vec<(&'static str, String)> {
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
        let whole = actual.clone();
        if partly {
            // An object of which nothing is a fact is any object.
            let held = |place: &str| actual.keys().any(|other| other.starts_with(&format!("{place}/")));
            expected.retain(|place, value| !(value == "{}" && held(place)));
            actual.retain(|place, _| expected.contains_key(place));
        }
        for (place, value) in &mut expected {
            if value == "\"<minted>\"" {
                let is = actual.get(place).map(String::as_str).unwrap_or_default();
                let safe = whole.get("/SafeName").map_or("", |safe| safe.trim_matches('"'));
                if !minted_form(&case.from, is, safe) {
                    return Err(format!("{place} should be an id in the form of {}, and is {is}", case.from));
                }
                *value = is.to_owned();
            }
        }
        Ok(flat::difference(&expected, &actual))
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
fn minted_form(dialect: &str, id: &str, safe: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let quoted = id.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match (dialect, quoted) {
        // An int32, and no text; the server counts from 1, and never comes so far.
        ("beyondtrust", None) => id.parse::<i32>().is_ok_and(|number| number > 1_000_000_000),
        // The safe and a number; where nobody knows the safe, a word that stands for it.
        ("cyberark", Some(id)) => id.rsplit_once('_').is_some_and(|(before, number)| {
            let known = if safe.is_empty() { "Requests" } else { safe };
            before == known && number.parse::<u64>().is_ok_and(|number| number > 1_000_000)
        }),
        ("safeguard", Some(id)) => {
            let parts: Vec<&str> = id.split('-').collect();
            parts.len() == 7 && parts.iter().enumerate().all(|(at, part)| at == 5 || digits(part))
        }
        _ => false,
    }
}
