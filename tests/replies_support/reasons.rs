//! Why a place is not the same: `tests/replies_reasons.toml`, a reason for places of one caller's document.
use std::path::Path;

use pamgate::sandbox::Vendor;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    reason: Vec<Reason>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    caller: String,
    /// None: whichever server was asked.
    upstream: Option<String>,
    places: Vec<String>,
    why: String,
    /// By place: whether it explained something.
    #[serde(skip)]
    used: Vec<bool>,
}

#[derive(Debug)]
pub struct Reasons(Vec<Reason>);

impl Reasons {
    pub fn read() -> Reasons {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replies_reasons.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let mut file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{e}"));
        for reason in &mut file.reason {
            assert!(!reason.why.trim().is_empty(), "a reason without words: {:?}", reason.places);
            reason.used = vec![false; reason.places.len()];
        }
        Reasons(file.reason)
    }

    /// Why a place is not the same; a reason for one upstream goes before one for all.
    pub fn why(&mut self, caller: Vendor, upstream: Vendor, place: &str) -> Option<String> {
        let (caller, upstream) = (caller.to_string(), upstream.to_string());
        let fits = |reason: &Reason, upstream: Option<&str>| {
            let at = reason.places.iter().position(|known| known == place)?;
            (reason.caller == caller && reason.upstream.as_deref() == upstream).then_some(at)
        };
        for upstream in [Some(upstream.as_str()), None] {
            for reason in &mut self.0 {
                if let Some(at) = fits(reason, upstream) {
                    reason.used[at] = true;
                    return Some(reason.why.clone());
                }
            }
        }
        None
    }

    /// Reasons that explain nothing (any more).
    pub fn idle(&self) -> Vec<String> {
        let idle = self.0.iter().flat_map(|reason| {
            let places = reason.places.iter().zip(&reason.used).filter(|(_, used)| !**used);
            places.map(|(place, _)| {
                format!("{}: {place} is the same by now: take the reason out", reason.caller)
            })
        });
        idle.collect()
    }
}
