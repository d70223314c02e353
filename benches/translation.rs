//! What a translation costs, step by step and whole, without a network: `cargo bench --bench translation`.
//!
//! Beside the tables stands the same by hand (`by_hand`), in the same run: `request/…` and `reply/…` compare the two
//! without validation; `whole/…` is all that the gateway does with a request, both messages validated, for every pair.
//! The figures stand in benches/README.md.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod by_hand;
mod by_table;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pamgate::exchange::Came;
use pamgate::json::{Document, Limits};
use pamgate::mapping::Reading;

use by_hand::ByHand;
use by_table::{ByTable, NOW, REPLY, VENDORS, id_alone};

fn same(by_hand: &[u8], by_table: &[u8]) {
    let parsed = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
    assert_eq!(parsed(by_hand), parsed(by_table), "both translate alike");
}

fn steps(criterion: &mut Criterion) {
    let table = ByTable::new();
    let now = table.context().now;
    for (vendor, name, body) in [("beyondtrust", "create", VENDORS[0].2), ("cyberark", "document", REPLY)] {
        let (entry, body) = (table.message(vendor, name), body.trim().as_bytes());
        let options = table.registry.get(vendor, None).unwrap().json(Limits::default());
        let mut steps = criterion.benchmark_group(format!("steps/{vendor} {name}"));
        steps.bench_function("parse", |b| b.iter(|| Document::read(black_box(body), options).unwrap()));
        steps.bench_function("parse and validate", |b| {
            b.iter(|| entry.parse(black_box(body), options).unwrap());
        });
        let document = entry.parse(body, options).unwrap();
        let how = Reading { now, wanted: None };
        steps.bench_function("read", |b| {
            b.iter(|| entry.message.read(black_box(document.root()), how).unwrap());
        });
        steps.finish();
    }
}

fn against_hand(criterion: &mut Criterion) {
    let (table, hand) = (ByTable::new(), ByHand::new(NOW));
    let (beyondtrust, cyberark) = (VENDORS[0].2.trim().as_bytes(), VENDORS[1].2.trim().as_bytes());

    let bare = table.bare("beyondtrust", "cyberark");
    same(&hand.to_cyberark(beyondtrust), &bare.request(beyondtrust));
    let mut group = criterion.benchmark_group("request/beyondtrust to cyberark");
    group.bench_function("by hand", |b| b.iter(|| hand.to_cyberark(black_box(beyondtrust))));
    group.bench_function("by table", |b| b.iter(|| bare.request(black_box(beyondtrust))));
    group.finish();

    let (reply, wanted) = (REPLY.trim().as_bytes(), id_alone());
    let (by_hand, by_table) = (hand.answer_of_cyberark(reply, 7), bare.reply(reply, 7, &wanted));
    assert_eq!(by_hand.0, by_table.0);
    same(&by_hand.1, &by_table.1);
    let mut group = criterion.benchmark_group("reply/cyberark to beyondtrust");
    group.bench_function("by hand", |b| b.iter(|| hand.answer_of_cyberark(black_box(reply), 7)));
    group.bench_function("by table", |b| b.iter(|| bare.reply(black_box(reply), 7, &wanted)));
    group.finish();

    let bare = table.bare("cyberark", "beyondtrust");
    same(&hand.to_beyondtrust(cyberark), &bare.request(cyberark));
    let mut group = criterion.benchmark_group("request/cyberark to beyondtrust");
    group.bench_function("by hand", |b| b.iter(|| hand.to_beyondtrust(black_box(cyberark))));
    group.bench_function("by table", |b| b.iter(|| bare.request(black_box(cyberark))));
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let table = ByTable::new();
    let mut group = criterion.benchmark_group("whole");
    for (from, path, body) in VENDORS {
        for (to, ..) in VENDORS.iter().filter(|(to, ..)| to != from) {
            let (recognised, pair) = (table.recognised(from, path), table.pair(from, to));
            group.bench_function(format!("{from} to {to}"), |b| {
                b.iter(|| table.whole(black_box(&recognised), path, body, &pair));
            });
        }
    }
    let pair = table.pair("beyondtrust", "cyberark");
    let recognised = table.recognised("beyondtrust", VENDORS[0].1);
    let prepared = table.whole(&recognised, VENDORS[0].1, VENDORS[0].2, &pair);
    let came = Came { status: 201, body: REPLY.trim().as_bytes() };
    group.bench_function("reply, cyberark to beyondtrust", |b| {
        b.iter(|| prepared.answer(black_box(came), None, 4711, table.context()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, steps, against_hand, whole);
criterion_main!(benches);
