//! Canonical errors: dotted words that each dialect binds to a status and a body.

use super::Loss;

/// What is wrong at one place of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer into the caller's message; empty for the whole.
    pub pointer: String,
    /// What is wrong there; never the value itself.
    pub text: String,
    /// The member that is missing there, where that is what is wrong.
    pub lacks: Option<String>,
}

impl Problem {
    /// Something wrong that stands at a place.
    pub fn new(pointer: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem { pointer: pointer.into(), text: text.into(), lacks: None }
    }

    /// Several in one line, for the log.
    pub fn listed(problems: &[Problem]) -> String {
        let place = |one: &Problem| match one.pointer.as_str() {
            "" => "(the whole)".to_owned(),
            pointer => pointer.to_owned(),
        };
        let told: Vec<String> = problems.iter().map(|one| format!("{}: {}", place(one), one.text)).collect();
        told.join("; ")
    }
}

/// A canonical error on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One of [`FAULTS`].
    pub word: &'static str,
    /// What the caller is told, where its dialect has a place for words.
    pub text: String,
    /// What is wrong with the message, one by one.
    pub problems: Vec<Problem>,
    /// What only the log is told: an upstream's words, a cause.
    pub cause: Option<String>,
    /// The losses that policy refuses, where it is refused for them.
    pub losses: Box<[Loss]>,
}

impl Fault {
    /// A fault with what the caller is told.
    pub fn new(word: &'static str, text: impl Into<String>) -> Fault {
        debug_assert!(FAULTS.iter().any(|(known, _)| *known == word), "{word} is no fault");
        Fault { word, text: text.into(), problems: Vec::new(), cause: None, losses: Box::default() }
    }

    /// A message that is wrong at places.
    pub fn invalid(problems: Vec<Problem>) -> Fault {
        let told: Vec<String> = problems
            .iter()
            .map(|one| match one.pointer.as_str() {
                "" => one.text.clone(),
                pointer => format!("{pointer}: {}", one.text),
            })
            .collect();
        Fault { problems, ..Fault::new("invalid", told.join("; ")) }
    }

    /// With what only the log is told.
    pub fn because(mut self, cause: impl Into<String>) -> Fault {
        self.cause = Some(cause.into());
        self
    }
}

/// Every fault, and what it says where nothing more special is known.
pub const FAULTS: &[(&str, &str)] = &[
    ("invalid", "The request is not valid."),
    ("invalid.json", "The request's body is not JSON."),
    ("invalid.twice", "The request's body names a property twice."),
    ("invalid.bounds", "The request's body is nested too deep or holds too many values."),
    ("invalid.ambiguous", "What was named fits more than one thing."),
    (
        "invalid.not-carried",
        "The request asks for something that the server behind this gateway has no place for.",
    ),
    ("invalid.incomplete", "The request lacks something that the server behind this gateway needs."),
    ("too-large", "The request is too large."),
    ("too-slow", "The request took too long to arrive."),
    ("not-authenticated", "Missing or wrong credentials."),
    ("not-permitted", "Not permitted."),
    ("not-permitted.own-request", "Nobody may decide on a request of their own."),
    ("not-permitted.approver-only", "Only approvers may do this."),
    ("not-permitted.requester-only", "Only requesters may do this."),
    ("not-permitted.too-few-approvers", "There are not enough approvers for this."),
    ("not-permitted.not-yours", "The request belongs to somebody else."),
    ("not-permitted.other-requester", "This may not be asked for on behalf of somebody else."),
    ("not-permitted.kind", "This kind of access is not granted here."),
    ("not-found", "Not found."),
    ("not-found.target", "The system or account is not known."),
    ("not-found.user", "The user is not known."),
    ("not-found.request", "The request is not known."),
    ("not-found.reference", "What is referred to is not known."),
    ("not-found.operation", "There is no such operation."),
    ("wrong-method", "The operation does not take this method."),
    ("not-served", "This operation is not served towards the server behind this gateway."),
    ("conflict", "A conflicting request exists."),
    ("wrong-state", "The request is in a state that does not allow this."),
    ("wrong-state.not-approved", "The request is not yet approved."),
    ("wrong-state.already-approved", "The request has been approved already."),
    ("wrong-state.ended", "The request has ended."),
    ("busy", "The server is busy. Try again later."),
    ("internal", "Something went wrong inside the gateway."),
    ("upstream", "The server behind this gateway failed."),
    ("upstream.unreachable", "The server behind this gateway cannot be reached. Nothing was sent to it."),
    (
        "upstream.timeout",
        "The server behind this gateway did not answer in time. It may have acted all the same.",
    ),
    ("upstream.rubbish", "The server behind this gateway gave an answer that makes no sense."),
    ("upstream.sign-in", "The gateway could not sign in at the server behind it."),
];

/// The words alone: the vocabulary of the field `fault.kind`.
pub const WORDS: &[&str] = &{
    let mut words = [""; FAULTS.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = FAULTS[at].0;
        at += 1;
    }
    words
};

/// The word as it stands in [`FAULTS`], if it does.
pub fn known(word: &str) -> Option<&'static str> {
    FAULTS.iter().find(|(known, _)| *known == word).map(|(known, _)| *known)
}

/// What a fault says where nothing more special is known.
pub fn text(word: &str) -> &'static str {
    FAULTS.iter().find(|(known, _)| *known == word).map_or("", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_the_whole_has_a_place_too() {
        let problems = [Problem::new("", "is no object"), Problem::new("/Reason", "is too long")];
        assert_eq!(Problem::listed(&problems), "(the whole): is no object; /Reason: is too long");
    }
}
