//! The flow of a request, as a tower stack: read it from the top for the way in, from the bottom for the way back.
use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use tower::{Service, ServiceBuilder};

use super::Gateway;
use super::ends::Observe;
use super::forward::{Forward, Record};
use super::parts::Failed;
use super::recognise::{Authenticate, Recognise};
use super::translate::{Collect, Translate};

/// A step of the flow. Its futures are named by the compiler and stand in each other, so a request needs no
/// allocation for them; they stay on the serving thread that they were made on.
pub(super) trait Step<Taken> {
    /// What it answers with.
    type Made;

    /// Takes what the step before it made. Nothing is done before the future is first asked.
    fn call(&self, taken: Taken) -> impl Future<Output = Result<Self::Made, Failed>>;
}

/// The service that a serving thread gives each request to.
pub fn service(
    gateway: Arc<Gateway>,
) -> impl Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible, Future: 'static>
+ Clone
+ use<> {
    let flow = ServiceBuilder::new()
        //                                                       way in                       way back
        .layer_fn(|inner| Observe { inner, gateway: gateway.clone() }) // a number, a deadline         the access line; any fault → the caller's status and body
        .layer_fn(|inner| Recognise { inner, gateway: gateway.clone() }) // path → dialect, operation
        .layer_fn(|inner| Authenticate { inner, gateway: gateway.clone() }) // → principal
        .layer_fn(|inner| Collect { inner, gateway: gateway.clone() }) // the body, bounded
        .layer_fn(|inner| Translate { inner, gateway: gateway.clone() }) // read, validate, normalise, route, resolve, decide, render, validate
        .layer_fn(|inner| Record { inner, gateway: gateway.clone() }) //                              asked, then answered, then known; made durable
        .service(Forward); // takes only what can be sent
    let flow = Rc::new(flow);
    tower::service_fn(move |request| {
        let flow = flow.clone();
        async move { Ok(flow.answer(request).await) }
    })
}
