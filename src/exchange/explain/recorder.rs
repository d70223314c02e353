//! Who watches an exchange and keeps what it was told.
//!
//! Start at [`Recorder`]. It decides nothing: what it keeps is sorted in `became`.
use std::collections::HashMap;
use std::sync::Arc;

use crate::canonical::{Fault, FieldId, Fit, Problem, Record, Shape, Supply, Treatment};
use crate::crosswalk::{self, Entry, Kind};
use crate::dialect::MessageEntry;
use crate::json::{Document, ReadOptions};
use crate::mapping::{Held, Reading, Stand, Taken, Took, Wrote, leaves};

use crate::exchange::ask::{Chosen, Incoming};
use crate::exchange::groups::GROUPS;
use crate::exchange::matrix::Knower;
use crate::exchange::resolve::REQUESTER;
use crate::exchange::watch::{Given, Reference, Step, Supplier, Watch, Weighed};
use crate::exchange::{Context, Pair, Policy, Prepared};

use super::{Crossed, Explanation, Known, Part, Read, Refused};

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    step: Option<Step>,
    read: Vec<Read>,
    problems: Vec<Problem>,
    again: Vec<Taken>,
    /// What the message says, as it was read.
    pub(super) said: Option<Record<'static>>,
    /// What the reply is made of, so far.
    record: Option<Record<'static>>,
    known: Vec<(FieldId, Knower)>,
    supplied_before: Vec<&'static str>,
    pair: Option<Arc<Pair>>,
    pub(super) policy: Option<Policy>,
    pub(super) references: Vec<Crossing>,
    pub(super) supplies: Vec<(FieldId, Supplier)>,
    pub(super) met: Vec<Met>,
    pub(super) notes: Vec<(FieldId, String)>,
    /// What was written.
    pub(super) sent: Option<Record<'static>>,
    /// By field of what was written: how it fits there.
    pub(super) fits: Vec<(FieldId, Fit)>,
    written: Vec<Wrote>,
    /// When it is written.
    now: Option<jiff::Timestamp>,
}

/// Fields that were one reference, and what it is at the upstream's side.
#[derive(Debug)]
pub(super) struct Crossing {
    pub(super) given: Vec<FieldId>,
    pub(super) crossed: Option<Crossed>,
    pub(super) sent: Vec<(FieldId, String)>,
    pub(super) why: &'static str,
}

/// What a value met, kept.
#[derive(Debug)]
pub(super) struct Met {
    pub(super) field: FieldId,
    pub(super) held: Held,
    pub(super) fit: Option<Fit>,
    pub(super) treatment: Option<Treatment>,
    pub(super) wrote: Option<String>,
    pub(super) why: &'static str,
}

/// Why nothing goes on of a reference.
const LEFT_OUT: &str = "leads nowhere: left out, as the caller's own server does";
const SESSION: &str = "said by the session that the upstream is called with";

/// Why what was to be noted is refused.
const NO_ROOM: &str = "the note does not fit into the reason";

/// Why an entry counts though the upstream has no place for the reference.
const NAMED: &str = "tells what people call it";

impl Recorder {
    /// Of a call that comes in: what its path says, it says anyway.
    pub(super) fn asking(incoming: &Incoming<'_>, context: Context<'_>) -> Recorder {
        let path = incoming.recognised.path.iter().map(|(field, text)| {
            let field = Shape::Access.field(*field).name.to_owned();
            let json = serde_json::Value::from(text.as_str());
            let value = Some(json.to_string());
            let held = vec![Held { field: field.clone(), value: text.clone(), json, said: true }];
            let taken =
                Taken { place: Some(format!("{{{field}}}")), value, by: None, took: Took::Read, held };
            Read { part: Part::Path, spelt: None, taken }
        });
        let mut read: Vec<Read> = path.collect();
        if incoming.recognised.route.send.is_none() {
            read.extend(unread(incoming, context));
        }
        Recorder { read, now: Some(context.now), ..Recorder::default() }
    }

    /// Of an answer to a call that was prepared.
    pub(super) fn answering(prepared: &Prepared) -> Recorder {
        Recorder {
            pair: Some(prepared.pair.clone()),
            supplied_before: prepared.supplies.iter().map(|supply| supply.field).collect(),
            now: Some(prepared.now),
            ..Recorder::default()
        }
    }

