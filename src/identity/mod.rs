//! identity.
pub mod caller;
