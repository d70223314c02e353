//! Prediction equals observation: what the sandbox of the caller's own vendor stores for a message, beside what the
//! upstream's sandbox stores when the same bytes go there through the gateway's translation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod schema_support;
