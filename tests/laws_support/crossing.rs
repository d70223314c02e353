//! The laws of a whole translation: what is asked in one dialect arrives in the other as it was asked, less the losses
//! that are told; and the caller's reply is valid, and says nothing that nobody said.
use std::borrow::Cow;
use std::sync::Arc;

use pamgate::canonical::field::{FIELDS, is_norm, restricts};
use pamgate::canonical::{Fault, FieldId, Fit, Record, Shape, Value, word};
use pamgate::dialect::{Dialect, MessageEntry};
use pamgate::exchange::{Chosen, Incoming, Pair, Prepared, Principal, ask};
use pamgate::json::Limits;
use pamgate::mapping::Reading;

use super::references::{self, group, same_thing};
use super::world::{World, origin};

/// A call of a caller, as it comes in.
#[derive(Debug, Clone)]
pub struct Call<'c> {
    pub pair: &'c Arc<Pair>,
    pub method: &'c str,
    pub path: &'c str,
    pub query: Option<&'c str>,
    pub body: &'c [u8],
    /// The user that the gateway is at the upstream.
    pub as_user: Option<&'c str>,
}

/// What was asked and what became of it.
#[derive(Debug)]
pub struct Crossed {
    /// What the caller's message said, before anything was resolved.
    pub asked: Record<'static>,
    pub prepared: Prepared,
}

