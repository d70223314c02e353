//! Canonical → vendor: walks the places of a compiled table and builds a document.
use std::borrow::Cow;
use std::cell::Cell;

use compact_str::ToCompactString;
use jiff::{SignedDuration, Timestamp};

use crate::canonical::time::{LengthFormat, TimeFormat};
use crate::canonical::{FieldId, Fit, Record, Value, word};
use crate::json::Builder;

use super::lens::is_number;
use super::program::{Blank, BlankValue, Carry, Case, From, Leaf, MapOf, Message, Node, Pattern};
use super::says::{Part, Says};
use super::schema::Limits;

/// How a value fits a message, by the message's table alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// How.
    pub fit: Fit,
    /// What is written instead: a coarser word, a rounded length.
    pub wrote: Option<String>,
}

impl Fitting {
    fn of(fit: Fit) -> Fitting {
        Fitting { fit, wrote: None }
    }
}

impl Message {
    /// Builds the message that says what a record says, as far as the table has places for it.
    pub fn write<'r>(&'r self, record: &'r Record<'_>, now: Timestamp, out: &mut Builder<'r>) {
        let writing = Writing { message: self, record, now, chosen: Cell::new(None) };
        let mark = out.mark();
        if !writing.node(&self.root, out)
            && let Node::Object { .. } = self.root
        {
            // Opened and found empty: in a list, it would be an item of its own.
            out.undo(mark);
            let open = out.object();
            out.close(open);
        }
    }

    /// Whether the message would say anything at all for a record.
    pub fn says_anything(&self, record: &Record<'_>, now: Timestamp) -> bool {
        let mut out = Builder::new();
        let writing = Writing { message: self, record, now, chosen: Cell::new(None) };
        writing.node(&self.root, &mut out)
    }

    /// How a record's value of a field fits the message.
    pub fn fit(&self, record: &Record<'_>, field: FieldId) -> Fitting {
        let Some(value) = record.get(field) else { return Fitting::of(Fit::Exact) };
        let Some(carry) = self.carries(field) else {
            let neutral = self.always(field) == Some(value);
            return Fitting::of(if neutral { Fit::Neutral } else { Fit::Nowhere });
        };
        if let Some(winner) = self.winner(record, field) {
            // The row isn't written. Another name of the same thing loses nothing; anything else is lost.
            let (one, other) = (self.shape.field(field).name, self.shape.field(winner).name);
            let same = word::parent(one).is_some_and(|group| word::parent(other) == Some(group));
            return Fitting::of(if same { Fit::Neutral } else { Fit::Nowhere });
        }
        match carry {
            Carry::Many => Fitting::of(Fit::Exact),
            Carry::Plain { limits, digits, length, longest, time } => match value {
                Value::Time(at) => moment(*at, *time, limits),
                value => plain(value, limits, *digits, *length, *longest),
            },
            Carry::Words(words) => nearest(&value.shown(), |word| words.iter().any(|known| known == word)),
            Carry::Choose(choose) => match self.chooses[*choose].written(record) {
                Some(case) if case.word == value.shown() => Fitting::of(Fit::Exact),
                Some(case) => Fitting { fit: Fit::Coarser, wrote: Some(case.word.clone()) },
                None => Fitting::of(Fit::Nowhere),
            },
            Carry::Within(choose) => {
                let case = self.chooses[*choose].written(record);
                let there = |case: &super::program::Case| {
                    case.patterns.iter().any(|p| matches!(p, Pattern::Field(known) if *known == field))
                };
                Fitting::of(if case.is_some_and(there) { Fit::Exact } else { Fit::Nowhere })
            }
        }
    }
}

fn nearest(word: &str, known: impl Fn(&str) -> bool) -> Fitting {
    match word::ancestry(word).find(|word| known(word)) {
        Some(found) if found == word => Fitting::of(Fit::Exact),
        Some(found) => Fitting { fit: Fit::Coarser, wrote: Some(found.to_owned()) },
        None => Fitting::of(Fit::Nowhere),
    }
}

