//! What happened to each canonical value between the caller's message and the upstream's.
//!
//! Start at [`Became`]. Sorted from what the recorder was told; decides nothing.
use crate::canonical::{FieldId, Fit, Record, Treatment};
use crate::exchange::watch::Supplier;
use crate::mapping::Held;

use super::Crossed;
use super::recorder::{Crossing, Met, Recorder};

/// Values that stand or fall together, and what they became: mostly one value, or the parts of a reference.
#[derive(Debug, Clone)]
pub struct Became {
    /// What the caller's message says; empty: nothing, and it was added.
    pub said: Vec<Held>,
    /// The line of the crosswalk that says what the reference is at the upstream.
    pub crossed: Option<Crossed>,
    /// Who added it.
    pub supplied: Option<Supplier>,
    /// Why nothing goes on, where no fit tells.
    pub why: &'static str,
    /// What went on towards the upstream's message, and how it met that.
    pub fates: Vec<Fate>,
}

/// What became of one value at the upstream's side.
#[derive(Debug, Clone)]
pub struct Fate {
    /// The value.
    pub held: Held,
    /// How it fits the upstream's message; none: that was never asked.
    pub fit: Option<Fit>,
    /// What is done about a loss.
    pub treatment: Option<Treatment>,
    /// Whether the configuration, or an option, named that treatment.
    pub configured: bool,
    /// What is written instead.
    pub wrote: Option<String>,
    /// The sentence for approvers.
    pub note: Option<String>,
    /// Why it is no loss, where that isn't plain.
    pub why: &'static str,
}

/// Where a value comes from that neither the message nor anybody else said.
const NOTES: &str = "made of the notes";

impl Recorder {
    /// What became of all values, in the order in which they were read; then what was added.
    pub(super) fn became(&self) -> Vec<Became> {
        let mut found: Vec<Became> = Vec::new();
        let Some(said) = &self.said else { return found };
        let mut told: Vec<FieldId> = Vec::new();
        for (field, ..) in said.iter() {
            if let Some(crossing) = self.references.iter().find(|one| one.given.contains(&field)) {
                if crossing.given.first() == Some(&field) {
                    found.push(self.reference(crossing, said));
                    told.extend(crossing.sent.iter().map(|(field, _)| *field));
                }
                continue;
            }
            found.push(Became {
                said: held(said, field).into_iter().collect(),
                crossed: None,
                supplied: None,
                why: "",
                fates: self.fate(field).into_iter().collect(),
            });
            told.push(field);
        }
        let added = self.supplies.iter().map(|(field, by)| (*field, Some(*by)));
        let left = self.sent.iter().flat_map(Record::iter).map(|(field, ..)| (field, None));
        for (field, supplied) in added.chain(left) {
            if told.contains(&field) {
                continue;
            }
            told.push(field);
            found.push(Became {
                said: Vec::new(),
                crossed: None,
                supplied,
                why: if supplied.is_none() { NOTES } else { "" },
                fates: self.fate(field).into_iter().collect(),
            });
        }
        found
    }

    fn reference(&self, crossing: &Crossing, said: &Record<'_>) -> Became {
        let fates = crossing.sent.iter().map(|(field, text)| {
            self.fate(*field).unwrap_or_else(|| {
                Fate::unmet(Held {
                    field: crate::canonical::Shape::Access.field(*field).name.to_owned(),
                    value: text.clone(),
                    json: text.as_str().into(),
                    said: true,
                })
            })
        });
        Became {
            said: crossing.given.iter().filter_map(|field| held(said, *field)).collect(),
            crossed: crossing.crossed.clone(),
            supplied: None,
            why: crossing.why,
            fates: fates.collect(),
        }
    }

    /// What is known of a value at the upstream's side.
    fn fate(&self, field: FieldId) -> Option<Fate> {
        let sent = self.sent.as_ref().and_then(|sent| held(sent, field));
        let met = self.met.iter().find(|met| met.field == field);
        let fit = self.fits.iter().find(|(known, _)| *known == field).map(|(_, fit)| *fit);
        let Some(Met { held, fit: weighed, treatment, wrote, why, .. }) = met else {
            return sent.map(Fate::unmet);
        };
        let note = self.notes.iter().find(|(of, _)| *of == field).map(|(_, note)| note.clone());
        // What the target can't do without is refused, whatever is configured.
        let named = self.policy.as_ref().is_some_and(|policy| {
            policy.names(field) && (wrote.is_some() || *treatment == Some(policy.treatment(field)))
        });
        Some(Fate {
            held: sent.unwrap_or_else(|| held.clone()),
            // What wasn't held against the table fits it or doesn't matter there.
            fit: weighed.or(fit.filter(|fit| *fit == Fit::Exact)),
            treatment: *treatment,
            configured: named && treatment.is_some(),
            wrote: wrote.clone(),
            note,
            // Where nothing was written, nobody asked how it fits: that it is no loss can't be said.
            why: if weighed.is_none() && self.sent.is_none() { "" } else { why },
        })
    }
}

impl Fate {
    fn unmet(held: Held) -> Fate {
        Fate { held, fit: None, treatment: None, configured: false, wrote: None, note: None, why: "" }
    }
}

fn held(record: &Record<'_>, field: FieldId) -> Option<Held> {
    let value = record.get(field)?;
    let name = record.shape().field(field).name.to_owned();
    Some(Held { field: name, value: value.to_string(), json: value.to_json(true), said: record.said(field) })
}
