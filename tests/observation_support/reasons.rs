//! What is not as the matrix says, and may be so: `tests/observation_reasons.toml`, written by hand, each with its
//! reason. A reason that explains nothing any more fails, too ([`Reasons::idle`]).
use std::collections::BTreeSet;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    reason: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    about: About,
    /// None: whoever calls, and whoever is called.
    from: Option<String>,
    to: Option<String>,
    /// A piece of what is explained.
    says: String,
    why: String,
}

/// What a reason explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The caller's own server refuses, in these words, what is granted through the gateway.
    OwnRefuses,
    /// The gateway refuses, by this fault, what the caller's own server grants.
    GatewayRefuses,
    /// The upstream refuses, in these words, what the gateway forwards.
    UpstreamRefuses,
    /// What was stored is not what the matrix foretold; `says` is a piece of the field, what is wrong, and how.
    Differs,
    /// A lossy cell that no record can show.
    Cell,
}

#[derive(Debug)]
pub struct Reasons(Vec<Reason>);

impl Reasons {
    pub fn read() -> Reasons {
        let text = include_str!("../observation_reasons.toml");
        let file: File = toml::from_str(text).unwrap_or_else(|e| panic!("{e}"));
        assert!(file.reason.iter().all(|one| !one.why.trim().is_empty()), "a reason without words");
        Reasons(file.reason)
    }

    /// The number of the reason, if there is one.
    pub fn find(&self, about: About, from: &str, to: &str, told: &str) -> Option<usize> {
        let fits =
            |known: &Option<String>, is: &str| known.as_deref().is_none_or(|known| is.starts_with(known));
        self.0.iter().position(|one| {
            one.about == about && fits(&one.from, from) && fits(&one.to, to) && told.contains(&one.says)
        })
    }

    /// Those that explained nothing.
    pub fn idle(&self, used: &BTreeSet<usize>) -> Vec<String> {
        let idle = self.0.iter().enumerate().filter(|(at, _)| !used.contains(at));
        idle.map(|(_, one)| {
            format!("explains nothing any more: {:?} {:?} ({})", one.about, one.says, one.why)
        })
        .collect()
    }
}