fn plain(
    value: &Value<'_>,
    limits: &Limits,
    digits: bool,
    format: LengthFormat,
    longest: Option<i64>,
) -> Fitting {
    let outside = |number: i64| limits.exclude(i128::from(number));
    let wordy = |letters: usize| limits.length_max.is_some_and(|most| letters as u64 > most);
    match value {
        Value::Length(seconds) => {
            let unit = format.step();
            let beyond = match format {
                LengthFormat::Units(_) => outside(seconds / unit),
                // A text has no least and most, but perhaps a longest spelling.
                LengthFormat::Iso8601 => wordy(format.write(*seconds).len()),
            };
            if longest.is_some_and(|longest| *seconds > longest) || beyond || *seconds < unit {
                return Fitting::of(Fit::Limited);
            }
            match seconds % unit {
                0 => Fitting::of(Fit::Exact),
                rest => Fitting { fit: Fit::Limited, wrote: Some(Value::Length(seconds - rest).to_string()) },
            }
        }
        Value::Text(text) if digits => {
            let fine = is_number(text) && !limits.exclude_digits(text);
            Fitting::of(if fine { Fit::Exact } else { Fit::Limited })
        }
        // It has at least as many bytes as characters, which mostly need not be counted.
        Value::Text(text) if wordy(text.len()) && wordy(text.chars().count()) => Fitting::of(Fit::Limited),
        Value::Count(count) if outside(*count) => Fitting::of(Fit::Limited),
        _ => Fitting::of(Fit::Exact),
    }
}

/// A point in time, as a format can say it.
fn moment(at: Timestamp, format: TimeFormat, limits: &Limits) -> Fitting {
    let said = format.said(at);
    if format == TimeFormat::Unix && limits.exclude(said.as_second().into()) {
        return Fitting::of(Fit::Limited);
    }
    match said == at {
        true => Fitting::of(Fit::Exact),
        false => Fitting { fit: Fit::Coarser, wrote: Some(Value::Time(said).to_string()) },
    }
}

impl Limits {
    fn exclude(&self, number: i128) -> bool {
        self.least.is_some_and(|least| number < least) || self.most.is_some_and(|most| number > most)
    }

    /// The same of a whole number of any length: one that no limit could hold lies beyond each that is there.
    fn exclude_digits(&self, digits: &str) -> bool {
        match digits.parse() {
            Ok(number) => self.exclude(number),
            Err(_) if digits.starts_with('-') => self.least.is_some(),
            Err(_) => self.most.is_some(),
        }
    }
}

pub(super) struct Writing<'r, 'v> {
    pub(super) message: &'r Message,
    pub(super) record: &'r Record<'v>,
    pub(super) now: Timestamp,
    /// The choice that was made last, with its case: its places mostly stand side by side.
    pub(super) chosen: Cell<Option<(usize, Option<&'r Case>)>>,
}

impl<'r> Writing<'r, '_> {
    /// Whether anything was written.
    pub(super) fn node(&self, node: &'r Node, out: &mut Builder<'r>) -> bool {
        let (members, spill, blank) = match node {
            Node::Leaf(leaf) => return self.leaf(leaf, out),
            Node::Object { members, spill, blank } => (members, spill, blank),
        };
        let at = out.mark();
        let open = out.object();
        let mut any = false;
        let mut written = Vec::new();
        for (name, node) in members {
            // Most places are a field's, and of most messages most are left out.
            if let Node::Leaf(Leaf { from: From::Field { field, .. }, blank: None }) = node
                && self.record.get(*field).is_none()
            {
                continue;
            }
            let mark = out.mark();
            out.known_name(name);
            if self.node(node, out) {
                any = true;
                if spill.is_some() {
                    written.push(name.as_str());
                }
            } else {
                out.undo(mark);
            }
        }
        if let Some(spill) = spill {
            any |= self.map(spill.field, &spill.of, &written, out);
        }
        out.close(open);
        if !any && let Some(blank) = blank {
            out.undo(at);
            return self.blank(blank, out);
        }
        any
    }

    fn leaf(&self, leaf: &'r Leaf, out: &mut Builder<'r>) -> bool {
        self.value(&leaf.from, out) || leaf.blank.as_ref().is_some_and(|blank| self.blank(blank, out))
    }

    fn blank(&self, blank: &'r Blank, out: &mut Builder<'r>) -> bool {
        if !blank.beside.iter().all(|field| self.record.get(*field).is_some()) {
            let Some(otherwise) = &blank.otherwise else { return false };
            out.value(&otherwise.0);
            return true;
        }
        match &blank.value {
            BlankValue::Says(says, number) => {
                let said = self.says(says, *number, out);
                if !said && let Some(otherwise) = &blank.otherwise {
                    out.value(&otherwise.0);
                    return true;
                }
                said
            }
            BlankValue::Constant(constant) => {
                out.value(&constant.0);
                true
            }
            BlankValue::Now(lens) => {
                let text = lens.time.write(self.now);
                match lens.json {
                    super::lens::JsonKind::Number => out.digits(text),
                    _ => out.text(text),
                }
                true
            }
        }
    }

