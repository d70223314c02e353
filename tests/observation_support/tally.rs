//! What was seen on one way, counted up; what several observers saw of it is added together.
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use super::reasons::{About, Reasons};
use super::replies;
use super::way::{End, Way};

/// What was seen between two dialects.
#[derive(Debug, Default)]
pub struct Findings {
    pub from: String,
    pub to: String,
    /// What is not as the matrix says, each kind once, at the smallest message that shows it.
    pub wrong: Vec<Finding>,
    /// Requests tried, by how they ended.
    pub ends: BTreeMap<&'static str, usize>,
    /// How many lossy cells were seen to be so.
    pub seen: usize,
    /// The reasons that explained something, by their numbers.
    pub reasons: BTreeSet<usize>,
}

impl Findings {
    pub fn tried(&self) -> usize {
        self.ends.values().sum()
    }

    pub fn ended(&self, end: End) -> usize {
        self.ends.get(end.name()).copied().unwrap_or_default()
    }
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
    pub fn of(from: &str, to: &str, what: &'static str) -> Finding {
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

    pub fn is(&self, what: &str, field: &str) -> bool {
        self.what == what && self.field == field
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

/// What one observer saw of one way, so far.
#[derive(Debug, Default)]
pub struct Tally {
    pub wrong: Vec<Finding>,
    pub ends: BTreeMap<&'static str, usize>,
    /// Lossy cells that were seen to be so, by where they stand.
    pub cells: HashSet<usize>,
    pub places: replies::Seen,
    pub reasons: BTreeSet<usize>,
}

/// Different findings that are told of one pair.
const MOST_FINDINGS: usize = 60;

impl Tally {
    /// Whether so much is wrong that more would help nobody.
    pub fn is_enough(&self) -> bool {
        self.wrong.len() >= MOST_FINDINGS
    }

    /// What another saw, too.
    pub fn add(&mut self, other: Tally) {
        for (end, many) in other.ends {
            *self.ends.entry(end).or_default() += many;
        }
        self.cells.extend(other.cells);
        for (place, shown) in other.places {
            let known = self.places.entry(place).or_default();
            known.filled |= shown.filled;
            known.differed |= shown.differed;
        }
        self.reasons.extend(other.reasons);
        for wrong in other.wrong {
            match self.wrong.iter_mut().find(|known| known.is(wrong.what, &wrong.field)) {
                Some(known) if known.message.len() > wrong.message.len() => *known = wrong,
                Some(_) => {}
                None => self.wrong.push(wrong),
            }
        }
    }

    /// All in all; a lossy cell that was never seen, and can't be for no reason, is wrong, too.
    pub fn sum(mut self, way: &Way, reasons: &Reasons) -> Findings {
        // Of messages that were not looked at any more, nothing is known.
        let unseen = if self.is_enough() { Vec::new() } else { self.unseen(way) };
        for (told, field) in unseen {
            match reasons.find(About::Cell, &way.from, &way.to, &told) {
                Some(reason) => drop(self.reasons.insert(reason)),
                None => self.wrong.push(way.unseen(told, field)),
            }
        }
        Findings {
            from: way.from.clone(),
            to: way.to.clone(),
            wrong: self.wrong,
            ends: self.ends,
            seen: self.cells.len(),
            reasons: self.reasons,
        }
    }

    /// Lossy cells that were not seen, and places of replies that were not seen as they are.
    fn unseen(&self, way: &Way) -> Vec<(String, &'static str)> {
        // Cells that differ in their grounds only have one name, and are one.
        let seen: HashSet<String> =
            way.lossy().filter(|(at, ..)| self.cells.contains(at)).map(|(_, told, _)| told).collect();
        let mut unseen: Vec<(String, &'static str)> = Vec::new();
        for (_, told, field) in way.lossy() {
            if !seen.contains(&told) && !unseen.iter().any(|(known, _)| *known == told) {
                unseen.push((told, field));
            }
        }
        for (at, told, field, lossy) in way.places() {
            let shown = self.places.get(&at).copied().unwrap_or_default();
            match lossy {
                true if !shown.differed => unseen.push((format!("{told}: never differs"), field)),
                false if !shown.filled => unseen.push((format!("{told}: always blank"), field)),
                _ => {}
            }
        }
        unseen
    }
}
