//! Why a message became what it became, value by value: made by the steps of the exchange itself, while they run.
//!
//! Start at [`ask`] and [`answer`], which are the exchange's own, with somebody watching, and hand out an
//! [`Explanation`] beside what they bring. What was read and written at each place is told by `mapping`; `became`
//! tells what happened to each canonical value in between. Where a step refuses, all that was known by then is told.
mod became;
mod recorder;

use crate::canonical::{Fault, Problem, Record};
use crate::mapping::{Held, Stand, Taken, Wrote};

use super::ask::ask_watched;
use super::matrix::Knower;
use super::{Answered, Came, Chosen, Context, Incoming, Prepared};

pub use super::watch::{Step, Supplier};
pub use became::{Became, Fate};

use recorder::Recorder;

/// Why a message became what it became.
#[derive(Debug, Default)]
pub struct Explanation {
    /// Each value of the message that came, in its order; then what its absences mean.
    pub read: Vec<Read>,
    /// What breaks the message's schema, or means nothing.
    pub problems: Vec<Problem>,
    /// Of a request: what happened to each canonical value on the way to the upstream.
    pub became: Vec<Became>,
    /// Of a reply: what the upstream told when it was asked again.
    pub again: Vec<Taken>,
    /// Of a reply: what it is made of, and who knew.
    pub known: Vec<Known>,
    /// Each value of the message that was written, in its order.
    pub written: Vec<Wrote>,
    /// Same dialect, variant and ids: the message goes through as it came.
    pub unchanged: bool,
    /// The step that refused, if one did.
    pub refused: Option<Refused>,
}

/// A value of a message that came.
#[derive(Debug, Clone)]
pub struct Read {
    /// Where in the call.
    pub part: Part,
    /// Place and value as they came, where they are read as the schema spells them.
    pub spelt: Option<(String, String)>,
    /// What became of it.
    pub taken: Taken,
}

/// A part of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The body.
    Body,
    /// The query.
    Query,
    /// The path.
    Path,
}

impl Part {
    /// As it stands in explanations.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Body => "body",
            Part::Query => "query",
            Part::Path => "path",
        }
    }
}

/// A value that a reply is made of.
#[derive(Debug, Clone)]
pub struct Known {
    /// The value.
    pub held: Held,
    /// Who knew it.
    pub by: Knower,
}

/// Where it ended.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The step.
    pub step: Step,
    /// The fault.
    pub fault: Fault,
}

/// A line of the crosswalk that says what a reference is at the other side.
#[derive(Debug, Clone)]
pub struct Crossed {
    /// What kind of reference: `target`.
    pub kind: &'static str,
    /// The line.
    pub by: Stand,
    /// The spaces that it leads from and to.
    pub spaces: (String, String),
}

/// [`ask`](super::ask()), and why.
pub fn ask<'c>(
    incoming: &Incoming<'_>,
    context: Context<'_>,
    route: impl FnOnce(&Record<'_>) -> Result<Chosen<'c>, Fault>,
) -> (Result<Prepared, Fault>, Explanation) {
    let mut recorder = Recorder::asking(incoming, context);
    let prepared = ask_watched(incoming, context, route, &mut recorder);
    let explanation =
        recorder.finish(prepared.as_ref().err(), prepared.as_ref().is_ok_and(Prepared::unchanged));
    (prepared, explanation)
}

/// [`Prepared::answer`], and why.
pub fn answer(
    prepared: &Prepared,
    came: Came<'_>,
    again: Option<Came<'_>>,
    number: u64,
    context: Context<'_>,
) -> (Result<Answered, Fault>, Explanation) {
    let mut recorder = Recorder::answering(prepared);
    let heard = prepared.hear_watched(came, context, &mut recorder);
    let answered =
        heard.and_then(|heard| prepared.reply_watched(heard, came, again, (number, context), &mut recorder));
    let explanation = recorder.finish(answered.as_ref().err(), prepared.unchanged());
    (answered, explanation)
}
