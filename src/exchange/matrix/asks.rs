//! The way in: what the caller's form can say, what the crosswalk makes of it, and what the upstream's form takes.
//!
//! Start at [`Across::asks`]. The steps are those of the translation: references are replaced, what is missing is
//! supplied, then each value meets the target's table.
use crate::canonical::field::known::{LENGTH, REASON, REQUESTER_ID, REQUESTER_NAME};
use crate::canonical::field::{FIELDS, restricts};
use crate::canonical::{FieldId, Fit, Treatment, word};
use crate::dialect::{Operation, Route};
use crate::exchange::groups::GROUPS;
use crate::exchange::resolve::REQUESTER;
use crate::exchange::{Pair, Policy};
use crate::mapping::Message;

use super::fits::{Held, Values, fits};
use super::{Asks, Cell, Meets, Said};

/// Two sides, an operation of each of the same word, and the policy between them.
pub(super) struct Across<'a> {
    pub(super) pair: &'a Pair,
    pub(super) ours: &'a Operation,
    pub(super) theirs: &'a Operation,
    pub(super) policy: &'a Policy,
}

/// A form of a request on its way: what may be known, and what is known whatever is said.
struct Form<'a> {
    held: Vec<(FieldId, Values)>,
    /// Fields that the form can't leave out.
    sure: Vec<FieldId>,
    /// References, and what is to be said of them.
    cells: Vec<Cell>,
    /// Fields that are what the crosswalk has.
    found: Vec<FieldId>,
    route: &'a Route,
}

/// Why a reference's part may be lost that nobody said.
const OF_CROSSWALK: &str = "where the crosswalk has it so for the upstream";

/// The same, where another part of the reference would carry it: an id and a name are one thing.
const OF_CROSSWALK_ALONE: &str = "where the crosswalk has nothing else of it for the upstream";

