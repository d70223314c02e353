//! The translation path, without a network: a caller's call → an upstream's call; the upstream's answer → the caller's.
//!
//! Start at [`ask`] for the way in and at [`Prepared::answer`] for the way back. The steps stand in the order of the
//! flow, a file each: [`read`](ask), [`resolve`], [`decide`], render, and then [`answer`]. Everything that can fail
//! for a reason in the message fails here, before anything is sent. The gateway, `pamgate translate` and the tests
//! that need no sockets all go this way. Knows `canonical`, `json`, `mapping`, `dialect`, `crosswalk`; does no I/O.
mod answer;
mod ask;
mod decide;
pub mod explain;
mod groups;
pub mod matrix;
mod overlay;
mod policy;
mod resolve;
#[cfg(test)]
mod tests;
pub mod told;
mod watch;

use std::sync::Arc;

use jiff::Timestamp;

use crate::canonical::{FieldId, Loss, Record, Supply};
use crate::crosswalk::Crosswalk;
use crate::dialect::{Dialect, field_mask};
use crate::json::{Keep, Limits};

pub use answer::{Answered, Came, Heard};
pub use ask::{Chosen, Incoming, ask};
pub use policy::Policy;
pub use resolve::target;

/// One side of an exchange.
#[derive(Debug, Clone)]
pub struct Side {
    /// What it speaks.
    pub dialect: Arc<Dialect>,
    /// The space that its ids belong to: a column of the crosswalk.
    pub space: Arc<str>,
}

/// Caller and upstream, with what is planned for them once.
#[derive(Debug)]
pub struct Pair {
    /// Who asks.
    pub caller: Side,
    /// Who is asked.
    pub upstream: Side,
    /// Same dialect, variant and ids: messages go through unchanged.
    pub unchanged: bool,
    /// By the caller's operations.
    plans: Vec<Option<Plan>>,
}

/// What is known of one operation between two sides before anything is asked.
#[derive(Debug)]
struct Plan {
    /// The upstream's operation of the same word.
    operation: usize,
    /// The fields of the upstream's answer that the caller's reply shows, or that are kept.
    wanted: Vec<bool>,
    /// What of an answer is kept for them, by the number of its message.
    keeps: Vec<(usize, Keep)>,
    /// Whether the caller's reply shows more than ids, or a minted id is made of more than a number: then what was
    /// asked is kept for it.
    shows_asked: bool,
    /// By group of references: whether the upstream's operation has a place for it.
    places: [bool; groups::GROUPS_COUNT],
    /// Whether the caller's reply shows what the upstream's answer doesn't tell, so that it is asked again.
    again: bool,
}

/// The principal, as the two sides know it.
#[derive(Debug, Clone, Default)]
pub struct Principal {
    /// The name that the caller's dialect has for it.
    pub name: String,
    /// The user that the gateway is at the upstream, for this principal.
    pub as_user: Option<String>,
}

/// What every exchange needs.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// References between the sides.
    pub crosswalk: &'c Crosswalk,
    /// The clock.
    pub now: Timestamp,
    /// How much a message may hold.
    pub limits: Limits,
}

/// A call to the upstream, ready to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// In capitals.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// None: without a body.
    pub body: Option<Vec<u8>>,
}

/// A caller's call, prepared: nothing that can still fail for a reason in the message comes after this.
#[derive(Debug)]
pub struct Prepared {
    /// Between whom.
    pub pair: Arc<Pair>,
    caller_operation: usize,
    upstream_operation: usize,
    /// What is sent.
    pub call: Outgoing,
    /// What was asked, for the reply; none where the reply shows ids only.
    asked: Option<Box<Record<'static>>>,
    /// What the crosswalk knows of the target in the caller's words, for the same.
    known: Vec<(FieldId, String)>,
    /// What was asked, in canonical form: kept with the request.
    pub canonical: String,
    /// What the upstream doesn't get, or gets coarser.
    pub losses: Vec<Loss>,
    /// What was added.
    pub supplies: Vec<Supply>,
    /// When it was asked.
    pub now: Timestamp,
    /// The caller's name for who asks, for the same.
    principal: String,
}

impl Pair {
    /// Plans what two sides can do together.
    pub fn new(caller: Side, upstream: Side) -> Pair {
        let same_dialect = caller.dialect.name == upstream.dialect.name
            && caller.dialect.variant == upstream.dialect.variant;
        let unchanged = same_dialect && caller.space == upstream.space;
        let plans = caller.dialect.operations().iter();
        let plans = plans.map(|operation| plan(&caller, &upstream, &operation.word)).collect();
        Pair { caller, upstream, unchanged, plans }
    }
}

fn plan(caller: &Side, upstream: &Side, word: &str) -> Option<Plan> {
    use crate::canonical::field::known::{REQUEST_ID, STATUS};
    let same = caller.dialect.name == upstream.dialect.name;
    // Crossing what isn't creating comes later.
    if word != "request.create" && !same {
        return None;
    }
    let operation = upstream.dialect.operations().iter().position(|operation| operation.word == word)?;
    let theirs = &upstream.dialect.operations()[operation];
    let ours = caller.dialect.operation(word)?;
    let shown = |dialect: &Dialect, outcomes: &[crate::dialect::Outcome]| -> Vec<FieldId> {
        let messages = outcomes.iter().filter_map(|outcome| outcome.message);
        messages.flat_map(|number| dialect.message(number).message.speaks_of()).collect()
    };
    let mut wanted = shown(&caller.dialect, &ours.outcomes);
    let told = shown(&upstream.dialect, &theirs.outcomes);
    let again = theirs.again.is_some() && wanted.contains(&STATUS) && !told.contains(&STATUS);
    let shows_asked = wanted.iter().any(|field| *field != REQUEST_ID) || caller.dialect.mint.names_fields();
    wanted.push(REQUEST_ID);
    let answers = theirs.outcomes.iter().filter_map(|outcome| outcome.message);
    for message in answers.map(|number| &upstream.dialect.message(number).message) {
        let by: Vec<FieldId> = wanted.iter().filter_map(|field| message.read_by(*field)).collect();
        wanted.extend(by);
    }
    let places = groups::places(&upstream.dialect, theirs);
    let wanted = field_mask(wanted);
    let answers = theirs.outcomes.iter().filter_map(|outcome| outcome.message);
    let keeps = answers.filter_map(|number| Some((number, upstream.dialect.message(number).keep(&wanted)?)));
    Some(Plan { operation, keeps: keeps.collect(), wanted, shows_asked, places, again })
}

impl Plan {
    /// What of an answer is kept; none: all.
    fn keep(&self, message: usize) -> Option<&Keep> {
        self.keeps.iter().find(|(number, _)| *number == message).map(|(_, keep)| keep)
    }
}
