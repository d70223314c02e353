//! How often the time of a translation by hand the tables take, nothing validated: `cargo bench --bench ratios`; with
//! `-- WORDS` only those whose name has all these words.
//!
//! Both take turns of about a millisecond, so a machine's moods fall on both alike, and of many turns the middle one
//! counts. `translation` shows the same with criterion, one after the other.
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

use std::hint::black_box;
use std::time::{Duration, Instant};

use by_hand::ByHand;
use by_table::{ByTable, NOW, REPLY, VENDORS, id_alone};

const TURNS: usize = 2000;
const TURN: Duration = Duration::from_millis(1);

/// Seconds for one of so many runs.
fn time<T>(times: u32, run: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        black_box(run());
    }
    start.elapsed().as_secs_f64() / f64::from(times)
}

fn middle(figures: &mut [f64]) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    let at = |part: usize| figures[figures.len() * part / 4];
    (at(2), at(1), at(3))
}

fn compare<A, B>(name: &str, mut by_hand: impl FnMut() -> A, mut by_table: impl FnMut() -> B) {
    // cargo adds `--bench`.
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    if !words.all(|word| name.contains(&word)) {
        return;
    }
    let times = (TURN.as_secs_f64() / time(10_000, &mut by_table)).ceil() as u32;
    let (mut hand, mut table, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (one, other) = (time(times, &mut by_hand), time(times, &mut by_table));
        hand.push(one * 1e6);
        table.push(other * 1e6);
        ratios.push(other / one);
    }
    let (ratio, low, high) = middle(&mut ratios);
    let (hand, table) = (middle(&mut hand).0, middle(&mut table).0);
    println!("{name:<34}{hand:>10.2}{table:>10.2}   {ratio:.2} ({low:.2}–{high:.2})");
}

fn main() {
    let (table, hand) = (ByTable::new(), ByHand::new(NOW));
    let (beyondtrust, cyberark) = (VENDORS[0].2.trim().as_bytes(), VENDORS[1].2.trim().as_bytes());
    let (reply, wanted) = (REPLY.trim().as_bytes(), id_alone());
    println!("{TURNS} turns each; µs, and the ratio's median (quarter–three quarters)\n");
    println!("{:<34}{:>10}{:>10}   ratio", "translation", "by hand", "by table");
    let there = table.bare("beyondtrust", "cyberark");
    let here = table.bare("cyberark", "beyondtrust");
    compare(
        "request, beyondtrust to cyberark",
        || hand.to_cyberark(beyondtrust),
        || there.request(beyondtrust),
    );
    compare("request, cyberark to beyondtrust", || hand.to_beyondtrust(cyberark), || here.request(cyberark));
    compare(
        "reply, cyberark to beyondtrust",
        || hand.answer_of_cyberark(reply, 7),
        || there.reply(reply, 7, &wanted),
    );
}
