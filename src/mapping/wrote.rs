//! Which entry wrote each value of a document, and of what: for people who ask why.
//!
//! Start at [`Message::wrote`]. It asks the writer itself, place by place, whether a place's fields or its blank are
//! written there. Nothing here is on the way of a message.
use std::cell::Cell;

use jiff::Timestamp;

use crate::canonical::{FieldId, Record, Value};
use crate::json::{At, Builder};

use super::program::{Blank, BlankValue, From, Leaf, MapOf, Message, Node, Pattern, Spill};
use super::says::Says;
use super::stand::Stand;
use super::taken::{Held, held, leaves_below, step, text};
use super::write::Writing;

/// A value of a document that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrote {
    /// Where it stands, as a JSON pointer; empty: it is the whole document.
    pub place: String,
    /// As JSON text.
    pub value: String,
    /// The entry that wrote it; none: an empty document, which says nothing.
    pub by: Option<Stand>,
    /// Why this stands there.
    pub why: Why,
    /// The values that it says.
    pub held: Vec<Held>,
}

/// Why something stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its fields are known.
    Known,
    /// Nobody knows them: this is what stands there then.
    Blank,
    /// The same; it is the time at which it is written.
    Now,
    /// Nobody knows it, and what is known suggests this.
    Suggested,
    /// Nothing is to be said.
    Empty,
}

impl Why {
    /// For people; empty where its fields are simply known.
    pub fn told(self) -> &'static str {
        match self {
            Why::Known => "",
            Why::Blank => "blank: nobody knows it",
            Why::Now => "blank: the time of writing",
            Why::Suggested => "blank: as what is known suggests",
            Why::Empty => "nothing is to be said",
        }
    }

    /// One word, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Known => "known",
            Why::Blank => "blank",
            Why::Now => "now",
            Why::Suggested => "suggested",
            Why::Empty => "empty",
        }
    }
}

impl Message {
    /// Each value of a document that was written for a record at that time, in the document's order.
    pub fn wrote(&self, root: At<'_>, record: &Record<'_>, now: Timestamp) -> Vec<Wrote> {
        let mut out = Vec::new();
        Wrought { message: self, record, now, prefix: "", base: "" }.node(&self.root, root, "", &mut out);
        out
    }
}

/// One message that was written.
struct Wrought<'w> {
    message: &'w Message,
    record: &'w Record<'w>,
    now: Timestamp,
    /// What stands before the names of its fields, and before its places.
    prefix: &'w str,
    base: &'w str,
}

