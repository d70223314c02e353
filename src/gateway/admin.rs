//! The operator's small service, on a listener of its own: is the process alive, is it of use.
//!
//! `GET /healthz` is 200 as long as the process can answer; `GET /readyz` is 200 when every upstream can
//! be reached, else 503 with the names of those that can't. Serve an [`Admin`] with
//! [`listener`](super::listener). Names upstreams, and nothing else of the configuration.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use tower::Service;

use crate::upstream::Upstream;

/// The service.
#[derive(Debug, Clone)]
pub struct Admin {
    upstreams: Arc<[Arc<Upstream>]>,
}

impl Admin {
    /// A service that watches these upstreams.
    #[must_use]
    pub fn new(upstreams: impl IntoIterator<Item = Arc<Upstream>>) -> Self {
        Self { upstreams: upstreams.into_iter().collect() }
    }

    async fn answer(self, method: Method, path: String) -> Response<Full<Bytes>> {
        let known = matches!(path.as_str(), "/healthz" | "/readyz");
        if !known {
            return reply(StatusCode::NOT_FOUND, &json!({ "error": "not found" }));
        }
        if method != Method::GET && method != Method::HEAD {
            let mut response = reply(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": "GET only" }));
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        if path == "/healthz" {
            return reply(StatusCode::OK, &json!({ "status": "alive" }));
        }
        self.ready().await
    }

    async fn ready(&self) -> Response<Full<Bytes>> {
        // All at a time: an answer takes as long as the slowest upstream, not as long as all of them.
        let mut asking = tokio::task::JoinSet::new();
        for upstream in self.upstreams.iter().map(Arc::clone) {
            asking.spawn(async move { (upstream.reachable().await, upstream) });
        }
        let mut unreachable = Vec::new();
        for (reachable, upstream) in asking.join_all().await {
            if !reachable {
                unreachable.push(upstream.name().to_string());
            }
        }
        if unreachable.is_empty() {
            return reply(StatusCode::OK, &json!({ "status": "ready" }));
        }
        unreachable.sort_unstable();
        reply(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "not ready", "unreachable": unreachable }))
    }
}

impl Service<Request<Incoming>> for Admin {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = self.clone().answer(method, path);
        Box::pin(async move { Ok(answer.await) })
    }
}

fn reply(status: StatusCode, body: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
