//! The law of the fit over records that no message said: values made by each field's type.
use std::cell::RefCell;

use jiff::Timestamp;
use pamgate::canonical::field::FIELDS;
use pamgate::canonical::{FieldId, Record, Shape, Type, Value, word};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::runner::run;
use crate::laws_support::record::WRITTEN_ONLY;
use crate::laws_support::world::{NOW, Seen, Spoken, WORLD, World};

const CASES: u32 = 48;

/// A value of a field.
fn value(name: &'static str, kind: Type) -> BoxedStrategy<Value<'static>> {
    let text = |strategy: BoxedStrategy<String>| strategy.prop_map(|text| Value::Text(text.into())).boxed();
    let any_text =
        || prop_oneof![4 => "[a-zA-Z0-9_. -]{1,14}", 1 => "\\PC{0,6}", 1 => Just("x".repeat(1001))].boxed();
    match kind {
        Type::Id => text(prop_oneof!["[1-9][0-9]{0,9}", "[1-9][0-9]{18,24}", "[a-zA-Z_]{1,6}"].boxed()),
        Type::Text | Type::Texts if kind == Type::Text => text(any_text()),
        Type::Word => {
            let known = word::of(name);
            let deeper = select(known).prop_map(|word| format!("{word}.deeper"));
            text(
                prop_oneof![6 => select(known).prop_map(str::to_owned), 1 => deeper, 1 => "[a-z]{1,5}"]
                    .boxed(),
            )
        }
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Count => prop_oneof![4 => 0..9_i64, 1 => Just(2_147_483_648)].prop_map(Value::Count).boxed(),
        Type::Length => {
            let minutes = (1..60_000_i64).prop_map(|minutes| minutes * 60);
            prop_oneof![4 => minutes, 1 => 1..400_000_i64, 1 => Just(2_147_483_648)]
                .prop_map(Value::Length)
                .boxed()
        }
        Type::Time => {
            let now: Timestamp = NOW.parse().expect("a time");
            let at = move |ahead: i64| Timestamp::from_second(now.as_second() + ahead).expect("near now");
            let ahead = prop_oneof![4 => 1..3_000_000_i64, 1 => Just(5_000_000_000_i64)];
            let half = jiff::SignedDuration::from_millis(500);
            (ahead, any::<bool>())
                .prop_map(move |(ahead, odd)| if odd { at(ahead) + half } else { at(ahead) })
                .prop_map(Value::Time)
                .boxed()
        }
        Type::Text | Type::Texts => vec(("[a-zA-Z ]{1,8}", any_text()), 0..3)
            .prop_map(|members| {
                Value::Map(
                    distinct(members).map(|(name, text)| (name.into(), Value::Text(text.into()))).collect(),
                )
            })
            .boxed(),
        Type::Map(shape) => vec(("[a-zA-Z ]{1,8}", record(shape, 3)), 0..3)
            .prop_map(|members| {
                let members =
                    distinct(members).map(|(name, record)| (name.into(), Value::Record(Box::new(record))));
                Value::Map(members.collect())
            })
            .boxed(),
        Type::List(Shape::Access) => Just(Value::List(Vec::new())).boxed(),
        Type::List(shape) => vec(record(shape, 4), 0..3).prop_map(Value::List).boxed(),
    }
}

/// Members of different names, in any letter case.
fn distinct<T>(members: Vec<(String, T)>) -> impl Iterator<Item = (String, T)> {
    let mut seen: Vec<String> = Vec::new();
    members.into_iter().filter(move |(name, _)| {
        let new = !seen.contains(&name.to_lowercase());
        seen.push(name.to_lowercase());
        new
    })
}

/// A record with some fields of a shape.
fn record(shape: Shape, most: usize) -> BoxedStrategy<Record<'static>> {
    let ids: Vec<usize> = (0..shape.fields().len()).collect();
    let most = most.min(ids.len());
    subsequence(ids, 0..=most)
        .prop_flat_map(move |ids| {
            let values: Vec<_> = ids
                .into_iter()
                .map(|at| {
                    let field = &shape.fields()[at];
                    value(field.name, field.kind).prop_map(move |value| (at, value))
                })
                .collect();
            values
        })
        .prop_map(move |values| {
            let mut record = Record::new(shape);
            values.into_iter().for_each(|(at, value)| record.say(FieldId(at as u8), value));
            record
        })
        .boxed()
}

/// Records of the fields that a message knows, and a few others.
fn known_to(spoken: &Spoken<'_>) -> BoxedStrategy<Record<'static>> {
    let mut ids: Vec<usize> =
        spoken.entry.message.speaks_of().iter().map(|field| usize::from(field.0)).collect();
    let others = (0..FIELDS.len()).filter(|at| !ids.contains(at));
    let others: Vec<usize> = others.step_by(7).collect();
    ids.extend(others);
    let values: Vec<_> = ids
        .into_iter()
        .map(|at| {
            let field = &FIELDS[at];
            proptest::option::weighted(0.4, value(field.name, field.kind).prop_map(move |value| (at, value)))
        })
        .collect();
    values
        .prop_map(|values| {
            let mut record = Record::new(Shape::Access);
            values.into_iter().flatten().for_each(|(at, value)| record.say(FieldId(at as u8), value));
            record
        })
        .boxed()
}

/// Holds the law over one message of a world.
pub(crate) fn hold_one(world: &World, label: &str, cases: u32) -> Result<(), String> {
    let (dialect, name) = label.split_once(' ').expect("a dialect and a message");
    let spoken = world.spoken(dialect, name);
    let seen = RefCell::new(Seen::new());
    run(&format!("fit {label}"), cases, &known_to(&spoken), |record| {
        spoken.fits(record, &mut seen.borrow_mut())
    })
}

#[test]
fn the_fit_tells_what_comes_back() {
    let seen = RefCell::new(Seen::new());
    let mut wrong = String::new();
    for spoken in WORLD.messages() {
        let label = format!("fit {}", spoken.label());
        let held =
            run(&label, CASES, &known_to(&spoken), |record| spoken.fits(record, &mut seen.borrow_mut()));
        if let Err(why) = held {
            wrong += &format!("{why}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let seen = seen.into_inner();
    for (dialect, message, field) in WRITTEN_ONLY {
        assert!(
            seen.contains_key(&format!("{dialect} {message} {field}")),
            "{field} of {message} is read after all"
        );
    }
    for (fit, fewest) in
        [("exact", 500), ("neutral", 50), ("coarser", 20), ("limited", 100), ("nowhere", 500)]
    {
        assert!(seen.get(fit).is_some_and(|many| *many >= fewest), "{fit}: {seen:?}");
    }
}
