//! What the options say of losses, supplies, variants and the time, and what of it says nothing.
//!
//! Start at [`policy`]. Knows `exchange`'s policy and matrix; reads no message.
use jiff::Timestamp;

use crate::canonical::Treatment;
use crate::exchange::{Pair, Policy};

use super::super::{Failure, Terminal};
use super::TranslateArgs;

/// What stands for the fields that no `--treat` names, as in the configuration.
const ALL_OTHERS: &str = "default";

/// A point in time, for people who wrote none.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "write a date, a time and a zone, as in 2026-01-05T09:00:00Z".to_owned())
}

/// `FIELD=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write FIELD=VALUE".to_owned()),
    }
}

/// A dialect with the variant that `--variant` names for it.
pub(super) fn labelled<'a>(args: &'a TranslateArgs, label: &'a str) -> &'a str {
    let varied = args.variant.iter().find(|one| one.split('/').next() == Some(label));
    varied.map_or(label, String::as_str)
}

/// A variant that no dialect of the two could have, or that isn't one.
pub(super) fn variants(args: &TranslateArgs) -> Result<(), Failure> {
    let dialect = |one: &str| one.split('/').next().unwrap_or_default().to_owned();
    let stray = |one: &&String| {
        let named = dialect(one);
        !one.contains('/') || (named != args.from && named != args.to)
    };
    if let Some(stray) = args.variant.iter().find(stray) {
        return Err(Failure::Usage(format!(
            "--variant {stray}: write DIALECT/VARIANT, of a dialect that --from or --to names plainly"
        )));
    }
    for (at, one) in args.variant.iter().enumerate() {
        if args.variant[..at].iter().any(|before| dialect(before) == dialect(one)) {
            let message = format!("--variant {one}: there is a --variant of `{}` already", dialect(one));
            return Err(Failure::Usage(message));
        }
    }
    Ok(())
}

/// What the options decide of losses and supplies.
pub(super) fn policy(args: &TranslateArgs) -> Result<Policy, Failure> {
    once("--supply", &args.supply)?;
    once("--treat", &args.treat)?;
    let mut policy = Policy::default();
    for (field, text) in &args.supply {
        policy
            .supply(field, text)
            .map_err(|why| Failure::Usage(format!("--supply {field}={text}: {why}")))?;
    }
    let mut rest = None;
    for (field, text) in &args.treat {
        let wrong = |why: String| Failure::Usage(format!("--treat {field}={text}: {why}"));
        let treatment = Treatment::parse(text);
        let treatment = treatment.ok_or_else(|| wrong("write refuse, note or drop".to_owned()))?;
        match field == ALL_OTHERS {
            true => rest = Some(treatment),
            false => policy.treat(field, treatment).map_err(wrong)?,
        }
    }
    if let Some(treatment) = rest {
        policy.treat_rest(treatment);
    }
    Ok(policy)
}

fn once(option: &str, given: &[(String, String)]) -> Result<(), Failure> {
    for (at, (field, value)) in given.iter().enumerate() {
        if let Some((_, before)) = given[..at].iter().find(|(known, _)| known == field) {
            return Err(Failure::Usage(format!(
                "{option} {field}={value}: {option} {field}={before} stands before it; leave one of them out"
            )));
        }
    }
    Ok(())
}

/// Tells of options that change nothing between these two, whatever the message says: most likely another was meant.
pub(super) fn tell_idle(args: &TranslateArgs, pair: &Pair, policy: &Policy, terminal: &Terminal) {
    if args.treat.is_empty() && args.supply.is_empty() {
        return;
    }
    let Some(matrix) = pair.losses(&args.operation, policy) else { return };
    let (from, to) = (&matrix.from, &matrix.to);
    for (field, value) in args.treat.iter().filter(|(field, _)| field != ALL_OTHERS) {
        if !matrix.may_lose(field) {
            let why = format!("from {from} to {to}, nothing can be lost of {field}");
            terminal.warning(&format!("--treat {field}={value} changes nothing: {why}"));
        }
    }
    for (field, value) in args.supply.iter().filter(|(field, _)| !matrix.may_supply(field)) {
        let why = format!("from {from} to {to}, {field} is never added");
        terminal.warning(&format!("--supply {field}={value} changes nothing: {why}"));
    }
}
