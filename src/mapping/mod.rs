//! Mapping tables: parse → check → compile → run.
//!
//! A row is a lens between one place in a vendor's message and one canonical field: the same row reads and writes.
//! Start at [`compile`]; what it lets through can't fail for a reason that stands in the table. Then
//! [`Message::read`], [`Message::write`] and [`Message::fit`]. Knows `json`, `canonical` and `diagnostic`; knows no
//! vendor and no HTTP; does no I/O.
mod compile;
mod cover;
mod lens;
mod path;
mod program;
mod read;
pub mod says;
pub mod schema;
mod shown;
mod stand;
mod taken;
#[cfg(test)]
mod tests;
mod took;
mod ways;
mod write;
mod wrote;

pub use compile::{Shared, compile};
pub use program::{Carry, Message};
pub use read::Reading;
pub use shown::{CaseTold, Shown};
pub use stand::Stand;
pub use taken::{Held, Taken, leaves};
pub use took::Took;
pub use write::Fitting;
pub use wrote::{Why, Wrote};
