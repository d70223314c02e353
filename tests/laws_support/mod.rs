//! The laws of the language as functions that say what breaks them: generated tests (tests/laws.rs), the kept corpora
//! (tests/fuzz_corpora.rs) and the fuzz targets (fuzz/) all call these.
//!
//! Start at `world`. A law takes what was generated and answers with the entry and both values where it is broken.
#![allow(dead_code, unreachable_pub)] // Each of its users calls a part of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod answering;
pub mod crossing;
pub mod json;
pub mod message;
pub mod record;
pub mod references;
pub mod tables;
pub mod translation;
pub mod world;