    /// All of it, in order.
    pub(super) fn finish(mut self, fault: Option<&Fault>, unchanged: bool) -> Explanation {
        let step = self.step.unwrap_or(Step::Read);
        fault.into_iter().for_each(|fault| self.refused_after_all(fault));
        let known = self.record.take().map(|record| self.knowledge(&record)).unwrap_or_default();
        let became = if unchanged { Vec::new() } else { self.became() };
        Explanation {
            read: self.read,
            problems: self.problems,
            became,
            again: self.again,
            known,
            written: self.written,
            unchanged,
            refused: fault.map(|fault| Refused { step, fault: fault.clone() }),
        }
    }

    /// What was to be noted, and did not fit into the reason.
    fn refused_after_all(&mut self, fault: &Fault) {
        let refused = |field: &str| {
            fault.losses.iter().any(|loss| loss.field == field && loss.treatment == Treatment::Refuse)
        };
        for met in self.met.iter_mut().filter(|met| met.treatment == Some(Treatment::Note)) {
            if met.wrote.is_none() && refused(&met.held.field) {
                met.treatment = Some(Treatment::Refuse);
                met.why = NO_ROOM;
                self.notes.retain(|(field, _)| *field != met.field);
            }
        }
    }

    fn knowledge(&self, record: &Record<'_>) -> Vec<Known> {
        let held = |field: FieldId| {
            let value = record.get(field)?;
            let name = record.shape().field(field).name.to_owned();
            Some(Held {
                field: name,
                value: value.to_string(),
                json: value.to_json(true),
                said: record.said(field),
            })
        };
        self.known.iter().filter_map(|(field, by)| Some(Known { held: held(*field)?, by: *by })).collect()
    }

    /// A document of the caller's call, or of the upstream's answer.
    fn document(
        &mut self,
        part: Part,
        entry: &MessageEntry,
        document: &Document<'_>,
        how: Reading<'_>,
    ) -> Vec<Taken> {
        let (record, problems) = entry.message.read_what_can_be(document.root(), how);
        self.problems.extend(problems);
        let mut taken = entry.message.taken(document.root(), &record, how);
        // What the path says, the body can't say otherwise.
        for one in taken.iter_mut().filter(|_| part == Part::Body) {
            let says = |read: &Read| read.part == Part::Path && read.taken.held == one.held;
            let names = |read: &Read| {
                let fields = |taken: &[Held]| taken.first().map(|held| held.field.clone());
                read.part == Part::Path && fields(&read.taken.held) == fields(&one.held)
            };
            if self.read.iter().any(|read| names(read) && !says(read)) {
                one.took = Took::Yields("the path".to_owned());
                one.held.clear();
            }
        }
        taken
    }

    fn crossed(&self, kind: Kind, entry: &Entry<'_>) -> Crossed {
        let (file, line) = entry.stands();
        let space = |pair: &Arc<Pair>| (pair.caller.space.to_string(), pair.upstream.space.to_string());
        let by = Stand { file: file.to_owned(), line };
        Crossed { kind: kind.name(), by, spaces: self.pair.as_ref().map(space).unwrap_or_default() }
    }

    fn upstream_space(&self) -> &str {
        self.pair.as_ref().map_or("", |pair| &pair.upstream.space)
    }
}

impl Watch for Recorder {
    fn step(&mut self, step: Step) {
        self.step = Some(step);
    }

    fn body(&mut self, entry: &MessageEntry, bytes: &[u8], how: ReadOptions, reading: Reading<'_>) {
        let answer_again = self.step == Some(Step::Reply);
        let Ok((_, problems)) = entry.parse_loosely(bytes, how, None) else { return };
        // Once more, with what is as good as not there, so that nothing is left untold.
        let all = ReadOptions { null_is_absent: false, ..how };
        let Ok((document, _)) = entry.parse_loosely(bytes, all, None) else { return };
        if answer_again {
            let told = self.document(Part::Body, entry, &document, reading);
            return self.again.extend(told);
        }
        self.problems.extend(problems);
        let taken = self.document(Part::Body, entry, &document, reading);
        let came = Document::read(bytes, all).map(|came| leaves(came.root())).unwrap_or_default();
        // A leaf keeps its number however it is spelt.
        let mut spelt: HashMap<String, _> = HashMap::new();
        for ((place, value), came) in leaves(document.root()).into_iter().zip(came) {
            if (&place, &value) != (&came.0, &came.1) {
                spelt.insert(place, came);
            }
        }
        self.read.extend(taken.into_iter().map(|taken| {
            let place = taken.place.as_ref().filter(|_| taken.value.is_some());
            let spelt = place.and_then(|place| spelt.remove(place));
            Read { part: Part::Body, spelt, taken }
        }));
    }

