//! Which values a message can say of a field, and what each kind of them meets at a target.
//!
//! Start at [`Values::of`] and [`fits`]. Knows `mapping`'s compiled tables; never sees a value of a request.
use crate::canonical::field::is_norm;
use crate::canonical::time::{LengthFormat, TimeFormat};
use crate::canonical::{FieldId, Fit, Shape, Type, Value, word};
use crate::mapping::schema::Limits;
use crate::mapping::{Carry, CaseTold, Message};

use super::Said;

/// The values that a side can say of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// Words, or true and false.
    Words(Vec<String>),
    /// Lengths of time, in seconds, in steps.
    Lengths { least: i64, most: Option<i64>, step: i64 },
    /// Texts of at most so many characters.
    Texts { most: Option<u64> },
    /// Whole numbers, as texts or not.
    Numbers { least: Option<i128>, most: Option<i128> },
    /// Points in time, within seconds since 1970; whether only whole ones can be said.
    Times { whole: bool, least: Option<i64>, most: Option<i64> },
    /// Lists and maps, which a place takes or has not.
    Others,
}

impl Values {
    /// What a message that is read can say of a field.
    pub(super) fn of(message: &Message, field: FieldId) -> Option<Values> {
        let carry = message.carries(field)?;
        let kind = Shape::Access.field(field).kind;
        if let Some(words) = message.words_read(field) {
            return Some(Values::Words(words.into_iter().map(str::to_owned).collect()));
        }
        Some(match (kind, carry) {
            (Type::Bool, _) => Values::Words(vec!["true".into(), "false".into()]),
            (_, Carry::Words(words)) => Values::Words(words.clone()),
            (Type::Length, Carry::Plain { limits, length, longest, .. }) => {
                let unit = length.step();
                let seconds = |amount: i128| i64::try_from(amount).ok()?.checked_mul(unit);
                let most = limits.most.and_then(seconds);
                let most = match (most, *longest) {
                    (Some(most), Some(longest)) => Some(most.min(longest)),
                    (most, longest) => most.or(longest),
                };
                let least = limits.least.and_then(seconds).unwrap_or(0).max(message.shortest_read(field));
                Values::Lengths { least, most, step: unit }
            }
            (Type::Text | Type::Id, Carry::Plain { limits, digits: false, .. }) => {
                Values::Texts { most: limits.length_max }
            }
            (Type::Text | Type::Id | Type::Count, Carry::Plain { limits, .. }) => {
                Values::Numbers { least: limits.least, most: limits.most }
            }
            (Type::Time, Carry::Plain { limits, time, .. }) => {
                let whole = *time == TimeFormat::Unix;
                let seconds = |limit: Option<i128>| i64::try_from(limit.filter(|_| whole)?).ok();
                // What isn't in the future is as good as not said, and 1970 is over.
                let least = if message.since_now(field) { Some(0) } else { seconds(limits.least) };
                Values::Times { whole, least, most: seconds(limits.most) }
            }
            (Type::Text | Type::Id, Carry::Within(_)) => Values::Texts { most: None },
            _ => Values::Others,
        })
    }

    /// Just this one.
    pub(super) fn only(value: &Value<'_>) -> Values {
        match value {
            Value::Length(seconds) => {
                Values::Lengths { least: *seconds, most: Some(*seconds), step: (*seconds).max(1) }
            }
            Value::Count(count) => {
                Values::Numbers { least: Some((*count).into()), most: Some((*count).into()) }
            }
            value => Values::Words(vec![value.to_string()]),
        }
    }
}

/// What some values of a field meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) said: Said,
    pub(super) fit: Fit,
    pub(super) wrote: Option<String>,
    pub(super) why: Option<String>,
}

impl Met {
    fn new(said: Said, fit: Fit) -> Met {
        Met { said, fit, wrote: None, why: None }
    }

    fn writes(said: Said, fit: Fit, wrote: impl Into<String>) -> Met {
        Met { wrote: Some(wrote.into()), ..Met::new(said, fit) }
    }
}

