//! What is told of losses and supplies in the reply: `Pamgate-Loss`, a list of RFC 9651 with parameters.
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
    // About what one member takes.
    let mut out = String::with_capacity((losses.len() + supplies.len()) * 48);
    for loss in losses {
        let parts = [loss.field, ";fit=", loss.fit.as_str(), ";treatment=", loss.treatment.as_str()];
        next(&mut out, &parts);
    }
    for supply in supplies {
        next(&mut out, &[supply.field, ";supplied"]);
    }
    (!out.is_empty()).then_some(out)
}

/// Adds a member to the list.
fn next(list: &mut String, parts: &[&str]) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    parts.iter().for_each(|part| list.push_str(part));
}
