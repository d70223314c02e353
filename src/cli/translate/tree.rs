//! What came of a message as JSON, and the explanation, for programs.
//!
//! Start at [`all`] and [`told`]. Values of messages stand as they were, to the digit.
//! Its keys are stable: `from`, `to`, `operation`, `unchanged`; `read`, `again` and `written`, values of messages with the
//! entries that took or wrote them; `became` and `known`, the canonical values between; `problems` and `refused`.
//! docs/explanation.md says what stands under each, and a test that it does.
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::canonical::{Loss, Problem, Supply};
use crate::exchange::Prepared;
use crate::exchange::explain::{Became, Explanation, Fate, Read, Refused, Supplier};
use crate::mapping::{Held, Stand, Taken, Wrote};

use super::super::Failure;
use super::text::Case;

/// `--output json`: where the message is refused, it is `null`, and so is what it means.
pub(super) fn all(
    prepared: Option<&Prepared>,
    message: &[u8],
    unknown: &[&str],
    explanation: Option<Told<'_>>,
) -> Result<String, Failure> {
    // Raw, so that numbers keep their digits.
    let kept =
        |text: &str| RawValue::from_string(text.to_owned()).map_err(|e| Failure::Broken(e.to_string()));
    let message = match std::str::from_utf8(message) {
        Ok("") => kept("null")?,
        Ok(text) => kept(text)?,
        Err(error) => return Err(Failure::Broken(error.to_string())),
    };
    let canonical = kept(prepared.map_or("null", |prepared| &prepared.canonical))?;
    let losses = prepared.map(|prepared| {
        let losses = prepared.losses.iter().map(loss);
        losses.chain(prepared.supplies.iter().map(supply)).collect()
    });
    let all = All { canonical, message, losses: losses.unwrap_or_default(), unknown, explanation };
    serde_json::to_string_pretty(&all).map_err(|e| Failure::Broken(e.to_string()))
}

/// `--output json`.
#[derive(serde::Serialize)]
struct All<'e> {
    canonical: Box<RawValue>,
    message: Box<RawValue>,
    losses: Vec<Value>,
    /// Places of the message that its own server would not read either.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unknown: &'e [&'e str],
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Told<'e>>,
}

fn loss(loss: &Loss) -> Value {
    json!({
        "field": loss.field, "value": loss.value, "fit": loss.fit.as_str(),
        "treatment": loss.treatment.as_str(), "wrote": loss.wrote,
    })
}

fn supply(supply: &Supply) -> Value {
    json!({ "field": supply.field, "value": supply.value, "fit": "supplied" })
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Told<'e> {
    from: &'e str,
    to: &'e str,
    operation: &'e str,
    unchanged: bool,
    read: Vec<Place<'e>>,
    problems: Value,
    became: Value,
    again: Vec<Place<'e>>,
    known: Value,
    written: Vec<Place<'e>>,
    refused: Option<Value>,
}

/// A value of a message: raw, so that numbers keep their digits.
#[derive(Debug, Serialize)]
struct Place<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spelt: Option<Spelt<'e>>,
    place: Option<&'e str>,
    value: Option<&'e RawValue>,
    entry: Value,
    what: &'e str,
    why: String,
    fields: Value,
}

/// A place and a value as they came, where they were read as the schema spells them.
#[derive(Debug, Serialize)]
struct Spelt<'e> {
    place: &'e str,
    value: Option<&'e RawValue>,
}

/// The explanation of a case.
pub(super) fn told<'e>(case: &Case<'e>, explanation: &'e Explanation) -> Told<'e> {
    let known = explanation.known.iter();
    let known = known.map(|known| with(field(&known.held), json!({ "by": known.by.as_str() })));
    Told {
        from: case.from,
        to: case.to,
        operation: case.operation,
        unchanged: explanation.unchanged,
        read: explanation.read.iter().map(read).collect(),
        problems: problems(&explanation.problems),
        became: explanation.became.iter().map(became).collect(),
        again: explanation.again.iter().map(|one| taken("body", one)).collect(),
        known: known.collect(),
        written: explanation.written.iter().map(wrote).collect(),
        refused: explanation.refused.as_ref().map(|wrong| refused(wrong, case)),
    }
}

fn with(mut value: Value, more: Value) -> Value {
    if let (Value::Object(members), Value::Object(more)) = (&mut value, more) {
        members.extend(more);
    }
    value
}

fn field(held: &Held) -> Value {
    json!({ "field": held.field, "value": held.json, "said": held.said })
}

fn fields(held: &[Held]) -> Value {
    held.iter().map(field).collect()
}

fn entry(stand: Option<&Stand>) -> Value {
    stand.map_or(Value::Null, |stand| json!({ "file": stand.file, "line": stand.line }))
}

fn problems(problems: &[Problem]) -> Value {
    problems.iter().map(|one| json!({ "place": one.pointer, "text": one.text })).collect()
}

fn read(read: &Read) -> Place<'_> {
    let spelt = read.spelt.as_ref().map(|(place, value)| Spelt { place, value: raw(value) });
    Place { spelt, ..taken(read.part.as_str(), &read.taken) }
}

fn taken<'e>(part: &'e str, taken: &'e Taken) -> Place<'e> {
    Place {
        part: Some(part),
        spelt: None,
        place: taken.place.as_deref(),
        value: taken.value.as_deref().and_then(raw),
        entry: entry(taken.by.as_ref()),
        what: taken.took.as_str(),
        why: taken.took.told(),
        fields: fields(&taken.held),
    }
}

fn wrote(wrote: &Wrote) -> Place<'_> {
    Place {
        part: None,
        spelt: None,
        place: Some(&wrote.place),
        value: raw(&wrote.value),
        entry: entry(wrote.by.as_ref()),
        what: wrote.why.as_str(),
        why: wrote.why.told().to_owned(),
        fields: fields(&wrote.held),
    }
}

/// A value as it stands in a message. It was written by a document, so it is JSON.
fn raw(text: &str) -> Option<&RawValue> {
    serde_json::from_str(text).ok()
}

fn became(became: &Became) -> Value {
    let crosswalk = became.crossed.as_ref().map(|crossed| {
        let (from, to) = &crossed.spaces;
        json!({ "kind": crossed.kind, "entry": entry(Some(&crossed.by)), "from": from, "to": to })
    });
    json!({
        "said": fields(&became.said),
        "crosswalk": crosswalk,
        "supplied": became.supplied.map(supplied),
        "why": became.why,
        "sent": became.fates.iter().map(fate).collect::<Value>(),
    })
}

fn supplied(by: Supplier) -> &'static str {
    match by {
        Supplier::AsUser => "as-user",
        Supplier::Configured => "configured",
        Supplier::Default => "default",
    }
}

fn fate(fate: &Fate) -> Value {
    let more = json!({
        "fit": fate.fit.map(|fit| fit.as_str()),
        "treatment": fate.treatment.map(|one| one.as_str()),
        "configured": fate.configured,
        "wrote": fate.wrote,
        "note": fate.note,
        "why": fate.why,
    });
    with(field(&fate.held), more)
}

fn refused(refused: &Refused, case: &Case<'_>) -> Value {
    let fault = &refused.fault;
    json!({
        "step": refused.step.as_str(),
        "fault": fault.word,
        "text": fault.text,
        "cause": fault.cause,
        "problems": problems(&fault.problems),
        "status": case.answered.map(|(status, _)| status),
        "body": case.answered.map(|(_, body)| body),
    })
}
