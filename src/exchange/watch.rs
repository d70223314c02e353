//! What the steps of an exchange tell to whoever watches them.
//!
//! Start at [`Watch`]. The steps are the same whether anybody watches: [`Unwatched`] hears nothing, and costs nothing,
//! for each step is compiled once for it alone. [`explain`](super::explain) is who listens.
use crate::canonical::{FieldId, Fit, Record, Supply, Treatment, Value};
use crate::crosswalk::{Entry, Kind};
use crate::dialect::MessageEntry;
use crate::json::{Document, ReadOptions};
use crate::mapping::Reading;

use super::ask::Chosen;
use super::matrix::Knower;

/// The steps, in the order of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The bytes become a document that fits its schema, and the document becomes canonical.
    Read,
    /// An upstream is chosen.
    Route,
    /// References become the upstream's.
    Resolve,
    /// What is supplied, and what of the losses is refused, noted or dropped.
    Decide,
    /// The upstream's message is written, and held against its schema.
    Render,
    /// The upstream's answer is understood.
    Hear,
    /// The caller's reply is written.
    Reply,
}

impl Step {
    /// As it stands in explanations.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Read => "read",
            Step::Route => "route",
            Step::Resolve => "resolve",
            Step::Decide => "decide",
            Step::Render => "render",
            Step::Hear => "hear",
            Step::Reply => "reply",
        }
    }
}

/// Who supplied a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supplier {
    /// The user that the upstream is called as.
    AsUser,
    /// The configuration, or an option.
    Configured,
    /// Nobody said otherwise.
    Default,
}

/// A part of a reference, as it was said: its field and its text.
pub(super) type Given<'g> = (FieldId, &'g str);

/// What became of a reference.
#[derive(Debug)]
pub(super) enum Reference<'c> {
    /// An entry of the crosswalk says what it is at the upstream.
    Crossed(Kind, Entry<'c>),
    /// The upstream has no place for it; an entry of the crosswalk says what people call it.
    Named(Kind, Entry<'c>),
    /// It leads nowhere, and the caller's server makes nothing of such a name.
    LeftOut,
    /// The upstream's session says it.
    Session,
}

/// What a value met at the upstream's table.
#[derive(Debug)]
pub(super) struct Weighed<'w> {
    pub(super) field: FieldId,
    pub(super) value: &'w Value<'w>,
    /// None: it was not held against the table.
    pub(super) fit: Option<Fit>,
    pub(super) treatment: Option<Treatment>,
    pub(super) wrote: Option<&'w str>,
    /// Why it is no loss, where that isn't plain.
    pub(super) why: &'static str,
}

/// Hears what the steps do. Each method is called as soon as what it tells is known.
pub(super) trait Watch {
    /// A step begins.
    fn step(&mut self, _: Step) {}
    /// A body is to be read.
    fn body(&mut self, _: &MessageEntry, _: &[u8], _: ReadOptions, _: Reading<'_>) {}
    /// A query has become a document.
    fn query(&mut self, _: &MessageEntry, _: &Document<'_>, _: Reading<'_>) {}
    /// All that the message says.
    fn read(&mut self, _: &Record<'_>) {}
    /// The other side is chosen.
    fn chosen(&mut self, _: &Chosen<'_>) {}
    /// These fields were one reference.
    fn reference(&mut self, _: &[Given<'_>], _: &Reference<'_>) {}
    /// A value was added.
    fn supplied(&mut self, _: FieldId, _: &Supply, _: Supplier) {}
    /// A value was held against the upstream's table.
    fn weighed(&mut self, _: &Weighed<'_>) {}
    /// A sentence for approvers was made of a value.
    fn noted(&mut self, _: FieldId, _: &str) {}
    /// A message was written of a record, and is not yet held against its schema.
    fn wrote(&mut self, _: &MessageEntry, _: &Record<'_>, _: &Document<'_>) {}
    /// What the reply is made of, after somebody's knowledge was added.
    fn known(&mut self, _: Knower, _: &Record<'_>) {}
}

/// Nobody watches.
#[derive(Debug)]
pub(super) struct Unwatched;

impl Watch for Unwatched {}
