//! Who calls, and as whom the upstream is called.
//!
//! Start at [`caller::Callers`] for the way in and at [`sign_in::SignIn`] for the way out. Which header carries what
//! stands in a dialect's file; this module knows no vendor.
pub mod caller;
pub mod sign_in;
