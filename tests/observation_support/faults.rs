//! Refusals: what the caller is answered through the gateway, beside what its own server answers to the same bytes.
//!
//! A client reads the status, the code and, where the vendor's error has places for them, which properties are at fault;
//! words for people are nobody's contract.
use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::speakers::House;

/// A refusal, as a client reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// Empty: none.
    pub code: String,
    /// The properties at fault, in small letters; none: the error names none, or has no places for them.
    pub places: BTreeSet<String>,
}

impl Refusal {
    pub fn read(house: House, status: u16, body: &str) -> Refusal {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let (code, places) = match house {
            // A bare code is the whole body, or a text is.
            House::BeyondTrust => (body.as_u64().map(|code| code.to_string()), BTreeSet::new()),
            House::CyberArk => {
                let details = body["Details"].as_array().into_iter().flatten();
                // The first word, and of a place within another the last name.
                let named = details.filter_map(|one| one["ErrorMessage"].as_str()?.split([' ', ':']).next());
                let named = named.filter(|name| *name != "the").map(|name| name.rsplit('.').next());
                (
                    body["ErrorCode"].as_str().map(str::to_owned),
                    named.flatten().map(str::to_lowercase).collect(),
                )
            }
            House::Safeguard => {
                let named = body["ModelState"].as_object().into_iter().flat_map(|state| state.keys());
                let named = named.map(|name| name.trim_start_matches("request.").to_lowercase());
                (body["Code"].as_u64().map(|code| code.to_string()), named.collect())
            }
            House::Vaultline => {
                let named = body["errors"].as_object().into_iter().flat_map(|errors| errors.keys());
                (body["code"].as_str().map(str::to_owned), named.cloned().collect())
            }
        };
        let places: BTreeSet<String> = places;
        let places = places.into_iter().filter(|place| !place.is_empty()).collect();
        Refusal { status, code: code.unwrap_or_default(), places }
    }

    /// How another refusal of the same message is unlike this one, if it is. Places are those of the same name, or of one
    /// within the other.
    pub fn unlike(&self, here: &Refusal) -> Option<String> {
        let within = |one: &str, other: &str| {
            one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let same = |one: &str, other: &str| within(one, other) || within(other, one);
        let places = self.places.iter().any(|one| here.places.iter().any(|other| same(one, other)))
            || self.places.is_empty() && here.places.is_empty();
        match (self.status == here.status && self.code == here.code, places) {
            (true, true) => None,
            (true, false) => Some(format!("{self} there, {here} here")),
            (false, _) => Some(format!("{} there, {} here", self.short(), here.short())),
        }
    }

    /// Status and code alone.
    fn short(&self) -> String {
        format!("{} {}", self.status, self.code).trim_end().to_owned()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())?;
        match self.places.is_empty() {
            true => Ok(()),
            false => {
                write!(f, " [{}]", self.places.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