    fn query(&mut self, entry: &MessageEntry, document: &Document<'_>, reading: Reading<'_>) {
        self.problems.extend(entry.problems(document));
        let taken = self.document(Part::Query, entry, document, reading);
        self.read.extend(taken.into_iter().map(|taken| Read { part: Part::Query, spelt: None, taken }));
    }

    fn read(&mut self, record: &Record<'_>) {
        self.said = Some(record.clone().into_owned());
    }

    fn chosen(&mut self, chosen: &Chosen<'_>) {
        self.pair = Some(chosen.pair.clone());
        self.policy = Some(chosen.policy.clone());
    }

    fn reference(&mut self, given: &[Given<'_>], reference: &Reference<'_>) {
        let fields = given.iter().map(|(field, ..)| *field).collect();
        let mut crossing = Crossing { given: fields, crossed: None, sent: Vec::new(), why: "" };
        match reference {
            Reference::LeftOut => {
                crossing.sent = given.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
                crossing.why = LEFT_OUT;
            }
            Reference::Session => crossing.why = SESSION,
            Reference::Crossed(kind, entry) => {
                crossing.crossed = Some(self.crossed(*kind, entry));
                let parts = entry.parts(self.upstream_space());
                let parts = parts.filter_map(|(part, text)| Some((field_of(*kind, part)?, text.to_owned())));
                crossing.sent = parts.collect();
            }
            Reference::Named(kind, entry) => {
                crossing.crossed = Some(self.crossed(*kind, entry));
                crossing.sent = given.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
                crossing.why = NAMED;
            }
        }
        self.references.push(crossing);
    }

    fn supplied(&mut self, field: FieldId, _: &Supply, by: Supplier) {
        self.supplies.push((field, by));
    }

    fn weighed(&mut self, weighed: &Weighed<'_>) {
        let Weighed { field, value, fit, treatment, wrote, why } = *weighed;
        let name = Shape::Access.field(field).name.to_owned();
        let held = Held { field: name, value: value.to_string(), json: value.to_json(true), said: true };
        self.met.push(Met { field, held, fit, treatment, wrote: wrote.map(str::to_owned), why });
    }

    fn noted(&mut self, field: FieldId, note: &str) {
        self.notes.push((field, note.to_owned()));
    }

    fn wrote(&mut self, entry: &MessageEntry, record: &Record<'_>, document: &Document<'_>) {
        let now = self.now.unwrap_or_default();
        self.written = entry.message.wrote(document.root(), record, now);
        let fits = record.iter().map(|(field, ..)| (field, entry.message.fit(record, field).fit));
        self.fits = fits.collect();
        self.sent = Some(record.clone().into_owned());
    }

    fn known(&mut self, by: Knower, record: &Record<'_>) {
        for (field, value, _) in record.iter() {
            if self.record.as_ref().is_some_and(|before| before.get(field) == Some(value)) {
                continue;
            }
            let name = Shape::Access.field(field).name;
            let supplied = by == Knower::Asked && !record.said(field) && self.supplied_before.contains(&name);
            let by = if supplied { Knower::Supplied } else { by };
            self.known.retain(|(known, _)| *known != field);
            self.known.push((field, by));
        }
        self.record = Some(record.clone().into_owned());
    }
}

/// The values of a body where the operation reads none.
fn unread(incoming: &Incoming<'_>, context: Context<'_>) -> Vec<Read> {
    let document = Document::read(incoming.body, incoming.recognised.dialect.json(context.limits));
    let values = document.map(|document| leaves(document.root())).unwrap_or_default().into_iter();
    let taken = values.map(|(place, value)| Taken {
        place: Some(place),
        value: Some(value),
        by: None,
        took: Took::Unknown,
        held: Vec::new(),
    });
    taken.map(|taken| Read { part: Part::Body, spelt: None, taken }).collect()
}

/// The canonical field that a part of a reference of this kind is.
fn field_of(kind: Kind, part: crosswalk::Part) -> Option<FieldId> {
    match GROUPS.iter().find(|group| group.kind == kind) {
        Some(group) => group.field(part),
        None => REQUESTER.iter().find(|(_, known)| *known == part).map(|(field, _)| *field),
    }
}
