//! What no section can see alone: names given twice, callers without a role, callers that can't be told apart.
use super::reader::Reader;
use super::{At, Caller, Config, Route};
use crate::diagnostic::Code;
use crate::identity::caller::CallersError;

pub(super) fn check(reader: &mut Reader<'_>, config: &Config) {
    twice(reader, "upstream", config.upstreams.iter().map(|one| &one.name));
    twice(reader, "caller", config.callers.iter().map(|one| &one.name));
    for (at, caller) in config.callers.iter().enumerate() {
        roles(reader, config, at, caller);
    }
    same_secrets(reader, config);
}

fn twice<'n>(reader: &mut Reader<'_>, what: &str, names: impl Iterator<Item = &'n At<String>>) {
    let mut seen = std::collections::HashSet::new();
    for name in names.filter(|name| !name.value.is_empty()) {
        if !seen.insert(&name.value) {
            let message = format!("a second {what} `{}`", name.value);
            reader.wrong(Code::ConfigTwice, name.span.clone(), message, "give each its own name");
        }
    }
}

/// Every upstream that a caller's requests can go to needs to know as whom.
fn roles(reader: &mut Reader<'_>, config: &Config, at: usize, caller: &Caller) {
    let mut reached = Vec::new();
    for route in config.routes.iter().filter(|route| may_take(route, at, caller)) {
        if !reached.contains(&route.upstream) {
            reached.push(route.upstream);
        }
        if route.dialect.is_none() && route.target.is_empty() {
            break;
        }
    }
    for upstream in reached.iter().filter_map(|at| Some((at, config.upstreams.get(*at)?))) {
        let (at, upstream) = upstream;
        if caller.acts_at(*at).is_none() {
            let (caller_name, name) = (&caller.name.value, &upstream.name.value);
            let message = format!("requests of `{caller_name}` can go to `{name}`, and nothing says as whom");
            let help = format!("add `[caller.as.{name}]`, or a route that sends them elsewhere");
            reader.wrong(Code::MissingRole, caller.name.span.clone(), message, &help);
        }
    }
    for acts in caller.acts.iter().filter(|acts| !reached.contains(&acts.upstream)) {
        let message = format!("no route leads `{}` to `{}`", caller.name.value, acts.name.value);
        let warning = reader.diagnostic(Code::UnusedRole, acts.name.span.clone(), message);
        reader.warnings.push(warning.help("add a route, or remove this table"));
    }
}

fn may_take(route: &Route, at: usize, caller: &Caller) -> bool {
    route.caller.is_none_or(|of| of == at)
        && route.dialect.as_ref().is_none_or(|dialect| caller.calls_from(&dialect.value).is_some())
}

fn same_secrets(reader: &mut Reader<'_>, config: &Config) {
    // Stand-ins for secrets that couldn't be read are all alike; what is wrong with them has been told.
    if !reader.mistakes.0.is_empty() {
        return;
    }
    match config.known_callers() {
        Ok(_) => {}
        Err(CallersError::SameSecret { first, second }) => {
            let name = |at: usize| config.callers.get(at).map(|caller| &caller.name);
            if let (Some(first), Some(second)) = (name(first), name(second)) {
                let message =
                    format!("`{}` and `{}` show the same secret in one dialect", first.value, second.value);
                let help = "give each its own secret, or each a `user` of its own";
                reader.wrong(Code::SameSecret, second.span.clone(), message, help);
            }
        }
        Err(error @ CallersError::NoRandom(_)) => {
            reader.wrong(
                Code::NoRandom,
                0..0,
                error.to_string(),
                "look at what keeps the system from giving any",
            );
        }
    }
}
