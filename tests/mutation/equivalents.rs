//! `tests/mutation/equivalent.toml`: mutants that mean the same as the table itself, each with the reason.
use std::path::Path;

use super::killers::Verdict;
use super::mutant::Mutant;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    equivalent: Vec<Equivalent>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Equivalent {
    /// Names of mutants; one that ends in `*` stands for all that begin so.
    mutants: Vec<String>,
    why: String,
}

/// The list.
#[derive(Debug)]
pub(crate) struct Equivalents(Vec<Equivalent>);

impl Equivalents {
    pub(crate) fn read() -> Equivalents {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutation/equivalent.toml");
        Equivalents::parse(&std::fs::read_to_string(path).unwrap())
    }

    pub(crate) fn parse(text: &str) -> Equivalents {
        let file: File = toml::from_str(text).unwrap_or_else(|e| panic!("{e}"));
        for one in &file.equivalent {
            assert!(!one.why.trim().is_empty(), "equivalent without a reason: {:?}", one.mutants);
        }
        Equivalents(file.equivalent)
    }

    /// Whether a mutant is on the list.
    pub(crate) fn holds(&self, mutant: &Mutant) -> bool {
        let name = mutant.name();
        self.0.iter().flat_map(|one| &one.mutants).any(|pattern| fits(pattern, &name))
    }

    /// Entries that fit no mutant, or one that is killed.
    pub(crate) fn stale(&self, judged: &[(Mutant, Verdict)]) -> Vec<String> {
        let mut stale = Vec::new();
        for pattern in self.0.iter().flat_map(|one| &one.mutants) {
            let mut fitting = judged.iter().filter(|(mutant, _)| fits(pattern, &mutant.name())).peekable();
            if fitting.peek().is_none() {
                stale.push(format!("{pattern}\n    there is no such mutant (any more)"));
            }
            for (mutant, verdict) in fitting.filter(|(_, verdict)| *verdict != Verdict::Survived) {
                stale.push(format!("{pattern}\n    {} is noticed: {verdict:?}", mutant.name()));
            }
        }
        stale
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => pattern == name,
    }
}
