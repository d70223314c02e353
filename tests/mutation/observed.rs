//! The whole reply of a mutant's tables, beside what the caller's own server answers (tests/replies.rs).
use std::sync::Arc;

use pamgate::dialect::Registry;
use pamgate::sandbox::Vendor;
use serde_json::Value;

use super::replies_support::page::{self, Section};
use super::replies_support::reasons::Reasons;
use super::replies_support::{CROSSINGS, Gateway, Own, cases};

/// A caller, another vendor's server, and what the caller's own answers to each case.
type Crossing = ((Vendor, Vendor), Vec<(&'static cases::Case, u16, Value)>);

/// What the callers' own servers answer, once for all mutants; and the page that says how the rest differs.
pub(crate) struct Replies {
    own: Vec<Crossing>,
    page: String,
}

impl Replies {
    pub(crate) fn new() -> Replies {
        let own = |(caller, upstream): (Vendor, Vendor)| {
            let cases = cases::of(caller).iter().filter(|case| case.goes_to(upstream));
            let asked = cases.map(|case| {
                let answer = Own::new(caller).create(case.body);
                (case, answer.status, answer.json())
            });
            ((caller, upstream), asked.collect())
        };
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/replies.md");
        Replies {
            own: CROSSINGS.into_iter().map(own).collect(),
            page: std::fs::read_to_string(path).unwrap(),
        }
    }

    /// Nothing to look at.
    pub(crate) fn none() -> Replies {
        Replies { own: Vec::new(), page: String::new() }
    }

    /// What of the replies is otherwise than the reasons and the page say.
    pub(crate) fn difference(&self, registry: &Arc<Registry>, dialect: &str) -> Option<String> {
        let concerned = |vendor: &Vendor| vendor.to_string() == dialect;
        let crossings = self.own.iter().filter(|((from, to), _)| concerned(from) || concerned(to));
        for ((caller, upstream), asked) in crossings {
            let gateway = Gateway::of(registry.clone(), *caller, *upstream);
            let mut section = Section::new(*caller, *upstream);
            for (case, status, own) in asked {
                let through = match gateway.try_create(case.body) {
                    Ok(through) => through,
                    Err(why) => return Some(format!("{caller} to {upstream}, {}: {why}", case.name)),
                };
                let Ok(body) = serde_json::from_str::<Value>(&through.body) else {
                    return Some(format!("{caller} to {upstream}, {}: no JSON", case.name));
                };
                if through.status != *status {
                    return Some(format!("{caller} to {upstream}, {}: {}", case.name, through.status));
                }
                section.compare(case.name, own, &body);
            }
            if let Some(missing) = section.explain(&mut Reasons::read()).into_iter().next() {
                return Some(missing);
            }
            let whole = page::whole(&[section]);
            if !self.page.contains(&whole[page::whole(&[]).len()..]) {
                return Some(format!("{caller} to {upstream}: docs/replies.md says otherwise"));
            }
        }
        None
    }
}
