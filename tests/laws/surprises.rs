//! Nothing falls over: whatever bytes come from a caller or an upstream, whatever a table says.
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::crossings::creating;
use super::generate::odd;
use super::made::Made;
use super::messages::all_hints;
use super::runner::run;
use super::seeds::bytes;
use crate::laws_support::tables::{self, Checked};
use crate::laws_support::translation::{self, Reached, Run, decode, encode};
use crate::laws_support::world::WORLD;

/// Any text that may stand for a body: JSON that nobody would send, texts, bytes. None holds what parts two parts.
fn anything() -> BoxedStrategy<Vec<u8>> {
    let bytes = vec(any::<u8>(), 0..40).prop_map(|mut bytes| {
        bytes.retain(|byte| *byte != 0xff);
        bytes
    });
    let nested = (1..200_usize).prop_map(|deep| "[".repeat(deep).into_bytes());
    prop_oneof![
        4 => odd().prop_map(|made| made.to_string().into_bytes()),
        2 => "\\PC{0,20}".prop_map(String::into_bytes),
        2 => bytes,
        1 => nested,
    ]
    .boxed()
}

#[test]
fn whatever_is_sent_by_whatever_route_is_answered() {
    let ids = prop_oneof![3 => "[0-9]{1,12}", 2 => "[^\u{0}/?]{0,8}", 1 => Just("%00%ff".to_owned())];
    let query =
        prop_oneof![4 => Just(String::new()), 1 => "[a-z&=%+]{0,30}", 1 => "(queue|status)=[a-z]{1,8}"];
    let parts = (ids, query, anything(), anything(), anything());
    let strategy = (any::<[u8; 4]>(), parts);
    let ends = RefCell::new(BTreeMap::<Reached, usize>::new());
    let held = run("anything", 3000, &strategy, |([pair, route, status, switches], parts)| {
        let (ids, query, body, answer, again) = parts;
        let run = Run {
            pair: *pair,
            route: *route,
            status: *status,
            switches: *switches,
            parts: [ids.as_bytes(), query.as_bytes(), body, answer, again],
        };
        let end = translation::run(&WORLD, &encode(&run))?;
        *ends.borrow_mut().entry(end).or_default() += 1;
        Ok(())
    });
    held.unwrap_or_else(|why| panic!("{why}"));
    let ends = ends.into_inner();
    assert!(ends.get(&Reached::Refused).is_some_and(|many| *many > 500), "{ends:?}");
    assert!(ends.get(&Reached::Sent).is_some_and(|many| *many > 50), "{ends:?}");
}

#[test]
fn whatever_an_upstream_answers_is_answered() {
    let hints = all_hints(&WORLD);
    let ends = RefCell::new(BTreeMap::<Reached, usize>::new());
    let plain = WORLD
        .pairs
        .iter()
        .filter(|pair| pair.caller.dialect.variant.is_none() && pair.upstream.dialect.variant.is_none());
    for pair in plain {
        let (caller, upstream) = (pair.caller.dialect.label(), pair.upstream.dialect.label());
        let strategy = (creating(&WORLD, pair, &hints), anything(), anything(), any::<u8>());
        let held =
            run(&format!("answers {caller} {upstream}"), 40, &strategy, |(asked, answer, again, status)| {
                let bytes = bytes(&WORLD, &caller, &upstream, asked);
                let mut odd = decode(&bytes).ok_or("no run")?;
                (odd.parts[3], odd.parts[4]) = (answer, again);
                // Half of the time the status of a good end, with what no server would say at it.
                odd.status = if status % 2 == 0 { odd.status } else { *status };
                let end = translation::run(&WORLD, &encode(&odd))?;
                *ends.borrow_mut().entry(end).or_default() += 1;
                Ok(())
            });
        held.unwrap_or_else(|why| panic!("{why}"));
    }
    let ends = ends.into_inner();
    assert!(ends.get(&Reached::Sent).is_some_and(|many| *many > 50), "{ends:?}");
}

