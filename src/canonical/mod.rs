//! The canonical model: vendor-neutral terms that every message is normalised into.
//!
//! Start at [`field::FIELDS`], the list of all fields with their types, and at [`Record`], what a message reads as.
//! Words have depth (`session.rdp` is a `session`), faults are dotted words too, and what a target can't carry is a
//! [`Loss`]. Knows no other module: no vendor, no JSON, no HTTP.
pub mod fault;
pub mod field;
mod loss;
mod record;
pub mod time;
pub mod word;

pub use fault::{Fault, Problem};
pub use field::{FieldId, Shape, Type};
pub use loss::{Fit, Loss, Supply, Treatment};
pub use record::{Record, Value};
