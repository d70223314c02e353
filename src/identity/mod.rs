//! identity.
pub mod sign_in;
