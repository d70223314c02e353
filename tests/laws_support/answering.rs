//! The laws of a reply: it is valid, shows the request's id, says what the upstream said where it has a place for it,
//! and says nothing that nobody said.
use pamgate::canonical::field::FIELDS;
use pamgate::canonical::{FieldId, Fit, Record, Shape, Value, word};
use pamgate::dialect::Operation;
use pamgate::exchange::{Came, Prepared};
use pamgate::json::Limits;
use pamgate::mapping::Reading;

use super::crossing::Crossed;
use super::references::group;
use super::world::{World, origin};

/// What the gateway itself knows, or makes of what it knows.
const GATEWAYS: &[&str] = &["request.id", "created", "changed", "status", "availability", "expires"];

/// Where the caller's own words count, or nobody's: what is asked is shown as it was asked. It stands in the program,
/// too, and is written a second time on purpose: a law that looked it up there would hold whatever stood there.
const ASKED_COUNTS: &[&str] = &[
    "access.",
    "ticket.",
    "emergency",
    "multiple_use",
    "rotate_on_check_in",
    "on_conflict",
    "extra",
    "release.launch",
    "reason.",
    "policy.",
];

impl World {
    /// Answers, and holds the caller's reply against what was asked and heard. `Ok(false)`: a fault, as may be.
    pub fn answered(
        &self,
        crossed: &Crossed,
        came: Came<'_>,
        again: Option<Came<'_>>,
    ) -> Result<bool, String> {
        let prepared = &crossed.prepared;
        let (caller, upstream) = (&prepared.pair.caller.dialect, &prepared.pair.upstream.dialect);
        let told = |why: String| {
            format!(
                "{} ← {}: {why}\n  asked:    {:?}\n  answered: {} {}",
                caller.label(),
                upstream.label(),
                crossed.asked,
                came.status,
                String::from_utf8_lossy(came.body)
            )
        };
        let answered = match prepared.answer(came, again, 7, self.context()) {
            Ok(answered) => answered,
            Err(fault) if fault.word == "internal" => return Err(told(format!("{fault:?}"))),
            Err(_) => return Ok(false),
        };
        if prepared.unchanged() {
            let same = answered.status == came.status && answered.body.unwrap_or_default() == came.body;
            return if same {
                Ok(true)
            } else {
                Err(told("a reply that passes unchanged was changed".into()))
            };
        }
        let operation = prepared.caller_operation();
        let outcome = operation.outcomes.iter().find(|outcome| outcome.status == answered.status);
        let Some(outcome) = outcome else { return Err(told(format!("no outcome is {}", answered.status))) };
        let (Some(number), Some(body)) = (outcome.message, &answered.body) else {
            let same = outcome.message.is_none() == answered.body.is_none();
            return if same { Ok(true) } else { Err(told("a reply without its body, or with one".into())) };
        };
        let entry = caller.message(number);
        let shown = format!("\n  replied:  {}", String::from_utf8_lossy(body));
        let heard = self.heard(prepared, came, again);
        if !self.plain(prepared, came, again) || heard.iter().any(is_ancient) {
            // An answer that breaks its own dialect's schema is made the best of, for the request was made: the
            // caller's reply may then be as odd. So is one that dates from before 1970, which places that count
            // seconds from then on can't say.
            let json = serde_json::from_slice::<serde_json::Value>(body).is_ok();
            return if json { Ok(true) } else { Err(told(format!("the reply is no JSON{shown}"))) };
        }
        let document = entry
            .parse(body, caller.json(Limits::default()))
            .map_err(|why| told(format!("the reply is not valid: {why:?}{shown}")))?;
        let read = entry.message.read(document.root(), Reading { now: self.now, wanted: None });
        let back = read.map_err(|why| told(format!("the reply can't be read: {why:?}{shown}")))?;
        if let Some((ours, _)) = &answered.made {
            let id = back.text(pamgate::canonical::field::known::REQUEST_ID);
            if id != Some(ours) {
                return Err(told(format!("the reply's id is {id:?}, and not {ours:?}{shown}")));
            }
        }
        let mut wrong = Vec::new();
        for (at, field) in FIELDS.iter().enumerate() {
            let id = FieldId(at as u8);
            if let Some(value) = back.get(id).filter(|_| back.said(id))
                && !known(id, value, crossed, &heard)
                && !may_be_blank(&entry.message, id)
            {
                wrong.push(format!(
                    "{} = {value:?} comes from nowhere ({})",
                    field.name,
                    origin(self, caller, &entry.message, id)
                ));
            }
            if again.is_none()
                && let Some(said) = heard.first().and_then(|heard| heard.get(id).filter(|_| heard.said(id)))
                && let Some(why) = hidden(&entry.message, id, said, &back, crossed)
            {
                wrong.push(format!("{why} ({})", origin(self, caller, &entry.message, id)));
            }
        }
        match wrong.is_empty() {
            true => Ok(true),
            false => Err(told(format!("{}{shown}\n  heard:    {heard:?}", wrong.join("; ")))),
        }
    }

