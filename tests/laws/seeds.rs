//! Seeds for the fuzz targets' corpora: written where `PAMGATE_SEEDS` names a folder, and by no run besides.
use std::path::Path;

use super::crossings::{Asked, creating};
use super::generate::Generator;
use super::messages::all_hints;
use super::runner::run;
use crate::laws_support::translation::{
    AGAIN, AS_USER, Reached, Run, decode, encode, pair_number, statuses, ways,
};
use crate::laws_support::world::{WORLD, World};
use crate::laws_support::{tables, translation};

/// How many seeds a pair of dialects gives.
const OF_A_PAIR: usize = 2;

fn keep(folder: &Path, target: &str, bytes: &[u8]) {
    let folder = folder.join(target);
    std::fs::create_dir_all(&folder).expect("a folder");
    let name = blake3::hash(bytes).to_hex();
    std::fs::write(folder.join(&name[..40]), bytes).expect("a seed");
}

/// The bytes that stand for a generated call.
pub(crate) fn bytes(world: &World, caller: &str, upstream: &str, asked: &Asked) -> Vec<u8> {
    let pair = world.pair(caller, upstream);
    let number = |at: Option<usize>| at.and_then(|at| u8::try_from(at).ok()).expect("few enough");
    let (route, id) = ways(pair)
        .iter()
        .enumerate()
        .find_map(|(at, way)| {
            let (before, after) = way.1.split_once('{').unwrap_or((&way.1, ""));
            let rest = asked.path.strip_prefix(pair.caller.dialect.base())?.strip_prefix(before)?;
            let after = after.split_once('}').map_or("", |(_, after)| after);
            Some((at, rest.strip_suffix(after)?.to_owned())).filter(|_| way.0 == asked.method)
        })
        .expect("a route of the caller");
    let body = asked.body.to_string();
    let answer = asked.answer.to_string();
    let again = asked.again.as_ref().map(ToString::to_string);
    encode(&Run {
        pair: pair_number(world, caller, upstream),
        route: number(Some(route)),
        status: number(statuses(pair).iter().position(|status| *status == asked.status)),
        switches: if asked.as_user { AS_USER } else { 0 } | if again.is_some() { AGAIN } else { 0 },
        parts: [
            id.as_bytes(),
            b"",
            body.as_bytes(),
            answer.as_bytes(),
            again.as_deref().unwrap_or_default().as_bytes(),
        ],
    })
}

/// What a call is made of comes back from its bytes, and the bytes do what the call does: the seeds are what they seem.
#[test]
fn a_call_and_its_bytes_are_the_same() {
    let hints = all_hints(&WORLD);
    let folder = std::env::var_os("PAMGATE_SEEDS");
    let folder = folder.as_ref().map(Path::new);
    let mut answered = 0;
    for pair in &WORLD.pairs {
        let (caller, upstream) = (pair.caller.dialect.label(), pair.upstream.dialect.label());
        // Without a folder a few pairs are enough.
        if folder.is_none() && upstream != "cyberark" {
            continue;
        }
        let (kept, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        run(&format!("seeds {caller} {upstream}"), 24, &creating(&WORLD, pair, &hints), |asked| {
            let bytes = bytes(&WORLD, &caller, &upstream, asked);
            let run = decode(&bytes).ok_or("no run")?;
            if run.parts[2] != asked.body.to_string().as_bytes() {
                return Err("another body".into());
            }
            let count = match translation::run(&WORLD, &bytes)? {
                Reached::Answered => &kept,
                _ => &refused,
            };
            if count.get() < OF_A_PAIR {
                count.set(count.get() + 1);
                // One that is refused is enough, from each caller.
                if std::ptr::eq(count, &kept) || upstream == "cyberark" {
                    folder.inspect(|folder| keep(folder, "translation", &bytes));
                }
            }
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
        answered += kept.get();
    }
    assert!(answered >= 8, "only {answered} calls are answered");
    let Some(folder) = folder else { return };
    for spoken in WORLD.messages() {
        let strategy = Generator::new(&spoken, &hints[spoken.dialect.name.as_str()]);
        let strategy = strategy.message(&spoken.entry.message.name);
        run(&format!("seeds {}", spoken.label()), 3, &strategy, |made| {
            keep(folder, "json", format!("\u{3}{made}").as_bytes());
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
    }
    for (number, name) in tables::names().iter().enumerate() {
        let number = u8::try_from(number).expect("few dialects");
        let table = &WORLD.files.mappings[*name].text;
        keep(folder, "tables", &[&[number], table.as_bytes()].concat());
        // The same with a mistake in it, and one that is no TOML.
        keep(folder, "tables", &[&[number], table.replacen("is = ", "iss = ", 1).as_bytes()].concat());
        keep(folder, "tables", &[&[number], &table.as_bytes()[..table.len() / 2]].concat());
        for (at, schema) in tables::schemas(name).iter().enumerate() {
            let text = &WORLD.files.schemas[&((*name).to_owned(), (*schema).to_owned())].text;
            let at = u8::try_from(at).expect("few schemas");
            keep(folder, "tables", &[&[number], table.as_bytes(), &[0xff, at], text.as_bytes()].concat());
        }
    }
}
