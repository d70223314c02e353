//! The laws between dialects: what is asked in one arrives in the other less the losses told, and what is answered
//! comes back valid, complete, and with nothing made up.
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pamgate::exchange::{Came, Pair};
use proptest::prelude::*;
use proptest::sample::select;

use super::generate::Generator;
use super::hints::Hints;
use super::made::Made;
use super::messages::all_hints;
use super::runner::run;
use crate::laws_support::crossing::Call;
use crate::laws_support::references::things;
use crate::laws_support::translation::path;
use crate::laws_support::world::{Spoken, WORLD, World};

const CASES: u32 = 40;

/// One generated call with its answers.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Made,
    pub(crate) as_user: bool,
    pub(crate) status: u16,
    pub(crate) answer: Made,
    pub(crate) again: Option<Made>,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.path, self.body)?;
        write!(f, "\n    answered {} {}", self.status, self.answer)?;
        if let Some(again) = &self.again {
            write!(f, "\n    asked again: {again}")?;
        }
        if self.as_user { write!(f, "\n    as the user j.d") } else { Ok(()) }
    }
}

/// Messages of a dialect by their name.
fn message(world: &World, label: &str, name: &str, hints: &Arc<Hints>) -> BoxedStrategy<Made> {
    let spoken: Spoken<'_> = world.spoken(label, name);
    Generator::new(&spoken, hints).message(name)
}

/// Messages most of whose references lead somewhere.
fn led(made: BoxedStrategy<Made>, name: String, space: String, hints: Arc<Hints>) -> BoxedStrategy<Made> {
    let chance = || prop::option::weighted(0.85, any::<prop::sample::Index>());
    (made, chance(), chance(), chance())
        .prop_map(move |(mut made, target, user, ticket)| {
            for (group, kind, chosen) in [
                ("target.", "target", target),
                ("requester.", "user", user),
                ("ticket.system.", "ticket_system", ticket),
            ] {
                let things = things(kind, &space);
                let Some(chosen) = chosen.filter(|_| !things.is_empty()) else { continue };
                let thing = chosen.get(&things);
                let places: Vec<(&str, &str)> = hints.places(&name, group).collect();
                let stood = made.to_string();
                places.iter().for_each(|(place, _)| made.remove(place));
                // An optional reference that wasn't there stays away.
                if group != "target." && stood == made.to_string() {
                    continue;
                }
                let mut said: Vec<&str> = Vec::new();
                for (place, field) in places {
                    let text = thing.iter().find(|(part, _)| field.strip_prefix(group) == Some(*part));
                    if let Some((_, text)) = text.filter(|_| !said.contains(&field)) {
                        said.push(field);
                        let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                        made.put(place, if number { Made::plain(text) } else { Made::text(*text) });
                    }
                }
            }
            made
        })
        .boxed()
}

/// Calls that create a request, by each of the caller's routes, with what the upstream may answer.
pub(crate) fn creating(
    world: &World,
    pair: &Pair,
    hints: &BTreeMap<&str, Arc<Hints>>,
) -> BoxedStrategy<Asked> {
    let (caller, upstream) = (&pair.caller.dialect, &pair.upstream.dialect);
    let ours = &hints[caller.name.as_str()];
    let theirs = &hints[upstream.name.as_str()];
    let operation = caller.operation("request.create").expect("every dialect creates");
    let calls = operation.routes.iter().map(|route| {
        let (method, rest) = route.text.split_once(' ').expect("a method and a path");
        let way = (method.to_owned(), rest.to_owned());
        let ids = prop_oneof![
            4 => select(vec!["1", "2", "3", "db", "batch"]).prop_map(str::to_owned),
            1 => "[a-z0-9]{1,4}",
        ];
        let path = ids.prop_map({
            let pair = Pair::new(pair.caller.clone(), pair.upstream.clone());
            move |ids| path(&pair, &way, &ids)
        });
        let body = match route.send {
            Some(number) => {
                let name = caller.message(number).message.name.clone();
                let any = message(world, &caller.label(), &name, ours);
                led(any, name, caller.name.clone(), ours.clone())
            }
            None => Just(Made::plain("{}")).boxed(),
        };
        (Just(method.to_owned()), path, body).boxed()
    });
    let calls = proptest::strategy::Union::new(calls);
    let theirs_create = upstream.operation("request.create").expect("every dialect creates");
    let answers = theirs_create.outcomes.iter().map(|outcome| {
        let body = match outcome.message {
            Some(number) => message(world, &upstream.label(), &upstream.message(number).message.name, theirs),
            None => Just(Made::plain("null")).boxed(),
        };
        (Just(outcome.status), body).boxed()
    });
    let answers = proptest::strategy::Union::new(answers);
    let again = theirs_create.again.as_ref().and_then(|again| {
        let by = upstream.operation(&again.by)?;
        let number = by.outcomes.first()?.message?;
        Some(message(world, &upstream.label(), &upstream.message(number).message.name, theirs))
    });
    let again = match again {
        Some(again) => proptest::option::of(again).boxed(),
        None => Just(None).boxed(),
    };
    (calls, any::<bool>(), answers, again)
        .prop_map(|((method, path, body), as_user, (status, answer), again)| Asked {
            method,
            path,
            body,
            as_user,
            status,
            answer,
            again,
        })
        .boxed()
}