    /// Whether what the upstream answered is as its dialect's schemas have it, so that all of it can be read.
    fn plain(&self, prepared: &Prepared, came: Came<'_>, again: Option<Came<'_>>) -> bool {
        let upstream = &prepared.pair.upstream.dialect;
        let valid = |operation: &Operation, came: Came<'_>| {
            let Some(number) = operation.read(came.status).and_then(|outcome| outcome.message) else {
                return true;
            };
            let entry = upstream.message(number);
            let document = entry.parse(came.body, upstream.json(Limits::default()));
            let how = Reading { now: self.now, wanted: None };
            document.is_ok_and(|document| entry.message.read(document.root(), how).is_ok())
        };
        let Some(operation) = upstream.operation(prepared.operation()) else { return true };
        let by = operation.again.as_ref().and_then(|again| upstream.operation(&again.by));
        valid(operation, came) && by.zip(again).is_none_or(|(by, again)| valid(by, again))
    }

    /// What the upstream said, read with its own tables: the answer, and the second one.
    fn heard(&self, prepared: &Prepared, came: Came<'_>, again: Option<Came<'_>>) -> Vec<Record<'static>> {
        let upstream = &prepared.pair.upstream.dialect;
        let Some(operation) = upstream.operation(prepared.operation()) else { return Vec::new() };
        let mut found = vec![self.heard_of(prepared, operation, came)];
        let by = operation.again.as_ref().and_then(|again| upstream.operation(&again.by));
        if let (Some(by), Some(again)) = (by, again) {
            let heard = self.heard_of(prepared, by, again);
            let listed = pamgate::canonical::field::known::REQUESTS;
            if let Some(Value::List(items)) = heard.get(listed) {
                found.extend(items.iter().cloned());
            }
            found.push(heard);
        }
        found
    }

    fn heard_of(&self, prepared: &Prepared, operation: &Operation, came: Came<'_>) -> Record<'static> {
        let upstream = &prepared.pair.upstream.dialect;
        let nothing = || Record::new(Shape::Access);
        let Some(number) = operation.read(came.status).and_then(|outcome| outcome.message) else {
            return nothing();
        };
        let entry = upstream.message(number);
        let Ok((document, _)) = entry.parse_loosely(came.body, upstream.json(Limits::default()), None) else {
            return nothing();
        };
        let how = Reading { now: self.now, wanted: None };
        entry.message.read_what_can_be(document.root(), how).0.into_owned()
    }
}

/// Whether a record tells a time before 1970.
fn is_ancient(record: &Record<'_>) -> bool {
    record.iter().any(|(_, value, _)| match value {
        Value::Time(time) => time.as_second() < 0,
        Value::List(items) => items.iter().any(is_ancient),
        _ => false,
    })
}

/// Whether somebody said it: who asked, who answered, the crosswalk, the gateway.
fn known(field: FieldId, value: &Value<'_>, crossed: &Crossed, heard: &[Record<'_>]) -> bool {
    let name = FIELDS[field.0 as usize].name;
    let says = |record: &Record<'_>| record.get(field).is_some_and(|said| alike(said, value));
    GATEWAYS.contains(&name)
        || group(name).is_some()
        || says(&crossed.asked)
        || heard.iter().any(says)
        || crossed.prepared.supplies.iter().any(|supply| supply.field == name)
}

fn alike(said: &Value<'_>, shown: &Value<'_>) -> bool {
    match (said, shown) {
        (Value::Text(said), Value::Text(shown)) => {
            said == shown || word::within(said, shown) || word::within(shown, said)
        }
        (Value::Time(said), Value::Time(shown)) => said.as_second() == shown.as_second(),
        (Value::Length(said), Value::Length(shown)) => said / 60 == shown / 60,
        (said, shown) => said == shown,
    }
}

/// Whether the table says what stands there where nobody knows it.
fn may_be_blank(message: &pamgate::mapping::Message, field: FieldId) -> bool {
    message.shown().iter().any(|shown| shown.blank.is_some() && shown.fields.contains(&field))
}

/// What the upstream said, and the reply has a place for and shows otherwise.
fn hidden(
    message: &pamgate::mapping::Message,
    field: FieldId,
    said: &Value<'_>,
    back: &Record<'_>,
    crossed: &Crossed,
) -> Option<String> {
    let name = FIELDS[field.0 as usize].name;
    let supplied = crossed.prepared.supplies.iter().any(|supply| supply.field == name);
    let asked = ASKED_COUNTS.iter().any(|prefix| name.starts_with(prefix))
        && (supplied || crossed.asked.get(field).is_some());
    if asked || group(name).is_some() || GATEWAYS[..1].contains(&name) || name.starts_with("policy.") {
        return None;
    }
    let mut alone = Record::new(Shape::Access);
    alone.say(field, said.clone());
    if message.fit(&alone, field).fit != Fit::Exact {
        return None;
    }
    match back.get(field) {
        Some(shown) if alike(said, shown) => None,
        // Shown, and read as none: a start that is past means now.
        None if matches!(said, Value::Time(start) if *start <= crossed.prepared.now) => None,
        shown => Some(format!("the upstream said {name} = {said:?}, the reply shows {shown:?}")),
    }
}
