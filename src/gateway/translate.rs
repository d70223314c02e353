//! From the caller's body to a call that can be sent.
use std::borrow::Cow;
use std::cell::LazyCell;
use std::future::Future;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming as IncomingBody};
use jiff::Timestamp;

use crate::canonical::field::FIELDS;
use crate::canonical::field::known::REQUEST_ID;
use crate::canonical::{Fault, FieldId, Record, Value};
use crate::crosswalk::{Kind, Part};
use crate::exchange::told::told;
use crate::exchange::{Chosen, Context, Incoming, ask, target};

use super::flow::Step;
use super::parts::{Authenticated, Collected, Done, Failed, Known, Ready, Who};
use super::{Gateway, Leg};

/// Reads the body, up to its bound and the deadline.
pub(super) struct Collect<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S: Step<Collected, Made = Done>> Step<Authenticated> for Collect<S> {
    type Made = Done;

    fn call(&self, authenticated: Authenticated) -> impl Future<Output = Result<Done, Failed>> {
        let Authenticated { known: Known { head, body, trace, found }, who } = authenticated;
        // The rest of the head is let go of before the body comes.
        let path_and_query = head.uri.path_and_query().cloned();
        async move {
            let deadline = trace.started + self.gateway.deadline;
            let collecting = collect(body, self.gateway.body_bytes_max);
            let body = tokio::time::timeout_at(deadline.into(), collecting).await;
            let body = body.map_err(|_| Fault::new("too-slow", ""))??;
            trace.bytes_in.set(body.len() as u64);
            let path_and_query = path_and_query.ok_or_else(|| Fault::new("not-found.operation", ""))?;
            self.inner.call(Collected { path_and_query, body, trace, found, who }).await
        }
    }
}

async fn collect(mut body: IncomingBody, most: usize) -> Result<Bytes, Fault> {
    let too_large = || Fault::new("too-large", format!("the body is larger than {most} bytes"));
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let mut first = None::<Bytes>;
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| Fault::new("invalid", "the body broke off").because(e.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        let held = first.as_ref().map_or(0, Bytes::len) + rest.len();
        if held + data.len() > most {
            return Err(too_large());
        }
        match &first {
            None => first = Some(data),
            Some(_) => rest.extend_from_slice(&data),
        }
    }
    let first = first.unwrap_or_default();
    if rest.is_empty() {
        return Ok(first);
    }
    // Mostly a body comes in one piece; only one that doesn't is copied together.
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}

/// Read, validate, normalise, route, resolve, decide, render, validate: [`crate::exchange`], with this gateway's
/// routes and references.
pub(super) struct Translate<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S: Step<Ready, Made = Done>> Step<Collected> for Translate<S> {
    type Made = Done;

    async fn call(&self, collected: Collected) -> Result<Done, Failed> {
        let bound = self.gateway.bound(&collected).await?;
        let ready = self.gateway.prepare(collected, bound)?;
        self.inner.call(ready).await
    }
}

/// Operations that belong to the requester: on somebody else's request they are as good as unknown.
const REQUESTERS: &[&str] =
    &["request.check_in", "request.cancel", "request.get", "request.rotate_on_check_in"];

impl Gateway {
    /// The upstream that the request in the path was made at, if the gateway made it.
    async fn bound(&self, collected: &Collected) -> Result<Option<usize>, Failed> {
        let id = collected.found.path.iter().find(|(field, _)| *field == REQUEST_ID).map(|(_, id)| id);
        let Some(id) = id else { return Ok(None) };
        let caller = &self.legs[collected.who.caller];
        let space = &caller.from[collected.who.from].space;
        let made = self.store.find(space, id).await;
        let made = made.map_err(|e| Fault::new("busy", "").because(e.to_string()))?;
        let Some(made) = made else { return Ok(None) };
        let word = collected.found.operation().word.as_str();
        if made.caller != caller.name && REQUESTERS.contains(&word) {
            return Err(Fault::new("not-found.request", "")
                .because("it belongs to another principal")
                .into());
        }
        Ok(self.upstreams.iter().position(|upstream| *upstream.name() == made.upstream))
    }

    fn prepare(&self, collected: Collected, bound: Option<usize>) -> Result<Ready, Failed> {
        let Collected { path_and_query, body, trace, found, who } = collected;
        let recognised = found.recognised();
        let incoming = Incoming {
            recognised: &recognised,
            path: path_and_query.path(),
            query: path_and_query.query(),
            body: &body,
        };
        let context = self.context(Timestamp::now());
        let mut to = 0;
        let mut prepared = ask(&incoming, context, |record| {
            to = bound.or_else(|| self.route(who, record)).ok_or_else(|| Fault::new("not-permitted", ""))?;
            let leg = self.leg(who, to)?;
            Ok(Chosen {
                pair: leg.pair.clone(),
                policy: &leg.policy,
                principal: Cow::Borrowed(&leg.principal),
            })
        })
        .inspect_err(|refused| *trace.told.borrow_mut() = told(&refused.losses, &[]))?;
        let upstream = self.upstreams[to].clone();
        *trace.upstream.borrow_mut() = Some(upstream.clone());
        let identity = self.leg(who, to)?.identity.clone();
        let call = std::mem::take(&mut prepared.call);
        Ok(Ready { prepared, call, caller: self.legs[who.caller].name.clone(), upstream, identity, trace })
    }

    /// What every exchange needs, at this moment.
    pub(super) fn context(&self, now: Timestamp) -> Context<'_> {
        Context { crosswalk: &self.crosswalk, now, limits: self.limits }
    }

    fn leg(&self, who: Who, upstream: usize) -> Result<&Leg, Fault> {
        let leg = self.legs[who.caller].from[who.from].legs.get(upstream).and_then(Option::as_ref);
        leg.ok_or_else(|| Fault::new("not-permitted", "").because("no identity at the upstream of the route"))
    }

    /// The first route that fits.
    fn route(&self, who: Who, record: &Record<'_>) -> Option<usize> {
        let from = &self.legs[who.caller].from[who.from];
        // A system that is named goes where the same system goes that is given by its id: what the crosswalk knows of
        // it in the caller's words counts as said.
        let meant = LazyCell::new(|| target(record, &from.dialect, &from.space, &self.crosswalk));
        let is_target = |(field, text): &(FieldId, String)| match record.get(*field) {
            Some(Value::Text(said)) => said.eq_ignore_ascii_case(text),
            _ => {
                let name = FIELDS[field.0 as usize].name.strip_prefix("target.");
                let part = name.and_then(|name| Part::of(Kind::Target, name));
                let known = part.and_then(|part| meant.as_ref()?.part(&from.space, part));
                known.is_some_and(|known| known.eq_ignore_ascii_case(text))
            }
        };
        let fits = |route: &&super::Route| {
            route.caller.is_none_or(|caller| caller == who.caller)
                && route.dialect.as_ref().is_none_or(|dialect| *dialect == from.dialect.name)
                && route.space.as_ref().is_none_or(|space| **space == *from.space)
                && route.target.iter().all(is_target)
        };
        self.routes.iter().find(fits).map(|route| route.upstream)
    }
}
