//! Prediction equals observation, in process: what a caller's own server stores for a message, beside what the
//! upstream's server stores for the same bytes, and the matrix of losses between them.
//!
//! Start at [`observe`], or at [`Observer`] to ask again with other tables: what the sandboxes answered is kept. The
//! two records are compared through lists written by hand ([`known`]); no mapping table stands between them. Needs
//! `mod sandbox_support;` and `mod schema_support;` beside it. No sockets, no global state.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

pub mod cells;
pub mod compare;
pub mod crosswalks;
pub mod facts;
pub mod known;
pub mod messages;
pub mod reasons;
pub mod replies;
pub mod servers;
pub mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;

use pamgate::dialect::Registry;
use pamgate::sandbox::Vendor;

use messages::{Form, Message};
use reasons::{About, Reasons};
use servers::Servers;
use way::{End, Way};

/// What was seen between two dialects.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is not as the matrix says, each kind once, at the smallest message that shows it.
    pub wrong: Vec<Finding>,
    /// Requests tried, by how they ended.
    pub ends: BTreeMap<&'static str, usize>,
    /// Lossy cells that were seen to be so.
    pub seen: BTreeSet<String>,
    /// The places of replies.
    pub places: replies::Seen,
    /// The reasons that explained something, by their numbers.
    pub reasons: BTreeSet<usize>,
}

/// Something that is not as the matrix says.
#[derive(Debug, Clone)]
pub struct Finding {
    pub from: String,
    pub to: String,
    pub what: &'static str,
    pub field: String,
    pub detail: String,
    /// The message, with method and path.
    pub message: String,
    /// The entries of the tables that carry the field, as file and line.
    pub entries: Vec<String>,
}

impl Finding {
    fn of(from: &str, to: &str, what: &'static str) -> Finding {
        Finding {
            from: from.to_owned(),
            to: to.to_owned(),
            what,
            field: String::new(),
            detail: String::new(),
            message: String::new(),
            entries: Vec::new(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { from, to, what, field, detail, message, entries } = self;
        writeln!(f, "{from} → {to}: {field}: {what}: {detail}")?;
        writeln!(f, "    {message}")?;
        write!(f, "    {}", entries.join(", "))
    }
}

/// What the tables foretell between two dialects, observed; both as labels: `cyberark`, `safeguard/v3`.
pub fn observe(registry: &Registry, from: &str, to: &str, breadth: usize) -> Findings {
    Observer::new(breadth).observe(registry, from, to)
}

/// Observes with as many tables as one likes.
pub struct Observer {
    breadth: usize,
    servers: Servers,
    reasons: Reasons,
    /// Stop at the first thing that is wrong.
    pub hasty: bool,
}

/// Different findings that are told of one pair.
const MOST_FINDINGS: usize = 60;

impl Observer {
    /// Messages differ from a valid one at up to `breadth` places.
    pub fn new(breadth: usize) -> Observer {
        Observer { breadth, servers: Servers::new(), reasons: Reasons::read(), hasty: false }
    }

    pub fn reasons(&self) -> &Reasons {
        &self.reasons
    }

    pub fn observe(&mut self, registry: &Registry, from: &str, to: &str) -> Findings {
        let (mut found, breadth) = (Findings::default(), self.breadth);
        let Some(way) = Way::new(registry, from, to) else {
            found.wrong.push(Finding::of(from, to, "no request can be made"));
            return found;
        };
        for form in Form::all(way.caller()) {
            let see = &mut |message: Message<'static>| {
                self.look(&way, &message, &mut found);
                match found.wrong.len() >= MOST_FINDINGS || self.hasty && !found.wrong.is_empty() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            };
            if form.each(form.breadth(breadth), see).is_break() {
                return found;
            }
        }
        self.unseen(&way, &mut found);
        found
    }

    fn look(&mut self, way: &Way, message: &Message<'static>, found: &mut Findings) {
        let seen = way.send(&mut self.servers, &self.reasons, message, &mut found.places);
        *found.ends.entry(seen.end.name()).or_default() += 1;
        found.reasons.extend(seen.reasons);
        for cell in seen.hits {
            if !found.seen.contains(&cell) {
                found.seen.insert(cell);
            }
        }
        for wrong in seen.wrong {
            let same = |other: &Finding| other.what == wrong.what && other.field == wrong.field;
            if !found.wrong.iter().any(same) {
                let smallest = self.shrink(way, message.clone(), wrong.what, &wrong.field);
                let mut places = replies::Seen::new();
                let again = way.send(&mut self.servers, &self.reasons, &smallest, &mut places).wrong;
                let again = again.into_iter().find(|one| one.what == wrong.what && one.field == wrong.field);
                found.wrong.push(way.finding(again.unwrap_or(wrong), &smallest));
            }
        }
    }

    /// Takes out of a message what isn't needed for it to be wrong in this way.
    fn shrink(
        &mut self,
        way: &Way,
        mut message: Message<'static>,
        what: &str,
        field: &str,
    ) -> Message<'static> {
        loop {
            let smaller = message.form.smaller(&message).into_iter().find(|smaller| {
                let mut places = replies::Seen::new();
                let seen = way.send(&mut self.servers, &self.reasons, smaller, &mut places);
                let nearer =
                    smaller.body.len() < message.body.len() || smaller.distance() < message.distance();
                nearer && seen.wrong.iter().any(|one| one.what == what && one.field == field)
            });
            match smaller {
                Some(smaller) => message = smaller,
                None => return message,
            }
        }
    }

    /// Every lossy cell was seen, or can't be and has its reason.
    fn unseen(&self, way: &Way, found: &mut Findings) {
        let mut unseen = way.lossy();
        unseen.retain(|(told, _)| !found.seen.contains(told));
        for (told, field, lossy) in way.places() {
            let shown = found.places.get(&told).copied().unwrap_or_default();
            match lossy {
                true if !shown.differed => unseen.push((format!("{told}: never differs"), field)),
                false if !shown.filled => unseen.push((format!("{told}: always blank"), field)),
                _ => {}
            }
        }
        for (told, field) in unseen {
            match self.reasons.find(About::Cell, &way.from, &way.to, &told) {
                Some(reason) => drop(found.reasons.insert(reason)),
                None => found.wrong.push(way.unseen(told, field)),
            }
        }
    }
}

impl Findings {
    pub fn tried(&self) -> usize {
        self.ends.values().sum()
    }

    pub fn ended(&self, end: End) -> usize {
        self.ends.get(end.name()).copied().unwrap_or_default()
    }
}

/// The vendor of a label.
pub fn vendor(label: &str) -> Vendor {
    label.split('/').next().unwrap_or_default().parse().unwrap_or_else(|e| panic!("{e}"))
}
