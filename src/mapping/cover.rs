//! Checks of a message as a whole: what the schema requires is filled, what it lists is known, no case is idle.
use std::ops::Range;

use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Reader};

use super::compile::Draft;
use super::program::{Case, Pattern};
use super::schema::Place;

/// Every property that the schema requires is filled by some entry. Tells which aren't, for what comes after.
pub(super) fn required(draft: &mut Draft<'_, '_, '_>, name: &Key) -> Vec<String> {
    let mut unfilled = Vec::new();
    unfilled_in(draft, draft.schema, "", &mut unfilled, DEPTH);
    for place in &unfilled {
        let message = format!("the schema of `{}` requires `{place}`, and no entry fills it", name.text);
        let help = format!("add a row for `{place}`, or a `blank`");
        match draft.unwritten.get(place).cloned() {
            Some(span) => {
                let help = format!("{help}: what stands here is never written");
                draft.reader.error_help(Code::RequiredNotFilled, &span, message, help);
            }
            None => draft.reader.error_help(Code::RequiredNotFilled, &name.span, message, help),
        }
    }
    unfilled
}

/// Required places that nothing is written to, within what is written at all.
fn unfilled_in(draft: &Draft<'_, '_, '_>, at: Place<'_>, base: &str, found: &mut Vec<String>, depth: usize) {
    // A single value or a map that is written here may be all there is.
    let here = if base.is_empty() { "." } else { base.trim_end_matches('/') };
    if depth == 0 || written(draft).any(|place| place == here) {
        return;
    }
    for name in at.required() {
        let place = format!("{base}{name}");
        // What an entry takes that writes there, but is wrong, has been told.
        let taken = draft.covered.contains_key(&place) && !draft.unwritten.contains_key(&place);
        if !taken && !draft.meant.contains(&place) && !writes_in(draft, &place) {
            found.push(place);
        }
    }
    for name in at.names() {
        let place = format!("{base}{name}");
        if let Some(inner) = at.member(name).filter(|_| writes_in(draft, &place)) {
            unfilled_in(draft, inner, &format!("{place}/"), found, depth - 1);
        }
    }
}

/// The places that something is written to.
fn written<'d>(draft: &'d Draft<'_, '_, '_>) -> impl Iterator<Item = &'d str> {
    let leaves = draft.leaves.iter().map(|(place, ..)| place.as_str());
    leaves.chain(draft.spills.iter().map(|(place, ..)| place.as_str()))
}

/// Whether something is written at a place or inside it.
fn writes_in(draft: &Draft<'_, '_, '_>, place: &str) -> bool {
    let rest =
        |written: &str| written.strip_prefix(place).map(|rest| rest.is_empty() || rest.starts_with('/'));
    written(draft).any(|written| rest(written) == Some(true))
}

/// How deep objects in objects are looked at.
const DEPTH: usize = 6;

/// The reverse check: every property of the schema stands in some entry, or reading would lose what nobody sees.
pub(super) fn every_property(draft: &mut Draft<'_, '_, '_>, name: &Key, item: &Item, told: &[String]) {
    let mut missing = Vec::new();
    uncovered(draft, draft.schema, "", &mut missing, DEPTH);
    missing.retain(|place| !told.contains(place) && !draft.meant.contains(place));
    for place in missing {
        let span = item.get("rows").map_or(name.span.clone(), |rows| first_span(rows, &name.span));
        draft.reader.error_help(
            Code::PropertyNotMapped,
            &span,
            format!("the schema of `{}` has the property `{place}`, which stands in no entry", name.text),
            format!("add a row for `{place}`, or name it in `ignores` if the server takes no notice of it"),
        );
    }
}

fn first_span(rows: &Item, otherwise: &Range<usize>) -> Range<usize> {
    rows.members().first().map_or(otherwise.clone(), |(key, _)| key.span.clone())
}

fn uncovered(draft: &Draft<'_, '_, '_>, at: Place<'_>, base: &str, missing: &mut Vec<String>, depth: usize) {
    if depth == 0 || (base.is_empty() && draft.covered.contains_key(".") && at.names().is_empty()) {
        return;
    }
    for name in at.names() {
        let place = if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") };
        if draft.covered.contains_key(&place) {
            continue;
        }
        let below = format!("{place}/");
        let inner = at.member(name);
        let partly = draft.covered.keys().any(|known| known.starts_with(&below));
        match inner {
            Some(inner) if partly && !inner.names().is_empty() => {
                uncovered(draft, inner, &place, missing, depth - 1);
            }
            _ => missing.push(place),
        }
    }
}

/// A case is idle when neither direction ever reaches it: an earlier case takes all that it would read, and an
/// earlier case with its word is written for it.
pub(super) fn unreachable(reader: &mut Reader, cases: &[Case], listed: &[Item]) {
    if cases.len() != listed.len() {
        return;
    }
    for (at, case) in cases.iter().enumerate() {
        let reads = cases[..at].iter().any(|earlier| takes_all(earlier, case));
        let writes = cases[..at].iter().any(|earlier| {
            earlier.word == case.word && !earlier.patterns.iter().any(|p| matches!(p, Pattern::Field(_)))
        });
        if reads && writes {
            reader.error_help(
                Code::CaseUnreachable,
                &listed[at].span,
                "nothing ever reaches this case: earlier ones take all that it would read or write",
                "move it up, or take it out",
            );
        }
    }
}

fn takes_all(earlier: &Case, later: &Case) -> bool {
    earlier.patterns.iter().zip(&later.patterns).all(|(earlier, later)| match (earlier, later) {
        (Pattern::Anything(_), _) | (Pattern::Absent, Pattern::Absent) => true,
        (Pattern::Field(_), Pattern::OneOf(_) | Pattern::Field(_)) => true,
        (Pattern::OneOf(earlier), Pattern::OneOf(later)) => later.iter().all(|value| earlier.contains(value)),
        _ => false,
    })
}
