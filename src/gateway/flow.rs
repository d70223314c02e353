//! The flow of a request, as a tower stack: read it from the top for the way in, from the bottom for the way back.
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use tower::{Service, ServiceBuilder};

use super::Gateway;
use super::ends::Observe;
use super::forward::{Forward, Record};
use super::recognise::{Authenticate, Recognise};
use super::translate::{Collect, Translate};

/// Futures of the flow stay on the serving thread that they were made on.
pub(super) type LocalFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

/// The service that a serving thread gives each request to.
pub fn service(
    gateway: Arc<Gateway>,
) -> impl Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible, Future: 'static>
+ Clone
+ use<> {
    ServiceBuilder::new()
        //                                                       way in                       way back
        .layer_fn(|inner| Observe { inner, gateway: gateway.clone() }) // a number, a deadline         the access line; any fault → the caller's status and body
        .layer_fn(|inner| Recognise { inner, gateway: gateway.clone() }) // path → dialect, operation
        .layer_fn(|inner| Authenticate { inner, gateway: gateway.clone() }) // → principal
        .layer_fn(|inner| Collect { inner, gateway: gateway.clone() }) // the body, bounded
        .layer_fn(|inner| Translate { inner, gateway: gateway.clone() }) // read, validate, normalise, route, resolve, decide, render, validate
        .layer_fn(|inner| Record { inner, gateway: gateway.clone() }) //                              asked, then answered, then known; made durable
        .service(Forward) // takes only what can be sent
}
