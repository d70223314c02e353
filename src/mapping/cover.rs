//! Checks of a message as a whole: what the schema requires is filled, what it lists is known, no case is idle.
use std::ops::Range;

use serde_json::Value as Json;

use crate::canonical::word;
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Reader};
use crate::json::Name;

use super::compile::Draft;
use super::path::Path;
use super::program::{Case, Choose, From, Leaf, MapOf, Pattern, Read};
use super::schema::Place;

/// Every property that the schema requires is filled by some entry. Tells which aren't, for what comes after.
pub(super) fn required(draft: &mut Draft<'_, '_, '_>, name: &Key) -> Vec<String> {
    let mut unfilled = Vec::new();
    unfilled_in(draft, draft.schema, "", &mut unfilled, DEPTH);
    for place in &unfilled {
        let message = format!("the schema of `{}` requires `{place}`, and no entry fills it", name.text);
        let help = match constant_at(draft.schema, place) {
            Some(value) => format!(
                "add a `blank`: `{{ value = '{value}', beside = [\"…\"] }}` in a request, beside a field that it always says; `'{value}'` in a reply"
            ),
            None => format!("add a row for `{place}`, or a `blank`"),
        };
        match draft.unwritten.get(place).cloned() {
            Some(span) => {
                let help = format!("{help}: what stands here is never written");
                draft.reader.error(Code::RequiredNotFilled, &span, message, help);
            }
            None => draft.reader.error(Code::RequiredNotFilled, &name.span, message, help),
        }
    }
    unfilled
}

/// The one value that the schema lets stand at a place.
fn constant_at(schema: Place<'_>, place: &str) -> Option<String> {
    let at = place.split('/').try_fold(schema, |at, name| at.member(name))?;
    match at.values()?.as_slice() {
        [one] => Some(one.to_string()),
        _ => None,
    }
}

/// A place that the schema requires is written whatever else is there: nothing is put in its stead.
pub(super) fn required_yields(draft: &mut Draft<'_, '_, '_>) {
    let yields =
        |leaf: &Leaf| matches!(leaf, Leaf { from: From::Field { unless: Some(_), .. }, blank: None });
    let required = |place: &str| {
        let (above, name) = place.rsplit_once('/').unwrap_or(("", place));
        let mut steps = above.split('/').filter(|step| !step.is_empty());
        let at = steps.try_fold(draft.schema, |at, step| at.member(step));
        at.is_some_and(|at| at.required().contains(&name))
    };
    let wrong: Vec<_> = draft
        .leaves
        .iter()
        .filter(|(place, leaf, _)| yields(leaf) && required(place))
        .map(|(place, _, span)| (place.clone(), span.clone()))
        .collect();
    for (place, span) in wrong {
        let message = format!("the schema requires `{place}`, which yields to another row here");
        let help = "take `unless` out, or the place out of the schema's `required`";
        draft.reader.error(Code::RequiredNotFilled, &span, message, help);
    }
}

/// A case that is written fills each place of its choice that the schema requires: whatever stands there when it is
/// read, something must be written.
pub(super) fn required_in_cases(draft: &mut Draft<'_, '_, '_>) {
    let mut wrong = Vec::new();
    for (choose, spans) in draft.chooses.iter().zip(&draft.cases_at) {
        for (at, (case, span)) in choose.cases.iter().zip(spans).enumerate() {
            if choose.cases[..at].iter().any(|earlier| is_written_for(earlier, case)) {
                continue;
            }
            let empty = choose.places.iter().zip(&case.patterns).filter(|(_, pattern)| !writes(pattern));
            let lacking =
                empty.map(|(place, _)| shown(place)).filter(|place| lacks(draft, choose, case, place));
            wrong.extend(lacking.map(|place| (span.clone(), place, case.word.clone())));
        }
    }
    for (span, place, word) in wrong {
        let message =
            format!("the schema requires `{place}`, and for `{word}` this case writes nothing there");
        let help =
            format!("write a value, as in `{place} = [\"value\", \"*\"]`; or give the place a `blank`");
        draft.reader.error(Code::RequiredNotFilled, &span, message, help);
    }
}

