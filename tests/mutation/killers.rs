//! What a mutant is held against, in order of cost.
use std::collections::BTreeSet;
use std::sync::Arc;

use pamgate::diagnostic::{Diagnostics, Source};
use pamgate::dialect::{Files, Registry};

use super::alike::Alike;
use super::golden_facts::{self, Fact};
use super::golden_format::Case;
use super::golden_run::{DIALECTS, cases_of, run};
use super::mutant::Mutant;
use super::observed::Replies;
use super::served;

/// Who killed a mutant, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The check refused its table; with the code.
    Refused(String),
    /// A golden case or fact came out otherwise; with its name.
    Golden(String),
    /// What a caller is answered is otherwise, beside its own vendor's server.
    Observed(String),
    /// A caller is let in or an upstream called otherwise than the vendor's page has it.
    Served(String),
    /// Nobody.
    Survived,
}

impl Verdict {
    /// For the summary.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Verdict::Refused(_) => "refused by the check",
            Verdict::Golden(_) => "killed by a golden case",
            Verdict::Observed(_) => "killed by observation",
            Verdict::Served(_) => "killed at the gateway",
            Verdict::Survived => "survived",
        }
    }
}

/// All that a mutant must get past.
pub(crate) struct Killers {
    files: Files,
    registry: Arc<Registry>,
    cases: Vec<(String, Case)>,
    facts: Vec<Fact>,
    replies: Replies,
    /// Whether a gateway is called.
    gateway: bool,
}

impl Killers {
    /// The built-in tables, and every golden case.
    pub(crate) fn new() -> Killers {
        let files = Files::built_in();
        let registry = Registry::load(&files).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
        let mut cases = Vec::new();
        for from in DIALECTS {
            for to in DIALECTS {
                for (name, case) in cases_of(from, to) {
                    let case = case.unwrap_or_else(|why| panic!("{name}: {why}"));
                    cases.push((name, case));
                }
            }
        }
        Killers {
            files,
            registry: Arc::new(registry),
            cases,
            facts: golden_facts::all(),
            replies: Replies::new(),
            gateway: true,
        }
    }

    /// The same, half asleep: no golden case is run, and no reply is looked at.
    pub(crate) fn asleep(mut self) -> Killers {
        self.cases.clear();
        self.facts.clear();
        self.replies = Replies::none();
        self.gateway = false;
        self
    }

    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// The tables as they are.
    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// The tables with a mutant among them.
    fn altered(&self, mutant: &Mutant) -> Result<Arc<Registry>, Diagnostics> {
        let mut files = self.files.clone();
        let source = Source::new(mutant.source.name.clone(), mutant.text());
        files.mappings.insert(mutant.dialect.clone(), source);
        self.registry.with(&mutant.dialect, &files).map(Arc::new)
    }

    /// What a mutant that nobody has noticed reads or writes otherwise than its table.
    pub(crate) fn otherwise(&self, alike: &Alike, mutant: &Mutant) -> Option<String> {
        let altered = self.altered(mutant).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
        alike.difference(&mutant.source, &mutant.dialect, [&self.registry, &altered])
    }

    /// Every message that the golden cases and facts show.
    pub(crate) fn texts(&self) -> Vec<String> {
        let blocks = self.cases.iter().flat_map(|(_, case)| &case.blocks);
        let blocks = blocks.filter(|block| block.language == "json").map(|block| block.text.as_str());
        let texts: BTreeSet<&str> = blocks.chain(self.facts.iter().filter_map(Fact::shows)).collect();
        texts.into_iter().map(str::to_owned).collect()
    }

    /// What becomes of a mutant.
    pub(crate) fn judge(&self, mutant: &Mutant) -> Verdict {
        let registry = match self.altered(mutant) {
            Ok(registry) => registry,
            Err(wrong) => {
                let code = wrong.0[0].code.to_string();
                // A table that is no TOML would prove nothing but that this generator can't write.
                assert_ne!(code, "toml-syntax", "{}\n{}", mutant.shown(), wrong.render(false));
                return Verdict::Refused(code);
            }
        };
        self.noticed(&registry, &mutant.dialect, &mutant.place)
    }

    /// What is noticed of a dialect's tables when they speak; first, where an entry is named, of that one.
    pub(crate) fn noticed(&self, registry: &Arc<Registry>, dialect: &str, entry: &str) -> Verdict {
        if let Some(name) = self.golden(registry, dialect, entry) {
            return Verdict::Golden(name);
        }
        if let Some(what) = self.replies.difference(registry, dialect) {
            return Verdict::Observed(what);
        }
        // The dearest, and seldom needed.
        match self.gateway.then(|| served::difference(registry, dialect)).flatten() {
            Some(what) => Verdict::Served(what),
            None => Verdict::Survived,
        }
    }

    /// The first golden fact or case that comes out otherwise than it is written.
    fn golden(&self, registry: &Registry, dialect: &str, entry: &str) -> Option<String> {
        let facts = || self.facts.iter().filter(|fact| fact.dialect() == dialect);
        let near = facts().filter(|fact| fact.concerns(entry));
        let mut facts = near.chain(facts().filter(|fact| !fact.concerns(entry)));
        if let Some(fact) = facts.find(|fact| fact.difference(registry).is_some()) {
            return Some(fact.name.clone());
        }
        let concerned = self.cases.iter().filter(|(_, case)| case.from == dialect || case.to == dialect);
        let differs = |case: &Case| match run(case, registry) {
            Ok(got) => !got.difference(case).is_empty(),
            Err(_) => true,
        };
        concerned.filter(|(_, case)| differs(case)).map(|(name, _)| name.clone()).next()
    }
}
