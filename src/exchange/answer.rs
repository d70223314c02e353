//! The way back: what was asked, overlaid by what the upstream said, overlaid by what the gateway knows.
use std::borrow::Cow;

use crate::canonical::field::known::{
    AVAILABILITY, CHANGED, CREATED, REQUEST_ID, REQUESTER_NAME, REQUESTS, START, STATUS,
};
use crate::canonical::{Fault, Problem, Record, Shape, Value};
use crate::dialect::{Again, Operation, Outcome};
use crate::json::Builder;
use crate::mapping::Reading;

use super::matrix::Knower;
use super::overlay::{overlay, period, whole_seconds};
use super::watch::{Step, Unwatched, Watch};
use super::{Context, Outgoing, Prepared};

/// Where the upstream of another vendor says that the message is wrong.
const REFUSED_THERE: &str = "The server behind this gateway refuses the request as not valid.";

/// What came back from the upstream.
#[derive(Debug, Clone, Copy)]
pub struct Came<'c> {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: &'c [u8],
}

/// What an answer of the upstream says.
#[derive(Debug)]
pub struct Heard<'p> {
    /// The outcome's word; none: a refusal that passes as it came.
    outcome: Option<&'p str>,
    /// What the caller's reply may show; none where it shows ids only.
    record: Option<Box<Record<'static>>>,
    /// The upstream's id of the request, where it tells one.
    pub id: Option<String>,
    /// The canonical word of a refusal that passes as it came; else empty.
    pub fault: &'static str,
}

/// What the caller is answered.
#[derive(Debug)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The body; none: without one.
    pub body: Option<Vec<u8>>,
    /// The ids of the request at the caller's and the upstream's side, where one was made.
    pub made: Option<(String, String)>,
}

impl Prepared {
    /// The canonical verb.
    pub fn operation(&self) -> &str {
        &self.caller_operation().word
    }

    /// The caller's operation.
    pub fn caller_operation(&self) -> &Operation {
        &self.pair.caller.dialect.operations()[self.caller_operation]
    }

    fn upstream_operation(&self) -> &Operation {
        &self.pair.upstream.dialect.operations()[self.upstream_operation]
    }

    /// What an answer means, if it is a good end.
    ///
    /// # Errors
    /// The fault that it is instead.
    pub fn outcome(&self, came: Came<'_>) -> Result<&Outcome, Fault> {
        let operation = self.upstream_operation();
        operation.read(came.status).ok_or_else(|| {
            let mut fault = self.pair.upstream.dialect.read_fault(operation, came.status, came.body);
            if self.pair.caller.dialect.name == self.pair.upstream.dialect.name {
                return fault;
            }
            // What the gateway made of the call, and how it sent it, is not the caller's doing.
            fault.word = match fault.word {
                "too-slow" => "upstream",
                "wrong-method" | "not-served" | "not-found.operation" => "upstream.rubbish",
                word => word,
            };
            // Another vendor's words name its own fields, of which this caller never heard: they are for the log.
            if !fault.text.is_empty() {
                fault.text = REFUSED_THERE.to_owned();
            }
            fault
        })
    }

    /// Whether the answer is the caller's own already: same dialect, variant and ids.
    pub fn unchanged(&self) -> bool {
        self.pair.unchanged
    }

