//! A [`Gateway`] from a configuration.
mod idle;
mod supplied;

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use crate::canonical::Shape;
use crate::config::{self, Config, Field, StoreChoice};
use crate::crosswalk::Crosswalk;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::{Dialect, Files, Registry};
use crate::exchange::{Pair, Policy, Principal, Side};
use crate::identity::sign_in::{Identity, TOKEN};
use crate::json::Limits;
use crate::store::{self, Store, StoreError};
use crate::upstream::{Dial, Upstream, UpstreamError, UpstreamSettings};

use super::{Caller, CallsFrom, Gateway, Leg, Route};

pub use idle::warnings;

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Something is wrong in a file.
    #[error("{0}")]
    Files(#[from] Diagnostics),
    /// An upstream can't be set up.
    #[error("the upstream `{name}`: {source}")]
    Upstream {
        /// Its name.
        name: String,
        /// Why.
        source: UpstreamError,
    },
    /// The store can't be opened.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// Callers can't be told apart, or there is no randomness.
    #[error("the callers: {0}")]
    Callers(#[from] crate::identity::caller::CallersError),
}

/// The largest reply of an upstream that is taken, where no larger body is allowed: a list of what is open at a server
/// is longer than what a caller ever sends.
const REPLY_BYTES_MAX: usize = 8 * 1024 * 1024;

const FIELDS_ARE_LISTED: &str = "the manual lists all fields: docs/mapping-language.md, Fields";

/// Makes a gateway; `crosswalk` adds to the configuration's own files.
///
/// # Errors
/// See [`SetupError`].
pub fn gateway(config: &Config, crosswalk: Option<Crosswalk>) -> Result<Gateway, SetupError> {
    gateway_of(config, crosswalk, &registry(config)?, None)
}

/// The same with these dialects, whatever folders the configuration names; `within`: the way to upstreams that stand in
/// this process.
///
/// # Errors
/// See [`SetupError`].
pub fn gateway_of(
    config: &Config,
    crosswalk: Option<Crosswalk>,
    registry: &Registry,
    within: Option<&Arc<dyn Dial>>,
) -> Result<Gateway, SetupError> {
    let loaded = crosswalk_of(config)?;
    let crosswalk = match crosswalk {
        Some(more) => loaded.merge(more)?,
        None => loaded,
    };
    let mut wrong = Diagnostics::default();
    let sides: Vec<Option<Side>> =
        config.upstreams.iter().map(|upstream| side_of(config, registry, upstream, &mut wrong)).collect();
    config.callers.iter().for_each(|caller| unasked(config, caller, &sides, &mut wrong));
    let callers: Vec<Option<Caller>> =
        config.callers.iter().map(|caller| caller_of(config, registry, caller, &sides, &mut wrong)).collect();
    let routes = config.routes.iter().map(|route| route_of(config, registry, route, &mut wrong)).collect();
    wrong.or(())?;
    let mut upstreams = Vec::new();
    for (upstream, side) in config.upstreams.iter().zip(sides.iter().flatten()) {
        upstreams.push(upstream_of(config, upstream, &side.dialect, within)?);
    }
    let store: Arc<dyn Store> = match &config.store {
        StoreChoice::Memory { requests_max } => store::memory(*requests_max),
        StoreChoice::Sqlite { path } => store::sqlite(path)?,
    };
    let mut dialects: Vec<_> = registry.all().cloned().collect();
    dialects.sort_by_key(|dialect| std::cmp::Reverse(dialect.longest_base()));
    Ok(Gateway {
        dialects,
        callers: config.known_callers()?,
        legs: callers.into_iter().flatten().collect(),
        upstreams,
        routes,
        crosswalk,
        store,
        limits: Limits {
            depth: u32::try_from(config.limits.depth).unwrap_or(32),
            nodes: config.limits.nodes,
        },
        body_bytes_max: config.limits.body_bytes,
        in_flight_max: config.limits.requests_in_flight,
        in_flight: Default::default(),
        deadline: config.deadlines.request,
    })
}

/// The configuration's crosswalk files. One that isn't there is a mistake of the line that names it.
fn crosswalk_of(config: &Config) -> Result<Crosswalk, Diagnostics> {
    let mut wrong = Diagnostics::default();
    for path in &config.files.crosswalk {
        if let Err(error) = std::fs::metadata(&path.value) {
            let message = format!("{} can't be read: {error}", path.value.display());
            let one = config.wrong(Code::CrosswalkFile, path, message);
            wrong.push(one.help("paths begin at the folder of pamgate.toml"));
        }
    }
    wrong.or(())?;
    let paths: Vec<_> = config.files.crosswalk.iter().map(|path| path.value.clone()).collect();
    Crosswalk::load(&paths)
}

/// The built-in dialects, and those of the configuration's folders.
fn registry(config: &Config) -> Result<Registry, Diagnostics> {
    let folders = |named: &[config::At<PathBuf>]| -> Vec<PathBuf> {
        named.iter().map(|folder| folder.value.clone()).collect()
    };
    let files = Files::with_folders(&folders(&config.files.mappings), &folders(&config.files.schemas))?;
    Registry::load(&files)
}

fn dialect_of(
    config: &Config,
    registry: &Registry,
    name: &config::At<String>,
    variant: Option<&config::At<String>>,
    wrong: &mut Diagnostics,
) -> Option<Arc<Dialect>> {
    match registry.get(&name.value, variant.map(|variant| variant.value.as_str())) {
        Ok(dialect) => Some(dialect.clone()),
        Err(what) => {
            let (code, at) = match variant {
                Some(variant) if registry.get(&name.value, None).is_ok() => (Code::UnknownVariant, variant),
                _ => (Code::UnknownDialect, name),
            };
            let help = "a dialect has the name of its file; its variants are its table's `[variant.NAME]`";
            wrong.push(config.wrong(code, at, what).help(help));
            None
        }
    }
}

fn side_of(
    config: &Config,
    registry: &Registry,
    upstream: &config::Upstream,
    wrong: &mut Diagnostics,
) -> Option<Side> {
    let dialect = dialect_of(config, registry, &upstream.dialect, upstream.variant.as_ref(), wrong)?;
    Some(Side { dialect, space: upstream.space.value.as_str().into() })
}

fn caller_of(
    config: &Config,
    registry: &Registry,
    caller: &config::Caller,
    sides: &[Option<Side>],
    wrong: &mut Diagnostics,
) -> Option<Caller> {
    let policy = policy_of(config, caller, wrong);
    let mut from = Vec::new();
    for calls in &caller.from {
        let dialect = dialect_of(config, registry, &calls.dialect, calls.variant.as_ref(), wrong)?;
        let side = Side { dialect: dialect.clone(), space: calls.space.value.as_str().into() };
        let mut legs = Vec::new();
        for (at, upstream) in sides.iter().enumerate() {
            let acts = caller.acts_at(at);
            legs.push(upstream.as_ref().zip(acts).map(|(upstream, acts)| {
                let as_user = match acts.field("user") {
                    Some(Field::Text(user)) => Some(user.clone()),
                    _ => None,
                };
                Leg {
                    pair: Arc::new(Pair::new(side.clone(), upstream.clone())),
                    policy: policy.clone(),
                    principal: Principal { name: calls.user_name.clone(), as_user },
                    identity: Arc::new(identity_of(caller, acts)),
                }
            }));
        }
        supplied::fits(config, caller, &policy, legs.iter().flatten(), wrong);
        from.push(CallsFrom { dialect, space: side.space, legs });
    }
    Some(Caller { name: caller.name.value.as_str().into(), from })
}

/// What `[caller.as.UPSTREAM]` gives and no text there asks for is most likely misspelt: what was meant would be left
/// out of the sign-in, and nobody would see why the server refuses it.
fn unasked(config: &Config, caller: &config::Caller, sides: &[Option<Side>], wrong: &mut Diagnostics) {
    for (at, side) in sides.iter().enumerate() {
        let (Some(side), Some(acts)) = (side, caller.acts_at(at)) else { continue };
        // The user is also who the request is for, where nothing of the sign-in names it.
        let asked = side.dialect.sign_in.names().filter(|name| *name != TOKEN);
        let mut known: Vec<&str> = asked.chain(["user"]).collect();
        known.sort_unstable();
        known.dedup();
        for (name, _) in acts.fields.iter().filter(|(name, _)| !known.contains(&name.value.as_str())) {
            let dialect = &side.dialect.name;
            let message =
                format!("nothing that is sent to this `{dialect}` server asks for `{}`", name.value);
            let one = config.wrong(Code::UnknownKey, name, message);
            let one = one.label(format!("known: {}", known.join(", ")));
            wrong.push(one.near_or(&name.value, known.iter().copied(), "write one of them, or take it out"));
        }
    }
}

fn identity_of(caller: &config::Caller, acts: &config::ActsAs) -> Identity {
    let values = acts.fields.iter().map(|(name, field)| {
        let value = match field {
            Field::Text(text) => SecretString::from(text.clone()),
            Field::Secret(secret) => secret.clone(),
        };
        (name.value.clone(), value)
    });
    Identity { caller: caller.name.value.clone(), values: values.collect() }
}

fn policy_of(config: &Config, caller: &config::Caller, wrong: &mut Diagnostics) -> Policy {
    let mut policy = Policy::default();
    for (field, treatment) in &config.losses.fields {
        if let Err(what) = policy.treat(&field.value, *treatment) {
            wrong.push(config.wrong(Code::UnknownField, field, what).help(FIELDS_ARE_LISTED));
        }
    }
    if let Some(default) = config.losses.default {
        policy.treat_rest(default);
    }
    // What is added for the caller goes before what is added for all.
    for supply in config.supply.iter().chain(&caller.supply) {
        if let Err(what) = policy.supply(&supply.field.value, &supply.text.value) {
            let help = "docs/configuration.md says what can be supplied, and how it is written";
            wrong.push(config.wrong(Code::WrongSupply, &supply.text, what).help(help));
        }
    }
    policy
}

fn route_of(config: &Config, registry: &Registry, route: &config::Route, wrong: &mut Diagnostics) -> Route {
    if let Some(name) = &route.dialect {
        dialect_of(config, registry, name, None, wrong);
    }
    let mut target = Vec::new();
    for (part, text) in &route.target {
        match Shape::Access.find(&format!("target.{}", part.value)) {
            Some(field) => target.push((field, text.clone())),
            None => {
                let one = config.wrong(Code::UnknownField, part, "this is no part of a target");
                wrong.push(one.help(FIELDS_ARE_LISTED));
            }
        }
    }
    Route {
        upstream: route.upstream,
        caller: route.caller,
        dialect: route.dialect.as_ref().map(|name| name.value.clone()),
        space: route.space.as_ref().map(|space| space.value.clone()),
        target,
    }
}

fn upstream_of(
    config: &Config,
    upstream: &config::Upstream,
    dialect: &Dialect,
    within: Option<&Arc<dyn Dial>>,
) -> Result<Arc<Upstream>, SetupError> {
    let failed = |source| SetupError::Upstream { name: upstream.name.value.clone(), source };
    let url = upstream.url.value.to_string().parse().map_err(|_| {
        let one = config.wrong(Code::ConfigUrl, &upstream.url, "this is no address");
        SetupError::Files(one.help("write `https://HOST` or `https://HOST:PORT`").into())
    })?;
    let settings = UpstreamSettings {
        name: upstream.name.value.clone(),
        url,
        ca: upstream.ca.as_ref().map(|path| path.value.clone()),
        client_certificate: upstream
            .client
            .as_ref()
            .map(|files| (files.certificate.value.clone(), files.key.value.clone())),
        max_connections: upstream.connections,
        connect: config.deadlines.connect,
        idle: config.deadlines.idle,
        reply_bytes_max: REPLY_BYTES_MAX.max(config.limits.body_bytes),
    };
    Upstream::reached(settings, dialect.sign_in.clone(), within.cloned()).map_err(failed)
}

/// Only for the type: a single diagnostic is a whole report.
impl From<Diagnostic> for SetupError {
    fn from(one: Diagnostic) -> SetupError {
        SetupError::Files(one.into())
    }
}
