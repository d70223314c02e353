//! Vendor → canonical: walks the entries of a compiled table over a document.
use std::borrow::Cow;

use jiff::Timestamp;
use smallvec::SmallVec;

use crate::canonical::time::LENGTH_MAX;
use crate::canonical::{FieldId, Problem, Record, Type, Value};
use crate::json::{At, Found, Name};

use super::lens::{Constant, Lens, TOO_LONG};
use super::path::Path;
use super::program::{Choose, MapOf, Message, Part, Pattern, Read};

/// What reading needs beside the message.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'r> {
    /// The clock: an end that is said without a beginning is a length from now.
    pub now: Timestamp,
    /// By field: whether anybody wants it; none: all are wanted.
    pub wanted: Option<&'r [bool]>,
}

/// A deep list of problems helps nobody.
const MOST_PROBLEMS: usize = 100;

impl Message {
    /// Reads a document that has passed the message's schema.
    ///
    /// # Errors
    /// Every place whose value means nothing that the table knows.
    #[inline]
    pub fn read<'d>(&'d self, root: At<'d>, how: Reading<'_>) -> Result<Record<'d>, Vec<Problem>> {
        let (record, problems) = self.read_what_can_be(root, how);
        if problems.is_empty() { Ok(record) } else { Err(problems) }
    }

    /// Reads what can be read, and tells the rest.
    #[inline]
    pub fn read_what_can_be<'d>(&'d self, root: At<'d>, how: Reading<'_>) -> (Record<'d>, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut record = Record::with_room(self.shape);
        self.read_into(root, how, "", (&mut record, &mut problems));
        (record, problems)
    }

    fn read_into<'d>(
        &'d self,
        root: At<'d>,
        how: Reading<'_>,
        base: &str,
        (record, problems): (&mut Record<'d>, &mut Vec<Problem>),
    ) {
        let found = &root.find_all(&self.members);
        let mut into = Into { record, root, found, problems, base };
        for read in &self.reads {
            if into.problems.len() >= MOST_PROBLEMS {
                break;
            }
            let wanted = |field: &FieldId| how.wanted.is_none_or(|wanted| wanted[field.0 as usize]);
            match read {
                Read::Scalar { field, at, lens, default, unset, unless, since_now } if wanted(field) => {
                    let other = unless.iter().any(|other| into.standing(other, &[]).is_some());
                    if !other && !into.scalar(*field, at, lens, unset) {
                        into.absent(*field, default.as_ref());
                    }
                    if *since_now {
                        into.not_past(*field, how.now);
                    }
                }
                Read::Parts { field, parts, longest, text, unset } if wanted(field) => {
                    into.parts(*field, parts, *longest, text.as_ref(), unset);
                }
                Read::Sum { at, first, second, lens, since_now, unset, absent } if wanted(second) => {
                    let since = since_now.then_some(how.now);
                    if !into.sum(at, (*first, *second), lens, since, unset)
                        && let Some(all) = absent
                    {
                        let given = match into.record.get(*first) {
                            Some(Value::Count(given)) => Some(*given),
                            _ => None,
                        };
                        into.record.assume(*second, left(*all, given));
                    }
                }
                Read::Choose(choose) if wanted(&self.chooses[*choose].field) => {
                    into.choose(&self.chooses[*choose]);
                }
                Read::List { field, at, of, unset } if wanted(field) => {
                    into.list(*field, (at, unset), of, how);
                }
                Read::Map { field, at, of, taken } if wanted(field) => {
                    into.map(*field, at, of, taken, how);
                }
                _ => {}
            }
        }
        for (field, value) in &self.always {
            if into.record.get(*field).is_none() {
                into.record.assume(*field, value.clone());
            }
        }
    }
}

/// What is read so far.
struct Into<'d, 'p> {
    record: &'p mut Record<'d>,
    root: At<'d>,
    /// The members of the root.
    found: &'p Found<'d>,
    problems: &'p mut Vec<Problem>,
    base: &'p str,
}

fn pointer(path: &[Name]) -> String {
    path.iter().fold(String::new(), |mut out, name| {
        out.push('/');
        out.push_str(&name.as_str().replace('~', "~0").replace('/', "~1"));
        out
    })
}

/// What stands at a place; none where a value stands there that means: not set.
pub(super) fn standing<'d>(root: At<'d>, path: &[Name], unset: &[Constant]) -> Option<At<'d>> {
    root.walk(path).filter(|at| is_set(*at, unset))
}

fn is_set(at: At<'_>, unset: &[Constant]) -> bool {
    !at.is_null() && !unset.iter().any(|value| value.stands_at(at))
}

