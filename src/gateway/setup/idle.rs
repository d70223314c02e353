//! What in a configuration does nothing, though each line of it is right: treatments of what no caller can lose, supplies
//! that no upstream takes, files beside the tables that nobody reads.
//!
//! Start at [`warnings`]. What can be lost, `exchange`'s matrix knows by the tables alone.
use std::collections::HashSet;
use std::path::PathBuf;

use crate::config::{At, Config};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect;
use crate::exchange::Pair;
use crate::exchange::matrix::Matrix;

use super::super::{Gateway, Leg};

/// What does nothing in a configuration that a gateway was made of.
pub fn warnings(config: &Config, gateway: &Gateway) -> Vec<Diagnostic> {
    let folders =
        |named: &[At<PathBuf>]| -> Vec<PathBuf> { named.iter().map(|at| at.value.clone()).collect() };
    let mut all = dialect::strays(&folders(&config.files.mappings), &folders(&config.files.schemas));
    all.extend(idle(config, gateway).iter().map(|line| line.warning(config)));
    all
}

/// A line that may do nothing.
struct Line<'c> {
    field: &'c At<String>,
    supplies: bool,
    /// Whose it is; none: everybody's.
    caller: Option<usize>,
}

impl Line<'_> {
    fn works(&self, matrix: &Matrix) -> bool {
        match self.supplies {
            true => matrix.may_supply(&self.field.value),
            false => matrix.may_lose(&self.field.value),
        }
    }

    fn warning(&self, config: &Config) -> Diagnostic {
        let name = &self.field.value;
        let (message, help) = match self.supplies {
            true => (
                format!(
                    "`{name}` is never added: no upstream needs or takes it where a caller may leave it out"
                ),
                "take the line out; `pamgate losses` has what is supplied between two dialects",
            ),
            false => (
                format!("nothing can be lost of `{name}` between these callers and upstreams"),
                "take the line out, or name what was meant; `pamgate losses` has what can be lost",
            ),
        };
        config.wrong(Code::ConfigIdle, self.field, message).help(help)
    }
}

fn idle<'c>(config: &'c Config, gateway: &Gateway) -> Vec<Line<'c>> {
    let treated = config.losses.fields.iter().map(|(field, _)| (field, false, None));
    let supplied = config.supply.iter().map(|supply| (&supply.field, true, None));
    let own = config.callers.iter().enumerate();
    let own =
        own.flat_map(|(at, caller)| caller.supply.iter().map(move |line| (&line.field, true, Some(at))));
    let lines = treated.chain(supplied).chain(own);
    let mut lines: Vec<Line<'c>> =
        lines.map(|(field, supplies, caller)| Line { field, supplies, caller }).collect();
    let mut seen = HashSet::new();
    for (at, caller) in gateway.legs.iter().enumerate() {
        for leg in caller.from.iter().flat_map(|from| from.legs.iter().flatten()) {
            let supplies_alone = lines.iter().any(|line| line.caller == Some(at));
            if lines.is_empty() || !seen.insert((meeting(&leg.pair), supplies_alone.then_some(at))) {
                continue;
            }
            let matrices = matrices(leg);
            let works = |line: &Line<'_>| {
                line.caller.is_none_or(|of| of == at) && matrices.iter().any(|matrix| line.works(matrix))
            };
            lines.retain(|line| !works(line));
        }
    }
    lines
}

/// What the matrices between two sides depend on.
fn meeting(pair: &Pair) -> (String, String, bool) {
    let (caller, upstream) = (&pair.caller, &pair.upstream);
    (caller.dialect.label(), upstream.dialect.label(), caller.space == upstream.space)
}

fn matrices(leg: &Leg) -> Vec<Matrix> {
    let operations = leg.pair.caller.dialect.operations().iter();
    operations.filter_map(|operation| leg.pair.losses(&operation.word, &leg.policy)).collect()
}
