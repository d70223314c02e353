//! Many pairs at once: the messages of each caller are cut into pieces, which all cores take in turn.
//!
//! A message is sent to its caller's own server once, and then on all of that caller's ways.
use std::num::NonZero;
use std::sync::Mutex;

use pamgate::dialect::Registry;

use super::messages::Form;
use super::reasons::Reasons;
use super::speakers::House;
use super::tally::{Findings, Tally};
use super::way::Way;
use super::{Observer, Pair};

/// Some messages of a caller.
struct Piece {
    /// The number of the caller.
    caller: usize,
    form: &'static Form,
    piece: usize,
    many: usize,
}

/// What the tables foretell between dialects, observed.
pub fn observe(registry: &Registry, pairs: &[Pair]) -> Vec<Findings> {
    let (mut ways, mut found) = (Vec::new(), Vec::new());
    for pair in pairs {
        match Way::new(registry, pair) {
            Ok(way) => ways.push(way),
            Err(findings) => found.push(*findings),
        }
    }
    let mut callers: Vec<(&str, Vec<usize>)> = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        match callers.iter_mut().find(|(from, _)| *from == way.from) {
            Some((_, of)) => of.push(at),
            None => callers.push((&way.from, vec![at])),
        }
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for (caller, (_, of)) in callers.iter().enumerate() {
        for form in Form::all(ways[of[0]].caller.house) {
            let breadths = of.iter().filter_map(|at| ways[*at].labels.breadth_of(form));
            let Some(breadth) = breadths.max() else { continue };
            let piece = |piece| Piece { caller, form, piece, many: form.count(piece, breadth) };
            pieces.extend((0..form.pieces()).map(piece));
        }
    }
    // The largest first, so that all end at about the same time.
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.many));
    let tallies = Mutex::new(ways.iter().map(|_| Tally::default()).collect::<Vec<_>>());
    let left = Mutex::new(pieces.iter());
    let crew = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..crew {
            scope.spawn(|| {
                let mut observer = Observer::new();
                let mut mine: Vec<Vec<Tally>> =
                    callers.iter().map(|(_, of)| of.iter().map(|_| Tally::default()).collect()).collect();
                loop {
                    let Some(piece) = left.lock().unwrap().next() else { break };
                    let of: Vec<&Way> = callers[piece.caller].1.iter().map(|at| &ways[*at]).collect();
                    observer.piece(&of, &mut mine[piece.caller], piece.form, piece.piece);
                }
                let mut all = tallies.lock().unwrap();
                for ((_, of), mine) in callers.iter().zip(mine) {
                    of.iter().zip(mine).for_each(|(at, tally)| all[*at].add(tally));
                }
            });
        }
    });
    let reasons = Reasons::read();
    for (way, tally) in ways.iter().zip(tallies.into_inner().unwrap()) {
        found.push(tally.sum(way, &reasons));
    }
    found
}

/// How many requests that is.
pub fn count(pairs: &[Pair]) -> usize {
    let of = |pair: &Pair| {
        let pieces = |form: &Form| {
            let count = |breadth| (0..form.pieces()).map(|at| form.count(at, breadth)).sum::<usize>();
            pair.breadth_of(form).map_or(0, count)
        };
        Form::all(House::of(&pair.from)).map(pieces).sum::<usize>()
    };
    pairs.iter().map(of).sum()
}