    pub(super) fn value(&self, from: &'r From, out: &mut Builder<'r>) -> bool {
        match from {
            From::Nothing => false,
            From::Field { field, lens, unless } => {
                if unless.is_some_and(|other| self.record.get(other).is_some()) {
                    return false;
                }
                self.record.get(*field).is_some_and(|value| lens.write(value, out))
            }
            From::Part { field, unit, above } => {
                let Some(Value::Length(seconds)) = self.record.get(*field) else { return false };
                let amount = above.map_or(*seconds, |above| seconds % above) / unit;
                out.digits(amount.to_compact_string());
                true
            }
            From::Sum { first, second, lens } => self.sum(*first, *second, lens, out),
            From::Choose { choose, place } => self.choose(*choose, *place, out),
            From::Says(says, number) => self.says(says, *number, out),
            From::List(field, of) => {
                let Some(Value::List(items)) = self.record.get(*field) else { return false };
                let open = out.array();
                items.iter().for_each(|item| of.write(item, self.now, out));
                out.close(open);
                true
            }
            From::Grouped(field, of, name) => self.grouped(*field, of, name, out),
        }
    }

    fn sum(&self, first: FieldId, second: FieldId, lens: &super::lens::Lens, out: &mut Builder<'r>) -> bool {
        let text = match (self.record.get(first), self.record.get(second)) {
            (start, Some(Value::Length(seconds))) => {
                let start = match start {
                    Some(Value::Time(start)) => *start,
                    _ => self.now,
                };
                let Ok(end) = start.checked_add(SignedDuration::from_secs(*seconds)) else { return false };
                lens.time.write(end)
            }
            (Some(Value::Count(a)), Some(Value::Count(b))) => a.saturating_add(*b).to_compact_string(),
            (None, Some(Value::Count(b))) => b.to_compact_string(),
            _ => return false,
        };
        match lens.json {
            super::lens::JsonKind::Number => out.digits(text),
            _ => out.text(text),
        }
        true
    }

    fn choose(&self, number: usize, place: usize, out: &mut Builder<'r>) -> bool {
        let choose = &self.message.chooses[number];
        let case = match self.chosen.get() {
            Some((known, case)) if known == number => case,
            _ => {
                let case = choose.written(self.record);
                self.chosen.set(Some((number, case)));
                case
            }
        };
        let Some(case) = case else { return false };
        match &case.patterns[place] {
            Pattern::Absent | Pattern::Anything(None) => false,
            Pattern::Anything(Some(constant)) => {
                out.value(&constant.0);
                true
            }
            Pattern::OneOf(values) => match values.first() {
                Some(constant) => {
                    out.value(&constant.0);
                    true
                }
                None => false,
            },
            Pattern::Field(field) => match self.record.get(*field) {
                Some(Value::Text(text)) => {
                    let text = Cow::Borrowed(text.as_ref());
                    match choose.numeric[place] && is_number(&text) {
                        true => out.digits(text),
                        false => out.text(text),
                    }
                    true
                }
                _ => false,
            },
        }
    }

    fn says(&self, says: &Says, number: bool, out: &mut Builder<'r>) -> bool {
        match says.render(self.record) {
            Some(text) if number && is_number(&text) => out.digits(text),
            Some(text) => out.text(text),
            None => return false,
        }
        true
    }

    fn map(&self, field: FieldId, of: &'r MapOf, written: &[&str], out: &mut Builder<'r>) -> bool {
        let Some(Value::Map(members)) = self.record.get(field) else { return false };
        let mut any = false;
        for (name, value) in members {
            // A name that a row of its own has written is that row's; one that it knew nothing of stands as it was said.
            if written.iter().any(|listed| listed.eq_ignore_ascii_case(name)) {
                continue;
            }
            match (of, value) {
                (MapOf::Records(of), Value::Record(record)) => {
                    out.name(Cow::Borrowed(name.as_ref()));
                    of.write(record, self.now, out);
                }
                (MapOf::Texts, Value::Text(text)) => {
                    out.name(Cow::Borrowed(name.as_ref()));
                    out.text(Cow::Borrowed(text.as_ref()));
                }
                _ => continue,
            }
            any = true;
        }
        any
    }

    /// A list as an object: under each name an array of what the items of that name say.
    fn grouped(&self, field: FieldId, of: &'r Message, name: &'r [Part], out: &mut Builder<'r>) -> bool {
        let Some(Value::List(items)) = self.record.get(field) else { return false };
        let named = Says { pieces: vec![name.to_vec()], ..Says::default() };
        let names: Vec<String> = items.iter().map(|item| named.group(item)).collect();
        let open = out.object();
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                continue;
            }
            out.name(name.clone());
            let array = out.array();
            for (item, _) in items.iter().zip(&names).filter(|(_, other)| *other == name) {
                of.write(item, self.now, out);
            }
            out.close(array);
        }
        out.close(open);
        !items.is_empty()
    }
}