/// What a side may know when the target's message is written.
pub(super) struct Held<'h> {
    /// Field by field, several times where several kinds of values may stand in it.
    pub(super) all: &'h [(FieldId, Values)],
}

impl Held<'_> {
    pub(super) fn may(&self, field: FieldId) -> bool {
        self.all.iter().any(|(known, _)| *known == field)
    }

    /// The words that a field may hold.
    fn words(&self, field: FieldId) -> impl Iterator<Item = &str> {
        let of = self.all.iter().filter(move |(known, _)| *known == field);
        of.flat_map(|(_, values)| match values {
            Values::Words(words) => words.as_slice(),
            _ => &[],
        })
        .map(String::as_str)
    }
}

/// What values of a field meet at a target.
pub(super) fn fits(target: &Message, field: FieldId, values: &Values, held: &Held<'_>) -> Vec<Met> {
    let mut met = match target.carries(field) {
        None => not_carried(target, field, values),
        Some(carry) => carried(target, field, carry, values, held),
    };
    for winner in target.yields_to(field).filter(|winner| held.may(*winner)) {
        let (one, other) = (Shape::Access.field(field).name, Shape::Access.field(winner).name);
        // Another name of the same thing loses nothing.
        let same = word::parent(one).is_some_and(|group| word::parent(other) == Some(group));
        met.push(Met::new(Said::Beside(other), if same { Fit::Neutral } else { Fit::Nowhere }));
    }
    let name = Shape::Access.field(field).name;
    for one in &mut met {
        // What everybody means who says nothing is no loss anywhere.
        if let Said::Word(word) = &one.said
            && one.fit != Fit::Exact
            && let Ok(value) = word.parse().map(Value::Bool)
            && is_norm(name, &value)
        {
            *one = Met::new(one.said.clone(), Fit::Neutral);
        }
    }
    met
}

fn not_carried(target: &Message, field: FieldId, values: &Values) -> Vec<Met> {
    let always = target.always(field).map(ToString::to_string);
    match values {
        Values::Words(words) => {
            let of = |word: &String| match always.as_ref() == Some(word) {
                true => Met::new(Said::Word(word.clone()), Fit::Neutral),
                false => Met::new(Said::Word(word.clone()), Fit::Nowhere),
            };
            words.iter().map(of).collect()
        }
        _ => {
            let neutral = always.map(|value| Met::new(Said::Word(value), Fit::Neutral));
            neutral.into_iter().chain([Met::new(Said::Any, Fit::Nowhere)]).collect()
        }
    }
}

