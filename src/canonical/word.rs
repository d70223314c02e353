//! Words with depth: `session.rdp` is a `session`; where a target lacks the one, it writes the other.

/// The words of one field.
#[derive(Debug)]
pub struct Vocabulary {
    /// The field's name.
    pub field: &'static str,
    /// Its words.
    pub words: &'static [&'static str],
}

/// All vocabularies; words of truth values are `true` and `false`.
pub const VOCABULARIES: &[Vocabulary] = &[
    Vocabulary {
        field: "access.kind",
        words: &[
            "credential",
            "credential.password",
            "credential.ssh-key",
            "credential.api-key",
            "credential.file",
            "session",
            "session.rdp",
            "session.ssh",
            "session.telnet",
            "session.application",
        ],
    },
    Vocabulary {
        field: "status",
        words: &[
            "pending",
            "approved",
            "approved.in-use",
            "approved.scheduled",
            "ended",
            "ended.denied",
            "ended.cancelled",
            "ended.expired",
            "ended.used",
            "ended.checked-in",
            "ended.revoked",
        ],
    },
    Vocabulary { field: "on_conflict", words: &["refuse", "reuse", "renew"] },
    Vocabulary { field: "ticket.status", words: &["valid", "not-valid", "not-needed"] },
    Vocabulary { field: "filter.status", words: &["all", "approved", "pending"] },
    Vocabulary { field: "filter.role", words: &["requester", "approver"] },
    Vocabulary { field: "operation.code", words: &["open", "get-file", "get-password", "all"] },
    Vocabulary { field: "type", words: &["user", "group"] },
    Vocabulary { field: "decision", words: &["approved", "denied", "none"] },
    Vocabulary { field: "fault.kind", words: super::fault::WORDS },
    Vocabulary { field: "outcome", words: &["created", "created.reused", "done", "listed"] },
];

/// The words that a field knows; `true` and `false` where it has no vocabulary of its own.
pub fn of(field: &str) -> &'static [&'static str] {
    VOCABULARIES.iter().find(|v| v.field == field).map_or(&["true", "false"], |v| v.words)
}

/// The word above: `session` of `session.rdp`.
pub fn parent(word: &str) -> Option<&str> {
    // Words are short: byte by byte is quicker than a search that is set up for long texts.
    word.bytes().rposition(|byte| byte == b'.').map(|dot| &word[..dot])
}

/// The word itself and those above it, the deepest first.
pub fn ancestry(word: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(word), |word| parent(word))
}

/// Whether a word is the other, or lies below it.
pub fn within(word: &str, above: &str) -> bool {
    word.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_below_another_has_it_in_its_vocabulary() {
        for vocabulary in VOCABULARIES {
            for word in vocabulary.words {
                for above in ancestry(word) {
                    assert!(vocabulary.words.contains(&above), "{above} of {}", vocabulary.field);
                }
            }
        }
    }

    #[test]
    fn a_word_lies_within_what_stands_before_its_dot_only() {
        assert!(within("session.rdp", "session") && within("session", "session"));
        assert!(!within("sessions", "session") && !within("session", "session.rdp"));
    }
}
