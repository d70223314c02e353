//! The matrix of losses: what would become of every value between two dialects, computed from their tables alone.
//!
//! Start at [`Pair::losses`]. `asks` computes the way in, `fits` what one value of one field meets at one target,
//! `replies` the way back. Tells what [`decide`](super::decide) does and shares nothing with it but the tables: it
//! never reads, writes or fits a record, so that each can be held against the other.
mod asks;
mod fits;
mod replies;

use std::fmt;

use jiff::Timestamp;

use crate::canonical::time::read_length;
use crate::canonical::{Fit, Treatment};

use super::{Pair, Policy};

/// What is lost between two sides in one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The caller's dialect, with its variant.
    pub from: String,
    /// The upstream's.
    pub to: String,
    /// The canonical verb.
    pub operation: String,
    /// Same dialect, variant and ids: messages pass as they are.
    pub unchanged: bool,
    /// A part for each of the caller's forms and each of the upstream's that may be written for it.
    pub asks: Vec<Asks>,
    /// A part for each of the caller's replies.
    pub replies: Vec<Reply>,
}

/// One form of a request, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// The caller's form: method and path, as its table writes them.
    pub from: String,
    /// The upstream's.
    pub to: String,
    /// In the order of the canonical fields.
    pub cells: Vec<Cell>,
}

/// What becomes of some values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The canonical field; of a reference that is looked up as one, the name before its parts: `target`.
    pub field: &'static str,
    /// Which of its values.
    pub said: Said,
    /// What becomes of them.
    pub meets: Meets,
    /// Why, where the table's limits alone don't tell.
    pub why: Option<String>,
}

/// Which values of a field a cell is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// All that no other cell of the field is about.
    Any,
    /// This one.
    Word(String),
    /// Lengths below so many seconds.
    Shorter(i64),
    /// Lengths above so many seconds.
    Longer(i64),
    /// Lengths that are no multiples of so many seconds.
    Uneven(i64),
    /// Times before so many seconds since 1970.
    Before(i64),
    /// Times after so many seconds since 1970.
    After(i64),
    /// Times that are not a whole second.
    Fraction,
    /// Texts of more characters.
    Chars(u64),
    /// What is no whole number within these bounds.
    Outside(Option<i128>, Option<i128>),
    /// Any, where this other field is known too.
    Beside(&'static str),
    /// References of which the crosswalk knows nothing.
    Unknown,
    /// None: it was not said.
    Unsaid,
}

/// What becomes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meets {
    /// The target's table decides, and the policy.
    Fits {
        /// How it fits.
        fit: Fit,
        /// What is done, where it does not fit.
        treatment: Option<Treatment>,
        /// What is written instead, where something is: a word; of a length, that it is rounded.
        wrote: Option<String>,
    },
    /// The gateway adds this value.
    Supplied(String),
    /// The target needs it, nobody supplies it: the request is refused.
    Missing,
}

/// One reply of the caller's dialect, and who fills its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its outcome.
    pub outcome: String,
    /// Its HTTP status.
    pub status: u16,
    /// In the order of the caller's table.
    pub places: Vec<Place>,
}

/// One place of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As a JSON pointer; empty: the whole document.
    pub place: String,
    /// The canonical fields of which any fills it.
    pub fields: Vec<&'static str>,
    /// Who may know them; nobody: the place is blank.
    pub known: Vec<Knower>,
    /// What stands there where nobody knows; none: it is left out.
    pub blank: Option<String>,
}

/// Who knows what a reply shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knower {
    /// The upstream's answer.
    Answered,
    /// The upstream's answer to the second question.
    AskedAgain,
    /// The caller asked for it itself.
    Asked,
    /// The policy supplied it.
    Supplied,
    /// The crosswalk.
    Crosswalk,
    /// The gateway: its clock, its principals, the ids that it gives out.
    Gateway,
}

impl Pair {
    /// What is lost in an operation, both ways; none where the operation does not go from one to the other.
    pub fn losses(&self, operation: &str, policy: &Policy) -> Option<Matrix> {
        let at = self.caller.dialect.operations().iter().position(|one| one.word == operation)?;
        let plan = self.plans.get(at)?.as_ref()?;
        let ours = &self.caller.dialect.operations()[at];
        let theirs = &self.upstream.dialect.operations()[plan.operation];
        let across = asks::Across { pair: self, ours, theirs, policy };
        let (asks, replies) = match self.unchanged {
            true => (Vec::new(), Vec::new()),
            false => (across.asks(), across.replies(plan.again)),
        };
        Some(Matrix {
            from: self.caller.dialect.label(),
            to: self.upstream.dialect.label(),
            operation: operation.to_owned(),
            unchanged: self.unchanged,
            asks,
            replies,
        })
    }
}

