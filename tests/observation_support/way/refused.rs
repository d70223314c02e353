//! Requests that are refused: by the gateway alone, as the matrix foretells or not; by both, and in the same way.
use pamgate::canonical::{Fault, Shape, Treatment};
use pamgate::exchange::matrix::{Asks, Cell, Meets};

use super::super::cells::{self, is_of, is_reference};
use super::super::compare::refusals;
use super::super::facts::{FIELDS, Facts};
use super::super::faults::Refusal;
use super::super::reasons::{About, Reasons};
use super::super::servers::Stored;
use super::super::speakers::House;
use super::{End, REQUESTER, Seen, Way};

impl Way {
    /// Both refuse: what the caller is answered, beside what its own server says.
    pub(super) fn both_refuse(&self, reasons: &Reasons, own: &Stored, changed: usize, fault: &Fault) -> Seen {
        // Where several things are wrong, which of them is told is nobody's contract.
        if changed > 1 {
            return Seen::end(End::Refused);
        }
        let caller = &self.pair.caller.dialect;
        let (status, body) = caller.write_fault(caller.operation("request.create"), fault);
        let body = String::from_utf8_lossy(&body);
        let theirs = Refusal::read(self.caller.house, own.status, &own.body);
        let ours = Refusal::read(self.caller.house, status, &body);
        let Some(told) = theirs.unlike(&ours) else { return Seen::end(End::Refused) };
        let told = format!("{told}: {}", fault.word);
        match reasons.find(About::Fault, &self.from, &self.to, &told) {
            Some(reason) => Seen { reasons: vec![reason], ..Seen::end(End::Refused) },
            None => {
                let detail = format!("{told}; there {}, here {body} {:?}", own.body, fault.cause);
                Seen::wrong("refused otherwise", &told, detail)
            }
        }
    }

    /// The gateway refused what the own server grants.
    pub(super) fn refused(&self, reasons: &Reasons, from: &str, asked: &Facts, fault: &Fault) -> Seen {
        let (mut hits, mut foretold) = (Vec::new(), Vec::new());
        let texts =
            || fault.problems.iter().map(|problem| problem.text.as_str()).chain([fault.text.as_str()]);
        let names = |cell: &Cell| texts().any(|text| text.split([' ', ',']).any(|word| word == cell.field));
        for asks in self.forms(from) {
            for (_, cell) in refusals(asks, asked) {
                let fits = match &cell.meets {
                    Meets::Fits { fit, .. } => {
                        let refused =
                            fault.losses.iter().filter(|loss| loss.field == cell.field && loss.fit == *fit);
                        foretold.extend(refused.clone().map(|loss| loss.field));
                        fault.word == "invalid.not-carried" && refused.count() > 0
                    }
                    _ => fault.word == "invalid.incomplete" && names(cell),
                };
                if fits {
                    hits.push(cells::at(cell));
                }
            }
        }
        if !hits.is_empty() {
            // All that it is refused for, and not only the first.
            if let Some(other) = fault.losses.iter().find(|loss| !foretold.contains(&loss.field)) {
                let all: Vec<String> = fault.losses.iter().map(ToString::to_string).collect();
                let told = format!("{}: {}", fault.word, all.join("; "));
                let explained = reasons.find(About::GatewayRefuses, &self.from, &self.to, &told);
                return Seen::explained(explained, "refused, and not foretold", other.field, told);
            }
            return Seen { end: End::RefusedAsForetold, hits, wrong: Vec::new(), reasons: Vec::new() };
        }
        // Said by the upstream's session: it is refused where that is somebody else's.
        let other = fault.word == "not-permitted.other-requester"
            && asked.text("requester") != Some(REQUESTER)
            && self.forms(from).any(|asks| asks.cells.iter().any(|cell| cell.field == "requester"));
        if other || self.forms(from).any(|asks| notes_too_long(asks, asked, fault, self.upstream.house)) {
            return Seen::end(End::RefusedAsForetold);
        }
        let detail = format!("{}: {:?} {:?}", fault.word, texts().collect::<Vec<_>>(), fault.cause);
        let explained = reasons.find(About::GatewayRefuses, &self.from, &self.to, &detail);
        Seen::explained(explained, "refused by the gateway alone", fault.word, detail)
    }
}

/// The characters that a reason may have at a server.
fn longest_reason(house: House) -> usize {
    if house == House::Vaultline { 400 } else { 1000 }
}

/// Where the reason has no room left for a note, the request is refused.
fn notes_too_long(asks: &Asks, asked: &Facts, fault: &Fault, upstream: House) -> bool {
    let longest = longest_reason(upstream);
    let Some(named) = fault.text.strip_prefix("what must be noted of ") else { return false };
    let named = named.trim_end_matches(" does not fit into the reason").split(", ");
    let mut length = asked.text("reason.text").map_or(0, |reason| reason.chars().count());
    for name in named {
        let noted = asks.cells.iter().any(|cell| {
            let note =
                matches!(&cell.meets, Meets::Fits { treatment: Some(Treatment::Note), wrote: None, .. });
            cell.field == name && note
        });
        let fact = FIELDS.iter().find(|fact| is_of(fact, name));
        let (Some(fact), true) = (fact, noted) else { return false };
        let sentence = Shape::Access.find(name).map_or(0, |id| Shape::Access.field(id).note.chars().count());
        // Of a reference, at most its name.
        // What nobody is seen to have asked for is as long as it may be.
        let value = asked.text(fact).map_or(longest, |value| value.chars().count());
        length += 1 + sentence + if is_reference(fact) { value.max(20) } else { value };
    }
    length > longest
}
