//! What is told of losses and supplies in the reply: `Pamgate-Loss`, a list of RFC 9651 with parameters.
use std::fmt::Write;

use crate::canonical::{Loss, Supply};

use super::Prepared;

/// The header's name.
pub const LOSS_HEADER: &str = "pamgate-loss";

impl Prepared {
    /// The header's value; none where nothing was lost or supplied.
    pub fn told(&self) -> Option<String> {
        told(&self.losses, &self.supplies)
    }
}

/// The header's value for these: of words that the program knows alone, never of a message's, so that no value can be
/// a header of its own. None where there are none.
pub fn told(losses: &[Loss], supplies: &[Supply]) -> Option<String> {
    let mut out = String::new();
    for loss in losses {
        let sep = if out.is_empty() { "" } else { ", " };
        // Writing into a String can't fail.
        let _ = write!(
            out,
            "{sep}{};fit={};treatment={}",
            loss.field,
            loss.fit.as_str(),
            loss.treatment.as_str()
        );
    }
    for supply in supplies {
        let sep = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{sep}{};supplied", supply.field);
    }
    (!out.is_empty()).then_some(out)
}