impl<'d> Into<'d, '_> {
    fn problem(&mut self, path: &[Name], text: impl std::fmt::Display) {
        let pointer = format!("{}{}", self.base, pointer(path));
        self.problems.push(Problem::new(pointer, text.to_string()));
    }

    /// The same as [`standing`], of what has been found.
    #[inline]
    fn standing(&self, path: &Path, unset: &[Constant]) -> Option<At<'d>> {
        path.walk(self.root, self.found).filter(|at| is_set(*at, unset))
    }

    /// The same of a single value. The whole document and a place in it can be spellings of one thing; the whole must
    /// be a single value.
    fn stands(&self, path: &Path, unset: &[Constant]) -> Option<At<'d>> {
        self.standing(path, unset).filter(|at| !path.is_empty() || !at.is_object())
    }

    /// Nothing stands there: what that means.
    fn absent(&mut self, field: FieldId, default: Option<&(Value<'static>, bool)>) {
        match default {
            Some((value, true)) => self.record.say(field, value.clone()),
            Some((value, false)) => self.record.assume(field, value.clone()),
            None => {}
        }
    }

    /// A time that isn't in the future is as good as not said.
    fn not_past(&mut self, field: FieldId, now: Timestamp) {
        if matches!(self.record.get(field), Some(Value::Time(time)) if *time <= now) {
            self.record.remove(field);
        }
    }

    /// Whether the field got a value, or a problem.
    fn scalar(&mut self, field: FieldId, spellings: &'d [Path], lens: &'d Lens, unset: &[Constant]) -> bool {
        let mut spellings = spellings.iter();
        let Some((first, at)) = spellings.by_ref().find_map(|path| Some((path, self.stands(path, unset)?)))
        else {
            return false;
        };
        let value = match lens.read(at) {
            Ok(value) => value,
            Err(wrong) => {
                self.problem(first, wrong);
                return true;
            }
        };
        for path in spellings {
            let wrong = match self.stands(path, unset).map(|at| lens.read(at)) {
                None => continue,
                Some(Ok(same)) if same == value => continue,
                Some(Ok(_)) => format!("says otherwise than {}, which means the same", pointer(first)),
                Some(Err(wrong)) => wrong,
            };
            self.problem(path, wrong);
            return true;
        }
        self.record.say(field, value);
        true
    }

    fn parts(
        &mut self,
        field: FieldId,
        parts: &[Part],
        longest: Option<i64>,
        text: Option<&Path>,
        unset: &[Constant],
    ) {
        let mut total = None::<i64>;
        for Part { at: path, unit, .. } in parts {
            let Some(at) = self.standing(path, unset) else { continue };
            let amount = at.scalar().and_then(|text| text.parse::<i64>().ok()).filter(|amount| *amount >= 0);
            let sum = amount.and_then(|amount| amount.checked_mul(*unit)?.checked_add(total.unwrap_or(0)));
            match sum.filter(|sum| *sum <= LENGTH_MAX) {
                Some(sum) => total = Some(sum),
                None => self.problem(path, "should be a whole number from 0 on that is not too large"),
            }
        }
        if let Some((path, at)) = text.and_then(|path| Some((path, self.standing(path, unset)?))) {
            match at.text().and_then(|text| spelt_out(text, parts)) {
                // The schema holds the places within their limits, and can't look into the text.
                Some(same) if longest.is_some_and(|longest| same > longest) => self.problem(path, TOO_LONG),
                Some(same) if total.is_none_or(|total| total == 0 || total == same) => total = Some(same),
                Some(_) => self.problem(path, "says otherwise than the places that mean the same"),
                None => self
                    .problem(path, "should be whole numbers with `:` between them, each within its limits"),
            }
        }
        if let Some(total) = total.filter(|total| *total != 0) {
            self.record.say(field, Value::Length(total));
        }
    }

    /// Whether a value stood there.
    fn sum(
        &mut self,
        path: &Path,
        (first, second): (FieldId, FieldId),
        lens: &'d Lens,
        since: Option<Timestamp>,
        unset: &[Constant],
    ) -> bool {
        let Some(at) = self.standing(path, unset) else { return false };
        let whole = match lens.read(at) {
            Ok(whole) => whole,
            Err(wrong) => {
                self.problem(path, wrong);
                return true;
            }
        };
        // What the clock shows beyond the second would take a second, or a whole minute in an upstream that counts
        // minutes, from a window that was meant to begin now.
        let since = since.and_then(|now| Timestamp::from_second(now.as_second()).ok());
        let rest = match (whole, self.record.get(first)) {
            (Value::Time(end), start) => {
                let start = match start {
                    Some(Value::Time(start)) => Some(since.map_or(*start, |now| now.max(*start))),
                    _ => since,
                };
                let Some(start) = start else { return true };
                // Rounded down as a whole: of two rounded ends the difference may go beyond the end that was said.
                let length = end.duration_since(start).as_secs();
                if length < 0 || since.is_some() && length == 0 {
                    let past = if since.is_some() { "in the past, or " } else { "" };
                    self.problem(path, format_args!("lies {past}before the beginning"));
                    return true;
                }
                Value::Length(length)
            }
            (Value::Count(all), Some(Value::Count(given))) => left(all, Some(*given)),
            (Value::Count(all), None) => left(all, None),
            _ => return true,
        };
        self.record.say(second, rest);
        true
    }

    fn choose(&mut self, choose: &'d Choose) {
        let standing: SmallVec<[Option<At<'d>>; 8]> =
            choose.places.iter().map(|path| self.standing(path, &[])).collect();
        let fits = |pattern: &Pattern, at: &Option<At<'_>>| match (pattern, at) {
            (Pattern::Absent, at) => at.is_none(),
            (Pattern::Anything(_), _) => true,
            (Pattern::OneOf(values), Some(at)) => values.iter().any(|value| value.stands_at(*at)),
            (Pattern::Field(_), Some(at)) => at.scalar().is_some(),
            (Pattern::OneOf(_) | Pattern::Field(_), None) => false,
        };
        let case =
            choose.cases.iter().find(|case| case.patterns.iter().zip(&standing).all(|(p, at)| fits(p, at)));
        let said = standing.iter().any(Option::is_some);
        let Some(case) = case else {
            if let Some(at) = standing.iter().position(Option::is_some) {
                self.problem(
                    &choose.places[at],
                    "has a value that means nothing here, alone or beside the others",
                );
            }
            return;
        };
        for (pattern, at) in case.patterns.iter().zip(&standing) {
            if let (Pattern::Field(field), Some(text)) = (pattern, at.and_then(At::scalar)) {
                self.record.say_text(*field, text);
            }
        }
        let value = match (self.record.shape().field(choose.field).kind, case.word.as_str()) {
            (Type::Bool, word) => Value::Bool(word == "true"),
            (_, word) => Value::Text(Cow::Borrowed(word)),
        };
        match said {
            true => self.record.say(choose.field, value),
            false => self.record.assume(choose.field, value),
        }
    }

    fn list(
        &mut self,
        field: FieldId,
        (path, unset): (&Path, &[Constant]),
        of: &'d Message,
        how: Reading<'_>,
    ) {
        let Some(at) = self.standing(path, unset).filter(|at| at.is_array()) else { return };
        let how = Reading { wanted: None, ..how };
        let mut items = Vec::new();
        for (number, element) in at.elements().enumerate() {
            let base = format!("{}{}/{number}", self.base, pointer(path));
            let mut item = Record::with_room(of.shape);
            of.read_into(element, how, &base, (&mut item, self.problems));
            items.push(item);
            if self.problems.len() >= MOST_PROBLEMS {
                return;
            }
        }
        self.record.say(field, Value::List(items));
    }

    fn map(&mut self, field: FieldId, path: &Path, of: &'d MapOf, taken: &[Name], how: Reading<'_>) {
        let Some(at) = path.walk(self.root, self.found).filter(|at| at.is_object()) else { return };
        let how = Reading { wanted: None, ..how };
        let mut members = Vec::new();
        for (name, value) in at.members() {
            if value.is_null() || taken.iter().any(|other| at.called(name, other)) {
                continue;
            }
            let value = match (of, value.scalar()) {
                (MapOf::Texts, Some(text)) => Value::Text(Cow::Borrowed(text)),
                (MapOf::Texts, None) => continue,
                (MapOf::Records(of), _) => {
                    let base = format!("{}{}/{name}", self.base, pointer(path));
                    let mut record = Box::new(Record::with_room(of.shape));
                    of.read_into(value, how, &base, (&mut record, self.problems));
                    Value::Record(record)
                }
            };
            members.push((Cow::Borrowed(name), value));
        }
        if !members.is_empty() {
            self.record.say(field, Value::Map(members));
        }
    }
}

/// What is left of a number; never less than nothing: a server may count more than it needs.
fn left(all: i64, given: Option<i64>) -> Value<'static> {
    Value::Count(all.saturating_sub(given.unwrap_or(0)).max(0))
}

/// A length that is spelt out in one text, the parts in their order: `1:2:30`.
fn spelt_out(text: &str, parts: &[Part]) -> Option<i64> {
    let numbers: Vec<i64> = text.split(':').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let within = |(number, part): (&i64, &Part)| *number >= 0 && part.most.is_none_or(|most| *number <= most);
    if numbers.len() != parts.len() || !numbers.iter().zip(parts).all(within) {
        return None;
    }
    numbers
        .iter()
        .zip(parts)
        .try_fold(0_i64, |sum, (number, part)| sum.checked_add(number.checked_mul(part.unit)?))
}
