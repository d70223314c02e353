//! gateway.
pub mod admin;
pub mod listener;