/// Whether a message of a case that writes nothing at a place would lack it.
fn lacks(draft: &Draft<'_, '_, '_>, choose: &Choose, case: &Case, place: &str) -> bool {
    if draft.leaves.iter().any(|(known, leaf, _)| known == place && leaf.blank.is_some()) {
        return false;
    }
    let (above, name) = place.rsplit_once('/').unwrap_or(("", place));
    let mut steps = above.split('/').filter(|step| !step.is_empty());
    let at = steps.try_fold(draft.schema, |at, step| at.member(step));
    let required = at.is_some_and(|at| at.required().contains(&name));
    let beside = choose.places.iter().zip(&case.patterns).any(|(other, pattern)| {
        writes(pattern) && shown(other).strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
    });
    required && (draft.must_stand(place) || !above.is_empty() && beside)
}

fn writes(pattern: &Pattern) -> bool {
    !matches!(pattern, Pattern::Absent | Pattern::Anything(None))
}

fn shown(place: &Path) -> String {
    let names: Vec<&str> = place.iter().map(Name::as_str).collect();
    if names.is_empty() { ".".to_owned() } else { names.join("/") }
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
    let told_inside = |place: &str| {
        let mut meant = draft.meant.iter().filter_map(|other| other.strip_prefix(place));
        meant.any(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    missing.retain(|place| !told.contains(place) && !told_inside(place));
    for place in missing {
        let span = item.get("rows").map_or(name.span.clone(), |rows| first_span(rows, &name.span));
        draft.reader.error(
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

/// Every value that the schema lists means something: one that no entry knows would pass the schema, and be refused.
pub(super) fn every_value(draft: &mut Draft<'_, '_, '_>) {
    let mut missing = Vec::new();
    for read in &draft.reads {
        match read {
            Read::Scalar { at, lens, unset, .. } => {
                let Some(values) = &lens.values else { continue };
                let known = |value: &Json| {
                    let mut all = values.0.iter().flat_map(|(_, values)| values).chain(unset);
                    all.any(|constant| constant.0 == *value)
                };
                let help = "give it a word; or name it in `unset`, or take it out of the schema";
                at.iter().for_each(|at| unknown_values(draft, at, &known, help, &mut missing));
            }
            Read::Choose(number) => {
                let choose = &draft.chooses[*number];
                for (at, place) in choose.places.iter().enumerate() {
                    let known = |value: &Json| {
                        choose.cases.iter().any(|case| match &case.patterns[at] {
                            Pattern::OneOf(values) => values.iter().any(|constant| constant.0 == *value),
                            Pattern::Anything(_) | Pattern::Field(_) => true,
                            Pattern::Absent => false,
                        })
                    };
                    let help = "add a case in which it stands, or take it out of the schema";
                    unknown_values(draft, place, &known, help, &mut missing);
                }
            }
            _ => {}
        }
    }
    for (place, values, help) in missing {
        let span = draft.covered.get(&place).cloned().unwrap_or_default();
        let message = format!("the schema has {values} for `{place}`, and nothing here says what that means");
        draft.reader.error(Code::ValueNotMapped, &span, message, help);
    }
}

/// The values that the schema lists for a place and that aren't known. (That nothing stands there is no value.)
fn unknown_values(
    draft: &Draft<'_, '_, '_>,
    at: &Path,
    known: &dyn Fn(&Json) -> bool,
    help: &'static str,
    missing: &mut Vec<(String, String, &'static str)>,
) {
    let place = at.iter().try_fold(draft.schema, |place, name| place.member(name.as_str()));
    let place = place.filter(|place| !draft.misspelt.iter().any(|other| place.is(*other)));
    let listed = place.and_then(Place::values);
    // A truth value is one of two, whether or not the schema lists them.
    let truths = place.filter(|place| place.types().iter().all(|kind| matches!(*kind, "boolean" | "null")));
    let truths = truths.filter(|place| listed.is_none() && !place.types().is_empty());
    let both = [Json::Bool(true), Json::Bool(false)];
    let values = listed.unwrap_or_else(|| truths.map(|_| both.iter().collect()).unwrap_or_default());
    let unknown: Vec<String> = values
        .into_iter()
        .filter(|value| !value.is_null() && !known(value))
        .map(|value| format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    if !unknown.is_empty() {
        missing.push((shown(at), unknown.join(", "), help));
    }
}

/// What is written inside a place that is written itself would take the place of it.
pub(super) fn one_inside_another(draft: &mut Draft<'_, '_, '_>) {
    let mut found = Vec::new();
    for (inner, _, span) in &draft.leaves {
        let outer = draft.leaves.iter().find(|(outer, ..)| match outer.as_str() {
            "." => inner != ".",
            outer => inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/')),
        });
        found.extend(outer.map(|(outer, _, at)| (inner.clone(), span.clone(), outer.clone(), at.clone())));
    }
    for (inner, span, outer, at) in found {
        let line = draft.reader.source.line_of(at.start, span.start);
        let message = format!("`{inner}` lies inside of `{outer}`, which an entry takes as a whole");
        let help = format!("take one of them out; the other stands {line}");
        draft.reader.error(Code::PlaceTakenTwice, &span, message, help);
    }
}

/// What is ignored isn't read: an entry for something inside of it says that it is.
pub(super) fn ignored_above(draft: &mut Draft<'_, '_, '_>, ignored: &[(&str, Range<usize>)]) {
    for (outer, span) in ignored {
        let inside = |place: &&String| place.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
        let Some((inner, at)) =
            draft.covered.iter().filter(|(place, _)| inside(place)).min_by_key(|(_, at)| at.start)
        else {
            continue;
        };
        let line = draft.reader.source.line_of(at.start, span.start);
        let message = format!("`{outer}` is ignored here, and an entry takes `{inner}` inside of it");
        let help = format!(
            "take it out, and name what nobody looks at inside of it; or take out the other, which stands {line}"
        );
        draft.reader.error(Code::PlaceTakenTwice, span, message, help);
    }
}

/// A map of texts reads texts: what the schema lists inside of it as anything else needs an entry of its own.
pub(super) fn texts_in_maps(draft: &mut Draft<'_, '_, '_>) {
    let mut wrong = Vec::new();
    for (map, _, of) in &draft.spills {
        let at =
            map.split('/').filter(|step| *step != ".").try_fold(draft.schema, |at, name| at.member(name));
        let Some(at) = at.filter(|_| matches!(of, MapOf::Texts)) else { continue };
        for name in at.names() {
            let place = if map == "." { name.to_owned() } else { format!("{map}/{name}") };
            let below = format!("{place}/");
            let taken = |known: &String| *known == place || known.starts_with(&below);
            let types = at.member(name).map(Place::types).unwrap_or_default();
            if !types.is_empty() && !types.contains(&"string") && !draft.covered.keys().any(taken) {
                let message = format!(
                    "this map holds texts, and the schema has `{place}` of the type {}",
                    types.join(" or ")
                );
                let help = format!("give `{place}` a row of its own, or name it in `ignores`");
                wrong.push((draft.covered.get(map).cloned().unwrap_or_default(), message, help));
            }
        }
    }
    for (span, message, help) in wrong {
        draft.reader.error(Code::WrongType, &span, message, help);
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
        let writes = cases[..at].iter().any(|earlier| is_written_for(earlier, case));
        // What lies above a word may take it: the deeper one is then written only. Another word would be read instead.
        let apart = |earlier: &&Case| {
            !word::within(&earlier.word, &case.word) && !word::within(&case.word, &earlier.word)
        };
        let taking = cases[..at].iter().find(|earlier| takes_all(earlier, case));
        if let Some(other) = taking.filter(apart) {
            reader.error(
                Code::CaseUnreachable,
                &listed[at].span,
                format!("what this case writes is read as `{}`: an earlier case takes all of it", other.word),
                "leave the values to one of the two, or move this case up",
            );
        } else if reads && writes {
            reader.error(
                Code::CaseUnreachable,
                &listed[at].span,
                "nothing ever reaches this case: earlier ones take all that it would read or write",
                "move it up, or take it out",
            );
        }
    }
}

/// Whether an earlier case is written wherever a later one could be: it has the word, and no field that this one lacks.
fn is_written_for(earlier: &Case, later: &Case) -> bool {
    let known = |pattern: &Pattern| !matches!(pattern, Pattern::Field(_)) || later.patterns.contains(pattern);
    earlier.word == later.word && earlier.patterns.iter().all(known)
}

fn takes_all(earlier: &Case, later: &Case) -> bool {
    earlier.patterns.iter().zip(&later.patterns).all(|(earlier, later)| match (earlier, later) {
        (Pattern::Anything(_), _) | (Pattern::Absent, Pattern::Absent) => true,
        (Pattern::Field(_), Pattern::OneOf(_) | Pattern::Field(_)) => true,
        (Pattern::OneOf(earlier), Pattern::OneOf(later)) => later.iter().all(|value| earlier.contains(value)),
        _ => false,
    })
}