fn carried(target: &Message, field: FieldId, carry: &Carry, values: &Values, held: &Held<'_>) -> Vec<Met> {
    match (carry, values) {
        (Carry::Many, _) => vec![Met::new(Said::Any, Fit::Exact)],
        (Carry::Words(known), Values::Words(words)) => {
            words.iter().map(|word| nearest(word, known)).collect()
        }
        (Carry::Words(known), _) => {
            let exact = known.iter().map(|word| Met::new(Said::Word(word.clone()), Fit::Exact));
            let rest =
                [Met::writes(Said::Any, Fit::Coarser, "the word above"), Met::new(Said::Any, Fit::Nowhere)];
            exact.chain(rest).collect()
        }
        (Carry::Choose(number), Values::Words(words)) => {
            words.iter().flat_map(|word| chosen(target, *number, word, held)).collect()
        }
        (Carry::Choose(_), _) => vec![Met::new(Said::Any, Fit::Nowhere)],
        (Carry::Within(number), _) => within(target, *number, field, held),
        (Carry::Plain { limits, digits, length, longest, time }, values) => match values {
            Values::Lengths { least, most, step } => {
                let unit = length.step();
                let floor = limits.least.map_or(unit, |least| bounded(least, unit).max(unit));
                let ceiling = limits.most.map(|most| bounded(most.saturating_add(1), unit).saturating_sub(1));
                let ceiling = match (ceiling, *longest) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
                let mut met = lengths((*least, *most, *step), (floor, ceiling, unit));
                let letters = (*length == LengthFormat::Iso8601).then_some(limits.length_max).flatten();
                // What is beyond the longest is told of already.
                let longest =
                    ceiling.map_or(*most, |ceiling| Some(most.map_or(ceiling, |most| most.min(ceiling))));
                if let Some(limit) = letters.filter(|limit| letters_most(longest, *step) > *limit) {
                    met.insert(0, Met::new(Said::Chars(limit), Fit::Limited));
                }
                met
            }
            Values::Texts { .. } if *digits => outside(Said::Outside(limits.least, limits.most), true),
            Values::Texts { most } => match limits.length_max {
                Some(limit) if most.is_none_or(|most| most > limit) => outside(Said::Chars(limit), true),
                _ => outside(Said::Any, false),
            },
            Values::Numbers { least, most } => {
                let kind = Shape::Access.field(field).kind;
                let below = limits.least.is_some_and(|limit| least.is_none_or(|least| least < limit));
                let above = limits.most.is_some_and(|limit| most.is_none_or(|most| most > limit));
                match limits.length_max {
                    _ if (*digits || kind == Type::Count) && (below || above) => {
                        outside(Said::Outside(limits.least, limits.most), true)
                    }
                    // A number that stands as a text there may have more digits than the text takes.
                    Some(limit)
                        if !digits && most.is_none_or(|most| most.to_string().len() as u64 > limit) =>
                    {
                        outside(Said::Chars(limit), true)
                    }
                    _ => outside(Said::Any, false),
                }
            }
            Values::Words(words) => {
                words.iter().map(|word| Met::new(Said::Word(word.clone()), Fit::Exact)).collect()
            }
            Values::Times { whole, least, most } if *time == TimeFormat::Unix => {
                times((*whole, *least, *most), limits)
            }
            Values::Times { .. } | Values::Others => outside(Said::Any, false),
        },
    }
}

/// What times meet where a target counts whole seconds, from one to another.
fn times((whole, least, most): (bool, Option<i64>, Option<i64>), limits: &Limits) -> Vec<Met> {
    let seconds = |limit: Option<i128>| limit.and_then(|limit| i64::try_from(limit).ok());
    let below = seconds(limits.least).filter(|limit| least.is_none_or(|least| least < *limit));
    let above = seconds(limits.most).filter(|limit| most.is_none_or(|most| most > *limit));
    let fraction = (!whole).then(|| Met::writes(Said::Fraction, Fit::Coarser, "the second that has begun"));
    let met = below.map(|limit| Met::new(Said::Before(limit), Fit::Limited)).into_iter();
    let met = met.chain(above.map(|limit| Met::new(Said::After(limit), Fit::Limited)));
    met.chain(fraction).chain([Met::new(Said::Any, Fit::Exact)]).collect()
}

fn bounded(amount: i128, unit: i64) -> i64 {
    i64::try_from(amount.saturating_mul(unit.into())).unwrap_or(i64::MAX)
}

/// The most letters of a length up to so many seconds, in steps of so many, as it is written in ISO 8601.
fn letters_most(most: Option<i64>, step: i64) -> u64 {
    let hours = (most.unwrap_or(i64::MAX) / 3600).to_string().len() as u64;
    let minutes = if step % 3600 == 0 { 0 } else { "59M".len() as u64 };
    let seconds = if step % 60 == 0 { 0 } else { "59S".len() as u64 };
    "PTH".len() as u64 + hours + minutes + seconds
}

/// What lies outside of a limit, if anything can, and the rest.
fn outside(said: Said, any: bool) -> Vec<Met> {
    let rest = Met::new(Said::Any, Fit::Exact);
    if any { vec![Met::new(said, Fit::Limited), rest] } else { vec![rest] }
}

