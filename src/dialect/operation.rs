//! What a dialect can do, and how each of it may end.
use crate::canonical::{FieldId, word};

use super::fault::Binding;
use super::route::Route;

/// The canonical verbs.
pub const VERBS: &[&str] = &[
    "session.open",
    "session.close",
    "account.find",
    "request.create",
    "request.list",
    "request.get",
    "request.approve",
    "request.deny",
    "request.cancel",
    "request.check_in",
    "request.rotate_on_check_in",
    "credential.retrieve",
];

/// Whether a verb is on one request, that is there already.
pub(super) fn is_on_one(verb: &str) -> bool {
    verb.starts_with("request.") && !matches!(verb, "request.create" | "request.list")
}

/// How a verb may end well. What is looked up may come as a list, of one as well.
pub(super) fn outcomes_of(verb: &str) -> &'static [&'static str] {
    match verb {
        "request.create" => &["created", "created.reused"],
        "request.list" => &["listed"],
        "account.find" | "request.get" => &["done", "listed"],
        _ => &["done"],
    }
}

/// A canonical verb as one dialect binds it.
#[derive(Debug)]
pub struct Operation {
    /// `request.create`.
    pub word: String,
    /// Ways to it; written is the first whose fields are known.
    pub routes: Vec<Route>,
    /// The message that its query is.
    pub query: Option<usize>,
    /// How it may end well; the first with an outcome's word is written.
    pub outcomes: Vec<Outcome>,
    pub(crate) faults: Vec<Binding>,
    /// What to ask again where the reply doesn't tell.
    pub again: Option<Again>,
}

/// One good end.
#[derive(Debug)]
pub struct Outcome {
    /// `created`.
    pub word: String,
    /// The HTTP status.
    pub status: u16,
    /// The message of the reply; none: there is no body.
    pub message: Option<usize>,
}

/// Another operation that tells what a reply doesn't.
#[derive(Debug)]
pub struct Again {
    /// `request.list`.
    pub by: String,
    /// What it is told.
    pub say: Vec<(FieldId, String)>,
    /// In a list: the field by which the right item is known.
    pub matching: FieldId,
}

impl Operation {
    /// The outcome that is written for a word: its own, or that of the nearest word above.
    pub fn written(&self, outcome: &str) -> Option<&Outcome> {
        word::ancestry(outcome).find_map(|word| self.outcomes.iter().find(|outcome| outcome.word == word))
    }

    /// The outcome that a status means.
    pub fn read(&self, status: u16) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.status == status)
    }
}