/// How often what happened, over all pairs.
type Happened = BTreeMap<String, usize>;

/// Holds the laws between one caller and one upstream.
fn hold(
    world: &World,
    pair: &Arc<Pair>,
    hints: &BTreeMap<&str, Arc<Hints>>,
    cases: u32,
) -> Result<Happened, String> {
    let happened = RefCell::new(Happened::new());
    let seen = |what: &str| *happened.borrow_mut().entry(what.to_owned()).or_default() += 1;
    let label = format!("{} → {}", pair.caller.dialect.label(), pair.upstream.dialect.label());
    run(&label, cases, &creating(world, pair, hints), |asked| {
        let body = asked.body.to_string();
        let call = Call {
            pair,
            method: &asked.method,
            path: &asked.path,
            query: None,
            body: body.as_bytes(),
            as_user: asked.as_user.then_some("j.d"),
        };
        let crossed = match world.cross(&call)? {
            Ok(crossed) => crossed,
            Err(fault) => {
                seen(fault.word);
                return Ok(());
            }
        };
        seen(if crossed.prepared.losses.is_empty() { "sent whole" } else { "sent with losses" });
        let answer = asked.answer.to_string();
        let again = asked.again.as_ref().map(Made::to_string);
        let again = again.as_ref().map(|again| Came { status: 200, body: again.as_bytes() });
        let came = Came { status: asked.status, body: answer.as_bytes() };
        match world.answered(&crossed, came, again)? {
            true => seen("answered"),
            false => seen("answered by a fault"),
        }
        Ok(())
    })?;
    Ok(happened.into_inner())
}

/// Holds the laws between two dialects of a world.
pub(crate) fn hold_one(world: &World, caller: &str, upstream: &str, cases: u32) -> Result<(), String> {
    hold(world, world.pair(caller, upstream), &all_hints(world), cases).map(drop)
}

#[test]
fn what_is_asked_arrives_less_the_losses_told_and_what_is_answered_comes_back() {
    let hints = all_hints(&WORLD);
    let mut wrong = String::new();
    let mut happened = Happened::new();
    for pair in &WORLD.pairs {
        match hold(&WORLD, pair, &hints, CASES) {
            Err(why) => wrong += &format!("{why}\n\n"),
            Ok(here) => here.into_iter().for_each(|(what, many)| *happened.entry(what).or_default() += many),
        }
    }
    println!("{happened:?}");
    assert!(wrong.is_empty(), "{wrong}");
    if std::env::var_os("PROPTEST_CASES").is_none() {
        for (what, fewest) in
            [("sent whole", 100), ("sent with losses", 100), ("answered", 200), ("invalid", 100)]
        {
            let many = happened.get(what).copied().unwrap_or(0);
            assert!(many >= fewest, "only {many} were {what}: {happened:?}");
        }
    }
}