    /// Understands an answer, once: all that follows is made of what is heard.
    ///
    /// # Errors
    /// The fault to answer with instead.
    pub fn hear(&self, came: Came<'_>, context: Context<'_>) -> Result<Heard<'_>, Fault> {
        self.hear_watched(came, context, &mut Unwatched)
    }

    /// The same, before somebody's eyes.
    pub(super) fn hear_watched(
        &self,
        came: Came<'_>,
        context: Context<'_>,
        watch: &mut impl Watch,
    ) -> Result<Heard<'_>, Fault> {
        watch.step(Step::Hear);
        let outcome = match self.outcome(came) {
            // The upstream's own words are the caller's dialect already; but that the gateway could not sign in, or
            // that the upstream failed, is not for the caller to read as its own.
            Err(fault) if self.unchanged() && !fault.word.starts_with("upstream") => {
                return Ok(Heard { outcome: None, record: None, id: None, fault: fault.word });
            }
            outcome => outcome?,
        };
        let (id, record) = self.read(outcome, came, context, watch)?;
        Ok(Heard { outcome: Some(&outcome.word), record, id, fault: "" })
    }

    /// Reads the upstream's answer, as far as anybody wants it: the request's id, and what the reply may show.
    ///
    /// A creation that succeeded is answered as success, for a fault would make the caller ask again: of an answer
    /// that looks odd the id is enough, and what else makes sense. So is any answer that passes unchanged.
    fn read(
        &self,
        outcome: &Outcome,
        came: Came<'_>,
        context: Context<'_>,
        watch: &mut impl Watch,
    ) -> Result<(Option<String>, Option<Box<Record<'static>>>), Fault> {
        let Some(number) = outcome.message else { return Ok((None, None)) };
        let dialect = &self.pair.upstream.dialect;
        let entry = dialect.message(number);
        let plan = self.pair.plans[self.caller_operation].as_ref();
        let how = Reading { now: self.now, wanted: plan.map(|plan| plan.wanted.as_slice()) };
        let keep = plan.and_then(|plan| plan.keep(number));
        watch.body(entry, came.body, dialect.json(context.limits), how);
        let (document, mut problems) =
            match entry.parse_loosely(came.body, dialect.json(context.limits), keep) {
                Ok(read) => read,
                Err(why) if self.unchanged() => {
                    tracing::warn!(%why, "the answer passes unchanged, and is no JSON");
                    return Ok((None, None));
                }
                Err(why) => return Err(Fault::new("upstream.rubbish", "").because(why.to_string())),
            };
        let (record, more) = entry.message.read_what_can_be(document.root(), how);
        problems.extend(more);
        let enough = self.unchanged() || (self.makes() && record.text(REQUEST_ID).is_some());
        match problems.as_slice() {
            [] => {}
            problems if enough => {
                tracing::warn!(problems = %Problem::listed(problems), "the answer looks odd")
            }
            problems => return Err(Fault::new("upstream.rubbish", "").because(Problem::listed(problems))),
        }
        let id = record.text(REQUEST_ID).map(str::to_owned);
        Ok((id, self.asked.is_some().then(|| Box::new(record.into_owned()))))
    }

    /// What must be asked again before the caller can be answered, if anything.
    pub fn again(&self, upstream_id: &str) -> Option<Outgoing> {
        let plan = self.pair.plans[self.caller_operation].as_ref().filter(|plan| plan.again)?;
        let dialect = &self.pair.upstream.dialect;
        let again = dialect.operations()[plan.operation].again.as_ref()?;
        let operation = dialect.operation(&again.by)?;
        let mut record = Record::new(Shape::Access);
        for (field, text) in &again.say {
            record.say(*field, Value::Text(Cow::Borrowed(text)));
        }
        record.say(again.matching, Value::Text(Cow::Borrowed(upstream_id)));
        let (route, mut path) = dialect.address(operation, &record)?;
        if let Some(number) = operation.query {
            let mut out = Builder::new();
            dialect.message(number).message.write(&record, self.now, &mut out);
            let document = out.finish(false);
            let query: Vec<String> = document
                .root()
                .members()
                .filter_map(|(name, value)| Some(format!("{name}={}", value.scalar()?)))
                .collect();
            if !query.is_empty() {
                path.push('?');
                path.push_str(&query.join("&"));
            }
        }
        Some(Outgoing { method: route.method, path, body: None })
    }

    /// What the second asking tells of the request; none where it tells nothing that makes sense. A creation that
    /// succeeded is answered as success all the same, so this never fails: the reason goes to the log.
    fn told_again(
        &self,
        upstream_id: &str,
        came: Came<'_>,
        context: Context<'_>,
        watch: &mut impl Watch,
    ) -> Result<Record<'static>, String> {
        let dialect = &self.pair.upstream.dialect;
        let again: &Again = self.upstream_operation().again.as_ref().ok_or("nothing is asked again")?;
        let operation = dialect.operation(&again.by).ok_or("the operation to ask again is not bound")?;
        let outcome = operation.read(came.status).ok_or_else(|| format!("status {}", came.status))?;
        let entry = dialect.message(outcome.message.ok_or("the second answer has no body")?);
        // An odd request of somebody else's must not hide the one that is looked for.
        let how = Reading { now: self.now, wanted: None };
        watch.body(entry, came.body, dialect.json(context.limits), how);
        let (document, _) =
            entry.parse_loosely(came.body, dialect.json(context.limits), None).map_err(|e| e.to_string())?;
        let (record, _) = entry.message.read_what_can_be(document.root(), how);
        match record.get(REQUESTS) {
            Some(Value::List(items)) => {
                let found = items.iter().find(|item| item.text(again.matching) == Some(upstream_id));
                found
                    .map(|item| item.clone().into_owned())
                    .ok_or_else(|| "the request is not in the list".to_owned())
            }
            _ => Ok(record.into_owned()),
        }
    }

    /// Answers the caller: `number` is for an id that is minted; `again` is what the second asking brought.
    ///
    /// # Errors
    /// The fault to answer with instead.
    pub fn answer(
        &self,
        came: Came<'_>,
        again: Option<Came<'_>>,
        number: u64,
        context: Context<'_>,
    ) -> Result<Answered, Fault> {
        let heard = self.hear(came, context)?;
        self.reply(heard, came, again, number, context)
    }

    /// Answers the caller by what was heard; see [`Prepared::answer`].
    ///
    /// # Errors
    /// The fault to answer with instead.
    pub fn reply(
        &self,
        heard: Heard<'_>,
        came: Came<'_>,
        again: Option<Came<'_>>,
        number: u64,
        context: Context<'_>,
    ) -> Result<Answered, Fault> {
        self.reply_watched(heard, came, again, (number, context), &mut Unwatched)
    }

    /// The same, before somebody's eyes.
    pub(super) fn reply_watched(
        &self,
        heard: Heard<'_>,
        came: Came<'_>,
        again: Option<Came<'_>>,
        (number, context): (u64, Context<'_>),
        watch: &mut impl Watch,
    ) -> Result<Answered, Fault> {
        watch.step(Step::Reply);
        let Heard { outcome, record: answered, id: upstream_id, .. } = heard;
        let Some(outcome) = outcome.filter(|_| !self.unchanged()) else {
            let made = upstream_id.filter(|_| self.makes()).map(|id| (id.clone(), id));
            return Ok(Answered { status: came.status, body: as_it_came(came), made });
        };
        let told = again.zip(upstream_id.as_deref());
        let told = told.map(|(again, id)| self.told_again(id, again, context, watch));
        if let Some(Err(why)) = &told {
            tracing::warn!(%why, "the upstream was asked again and did not tell");
        }
        let mut record = match &self.asked {
            Some(asked) => self.all_known(asked, answered, told.and_then(Result::ok), watch),
            // Ids only: neither is anything asked again for them.
            None => Record::new(Shape::Access),
        };
        let made = match upstream_id.filter(|_| self.makes()) {
            Some(theirs) if self.pair.caller.space == self.pair.upstream.space => {
                Some((theirs.clone(), theirs))
            }
            Some(theirs) => Some((self.pair.caller.dialect.mint(number, &record), theirs)),
            None => None,
        };
        if let Some((ours, _)) = &made {
            record.say(REQUEST_ID, Value::Text(Cow::Owned(ours.clone())));
        }
        watch.known(Knower::Gateway, &record);
        let (status, body) = self.render(outcome, &record, watch)?;
        Ok(Answered { status, body, made })
    }

    /// Whether the operation makes a request.
    pub fn makes(&self) -> bool {
        self.operation() == "request.create"
    }

    /// What was asked, overlaid by what the upstream said, overlaid by what the gateway knows.
    fn all_known(
        &self,
        asked: &Record<'static>,
        answered: Option<Box<Record<'static>>>,
        told: Option<Record<'static>>,
        watch: &mut impl Watch,
    ) -> Record<'static> {
        let mut record = asked.clone();
        watch.known(Knower::Asked, &record);
        if let Some(said) = answered {
            overlay(&mut record, *said);
            watch.known(Knower::Answered, &record);
        }
        if let Some(said) = told {
            overlay(&mut record, said);
            watch.known(Knower::AskedAgain, &record);
        }
        self.overlay_crosswalk(&mut record);
        watch.known(Knower::Crosswalk, &record);
        self.overlay_known(asked, &mut record);
        record
    }

    fn overlay_crosswalk(&self, record: &mut Record<'_>) {
        // Also where the caller said it: in another letter case, or by an address that it is found by as well.
        for (field, text) in &self.known {
            record.say(*field, Value::Text(Cow::Owned(text.clone())));
        }
    }

    fn overlay_known(&self, asked: &Record<'_>, record: &mut Record<'_>) {
        if record.get(REQUESTER_NAME).is_none() && !self.principal.is_empty() {
            record.say(REQUESTER_NAME, Value::Text(Cow::Owned(self.principal.clone())));
        }
        if self.makes() {
            if record.get(CREATED).is_none() {
                record.say(CREATED, Value::Time(whole_seconds(self.now)));
            }
            // What isn't known reads pending: the caller then waits, and asks.
            if record.get(STATUS).is_none() {
                record.say(STATUS, Value::Text("pending".into()));
            }
            // Approved, and its time has not come: some servers have a word of their own for it. As it was asked, for the
            // upstream's clock may be ahead of ours.
            let later = matches!(asked.get(START), Some(Value::Time(start)) if *start > self.now);
            if later && record.text(STATUS) == Some("approved") {
                record.say(STATUS, Value::Text("approved.scheduled".into()));
            }
            if let (None, Some(created)) = (record.get(CHANGED), record.get(CREATED).cloned()) {
                record.say(CHANGED, created);
            }
            if record.get(AVAILABILITY).is_none()
                && let Some(period) = period(record)
            {
                record.say(AVAILABILITY, Value::List(vec![period]));
            }
        }
    }

    fn render(
        &self,
        outcome: &str,
        record: &Record<'_>,
        watch: &mut impl Watch,
    ) -> Result<(u16, Option<Vec<u8>>), Fault> {
        let dialect = &self.pair.caller.dialect;
        let bound = self.caller_operation().written(outcome);
        let bound =
            bound.ok_or_else(|| Fault::new("internal", "").because(format!("no outcome {outcome}")))?;
        let Some(number) = bound.message else { return Ok((bound.status, None)) };
        let entry = dialect.message(number);
        let mut out = Builder::new();
        entry.message.write(record, self.now, &mut out);
        let document = out.finish(dialect.json.any_case);
        watch.wrote(entry, record, &document);
        let problems = entry.problems(&document);
        match problems.as_slice() {
            [] => {}
            // Made all the same: an odd answer is better than one that makes the caller ask again.
            problems if self.makes() => {
                tracing::error!(problems = %Problem::listed(problems), "the reply breaks its schema, and is sent");
            }
            problems => {
                let cause = format!("the reply breaks its schema: {}", Problem::listed(problems));
                return Err(Fault::new("internal", "").because(cause));
            }
        }
        Ok((bound.status, Some(document.to_bytes())))
    }
}

fn as_it_came(came: Came<'_>) -> Option<Vec<u8>> {
    (!came.body.is_empty()).then(|| came.body.to_vec())
}
