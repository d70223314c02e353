//! One request: what its caller's own server stored, beside what the upstream stored, cell by cell.
//!
//! Start at [`Compared::records`]. What differs must stand in a cell of the matrix and in the list of losses, with one
//! word; what such a list tells must have differed.
use pamgate::canonical::field::FIELDS as CANONICAL;
use pamgate::canonical::{Loss, Treatment};
use pamgate::exchange::Prepared;
use pamgate::exchange::matrix::{Asks, Cell, Meets};

use super::cells::{foretells, is_of, is_reference, meets, refuses, speaking, unsaid};
use super::facts::{FIELDS, Facts};
use super::known;
use super::speakers::House;

/// Something that is not as the matrix says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What kind of thing: with the field, what tells one finding from another.
    pub what: &'static str,
    pub field: String,
    pub detail: String,
}

#[derive(Debug, Default)]
pub struct Compared<'m> {
    /// Cells that were seen to be so.
    pub hits: Vec<&'m Cell>,
    pub wrong: Vec<Wrong>,
    /// The losses and supplies that were seen.
    lost: Vec<usize>,
    supplied: Vec<usize>,
}

/// Both sides of one request.
pub struct Both<'b> {
    pub upstream: House,
    pub asked: &'b Facts,
    pub stored: &'b Facts,
    pub prepared: &'b Prepared,
    /// Whether the upstream was told for whom.
    pub named: bool,
}

impl<'m> Compared<'m> {
    pub fn records(asks: &'m Asks, both: &Both<'_>) -> Compared<'m> {
        let mut found = Compared::default();
        for field in FIELDS {
            match *field {
                "reason.text" => {}
                // Which application it is belongs to the target; a server without applications has none.
                "application" if both.stored.get(field).is_none() && both.upstream != House::BeyondTrust => {}
                "application" if both.asked.get(field).is_none() => {}
                field => found.field(asks, both, field),
            }
        }
        found.reason(asks, both);
        found.lists(both);
        found
    }

    fn field(&mut self, asks: &'m Asks, both: &Both<'_>, field: &'static str) {
        let stored = both.stored.text(field);
        let Some(asked) = both.asked.get(field) else {
            return if let Some(stored) = stored {
                self.unasked(asks, both, field, stored)
            };
        };
        let counts = both.asked.counts(field);
        let same = |stored: &str| match field {
            "access.kind" => known::same_kind(&asked.text, stored),
            _ => asked.text == stored,
        };
        let told = format!("{} was asked for, {} was stored", asked.text, stored.unwrap_or("nothing"));
        if stored.is_some_and(same) {
            if field == "requester" && !counts && both.named {
                self.supply(asks, both, field, stored.unwrap_or_default());
            }
            if counts && !self.quietly(asks, field, &asked.text) {
                self.add("foretold, and not lost", field, told);
            }
            return;
        }
        if !counts {
            // Not said: what the server does anyway need not be done elsewhere, unless it is said otherwise there.
            if stored.is_some() && !always(both, field) {
                self.add("changed, and nobody said so", field, told);
            }
            return;
        }
        let otherwise = always(both, field) || stored == known::default(both.upstream, field);
        let cells = speaking(asks, field, &asked.text);
        let foretold = |cell: &&&Cell| foretells(cell, &asked.text, stored, otherwise);
        // Of a reference, the part that was told to be lost.
        let told_of = |cell: &&&Cell| both.prepared.losses.iter().any(|loss| loss.field == cell.field);
        let mut foretelling = cells.iter().filter(foretold);
        let cell = foretelling.clone().find(told_of).or_else(|| foretelling.next());
        let Some(cell) = cell else {
            let cells: Vec<String> =
                cells.iter().map(|cell| format!("{}: {}", cell.said, meets(cell))).collect();
            return self.add("not foretold", field, format!("{told}; the cells: {}", cells.join("; ")));
        };
        self.hits.push(cell);
        self.loss(both, cell, field, &asked.text);
    }

    /// Whether a cell says that a value arrives.
    fn quietly(&self, asks: &Asks, field: &str, value: &str) -> bool {
        speaking(asks, field, value).iter().any(|cell| !cell.meets.is_told()) || field == "application"
    }

    /// What the upstream stored, and nobody asked for.
    fn unasked(&mut self, asks: &'m Asks, both: &Both<'_>, field: &'static str, stored: &str) {
        let default = known::default(both.upstream, field) == Some(stored);
        if !(default || always(both, field)) {
            self.supply(asks, both, field, stored);
        }
    }

    fn supply(&mut self, asks: &'m Asks, both: &Both<'_>, field: &'static str, stored: &str) {
        let cell = unsaid(asks, field).find(
            |cell| matches!(&cell.meets, Meets::Supplied(value) if value == stored || is_reference(field)),
        );
        let told = both.prepared.supplies.iter().position(|supply| is_of(field, supply.field));
        match (cell, told) {
            (Some(cell), Some(told)) => {
                self.hits.push(cell);
                self.supplied.push(told);
            }
            (None, _) => self.add("nobody asked for it", field, format!("{stored} was stored")),
            (_, None) => self.add("supplied, and not told", field, format!("{stored} was stored")),
        }
    }

    /// A loss that was seen is told, in the cell's words.
    fn loss(&mut self, both: &Both<'_>, cell: &Cell, field: &'static str, asked: &str) {
        let Meets::Fits { fit, treatment, wrote } = &cell.meets else { return };
        let exactly = !is_reference(field) && !["extra", "access.parameters"].contains(&field);
        let told = both.prepared.losses.iter().position(|loss| {
            is_of(field, loss.field)
                && (loss.fit, Some(loss.treatment), loss.wrote.is_some())
                    == (*fit, *treatment, wrote.is_some())
                && (!exactly || loss.value == asked)
        });
        match told {
            Some(told) => {
                // Of a reference, each part that was said.
                let parts = both.prepared.losses.iter().enumerate();
                let parts =
                    parts.filter(|(at, loss)| *at == told || is_reference(field) && is_of(field, loss.field));
                self.lost.extend(parts.map(|(at, _)| at));
            }
            None => {
                let losses: Vec<String> = both.prepared.losses.iter().map(ToString::to_string).collect();
                let detail = format!("{asked}: {}; told: {}", meets(cell), losses.join("; "));
                self.add("lost, and not told", field, detail);
            }
        }
    }

    /// The requester's own words, and behind them the notes of what was lost; nothing else.
    fn reason(&mut self, asks: &'m Asks, both: &Both<'_>) {
        let (asked, stored) = (both.asked.text("reason.text"), both.stored.text("reason.text"));
        let told = || format!("{asked:?} was asked for, {stored:?} was stored");
        let rest = stored.unwrap_or_default().strip_prefix(asked.unwrap_or_default());
        let Some(rest) = rest else { return self.add("not foretold", "reason.text", told()) };
        if let Some(asked) = asked
            && !self.quietly(asks, "reason.text", asked)
        {
            self.add("foretold, and not lost", "reason.text", told());
        }
        let mut rest = rest.trim_start();
        for field in CANONICAL {
            let noted = |loss: &&Loss| {
                loss.field == field.name && loss.treatment == Treatment::Note && loss.wrote.is_none()
            };
            let Some(loss) = both.prepared.losses.iter().find(noted) else { continue };
            match after_note(rest, field.note, loss, both.asked) {
                Some(after) => rest = after.trim_start(),
                None => self.add("not noted", field.name, told()),
            }
        }
        if !rest.is_empty() {
            self.add("noted, and not lost", "reason.text", told());
        }
    }

    /// What is told must have been seen.
    fn lists(&mut self, both: &Both<'_>) {
        let losses = both.prepared.losses.iter().enumerate().filter(|(at, _)| !self.lost.contains(at));
        let losses: Vec<(&str, String)> = losses.map(|(_, loss)| (loss.field, loss.to_string())).collect();
        let supplies = both.prepared.supplies.iter().enumerate();
        let supplies = supplies.filter(|(at, _)| !self.supplied.contains(at));
        let supplies: Vec<(&str, String)> =
            supplies.map(|(_, supply)| (supply.field, supply.to_string())).collect();
        for (field, detail) in losses {
            self.add("told, and not lost", field, detail);
        }
        for (field, detail) in supplies {
            self.add("told, and not supplied", field, detail);
        }
    }

    fn add(&mut self, what: &'static str, field: &str, detail: String) {
        self.wrong.push(Wrong { what, field: field.to_owned(), detail });
    }
}

