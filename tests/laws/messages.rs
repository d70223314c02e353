//! The laws of single messages: what is read, written and read again is the same, and passes the schema.
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::generate::Generator;
use super::hints::Hints;
use super::runner::run;
use crate::laws_support::message::Held;
use crate::laws_support::world::{Spoken, WORLD, World};

const CASES: u32 = 96;
const ODD_CASES: u32 = 48;

/// Holds the law over one message; how many of its cases were kept.
fn hold(spoken: &Spoken<'_>, hints: &Arc<Hints>, cases: u32) -> Result<(u32, u32), String> {
    let strategy = Generator::new(spoken, hints).message(&spoken.entry.message.name);
    let (kept, all) = (Cell::new(0), Cell::new(0));
    run(&spoken.label(), cases, &strategy, |made| {
        all.set(all.get() + 1);
        if spoken.round_trip(made.to_string().as_bytes())? == Held::Kept {
            kept.set(kept.get() + 1);
        }
        Ok(())
    })?;
    Ok((kept.get(), all.get()))
}

/// What passes a schema although nobody would send it is held to the same law; the rest is refused, and falls over
/// nothing.
#[test]
fn odd_values_are_read_as_they_are_or_refused() {
    let hints = all_hints(&WORLD);
    let mut wrong = String::new();
    let (kept, refused) = (Cell::new(0), Cell::new(0));
    for spoken in WORLD.messages() {
        let generator = Generator::new(&spoken, &hints[spoken.dialect.name.as_str()]).odd();
        let strategy = generator.message(&spoken.entry.message.name);
        let held = run(&format!("odd {}", spoken.label()), ODD_CASES, &strategy, |made| {
            let count = match spoken.round_trip(made.to_string().as_bytes())? {
                Held::Kept => &kept,
                Held::Refused => &refused,
            };
            count.set(count.get() + 1);
            Ok(())
        });
        wrong += &held.err().map(|why| format!("{why}\n\n")).unwrap_or_default();
    }
    assert!(wrong.is_empty(), "{wrong}");
    let (kept, refused) = (kept.get(), refused.get());
    assert!(kept > 400 && refused > 400, "{kept} kept, {refused} refused");
}

/// Holds the law over one message of a world.
pub(crate) fn hold_one(world: &World, label: &str, cases: u32) -> Result<(), String> {
    let (dialect, name) = label.split_once(' ').expect("a dialect and a message");
    let spoken = world.spoken(dialect, name);
    hold(&spoken, &all_hints(world)[spoken.dialect.name.as_str()], cases).map(drop)
}

/// What the tables tell, by dialect.
pub(crate) fn all_hints(world: &World) -> BTreeMap<&str, Arc<Hints>> {
    world.files.mappings.keys().map(|name| (name.as_str(), Arc::new(Hints::of(world, name)))).collect()
}

#[test]
fn what_is_written_and_read_again_is_what_was_read_and_valid() {
    let hints = all_hints(&WORLD);
    let mut wrong = String::new();
    for spoken in WORLD.messages() {
        match hold(&spoken, &hints[spoken.dialect.name.as_str()], CASES) {
            Err(why) => wrong += &format!("{why}\n\n"),
            Ok((kept, all)) if kept * 4 < all => {
                wrong += &format!("{}: only {kept} of {all} generated messages are valid\n", spoken.label());
            }
            Ok(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
