//! What a configuration adds must fit where it goes: else callers would be refused for what they never said.
use std::collections::HashSet;

use crate::canonical::{Fit, Record, Shape};
use crate::config::{Caller, Config, Supply};
use crate::diagnostic::{Code, Diagnostics};
use crate::exchange::{Policy, Side};

use super::super::Leg;

/// Tells each line that gives a field what an upstream doesn't take of it.
pub(super) fn fits<'l>(
    config: &Config,
    caller: &Caller,
    policy: &Policy,
    legs: impl Iterator<Item = &'l Leg>,
    wrong: &mut Diagnostics,
) {
    let own = |field: &str| caller.supply.iter().any(|supply| supply.field.value == field);
    let for_all = config.supply.iter().filter(|supply| !own(&supply.field.value));
    let lines: Vec<&Supply> = caller.supply.iter().chain(for_all).collect();
    let mut seen = HashSet::new();
    for leg in legs.filter(|leg| !leg.pair.unchanged) {
        let upstream = &leg.pair.upstream;
        for supply in &lines {
            if refused(policy, supply, upstream) && seen.insert(supply.field.value.as_str()) {
                let (text, field) = (&supply.text.value, &supply.field.value);
                let title = &upstream.dialect.title;
                let message = format!("`{text}` lies outside of what {title} takes as `{field}`");
                let help = "each request that it is added to would be refused, or lose it: write what the server takes \
                            (its schema has the limits), or give it to the callers of other servers only";
                wrong.push(config.wrong(Code::WrongSupply, &supply.text, message).help(help));
            }
        }
    }
}

fn refused(policy: &Policy, supply: &Supply, upstream: &Side) -> bool {
    let Some(field) = Shape::Access.find(&supply.field.value) else { return false };
    let Some(value) = policy.supplied(field) else { return false };
    let dialect = &upstream.dialect;
    let routes = dialect.operation("request.create").map(|operation| operation.routes.as_slice());
    let sent = routes.unwrap_or_default().iter().filter_map(|route| route.send);
    let mut messages = sent.map(|number| &dialect.message(number).message);
    let mut record = Record::new(Shape::Access);
    record.say(field, value.clone());
    messages
        .any(|message| message.carries(field).is_some() && message.fit(&record, field).fit == Fit::Limited)
}