/// Whether the upstream stored what it does anyway, without a place to say it.
fn always(both: &Both<'_>, field: &str) -> bool {
    let stored = both.stored.text(field);
    known::always(both.upstream, &both.prepared.call.path)
        .iter()
        .any(|(of, value)| *of == field && Some(*value) == stored)
}

/// What stands behind a loss's note, if the text begins with it.
fn after_note<'t>(text: &'t str, template: &str, loss: &Loss, asked: &Facts) -> Option<&'t str> {
    let (before, after) = template.split_once("{}").unwrap_or(("Asked for, and not to be said here: ", "."));
    let rest = text.strip_prefix(before)?;
    let fact = FIELDS.iter().find(|fact| is_of(fact, loss.field))?;
    // Vendors' servers refuse `<`.
    let plain = |text: &str| text.replace(['<', '>'], " ").replace(char::is_control, " ");
    if is_reference(fact) {
        // By what people call it, or by what was said.
        let behind = |value: &str| rest.strip_prefix(plain(value).as_str())?.strip_prefix(after);
        let (called, said) = (asked.text(fact).unwrap_or_default(), loss.value.as_str());
        return behind(called).or_else(|| behind(said)).or_else(|| known::names(said).find_map(behind));
    }
    // What nobody is seen to have asked for is told of elsewhere; a question is answered as people do.
    let value = match asked.text(fact).unwrap_or(&loss.value) {
        "true" => "yes",
        "false" => "no",
        value => value,
    };
    rest.strip_prefix(plain(value).as_str())?.strip_prefix(after)
}

/// Of what was asked for, the cells that say it is refused, and whether any says it must be.
pub fn refusals<'m>(asks: &'m Asks, asked: &Facts) -> Vec<(&'static str, &'m Cell)> {
    let counted = FIELDS.iter().filter(|field| asked.counts(field));
    let said = counted.flat_map(|field| {
        let value = asked.text(field).unwrap_or_default();
        speaking(asks, field, value).into_iter().map(move |cell| (*field, cell))
    });
    let not_said = FIELDS.iter().filter(|field| asked.get(field).is_none() || is_reference(field));
    let missing = not_said.flat_map(|field| unsaid(asks, field).map(move |cell| (*field, cell)));
    said.chain(missing).filter(|(_, cell)| refuses(cell)).collect()
}
