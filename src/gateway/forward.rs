//! To the upstream and back.
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderValue};

use crate::canonical::Fault;
use crate::exchange::{Came, Outgoing};
use crate::store::Made;
use crate::telemetry::access_on;
use crate::upstream::{Call, CallError, SignInError};

use super::Gateway;
use super::flow::Step;
use super::parts::{Done, Failed, Ready, Replied};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Keeps what was made, and answers the caller: what was asked, what was answered, what is known.
pub(super) struct Record<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S: for<'r> Step<Send<'r>, Made = Replied>> Step<Ready> for Record<S> {
    type Made = Done;

    async fn call(&self, mut ready: Ready) -> Result<Done, Failed> {
        let call = std::mem::take(&mut ready.call);
        let canonical = std::mem::take(&mut ready.prepared.canonical);
        let done = self.exchanged(&ready, call, canonical).await;
        // What the upstream refuses, it may refuse for what it was not told, or was told besides.
        done.inspect_err(|_| *ready.trace.told.borrow_mut() = ready.prepared.told())
    }
}

impl<S: for<'r> Step<Send<'r>, Made = Replied>> Record<S> {
    async fn exchanged(&self, ready: &Ready, call: Outgoing, canonical: String) -> Result<Done, Failed> {
        let (gateway, prepared) = (&self.gateway, &ready.prepared);
        // Before anything is sent: a store that gives no number must not cost a request that was made.
        let number = match prepared.makes() && !prepared.unchanged() {
            true => gateway
                .store
                .next_number()
                .await
                .map_err(|e| Fault::new("busy", "").because(e.to_string()))?,
            false => 0,
        };
        let deadline = ready.trace.started + gateway.deadline;
        let send = |call: Outgoing| Send { call, ready, deadline };
        let replied = self.inner.call(send(call)).await?;
        let came = Came { status: replied.status, body: &replied.body };
        let context = gateway.context(prepared.now);
        let heard = prepared.hear(came, context).inspect_err(|refused| {
            // The caller may be told less than the upstream said: here is the only other place for it. (What the
            // upstream is to blame for is told at the end.)
            let (id, cause) = (ready.trace.id, refused.cause.as_deref().unwrap_or_default());
            if !refused.word.starts_with("upstream") && refused.word != "busy" {
                tracing::info!(request_id = %id, fault = refused.word, cause, "the upstream refused");
            }
        })?;
        ready.trace.fault.set(heard.fault);
        let again = match heard.id.as_deref().and_then(|id| prepared.again(id)) {
            Some(call) => Box::pin(told_again(&self.inner, send(call))).await,
            None => None,
        };
        let again = again.as_ref().map(|replied| Came { status: replied.status, body: &replied.body });
        let answered = prepared.reply(heard, came, again, number, context)?;
        let content_type = replied.headers.get(CONTENT_TYPE).filter(|_| prepared.unchanged()).cloned();
        let told = prepared.told();
        let (status, body) = (answered.status, answered.body.map(Bytes::from));
        gateway.keep(ready, answered.made, canonical).await;
        Ok(Done { status, body, content_type, told })
    }
}

/// A creation that succeeded is answered as success: if asking again fails, what isn't known reads pending.
async fn told_again<'r>(inner: &impl Step<Send<'r>, Made = Replied>, send: Send<'r>) -> Option<Replied> {
    let id = send.ready.trace.id;
    match inner.call(send).await {
        Ok(replied) => Some(replied),
        Err(failed) => {
            tracing::warn!(request_id = %id, fault = failed.fault.word, "the upstream could not be asked again");
            None
        }
    }
}

impl Gateway {
    async fn keep(&self, ready: &Ready, made: Option<(String, String)>, canonical: String) {
        let Some((caller_id, upstream_id)) = made else { return };
        let made = Made {
            caller: ready.caller.clone(),
            space: ready.prepared.pair.caller.space.clone(),
            caller_id,
            upstream: ready.upstream.name().clone(),
            upstream_id,
            canonical,
            created_unix_ms: ready.prepared.now.as_millisecond(),
        };
        if let Err(error) = self.store.record(&made).await {
            let Made { caller_id, upstream_id, .. } = &made;
            // The request exists: to answer with an error would make the client ask for another.
            tracing::error!(request_id = %ready.trace.id, caller_id, upstream_id, %error, "a request made is not kept");
        }
    }
}

/// One call, for the innermost step.
#[derive(Debug)]
pub(super) struct Send<'r> {
    call: Outgoing,
    ready: &'r Ready,
    deadline: Instant,
}

/// Sends what is ready.
#[derive(Clone, Copy)]
pub(super) struct Forward;

impl<'r> Step<Send<'r>> for Forward {
    type Made = Replied;

    async fn call(&self, send: Send<'r>) -> Result<Replied, Failed> {
        let Send { call, ready, deadline } = send;
        let method = Method::from_bytes(call.method.as_bytes());
        let method = method.map_err(|e| Fault::new("internal", "").because(e.to_string()))?;
        let call = Call {
            idempotent: method == Method::GET,
            method,
            path: call.path,
            content_type: call.body.is_some().then_some(JSON),
            body: call.body.map(Bytes::from).unwrap_or_default(),
        };
        // Of interest to the access line alone.
        let asked = access_on().then(Instant::now);
        let replied = ready.upstream.call(&ready.identity, call, deadline).await;
        if let Some(asked) = asked {
            let took = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
            ready.trace.upstream_us.set(ready.trace.upstream_us.get().saturating_add(took));
        }
        let replied = replied.map_err(|error| Failed::from(no_reply(&error)))?;
        Ok(Replied { status: replied.status.as_u16(), headers: replied.headers, body: replied.body })
    }
}

/// Why there is no reply, as a canonical fault. What a client may safely repeat hangs on it: whether the call itself
/// can have been processed is told, and a sign-in that found nobody there is nobody there, not a refusal.
fn no_reply(error: &CallError) -> Fault {
    let (word, text) = match error {
        CallError::Busy => ("busy", ""),
        CallError::SignIn(SignInError::TimedOut) | CallError::TimedOut { sent: false } => {
            ("upstream.timeout", NOT_ASKED)
        }
        CallError::SignIn(SignInError::Way(_)) => ("upstream.unreachable", ""),
        CallError::SignIn(_) => ("upstream.sign-in", ""),
        CallError::TooLarge => ("upstream.rubbish", ""),
        CallError::TimedOut { sent: true } => ("upstream.timeout", ""),
        CallError::Broken { sent: true, .. } => ("upstream", ""),
        CallError::Unreachable(_) | CallError::Broken { sent: false, .. } | CallError::Path => {
            ("upstream.unreachable", "")
        }
    };
    Fault::new(word, text).because(error.to_string())
}

/// Where a deadline passed before the call itself was sent.
const NOT_ASKED: &str = "The server behind this gateway did not answer in time. Nothing was asked of it yet.";
