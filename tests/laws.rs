//! The laws of the language as generated tests, over every message of every dialect and variant, the fourth included.
//!
//! What is generated comes from each message's own schema and goes the real way: parse, lenient reading, validation,
//! read, write. A case that fails shrinks to a small message and names the entry. `PROPTEST_CASES` makes more of them,
//! from another seed each time; without it each run makes the same ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "laws/broken.rs"]
mod broken;
#[path = "laws/crossings.rs"]
mod crossings;
#[path = "laws/generate.rs"]
mod generate;
#[path = "laws/hints.rs"]
mod hints;
#[path = "laws/kept.rs"]
mod kept;
mod laws_support;
#[path = "laws/made.rs"]
mod made;
#[path = "laws/messages.rs"]
mod messages;
#[path = "laws/records.rs"]
mod records;
#[path = "laws/runner.rs"]
mod runner;
#[path = "laws/seeds.rs"]
mod seeds;
#[path = "laws/surprises.rs"]
mod surprises;
