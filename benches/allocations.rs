//! How often one translation asks for memory, and for how much: `cargo bench --bench allocations`.
//!
//! A count, not a time: the same on every machine, and in every build without other code. The lists that documents keep
//! for the next one are warm, as they are in a gateway that serves.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout
)]
mod by_hand;
mod by_table;

use std::alloc::System;

use pamgate::exchange::Came;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use by_hand::ByHand;
use by_table::{ByTable, NOW, REPLY, VENDORS, id_alone};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Prints what one run asks for, once a first has warmed what is kept.
fn count<T>(name: &str, mut run: impl FnMut() -> T) {
    for _ in 0..8 {
        drop(run());
    }
    let region = Region::new(COUNTING);
    drop(run());
    let change = region.change();
    let asked = change.allocations + change.reallocations;
    println!("{name:<44}{asked:>12}{:>10}", change.bytes_allocated);
}

fn main() {
    let (table, hand) = (ByTable::new(), ByHand::new(NOW));
    let (beyondtrust, cyberark) = (VENDORS[0].2.trim().as_bytes(), VENDORS[1].2.trim().as_bytes());
    let (reply, wanted) = (REPLY.trim().as_bytes(), id_alone());
    println!("{:<44}{:>12}{:>10}", "one translation", "allocations", "bytes");
    let bare = table.bare("beyondtrust", "cyberark");
    count("request, beyondtrust to cyberark, by hand", || hand.to_cyberark(beyondtrust));
    count("request, beyondtrust to cyberark, by table", || bare.request(beyondtrust));
    count("reply, cyberark to beyondtrust, by hand", || hand.answer_of_cyberark(reply, 7));
    count("reply, cyberark to beyondtrust, by table", || bare.reply(reply, 7, &wanted));
    let other = table.bare("cyberark", "beyondtrust");
    count("request, cyberark to beyondtrust, by hand", || hand.to_beyondtrust(cyberark));
    count("request, cyberark to beyondtrust, by table", || other.request(cyberark));
    for (from, path, body) in VENDORS {
        for (to, ..) in VENDORS.iter().filter(|(to, ..)| to != from) {
            let (recognised, pair) = (table.recognised(from, path), table.pair(from, to));
            count(&format!("whole request, {from} to {to}"), || table.whole(&recognised, path, body, &pair));
        }
    }
    let pair = table.pair("beyondtrust", "cyberark");
    let recognised = table.recognised("beyondtrust", VENDORS[0].1);
    let prepared = table.whole(&recognised, VENDORS[0].1, VENDORS[0].2, &pair);
    let came = Came { status: 201, body: reply };
    count("whole reply, cyberark to beyondtrust", || prepared.answer(came, None, 4711, table.context()));
}