impl World {
    /// Asks, and holds the call to the upstream against what was asked. `Ok(Err)`: refused, as may be.
    pub fn cross(&self, call: &Call<'_>) -> Result<Result<Crossed, Fault>, String> {
        let caller = &call.pair.caller.dialect;
        let Ok(recognised) = caller.recognise(call.method, call.path) else {
            return Ok(Err(Fault::new("not-found.operation", "")));
        };
        let incoming =
            Incoming { recognised: &recognised, path: call.path, query: call.query, body: call.body };
        let mut asked = Record::new(Shape::Access);
        let prepared = ask(&incoming, self.context(), |record| {
            asked = record.clone().into_owned();
            let principal = Principal { name: "somebody".into(), as_user: call.as_user.map(str::to_owned) };
            Ok(Chosen { pair: call.pair.clone(), policy: &self.policy, principal: Cow::Owned(principal) })
        });
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(fault) => {
                self.told(caller, &fault, &recognised.operation.word)?;
                return Ok(Err(fault));
            }
        };
        let crossed = Crossed { asked, prepared };
        match crossed.prepared.unchanged() {
            true if crossed.prepared.call.body.as_deref().unwrap_or_default() != call.body => {
                Err(format!("a body that passes unchanged was changed: {:?}", crossed.prepared.call))
            }
            true => Ok(Ok(crossed)),
            false => {
                self.arrived(call.pair, &crossed)?;
                Ok(Ok(crossed))
            }
        }
    }

    /// A refusal is never the program's own failure, and is written in the caller's dialect.
    fn told(&self, caller: &Dialect, fault: &Fault, operation: &str) -> Result<(), String> {
        if fault.word == "internal" {
            return Err(format!(
                "{} {operation}: refused by a failure of the program: {fault:?}",
                caller.label()
            ));
        }
        let (status, body) = caller.write_fault(caller.operation(operation), fault);
        let name = |(of, name): &(String, String)| (*of == caller.name).then(|| name.clone());
        let mut entries =
            self.files.schemas.keys().filter_map(name).filter_map(|name| caller.message_named(&name));
        let valid = entries.any(|entry| entry.parse(&body, caller.json(Limits::default())).is_ok());
        match status >= 400 && (body.is_empty() || valid) {
            true => Ok(()),
            false => Err(format!(
                "{}: no message of the dialect is {status} {}, for {fault:?}",
                caller.label(),
                String::from_utf8_lossy(&body)
            )),
        }
    }

    /// The outgoing message, read with the upstream's own table, is what was asked less the losses told.
    fn arrived(&self, pair: &Pair, crossed: &Crossed) -> Result<(), String> {
        let upstream = &pair.upstream.dialect;
        let call = &crossed.prepared.call;
        let path = call.path.split('?').next().unwrap_or_default();
        let recognised = upstream
            .recognise(call.method, path)
            .map_err(|why| format!("{}: the upstream has no {call:?}: {why:?}", upstream.label()))?;
        let entry = recognised.route.send.map(|number| upstream.message(number));
        let mut came = match (entry, &call.body) {
            (Some(entry), Some(body)) => self.understood(upstream, entry, body)?,
            (None, None) => Record::new(Shape::Access),
            _ => return Err(format!("{}: a body where none is read, or none: {call:?}", upstream.label())),
        };
        for (field, text) in &recognised.path {
            came.say(*field, Value::Text(text.clone().into()));
        }
        let message = entry.map(|entry| &entry.message);
        let mut wrong = Vec::new();
        for (at, field) in FIELDS.iter().enumerate() {
            let id = FieldId(at as u8);
            let (asked, back) = (crossed.asked.get(id), came.get(id));
            let fine = match (group(field.name), asked, back) {
                (Some(_), ..) => true,
                (_, Some(value), back) => {
                    let counts = crossed.asked.said(id) || restricts(field.name, value);
                    !counts || is_norm(field.name, value) || self.kept(crossed, field.name, value, back)
                }
                (_, None, Some(_)) if !came.said(id) => true,
                (_, None, Some(value)) => self.added(crossed, field.name, value),
                (_, None, None) => true,
            };
            if !fine {
                let entry = message.map(|message| origin(self, upstream, message, id)).unwrap_or_default();
                wrong.push(format!("{} was asked as {asked:?}, arrived as {back:?} ({entry})", field.name));
            }
        }
        let spaces = (&*pair.caller.space, &*pair.upstream.space);
        for of @ (prefix, _) in references::GROUPS {
            if !self.led(pair, *of, crossed, &came) {
                wrong.push(format!("{prefix}* of {} is another thing at {}", spaces.0, spaces.1));
            }
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "{} → {}: {}\n  asked:  {:?}\n  sent:   {} {} {}\n  came:   {came:?}\n  losses: {:?}\n  supplies: {:?}",
                pair.caller.dialect.label(),
                upstream.label(),
                wrong.join("; "),
                crossed.asked,
                call.method,
                call.path,
                String::from_utf8_lossy(call.body.as_deref().unwrap_or_default()),
                crossed.prepared.losses,
                crossed.prepared.supplies,
            )),
        }
    }

    /// What a message that must be valid says.
    fn understood(
        &self,
        dialect: &Dialect,
        entry: &MessageEntry,
        body: &[u8],
    ) -> Result<Record<'static>, String> {
        let told = |why: String| {
            format!("{} {}: {why}: {}", dialect.label(), entry.message.name, String::from_utf8_lossy(body))
        };
        let document = entry
            .parse(body, dialect.json(Limits::default()))
            .map_err(|why| told(format!("what was rendered is not valid: {why:?}")))?;
        let read = entry.message.read(document.root(), Reading { now: self.now, wanted: None });
        Ok(read.map_err(|why| told(format!("what was rendered can't be read: {why:?}")))?.into_owned())
    }

    /// Whether a value that was asked for arrived as it was, or its loss was told.
    fn kept(&self, crossed: &Crossed, name: &str, value: &Value<'_>, back: Option<&Value<'_>>) -> bool {
        let Some(loss) = crossed.prepared.losses.iter().find(|loss| loss.field == name) else {
            return same(name, value, back, crossed);
        };
        let told = loss.value == value.to_string() && !matches!(loss.fit, Fit::Exact | Fit::Neutral);
        let wrote = match (&loss.wrote, back) {
            (None, _) => true,
            // The word that was written may be what the target's server does without a word.
            (Some(_), None) => false,
            (Some(wrote), Some(back)) => {
                let back = back.to_string();
                back == *wrote || word::within(&back, wrote)
            }
        };
        told && wrote
    }

    /// Whether a value that nobody asked for was told as supplied.
    fn added(&self, crossed: &Crossed, name: &str, value: &Value<'_>) -> bool {
        let supplied = crossed.prepared.supplies.iter().any(|supply| supply.field == name);
        let noted = name == "reason.text" && !crossed.prepared.losses.is_empty();
        supplied || noted || matches!(value, Value::Text(text) if text.is_empty())
    }

    /// Whether a reference that arrived is the one that was asked for.
    fn led(&self, pair: &Pair, of: (&str, &str), crossed: &Crossed, came: &Record<'_>) -> bool {
        let (asked, (prefix, _)) = (&crossed.asked, of);
        let told = || crossed.prepared.losses.iter().any(|loss| loss.field.starts_with(prefix));
        let added = || crossed.prepared.supplies.iter().any(|supply| supply.field.starts_with(prefix));
        match (references::says(asked, prefix), references::says(came, prefix)) {
            (false, false) => true,
            (false, true) => added(),
            // The session says it, or the caller's own server would have taken no notice of it.
            (true, false) => {
                told() || prefix == "requester." || !pair.caller.dialect.unknown_is_none.is_empty()
            }
            (true, true) if pair.caller.space == pair.upstream.space => FIELDS
                .iter()
                .enumerate()
                .filter(|(_, field)| field.name.starts_with(prefix))
                .map(|(at, _)| FieldId(at as u8))
                .all(|field| came.get(field).is_none() || came.get(field) == asked.get(field)),
            (true, true) => {
                same_thing(of, (asked, &pair.caller.space), (came, &pair.upstream.space)) || added()
            }
        }
    }
}

/// Whether a value came back as what it was. A text without a letter says nothing; a word may come back deeper where the
/// target knows no other.
fn same(name: &str, sent: &Value<'_>, back: Option<&Value<'_>>, crossed: &Crossed) -> bool {
    match (sent, back) {
        (Value::Text(sent), None) => sent.is_empty(),
        (Value::Text(sent), Some(Value::Text(back))) if name == "reason.text" => {
            let noted = !crossed.prepared.losses.is_empty();
            back == sent || (noted && back.starts_with(sent.as_ref()))
        }
        (Value::Text(sent), Some(Value::Text(back))) => back == sent || word::within(back, sent),
        (Value::Time(sent), Some(Value::Time(back))) => sent == back,
        (Value::Map(sent), None) => sent.is_empty(),
        (sent, Some(back)) => sent == back,
        (_, None) => false,
    }
}
