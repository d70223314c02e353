//! Whether what a row reads and writes can stand where the schema has its place: times, lengths, and what an absence
//! means. Limits, a `pattern` and a `format` forbid what the place's type alone lets pass.
//!
//! Start at [`Draft::suits`].
use std::ops::Range;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::canonical::Type;
use crate::canonical::time::{LengthFormat, TimeFormat, write_length};
use crate::diagnostic::tree::Item;
use crate::diagnostic::{Code, Diagnostic};

use super::super::lens::{JsonKind, Lens};
use super::super::schema::Place;
use super::Draft;
use super::values::{constant, plain};

/// Times of which one at least should fit: with as many digits of a second as servers write.
const TIMES: &[&str] = &[
    "2026-01-05T09:00:00Z",
    "2026-01-05T09:00:00.125Z",
    "2026-01-05T09:00:00.123456Z",
    "2026-01-05T09:00:00.1234567Z",
    "2026-01-05T09:00:00.123456789Z",
];

/// Lengths likewise: those that people ask for.
const SECONDS: &[i64] = &[3600, 60, 300, 900, 1800, 5400, 7200, 28_800, 86_400, 172_800, 604_800, 2_678_400];

impl<'s> Draft<'_, '_, 's> {
    /// Tells of a time or a length that is written as the schema never lets it stand.
    pub(super) fn suits(&mut self, lens: &Lens, place: Place<'s>, span: &Range<usize>) {
        let (what, own) = match lens.kind {
            // RFC 3339 wants an offset.
            Type::Time => ("time", (lens.time == TimeFormat::IsoUtc).then_some("date-time")),
            Type::Length => ("length", (lens.length == LengthFormat::Iso8601).then_some("duration")),
            _ => return,
        };
        let formats = place.formats();
        if let Some(format) = formats.first().filter(|_| !formats.iter().any(|one| Some(*one) == own)) {
            let written = match (lens.time, lens.length) {
                (TimeFormat::Unix, _) if lens.kind == Type::Time => "seconds since 1970 are none",
                (TimeFormat::IsoPlain, _) if *format == "date-time" => "a time without its offset is none",
                (_, LengthFormat::Units(_)) if lens.kind == Type::Length => "a number of units is none",
                _ => "what this row writes is none",
            };
            let message = format!("the schema's `format` here is `{format}`, and {written}");
            let help = match (lens.kind, *format) {
                (Type::Time, "date-time") => "write `time = \"iso-utc\"`, or mend the schema's `format`",
                (Type::Time, _) => {
                    "a time is a `date-time`: mend the schema's `format`, or name another field"
                }
                (_, "duration") => "write `unit = \"iso8601\"`, or mend the schema's `format`",
                _ => "a length is a `duration`: mend the schema's `format`, or name another field",
            };
            return self.reader.error(Code::TypeMismatch, span, message, help);
        }
        if lens.values.is_some() || !place.narrows() {
            return;
        }
        let samples = samples(lens, place);
        if samples.iter().any(|sample| place.takes(sample)) {
            return;
        }
        let Some(sample) = samples.first() else { return };
        let message =
            format!("no {what} can stand here as it is written: the schema takes no `{}`", plain(sample));
        let help = match lens.kind {
            Type::Time => "look at the schema's limits and `pattern`, and at the row's `time`",
            _ => "look at the schema's limits and `pattern`, and at the row's `unit`",
        };
        self.reader.error(Code::TypeMismatch, span, message, help);
    }

    /// What an absence means is a value like others: one beyond the schema's limits is most likely misspelt. (Less than
    /// the least of a count may well be what an absence means: none.)
    pub(super) fn default_stands(&mut self, lens: &Lens, item: &Item, place: Place<'s>) {
        let Some(said) = constant(item).filter(|_| lens.values.is_none()) else { return };
        let value = as_json(lens, plain(&said).as_str());
        let below = |value: &Json| {
            let least = lens.limits.least;
            value.as_i64().is_some_and(|number| least.is_some_and(|least| i128::from(number) < least))
        };
        if place.takes(&value) || (lens.kind == Type::Count && below(&value)) {
            return;
        }
        let message = format!("the schema takes no `{}` here, so no absence means it", plain(&said));
        let one = Diagnostic::new(Code::ValueNotInSchema, &self.reader.source, item.span.clone(), message);
        let help = "write a value that the schema takes, or mend the schema";
        self.reader.wrong.push(one.label("outside of its limits").help(help));
    }

    /// Each place of a length gets its part, and that is nothing where the others hold it all.
    pub(super) fn takes_nothing(&mut self, place: Place<'s>, unit: &str, span: &Range<usize>) {
        if !place.narrows() || place.takes(&Json::from(0)) {
            return;
        }
        let message =
            format!("a length without {unit} is written with 0 here, which the schema doesn't take");
        let one = Diagnostic::new(Code::ValueNotInSchema, &self.reader.source, span.clone(), message);
        let help = "let the schema take a 0, or write the length to the other places alone";
        self.reader.wrong.push(one.label("outside of its limits").help(help));
    }
}

/// Values as the row would write them.
fn samples(lens: &Lens, place: Place<'_>) -> Vec<Json> {
    if lens.kind == Type::Time {
        let times = TIMES.iter().filter_map(|text| text.parse::<Timestamp>().ok());
        return times.map(|time| as_json(lens, &lens.time.write(time))).collect();
    }
    let (unit, limits) = (lens.length.step(), place.limits());
    let bounds = [limits.least, limits.most, lens.longest.map(|longest| i128::from(longest / unit))];
    let bounds =
        bounds.into_iter().flatten().filter_map(|amount| i64::try_from(amount).ok()?.checked_mul(unit));
    let own =
        SECONDS.iter().copied().chain(bounds).chain((1..=60).filter_map(|amount| unit.checked_mul(amount)));
    let own = own.filter(|seconds| seconds % unit == 0 && *seconds > 0);
    own.map(|seconds| match lens.length {
        LengthFormat::Units(_) => as_json(lens, &(seconds / unit).to_string()),
        LengthFormat::Iso8601 => as_json(lens, &write_length(seconds)),
    })
    .collect()
}

fn as_json(lens: &Lens, text: &str) -> Json {
    match lens.json {
        JsonKind::Number => text.parse::<i64>().map_or_else(|_| Json::from(text), Json::from),
        JsonKind::Bool => text.parse::<bool>().map_or_else(|_| Json::from(text), Json::from),
        JsonKind::Text => Json::from(text),
    }
}