/// What somebody may do to a table by mistake.
#[derive(Debug, Clone)]
enum Slip {
    Drop(Index),
    Twice(Index),
    Move(Index, Index),
    /// One word of the table becomes another.
    Word(Index, Index),
    /// What stands between two places is gone.
    Cut(Index, u8),
    Write(Index, String),
}

impl Slip {
    fn apply(&self, text: &str) -> String {
        let mut lines: Vec<&str> = text.lines().collect();
        match self {
            Slip::Drop(at) => drop(lines.remove(at.index(lines.len()))),
            Slip::Twice(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at]);
            }
            Slip::Move(from, to) => {
                let line = lines.remove(from.index(lines.len()));
                lines.insert(to.index(lines.len() + 1), line);
            }
            Slip::Word(at, other) => {
                let words = words(text);
                let (word, other) = (&words[at.index(words.len())], &words[other.index(words.len())]);
                return [&text[..word.start], &text[other.clone()], &text[word.end..]].concat();
            }
            Slip::Cut(at, many) => {
                let chars: Vec<char> = text.chars().collect();
                let from = at.index(chars.len());
                let to = (from + usize::from(*many)).min(chars.len());
                return chars[..from].iter().chain(&chars[to..]).collect();
            }
            Slip::Write(at, what) => {
                let chars: Vec<char> = text.chars().collect();
                let (before, after) = chars.split_at(at.index(chars.len()));
                return before.iter().copied().chain(what.chars()).chain(after.iter().copied()).collect();
            }
        }
        lines.join("\n")
    }
}

/// Where each word of a text stands; those of comments left out.
fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut comment = false;
    for (at, letter) in text.char_indices() {
        comment = (comment || letter == '#') && letter != '\n';
        match (letter.is_alphanumeric() || "._-".contains(letter), start) {
            (true, None) if !comment => start = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn slip() -> BoxedStrategy<Slip> {
    let at = any::<Index>;
    let odd = select(vec![
        "\"",
        "]",
        "{",
        "\u{0}",
        "é",
        "= ",
        "[a]",
        "{}",
        "*",
        "\n[[x]]\n",
        "99999999999999999999",
    ]);
    prop_oneof![
        2 => at().prop_map(Slip::Drop),
        1 => at().prop_map(Slip::Twice),
        2 => (at(), at()).prop_map(|(from, to)| Slip::Move(from, to)),
        6 => (at(), at()).prop_map(|(word, other)| Slip::Word(word, other)),
        1 => (at(), any::<u8>()).prop_map(|(from, many)| Slip::Cut(from, many)),
        1 => (at(), odd).prop_map(|(at, what)| Slip::Write(at, what.to_owned())),
    ]
    .boxed()
}

#[test]
fn whatever_a_table_says_is_checked_and_told() {
    let tables: Vec<(&str, Arc<_>)> =
        WORLD.files.mappings.iter().map(|(name, source)| (name.as_str(), source.clone())).collect();
    let strategy = (select(tables), vec(slip(), 1..3));
    let ends = RefCell::new((0, 0));
    let held = run("tables", 240, &strategy, |((name, source), slips)| {
        let text = slips.iter().fold(source.text.clone(), |text, slip| slip.apply(&text));
        match tables::check(name, &text, None)? {
            Checked::Passed => ends.borrow_mut().0 += 1,
            Checked::Refused => ends.borrow_mut().1 += 1,
        }
        Ok(())
    });
    held.unwrap_or_else(|why| panic!("{why}"));
    let (passed, refused) = ends.into_inner();
    assert!(passed > 10 && refused > 60, "{passed} passed, {refused} refused");
}

/// A law that can't fail holds nothing: what is odd is odd indeed.
#[test]
fn what_nobody_would_send_is_refused_by_most_messages() {
    let spoken = WORLD.spoken("beyondtrust", "create");
    let refused = RefCell::new(0);
    let count = |made: &Made| {
        if spoken.read(made.to_string().as_bytes()).is_none() {
            *refused.borrow_mut() += 1;
        }
        Ok(())
    };
    run("odd", 100, &odd(), count).unwrap_or_else(|why| panic!("{why}"));
    assert!(*refused.borrow() > 90);
}
