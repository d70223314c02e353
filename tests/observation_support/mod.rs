//! Prediction equals observation, in process: what a caller's own server stores for a message, beside what the
//! upstream's server stores for the same bytes, and the matrix of losses between them.
//!
//! Start at [`crew::observe`], which looks at many pairs with all cores, or at [`Observer`] for one pair at a time. The
//! two records are compared through lists written by hand ([`known`]); no mapping table stands between them. Needs
//! `mod sandbox_support;` and `mod schema_support;` beside it. No sockets, no global state.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

pub mod cells;
pub mod compare;
pub mod crew;
pub mod crosswalks;
pub mod facts;
pub mod faults;
pub mod forms;
pub mod known;
pub mod messages;
pub mod more;
pub mod reasons;
pub mod replies;
pub mod servers;
pub mod speakers;
pub mod tally;
pub mod vaultline;
pub mod way;

use std::ops::ControlFlow;

use pamgate::dialect::Registry;

use messages::{Form, Message};
use reasons::Reasons;
use servers::Servers;
use tally::{Findings, Tally};
use way::{Asked, Way};

/// Two dialects as labels: `cyberark`, `safeguard/v3`.
#[derive(Debug, Clone)]
pub struct Pair {
    pub from: String,
    pub to: String,
    /// Messages differ from a valid one at up to so many places.
    pub breadth: usize,
}

impl Pair {
    /// At how many places a form's messages are changed; none: they are not tried. What a crosswalk may lack shows where
    /// there are no variants.
    pub fn breadth_of(&self, form: &Form) -> Option<usize> {
        let variant = self.from.contains('/') || self.to.contains('/');
        (!variant || form.crosswalk == 0).then(|| form.breadth(self.breadth))
    }
}

/// Looks at one message after the other, with servers of its own.
pub struct Observer {
    servers: Servers,
    reasons: Reasons,
}

impl Observer {
    pub fn new() -> Observer {
        Observer { servers: Servers::new(), reasons: Reasons::read() }
    }

    /// What the tables foretell between two dialects, observed.
    pub fn observe(&mut self, registry: &Registry, pair: &Pair) -> Findings {
        let way = match Way::new(registry, pair) {
            Ok(way) => way,
            Err(findings) => return *findings,
        };
        let mut tallies = [Tally::default()];
        for form in Form::all(way.caller.house) {
            (0..form.pieces()).for_each(|piece| self.piece(&[&way], &mut tallies, form, piece));
        }
        let [tally] = tallies;
        tally.sum(&way, &self.reasons)
    }

    /// A piece of a form's messages, on all of a caller's ways.
    fn piece(&mut self, ways: &[&Way], tallies: &mut [Tally], form: &'static Form, piece: usize) {
        let Some(caller) = ways.first().map(|way| way.caller) else { return };
        let Some(breadth) = ways.iter().filter_map(|way| way.labels.breadth_of(form)).max() else { return };
        // What was answered to the messages of another piece is seldom asked for again.
        self.servers.forget();
        let _ = form.piece(piece, breadth, &mut |message| {
            let asked = Asked::new(&mut self.servers, caller, message);
            let mut more = false;
            for (way, tally) in ways.iter().zip(tallies.iter_mut()) {
                let tried = way.labels.breadth_of(form).is_some_and(|breadth| message.changed <= breadth);
                if tried && !tally.is_enough() {
                    self.look(way, &asked, tally);
                }
                more |= !tally.is_enough();
            }
            if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }

    fn look(&mut self, way: &Way, asked: &Asked<'_>, tally: &mut Tally) {
        let seen = way.send(&mut self.servers, &self.reasons, asked, &mut tally.places);
        *tally.ends.entry(seen.end.name()).or_default() += 1;
        tally.reasons.extend(seen.reasons);
        tally.cells.extend(seen.hits);
        for wrong in seen.wrong {
            if !tally.wrong.iter().any(|other| other.is(wrong.what, &wrong.field)) {
                let smallest = self.shrink(way, asked.message.clone(), wrong.what, &wrong.field);
                let mut again = self.wrongs(way, &smallest).into_iter();
                let again = again.find(|one| one.what == wrong.what && one.field == wrong.field);
                tally.wrong.push(way.finding(again.unwrap_or(wrong), &smallest));
            }
        }
    }

    /// Takes out of a message what isn't needed for it to be wrong in this way.
    fn shrink(&mut self, way: &Way, mut message: Message, what: &str, field: &str) -> Message {
        loop {
            let smaller = message.form.smaller(&message).into_iter().find(|smaller| {
                let nearer =
                    smaller.body.len() < message.body.len() || smaller.distance() < message.distance();
                nearer && self.wrongs(way, smaller).iter().any(|one| one.what == what && one.field == field)
            });
            match smaller {
                Some(smaller) => message = smaller,
                None => return message,
            }
        }
    }

    /// What is wrong of a message.
    fn wrongs(&mut self, way: &Way, message: &Message) -> Vec<compare::Wrong> {
        let asked = Asked::new(&mut self.servers, way.caller, message);
        way.send(&mut self.servers, &self.reasons, &asked, &mut replies::Seen::new()).wrong
    }
}