impl Matrix {
    /// Whether a value of a field may arrive less than as it was said, so that what is configured of it means something.
    pub fn may_lose(&self, field: &str) -> bool {
        let lost = |cell: &Cell| matches!(cell.meets, Meets::Fits { .. }) && cell.meets.is_told();
        self.cells(field).any(lost)
    }

    /// Whether a field may be added that was not said.
    pub fn may_supply(&self, field: &str) -> bool {
        self.cells(field).any(|cell| matches!(cell.meets, Meets::Supplied(_)))
    }

    fn cells(&self, field: &str) -> impl Iterator<Item = &Cell> {
        self.asks.iter().flat_map(|asks| &asks.cells).filter(move |cell| cell.field == field)
    }
}

impl Said {
    /// Whether a value, as a person reads it, is among them.
    pub fn covers(&self, value: &str) -> bool {
        let length = read_length(value);
        let time = || value.parse::<Timestamp>().ok();
        match self {
            Said::Any | Said::Beside(_) => true,
            Said::Word(word) => word == value,
            Said::Shorter(seconds) => length.is_some_and(|length| length < *seconds),
            Said::Longer(seconds) => length.is_some_and(|length| length > *seconds),
            Said::Uneven(seconds) => length.is_some_and(|length| length % seconds != 0),
            Said::Before(seconds) => time().is_some_and(|time| time.as_second() < *seconds),
            Said::After(seconds) => time().is_some_and(|time| time.as_second() > *seconds),
            Said::Fraction => time().is_some_and(|time| time.subsec_nanosecond() != 0),
            Said::Chars(most) => value.chars().count() as u64 > *most,
            Said::Outside(least, most) => !value.parse::<i128>().is_ok_and(|number| {
                least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
            }),
            Said::Unknown | Said::Unsaid => false,
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Any => f.write_str("any"),
            Said::Word(word) => f.write_str(word),
            Said::Shorter(seconds) => write!(f, "below {}", length(*seconds)),
            Said::Longer(seconds) => write!(f, "above {}", length(*seconds)),
            Said::Uneven(seconds) => write!(f, "not in steps of {}", length(*seconds)),
            Said::Before(seconds) => write!(f, "before {}", moment(*seconds)),
            Said::After(seconds) => write!(f, "after {}", moment(*seconds)),
            Said::Fraction => f.write_str("with a fraction of a second"),
            Said::Chars(most) => write!(f, "over {most} characters"),
            Said::Outside(Some(least), Some(most)) => write!(f, "no number of {least} to {most}"),
            Said::Outside(Some(least), None) => write!(f, "no number from {least}"),
            Said::Outside(None, Some(most)) => write!(f, "no number up to {most}"),
            Said::Outside(None, None) => f.write_str("no whole number"),
            Said::Beside(other) => write!(f, "any beside {other}"),
            Said::Unknown => f.write_str("unknown to the crosswalk"),
            Said::Unsaid => f.write_str("not said"),
        }
    }
}

/// A length as a person reads it: `31 days`, `365 days 59 seconds`.
fn length(seconds: i64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let mut rest = seconds;
    let mut told: Vec<String> = Vec::new();
    for (unit, name) in units {
        let amount = rest / unit;
        rest %= unit;
        if amount != 0 || (told.is_empty() && unit == 1) {
            told.push(format!("{amount} {name}{}", if amount == 1 { "" } else { "s" }));
        }
    }
    told.join(" ")
}

/// A second since 1970 as a person reads it.
fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| format!("second {seconds}"), |time| time.to_string())
}

impl Meets {
    /// Whether something that was asked for does not arrive as it was, or something arrives that was not asked for.
    pub fn is_told(&self) -> bool {
        !matches!(self, Meets::Fits { fit: Fit::Exact | Fit::Neutral, .. })
    }

    /// As it stands in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Meets::Fits { fit, .. } => fit.as_str(),
            Meets::Supplied(_) => "supplied",
            Meets::Missing => "missing",
        }
    }
}

impl Knower {
    /// As it stands in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Knower::Answered => "answered",
            Knower::AskedAgain => "asked again",
            Knower::Asked => "asked",
            Knower::Supplied => "supplied",
            Knower::Crosswalk => "crosswalk",
            Knower::Gateway => "gateway",
        }
    }
}