impl Across<'_> {
    pub(super) fn asks(&self) -> Vec<Asks> {
        let mut found: Vec<Asks> = Vec::new();
        for caller in self.distinct(&self.ours.routes) {
            for route in self.distinct(&self.theirs.routes) {
                let Some(number) = route.send else { continue };
                let target = &self.pair.upstream.dialect.message(number).message;
                let mut form = self.said(caller, route);
                self.references(&mut form);
                self.requester(&mut form, target);
                self.supplies(&mut form, target);
                let cells = self.cells(form, target);
                found.push(Asks { from: told(caller), to: told(route), cells });
                // The first whose fields are known is written: behind one that needs none, none ever is.
                if route.fields().next().is_none() {
                    break;
                }
            }
        }
        found
    }

    /// Routes that differ in more than their spelling.
    fn distinct<'r>(&self, routes: &'r [Route]) -> Vec<&'r Route> {
        let mut found: Vec<&Route> = Vec::new();
        for route in routes {
            let same = |other: &&Route| other.send == route.send && other.fields().eq(route.fields());
            if !found.iter().any(same) {
                found.push(route);
            }
        }
        found
    }

    /// The caller's messages of a route: its body and the operation's query.
    pub(super) fn sent(&self, route: &Route) -> impl Iterator<Item = &Message> {
        let numbers = route.send.into_iter().chain(self.ours.query);
        numbers.map(|number| &self.pair.caller.dialect.message(number).message)
    }

    /// What a route of the caller's can say.
    fn said<'r>(&self, caller: &Route, route: &'r Route) -> Form<'r> {
        let mut held: Vec<(FieldId, Values)> =
            caller.fields().map(|field| (field, Values::Texts { most: None })).collect();
        let mut sure: Vec<FieldId> = caller.fields().collect();
        for message in self.sent(caller) {
            let fields = (0..FIELDS.len()).map(|at| FieldId(at as u8));
            held.extend(fields.filter_map(|field| Some((field, Values::of(message, field)?))));
            // What is read from absence counts where it restricts.
            let anyway = message.all_always().filter(|(field, value)| restricts(name(*field), value));
            held.extend(anyway.map(|(field, value)| (field, Values::only(value))));
            sure.extend(message.required());
        }
        Form { held, sure, cells: Vec::new(), found: Vec::new(), route }
    }

    /// Replaces references by what the crosswalk may have of them at the upstream's side.
    fn references(&self, form: &mut Form<'_>) {
        if self.same_space() {
            return;
        }
        for group in &*GROUPS {
            let given = form.held.iter().any(|(field, _)| group.has(*field));
            let dialect = &self.pair.upstream.dialect;
            if !given || !group.has_place(dialect, self.theirs) {
                continue;
            }
            form.held.retain(|(field, _)| !group.has(*field));
            form.sure.retain(|field| !group.has(*field));
            let known = group.fields.iter().filter(|field| group.part(**field).is_some());
            form.held.extend(known.map(|field| (*field, Values::Texts { most: None })));
            let or_none = self.pair.caller.dialect.unknown_is_none.iter().any(|name| name == group.name);
            let field = group.prefix.trim_end_matches('.');
            if or_none {
                form.cells.push(reference(field, "one reference, by the crosswalk"));
                form.cells.push(left_out(field));
            } else {
                let why = "one reference, by the crosswalk; refused, where it leads nowhere";
                form.cells.push(reference(field, why));
            }
            form.found.extend(&group.fields);
        }
    }

    /// Who asks: said by the upstream's session, or looked up, or as it is.
    fn requester(&self, form: &mut Form<'_>, target: &Message) {
        let ours = |field: FieldId| REQUESTER.iter().any(|(known, _)| *known == field);
        if !form.held.iter().any(|(field, _)| ours(*field)) {
            return;
        }
        let by_session = self.pair.upstream.dialect.session_carries("requester");
        if by_session {
            form.held.retain(|(field, _)| !ours(*field));
            form.sure.retain(|field| !ours(*field));
            let why = "said by the upstream's session; refused, where that is somebody else's";
            form.cells.push(reference("requester", why));
        } else if !self.same_space() {
            form.held.retain(|(field, _)| !ours(*field));
            form.sure.retain(|field| !ours(*field));
            form.held.extend(REQUESTER.iter().map(|(field, _)| (*field, Values::Texts { most: None })));
            if target.carries(REQUESTER_NAME).is_some() || target.carries(REQUESTER_ID).is_some() {
                let why = "one reference, by the crosswalk; refused, where it leads nowhere";
                form.cells.push(reference("requester", why));
            }
            form.found.extend(REQUESTER.iter().map(|(field, _)| *field));
        }
    }

    /// What the gateway adds where it was not said, and what it can't.
    fn supplies(&self, form: &mut Form<'_>, target: &Message) {
        let mut added: Vec<FieldId> = Vec::new();
        if target.carries(REQUESTER_NAME).is_some()
            && !form.sure.iter().any(|field| *field == REQUESTER_NAME || *field == REQUESTER_ID)
        {
            let value = "the gateway's own user at the upstream";
            form.cells.push(supplied(REQUESTER_NAME, value.to_owned()));
            form.held.push((REQUESTER_NAME, Values::Texts { most: None }));
            added.push(REQUESTER_NAME);
        }
        for (field, value) in self.policy.supplies() {
            let needed = field != LENGTH || target.required().contains(&LENGTH);
            if needed && !form.sure.contains(&field) && target.carries(field).is_some() {
                form.cells.push(supplied(field, value.to_string()));
                form.held.push((field, Values::only(value)));
                added.push(field);
            }
        }
        let missing =
            target.required().iter().filter(|field| !form.sure.contains(field) && !added.contains(field));
        for field in missing {
            let why = (!self.same_space() && GROUPS.iter().any(|group| group.has(*field)))
                .then(|| "where the crosswalk does not have it for the upstream".to_owned());
            let cell = Cell { field: name(*field), said: Said::Unsaid, meets: Meets::Missing, why };
            form.cells.push(cell);
        }
    }

    /// All cells, in the order of the fields.
    fn cells(&self, form: Form<'_>, target: &Message) -> Vec<Cell> {
        let Form { held, mut cells, found, route, .. } = form;
        let known = Held { all: &held };
        // A note goes into the reason.
        let no_reason = target.carries(REASON).is_none();
        for (field, values) in &held {
            let name = name(*field);
            // One reference: its parts are carried by those that the target has places for.
            if name.starts_with("target.") {
                continue;
            }
            if route.fields().any(|in_path| in_path == *field) {
                let meets = Meets::Fits { fit: Fit::Exact, treatment: None, wrote: None };
                let why = Some("in the path".to_owned());
                cells.push(Cell { field: name, said: Said::Any, meets, why });
                continue;
            }
            for met in fits(target, *field, values, &known) {
                let written = met.wrote.is_some();
                let required = target.required().contains(field);
                let treatment = self.treatment(*field, (met.fit, written), required, no_reason);
                let meets = Meets::Fits { fit: met.fit, treatment, wrote: met.wrote };
                let by_crosswalk = found.contains(field) && meets.is_told();
                let another = FIELDS.iter().enumerate().any(|(at, other)| {
                    let id = FieldId(at as u8);
                    id != *field
                        && word::parent(other.name) == word::parent(name)
                        && target.carries(id).is_some()
                });
                let told = if another { OF_CROSSWALK_ALONE } else { OF_CROSSWALK };
                let why = met.why.or(by_crosswalk.then(|| told.to_owned()));
                let cell = Cell { field: name, said: met.said, meets, why };
                if !cells.contains(&cell) {
                    cells.push(cell);
                }
            }
        }
        let place = |cell: &Cell| FIELDS.iter().position(|field| word::within(field.name, cell.field));
        cells.sort_by_key(place);
        cells
    }

    /// What is done: `required`, of what the target can't do without; `no_reason`, where no note can stand.
    fn treatment(
        &self,
        field: FieldId,
        (fit, written): (Fit, bool),
        required: bool,
        no_reason: bool,
    ) -> Option<Treatment> {
        match fit {
            Fit::Exact | Fit::Neutral => None,
            _ if written && self.policy.refuses_coarser(field) => Some(Treatment::Refuse),
            // Told only: there is nothing for people to read.
            _ if written => Some(Treatment::Note),
            _ if required => Some(Treatment::Refuse),
            _ => match self.policy.treatment(field) {
                Treatment::Note if no_reason => Some(Treatment::Refuse),
                treatment => Some(treatment),
            },
        }
    }

    pub(super) fn same_space(&self) -> bool {
        self.pair.caller.space == self.pair.upstream.space
    }
}

fn told(route: &Route) -> String {
    route.text.clone()
}

fn name(field: FieldId) -> &'static str {
    FIELDS[field.0 as usize].name
}

/// What was said otherwise than by a place of the target's: it means the same there, or the request is refused.
fn reference(field: &'static str, why: &str) -> Cell {
    let meets = Meets::Fits { fit: Fit::Neutral, treatment: None, wrote: None };
    Cell { field, said: Said::Any, meets, why: Some(why.to_owned()) }
}

/// What leads nowhere, and is as good as none at the caller's own server.
fn left_out(field: &'static str) -> Cell {
    let meets = Meets::Fits { fit: Fit::Nowhere, treatment: Some(Treatment::Drop), wrote: None };
    Cell { field, said: Said::Unknown, meets, why: None }
}

fn supplied(field: FieldId, value: String) -> Cell {
    Cell { field: name(field), said: Said::Unsaid, meets: Meets::Supplied(value), why: None }
}