impl Wrought<'_> {
    fn writing(&self) -> Writing<'_, '_> {
        Writing { message: self.message, record: self.record, now: self.now, chosen: Cell::new(None) }
    }

    /// The place of the table that a pointer into the document is.
    fn table_place<'p>(&self, place: &'p str) -> &'p str {
        match place.strip_prefix(self.base).unwrap_or(place) {
            "" => ".",
            place => place.trim_start_matches('/'),
        }
    }

    fn stand(&self, at: At<'_>, place: &str) -> Option<Stand> {
        let place = self.table_place(place);
        let path: Vec<&str> = if place == "." { Vec::new() } else { place.split('/').collect() };
        self.message.stands.place(at, &path)
    }

    fn held(&self, fields: &[FieldId]) -> Vec<Held> {
        let mut fields = fields.to_vec();
        fields.dedup();
        let named = |field: FieldId| format!("{}{}", self.prefix, self.record.shape().field(field).name);
        let known = fields.iter().filter_map(|field| Some((*field, self.record.get(*field)?)));
        known.map(|(field, value)| held(named(field), value, self.record.said(field))).collect()
    }

    fn node(&self, node: &Node, at: At<'_>, place: &str, out: &mut Vec<Wrote>) {
        let (members, spill, blank) = match node {
            Node::Leaf(leaf) => return self.leaf(leaf, at, place, out),
            Node::Object { members, spill, blank } => (members, spill, blank),
        };
        let spilt = spill.as_ref().is_some_and(|spill| self.record.get(spill.field).is_some());
        let inside = spilt || members.iter().any(|(_, node)| self.writing().node(node, &mut Builder::new()));
        if !inside || at.members().next().is_none() {
            return match blank {
                Some(blank) => self.blank(blank, at, place, out),
                None => self.put(at, place, None, Why::Empty, &[], out),
            };
        }
        for (name, value) in at.members() {
            let place = step(place, name);
            match (members.iter().find(|(known, _)| known.as_str() == name), spill) {
                (Some((_, node)), _) if self.writing().node(node, &mut Builder::new()) => {
                    self.node(node, value, &place, out)
                }
                (_, Some(spill)) => self.spilt(spill, name, value, &place, out),
                (Some((_, node)), None) => self.node(node, value, &place, out),
                (None, None) => self.put(value, &place, None, Why::Empty, &[], out),
            }
        }
    }

    fn spilt(&self, spill: &Spill, name: &str, at: At<'_>, place: &str, out: &mut Vec<Wrote>) {
        let above = place.rsplit_once('/').map_or("", |(above, _)| above);
        let by = self.stand(at, above);
        let field = format!("{}{}/{name}", self.prefix, self.record.shape().field(spill.field).name);
        let found = match self.record.get(spill.field) {
            Some(Value::Map(members)) => members.iter().find(|(known, _)| known == name),
            _ => None,
        };
        match (found.map(|(_, value)| value), &spill.of) {
            (Some(Value::Record(inner)), MapOf::Records(of)) => {
                let prefix = format!("{field}/");
                let inner =
                    Wrought { message: of, record: inner, now: self.now, prefix: &prefix, base: place };
                inner.node(&of.root, at, place, out);
            }
            (value, _) => {
                let held = value.map(|value| held(field, value, self.record.said(spill.field)));
                let (place, value) = (place.to_owned(), text(at));
                out.push(Wrote { place, value, by, why: Why::Known, held: held.into_iter().collect() });
            }
        }
    }

    fn leaf(&self, leaf: &Leaf, at: At<'_>, place: &str, out: &mut Vec<Wrote>) {
        if !self.writing().value(&leaf.from, &mut Builder::new()) {
            return match &leaf.blank {
                Some(blank) => self.blank(blank, at, place, out),
                None => self.put(at, place, self.stand(at, place), Why::Empty, &[], out),
            };
        }
        let fields = match &leaf.from {
            From::Nothing => Vec::new(),
            From::Field { field, .. } | From::Part { field, .. } => vec![*field],
            From::Sum { first, second, .. } => vec![*second, *first],
            From::Choose { choose, place } => {
                let choose = &self.message.chooses[*choose];
                let pattern = choose.written(self.record).and_then(|case| case.patterns.get(*place));
                let within = match pattern {
                    Some(Pattern::Field(field)) => Some(*field),
                    _ => None,
                };
                [choose.field].into_iter().chain(within).collect()
            }
            From::Says(says, _) => said_by(says, self.record),
            From::List(field, of) => return self.list(*field, of, at, place, out),
            From::Grouped(field, of, name) => {
                let name = Says { pieces: vec![name.clone()], ..Says::default() };
                return self.grouped(*field, of, &name, at, (place, out));
            }
        };
        self.put(at, place, self.stand(at, place), Why::Known, &fields, out);
    }

    fn items(&self, field: FieldId) -> &[Record<'_>] {
        match self.record.get(field) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    fn item(
        &self,
        field: FieldId,
        number: usize,
        of: &Message,
        at: At<'_>,
        place: &str,
        out: &mut Vec<Wrote>,
    ) {
        let Some(record) = self.items(field).get(number) else { return };
        let prefix = format!("{}{}/{number}/", self.prefix, self.record.shape().field(field).name);
        let item = Wrought { message: of, record, now: self.now, prefix: &prefix, base: place };
        item.node(&of.root, at, place, out);
    }

    fn list(&self, field: FieldId, of: &Message, at: At<'_>, place: &str, out: &mut Vec<Wrote>) {
        if at.elements().next().is_none() {
            self.put(at, place, self.stand(at, place), Why::Known, &[field], out);
        }
        for (number, element) in at.elements().enumerate() {
            self.item(field, number, of, element, &format!("{place}/{number}"), out);
        }
    }

    /// A list as an object: under each name an array of what the items of that name say.
    fn grouped(
        &self,
        field: FieldId,
        of: &Message,
        name: &Says,
        at: At<'_>,
        (place, out): (&str, &mut Vec<Wrote>),
    ) {
        let named: Vec<String> = self.items(field).iter().map(|item| name.group(item)).collect();
        for (group, array) in at.members() {
            let place = step(place, group);
            let numbers = named.iter().enumerate().filter(|(_, name)| *name == group);
            for (at, (element, (number, _))) in array.elements().zip(numbers).enumerate() {
                self.item(field, number, of, element, &format!("{place}/{at}"), out);
            }
        }
    }

    fn blank(&self, blank: &Blank, at: At<'_>, place: &str, out: &mut Vec<Wrote>) {
        let by = self.message.stands.blank(self.table_place(place)).or_else(|| self.stand(at, place));
        let beside = blank.beside.iter().all(|field| self.record.get(*field).is_some());
        let (why, fields) = match &blank.value {
            _ if !beside => (Why::Blank, Vec::new()),
            BlankValue::Constant(_) => (Why::Blank, Vec::new()),
            BlankValue::Now(_) => (Why::Now, Vec::new()),
            BlankValue::Says(says, _) if says.render(self.record).is_some() => {
                (Why::Suggested, said_by(says, self.record))
            }
            BlankValue::Says(..) => (Why::Blank, Vec::new()),
        };
        self.put(at, place, by, why, &fields, out);
    }

    fn put(
        &self,
        at: At<'_>,
        place: &str,
        by: Option<Stand>,
        why: Why,
        fields: &[FieldId],
        out: &mut Vec<Wrote>,
    ) {
        let mut found = Vec::new();
        leaves_below(at, place, &mut found);
        let held = self.held(fields);
        out.extend(found.into_iter().map(|(place, at)| Wrote {
            place,
            value: text(at),
            by: by.clone(),
            why,
            held: held.clone(),
        }));
    }
}

/// The fields of the pieces that are said.
fn said_by(says: &Says, record: &Record<'_>) -> Vec<FieldId> {
    let said = says.pieces.iter().filter(|piece| {
        let one = Says { pieces: vec![(*piece).clone()], values: says.values.clone(), length: says.length };
        one.render(record).is_some()
    });
    let fields = said.flatten().filter_map(|part| match part {
        super::says::Part::Field(field, _) => Some(*field),
        super::says::Part::Text(_) => None,
    });
    fields.collect()
}