/// Lengths from, to, in steps of; at the source and at the target.
fn lengths(
    (least, most, step): (i64, Option<i64>, i64),
    (floor, ceiling, unit): (i64, Option<i64>, i64),
) -> Vec<Met> {
    let mut met = Vec::new();
    if least < floor {
        met.push(Met::new(Said::Shorter(floor), Fit::Limited));
    }
    if let Some(ceiling) = ceiling.filter(|ceiling| most.is_none_or(|most| most > *ceiling)) {
        met.push(Met::new(Said::Longer(ceiling), Fit::Limited));
    }
    if step % unit != 0 {
        met.push(Met::writes(Said::Uneven(unit), Fit::Limited, "rounded down"));
    }
    met.push(Met::new(Said::Any, Fit::Exact));
    met
}

fn nearest(word: &str, known: &[String]) -> Met {
    let said = Said::Word(word.to_owned());
    match word::ancestry(word).find(|above| known.iter().any(|known| known == above)) {
        Some(found) if found == word => Met::new(said, Fit::Exact),
        Some(found) => Met::writes(said, Fit::Coarser, found),
        None => Met::new(said, Fit::Nowhere),
    }
}

/// The cases that may be written for a word: those before the first that needs nothing may be, if what they need is
/// known. None at the end: no case need be.
fn cases<'t>(target: &'t Message, number: usize, word: &str, held: &Held<'_>) -> Vec<Option<CaseTold<'t>>> {
    let mut found = Vec::new();
    for word in word::ancestry(word) {
        for case in target.cases(number).filter(|case| case.word == word) {
            if case.needs().all(|field| held.may(field)) {
                found.push(Some(case));
            }
            if case.needs().next().is_none() {
                return found;
            }
        }
    }
    found.push(None);
    found
}

fn chosen(target: &Message, number: usize, word: &str, held: &Held<'_>) -> Vec<Met> {
    let mut met: Vec<Met> = Vec::new();
    for case in cases(target, number, word, held) {
        let said = Said::Word(word.to_owned());
        let mut one = match case {
            Some(case) if case.word == word => Met::new(said, Fit::Exact),
            Some(case) => Met::writes(said, Fit::Coarser, case.word),
            None => Met::new(said, Fit::Nowhere),
        };
        let needs: Vec<&str> =
            case.iter().flat_map(|case| case.needs()).map(|field| Shape::Access.field(field).name).collect();
        one.why = (!needs.is_empty()).then(|| format!("where {} is known", needs.join(", ")));
        // Written alike by another case: once is enough.
        if !met.iter().any(|other| other.fit == one.fit && other.wrote == one.wrote) {
            met.push(one);
        }
    }
    met
}

/// A place inside of a choice is written where the case is that has it.
fn within(target: &Message, number: usize, field: FieldId, held: &Held<'_>) -> Vec<Met> {
    let Some(chooser) = target.chosen_by(number) else { return vec![Met::new(Said::Any, Fit::Nowhere)] };
    let name = Shape::Access.field(chooser).name;
    let (mut there, mut not) = (Vec::new(), Vec::new());
    for word in held.words(chooser) {
        for case in cases(target, number, word, held) {
            let has = case.is_some_and(|case| case.needs().any(|need| need == field));
            let list = if has { &mut there } else { &mut not };
            if !list.contains(&word) {
                list.push(word);
            }
            // The field itself is known: a case that needs no other is written.
            if case.is_some_and(|case| case.needs().all(|need| need == field)) {
                break;
            }
        }
    }
    let beside = |words: &[&str]| Some(format!("where {name} is {}", words.join(", ")));
    let mut met = Vec::new();
    if !there.is_empty() {
        met.push(Met { why: beside(&there), ..Met::new(Said::Any, Fit::Exact) });
    }
    if !not.is_empty() || there.is_empty() {
        let why = if not.is_empty() { None } else { beside(&not) };
        met.push(Met { why, ..Met::new(Said::Any, Fit::Nowhere) });
    }
    met
}
