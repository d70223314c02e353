//! Both ends of the flow: a request gets its number and deadline; a reply, or a fault, becomes HTTP.
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Request, Response, StatusCode};

use crate::canonical::Fault;
use crate::exchange::told::LOSS_HEADER;
use crate::telemetry::{AccessLine, ClientRequestId, RequestId, access_on, emit};

use super::Gateway;
use super::flow::Step;
use super::parts::{Arrived, Done, Failed, NO_OPERATION, Trace};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const REQUEST_ID: HeaderName = HeaderName::from_static("pamgate-request-id");
const LOSS: HeaderName = HeaderName::from_static(LOSS_HEADER);
const CLIENT_REQUEST_ID: &str = "x-request-id";

/// The outermost step.
pub(super) struct Observe<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S: Step<Arrived, Made = Done>> Observe<S> {
    /// What a request is answered with, whatever becomes of it.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let gateway = &self.gateway;
        let (head, body) = request.into_parts();
        let line = access_on();
        let client_id = if line { head.headers.get(CLIENT_REQUEST_ID).cloned() } else { None };
        let trace = Trace {
            id: RequestId::new(),
            started: Instant::now(),
            caller: RefCell::default(),
            dialect: RefCell::default(),
            operation: Cell::new(NO_OPERATION),
            upstream: RefCell::default(),
            upstream_us: Cell::new(0),
            bytes_in: Cell::new(0),
            fault: Cell::new(""),
            told: RefCell::default(),
        };
        let trace = Rc::new(trace);
        let counted = gateway.in_flight.fetch_add(1, Relaxed);
        let underway = Underway(&gateway.in_flight);
        let result = match counted < gateway.in_flight_max {
            true => self.inner.call(Arrived { head, body, trace: trace.clone() }).await,
            false => {
                // In which dialect to say so is not known yet: the path tells without any work.
                *trace.dialect.borrow_mut() =
                    gateway.dialects.iter().find(|one| one.under_base(head.uri.path()).is_some()).cloned();
                Err(Fault::new("busy", "").into())
            }
        };
        drop(underway);
        let response = match result {
            Ok(done) => reply(done, &trace),
            Err(failed) => fault(&failed, &trace),
        };
        if line {
            access_line(&trace, client_id.as_ref(), &response);
        }
        response
    }
}

/// A place among the requests underway: given back however the request ends, also where its future is dropped.
struct Underway<'g>(&'g AtomicUsize);

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

fn reply(done: Done, trace: &Trace) -> Response<Full<Bytes>> {
    let mut headers = HeaderMap::with_capacity(4);
    if done.body.is_some() {
        headers.insert(CONTENT_TYPE, done.content_type.unwrap_or(JSON));
    }
    if let Some(value) = done.told.and_then(|told| HeaderValue::from_str(&told).ok()) {
        headers.insert(LOSS, value);
    }
    response(done.status, headers, done.body.unwrap_or_default(), trace)
}

fn response(status: u16, mut headers: HeaderMap, body: Bytes, trace: &Trace) -> Response<Full<Bytes>> {
    if let Ok(id) = HeaderValue::from_bytes(&trace.id.hex()) {
        headers.insert(REQUEST_ID, id);
    }
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}

/// Any fault leaves here, in the caller's dialect; only a path under no dialect's base gets the gateway's own.
fn fault(failed: &Failed, trace: &Trace) -> Response<Full<Bytes>> {
    let Failed { fault, allow } = failed;
    trace.fault.set(fault.word);
    let told = fault.cause.as_deref().unwrap_or_default();
    // What callers can't help. `busy` with a cause is a store that fails, or an upstream that is overrun.
    let grave = fault.word.starts_with("upstream")
        || fault.word == "internal"
        || (fault.word == "busy" && fault.cause.is_some());
    if grave {
        tracing::warn!(request_id = %trace.id, fault = fault.word, cause = told, "a request failed");
    } else {
        tracing::debug!(request_id = %trace.id, fault = fault.word, cause = told, text = fault.text, "refused");
    }
    let mut headers = HeaderMap::with_capacity(4);
    if let Ok(value) = HeaderValue::from_str(&allow.join(", "))
        && !allow.is_empty()
    {
        headers.insert(ALLOW, value);
    }
    if let Some(value) = trace.told.take().and_then(|told| HeaderValue::from_str(&told).ok()) {
        headers.insert(LOSS, value);
    }
    let dialect = trace.dialect.borrow();
    let Some(dialect) = dialect.as_ref() else {
        headers.insert(CONTENT_TYPE, JSON);
        let (status, text) = match fault.word {
            "busy" => (503, fault_text(fault)),
            _ => (404, "the path is under no base path of a dialect that is served here".to_owned()),
        };
        let body = serde_json::json!({ "error": text }).to_string();
        return response(status, headers, body.into(), trace);
    };
    let operation = dialect.operations().get(trace.operation.get());
    let (status, body) = dialect.write_fault(operation, fault);
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, dialect.fault_type.clone().unwrap_or(JSON));
    }
    response(status, headers, body.into(), trace)
}

fn fault_text(fault: &Fault) -> String {
    match fault.text.as_str() {
        "" => crate::canonical::fault::text(fault.word).to_owned(),
        text => text.to_owned(),
    }
}

fn access_line(trace: &Trace, client_id: Option<&HeaderValue>, response: &Response<Full<Bytes>>) {
    use hyper::body::Body;
    let micros = |since: Instant| u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
    let (caller, dialect, upstream) =
        (trace.caller.borrow(), trace.dialect.borrow(), trace.upstream.borrow());
    emit(&AccessLine {
        request_id: trace.id,
        client_request_id: ClientRequestId::new(client_id),
        caller: caller.as_deref().unwrap_or_default(),
        dialect: dialect.as_ref().map_or("", |dialect| dialect.name.as_str()),
        operation: &trace.operation(),
        status: response.status().as_u16(),
        upstream: upstream.as_ref().map_or("", |upstream| &**upstream.name()),
        total_us: micros(trace.started),
        upstream_us: trace.upstream_us.get(),
        bytes_in: trace.bytes_in.get(),
        bytes_out: response.body().size_hint().exact().unwrap_or_default(),
        loss: response.headers().get(LOSS).and_then(|told| told.to_str().ok()),
        fault: trace.fault.get(),
    });
}
