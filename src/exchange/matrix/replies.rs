//! The way back: who knows what the caller's reply has places for.
//!
//! Start at [`Across::replies`]. Follows [`answer`](super::super::answer): what was asked is overlaid by what the
//! upstream said, and what the gateway knows fills the rest.
use crate::canonical::field::FIELDS;
use crate::canonical::field::known::{
    AVAILABILITY, CHANGED, CREATED, EXPIRES, LENGTH, REQUEST_ID, REQUESTER_NAME, REQUESTS, STATUS,
};
use crate::canonical::{FieldId, Type};
use crate::exchange::ask::REFERENCES;
use crate::exchange::groups::GROUPS;
use crate::exchange::overlay::{ASKED, THEIRS};
use crate::exchange::resolve::REQUESTER;
use crate::mapping::{Message, Shown};

use super::asks::Across;
use super::{Knower, Place, Reply};

impl Across<'_> {
    pub(super) fn replies(&self, again: bool) -> Vec<Reply> {
        let mut found: Vec<Reply> = Vec::new();
        for outcome in &self.ours.outcomes {
            // The first of an outcome's word is the one that is written.
            let written = self.ours.outcomes.iter().find(|other| other.word == outcome.word);
            let Some(number) =
                outcome.message.filter(|_| written.is_some_and(|one| std::ptr::eq(one, outcome)))
            else {
                continue;
            };
            let message = &self.pair.caller.dialect.message(number).message;
            let all = message.shown();
            let places = all.iter().map(|shown| self.place(shown, within(&all, shown), again)).collect();
            found.push(Reply { outcome: outcome.word.clone(), status: outcome.status, places });
        }
        found
    }

    /// `map`: the field whose names and values are written around this place, and may bring it.
    fn place(&self, shown: &Shown, map: Option<FieldId>, again: bool) -> Place {
        let shown = shown.clone();
        let fields = shown.fields.iter().copied().chain(map);
        let mut known: Vec<Knower> = fields.flat_map(|field| self.knowers(field, again)).collect();
        known.sort_unstable();
        known.dedup();
        let fields = shown.fields.iter().map(|field| name(*field)).collect();
        Place { place: shown.place, fields, known, blank: shown.blank }
    }

    /// Who may know a field.
    fn knowers(&self, field: FieldId, again: bool) -> Vec<Knower> {
        let asked = self.asked(field);
        let mut found = Vec::new();
        if self.taken_over(field) {
            let dialect = &self.pair.upstream.dialect;
            let messages = |operation: &crate::dialect::Operation| -> Vec<&Message> {
                let numbers = operation.outcomes.iter().filter_map(|outcome| outcome.message);
                numbers.map(|number| &dialect.message(number).message).collect()
            };
            if messages(self.theirs).iter().any(|message| says(message, field)) {
                found.push(Knower::Answered);
            }
            let second = self.theirs.again.as_ref().filter(|_| again);
            let second = second.and_then(|again| dialect.operation(&again.by)).map(messages);
            let items = second.iter().flatten().map(|message| message.item(REQUESTS).unwrap_or(message));
            if items.into_iter().any(|item| says(item, field)) {
                found.push(Knower::AskedAgain);
            }
        }
        found.extend(asked.then_some(Knower::Asked));
        found.extend(self.supplied(field).then_some(Knower::Supplied));
        found.extend(self.by_crosswalk(field).then_some(Knower::Crosswalk));
        found.extend(self.by_gateway(field).then_some(Knower::Gateway));
        found
    }

    /// Whether the caller can ask for it.
    fn asked(&self, field: FieldId) -> bool {
        self.ours.routes.iter().any(|route| {
            route.fields().any(|known| known == field)
                || self.sent(route).any(|message| says(message, field) || message.always(field).is_some())
        })
    }

    /// Whether the upstream's word for a field counts.
    fn taken_over(&self, field: FieldId) -> bool {
        let of = |names: &[&str]| names.iter().any(|prefix| name(field).starts_with(prefix));
        field == REQUEST_ID || !(of(THEIRS) || of(ASKED) && self.always_asked(field))
    }

    /// Whether it is part of every request of the caller's.
    fn always_asked(&self, field: FieldId) -> bool {
        self.ours.routes.iter().all(|route| {
            self.sent(route).any(|message| {
                message.always(field).is_some()
                    || message.required().contains(&field)
                    || message.assumes(field)
            })
        })
    }

    fn supplied(&self, field: FieldId) -> bool {
        let reference = REFERENCES.iter().any(|prefix| name(field).starts_with(prefix));
        let sent = self.theirs.routes.iter().filter_map(|route| route.send);
        let mut sent = sent.map(|number| &self.pair.upstream.dialect.message(number).message);
        !reference
            && self.policy.supplied(field).is_some()
            && sent.any(|message| {
                message.carries(field).is_some() && (field != LENGTH || message.required().contains(&LENGTH))
            })
    }

    /// What the crosswalk has of a reference in the caller's words.
    fn by_crosswalk(&self, field: FieldId) -> bool {
        if self.same_space() {
            return false;
        }
        let group = GROUPS.iter().any(|group| {
            group.part(field).is_some()
                && group.fields.iter().any(|field| self.asked(*field))
                && group.has_place(&self.pair.upstream.dialect, self.theirs)
        });
        let requester = REQUESTER.iter().any(|(known, _)| *known == field)
            && REQUESTER.iter().any(|(part, _)| self.asked(*part));
        group || requester
    }

    fn by_gateway(&self, field: FieldId) -> bool {
        let makes = self.ours.word == "request.create";
        let period = || {
            // A period begins with the request, which is known, and has an end where a length or an end is known.
            [LENGTH, EXPIRES]
                .into_iter()
                .any(|end| !self.knowers(end, false).is_empty() || self.supplied(end))
        };
        field == REQUESTER_NAME
            || makes && [REQUEST_ID, CREATED, STATUS, CHANGED].contains(&field)
            || makes && field == AVAILABILITY && period()
    }
}

/// The map that a place lies in, if it does.
fn within(all: &[Shown], shown: &Shown) -> Option<FieldId> {
    let around = all
        .iter()
        .filter(|other| shown.place.strip_prefix(&other.place).is_some_and(|rest| rest.starts_with('/')));
    let mut fields = around.flat_map(|other| other.fields.iter().copied());
    fields.find(|field| matches!(FIELDS[field.0 as usize].kind, Type::Texts | Type::Map(_)))
}

/// Whether a message that is read tells a field.
fn says(message: &Message, field: FieldId) -> bool {
    message.carries(field).is_some()
}

fn name(field: FieldId) -> &'static str {
    FIELDS[field.0 as usize].name
}
