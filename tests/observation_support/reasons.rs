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
    /// Pieces of what is explained, one of which stands there.
    says: Pieces,
    /// Beside it one of these, if any are given.
    beside: Option<Pieces>,
    /// And not this.
    but: Option<String>,
    why: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Pieces {
    One(String),
    Any(Vec<String>),
}

impl Pieces {
    fn all(&self) -> &[String] {
        match self {
            Pieces::One(one) => std::slice::from_ref(one),
            Pieces::Any(all) => all,
        }
    }
}

/// `tests/replies_reasons.toml`: why a place of a reply is not what the caller's own server says. What is idle there,
/// tests/replies.rs tells.
#[derive(Debug, Deserialize)]
struct RepliesFile {
    reason: Vec<ReplyReason>,
}

#[derive(Debug, Deserialize)]
struct ReplyReason {
    caller: String,
    upstream: Option<String>,
    places: Vec<String>,
}

/// What a reason explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The caller's own server refuses, in these words, what is granted through the gateway.
    OwnRefuses,
    /// The gateway refuses, by this fault, what the caller's own server grants.
    GatewayRefuses,
    /// Both refuse, and a client of the caller's vendor is answered otherwise than by its own server.
    Fault,
    /// The upstream refuses, in these words, what the gateway forwards.
    UpstreamRefuses,
    /// What was stored is not what the matrix foretold; `says` is a piece of the field, what is wrong, and how.
    Differs,
    /// The reply differs at this place, although somebody knows what stands there.
    Reply,
    /// A lossy cell that no record can show, or a place of the reply.
    Cell,
}

#[derive(Debug)]
pub struct Reasons {
    /// Piece by piece.
    all: Vec<(usize, String)>,
    reasons: Vec<Reason>,
    replies: Vec<ReplyReason>,
}

impl Reasons {
    pub fn read() -> Reasons {
        let text = include_str!("../observation_reasons.toml");
        let file: File = toml::from_str(text).unwrap_or_else(|e| panic!("{e}"));
        assert!(file.reason.iter().all(|one| !one.why.trim().is_empty()), "a reason without words");
        let pieces = file.reason.iter().enumerate();
        let all = pieces.flat_map(|(at, one)| one.says.all().iter().map(move |piece| (at, piece.clone())));
        let replies: RepliesFile =
            toml::from_str(include_str!("../replies_reasons.toml")).unwrap_or_else(|e| panic!("{e}"));
        Reasons { all: all.collect(), reasons: file.reason, replies: replies.reason }
    }

    /// Whether a place of a reply may differ: by which of our own reasons, if it is one of ours.
    pub fn reply(&self, from: &str, to: &str, place: &str) -> Option<Option<usize>> {
        let known = self.replies.iter().any(|one| {
            from.starts_with(&one.caller)
                && one.upstream.as_deref().is_none_or(|upstream| to.starts_with(upstream))
                && one.places.iter().any(|known| Some(known.as_str()) == place.strip_prefix('/'))
        });
        if known { Some(None) } else { self.find(About::Reply, from, to, &format!("{place}:")).map(Some) }
    }

    /// The number of the reason, if there is one.
    pub fn find(&self, about: About, from: &str, to: &str, told: &str) -> Option<usize> {
        let fits =
            |known: &Option<String>, is: &str| known.as_deref().is_none_or(|known| is.starts_with(known));
        self.all.iter().position(|(at, piece)| {
            let one = &self.reasons[*at];
            let beside = one.beside.as_ref().map(Pieces::all);
            let beside = beside.is_none_or(|any| any.iter().any(|piece| told.contains(piece)))
                && one.but.as_ref().is_none_or(|piece| !told.contains(piece));
            one.about == about && fits(&one.from, from) && fits(&one.to, to) && told.contains(piece) && beside
        })
    }

    /// Those that explained nothing.
    pub fn idle(&self, used: &BTreeSet<usize>) -> Vec<String> {
        let idle = self.all.iter().enumerate().filter(|(at, _)| !used.contains(at));
        let told = |(at, piece): &(usize, String)| {
            let one = &self.reasons[*at];
            format!("explains nothing any more: {:?} {piece:?} ({})", one.about, one.why)
        };
        idle.map(|(_, one)| told(one)).collect()
    }
}
