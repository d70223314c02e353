//! What is asked, and who asks.
use std::sync::Arc;
use std::task::{Context, Poll};

use tower::Service;

use crate::canonical::Fault;
use crate::dialect::Unrecognised;

use super::Gateway;
use super::flow::LocalFuture;
use super::parts::{Arrived, Authenticated, Done, Failed, Found, Known, Who};

/// Path and method → dialect and operation.
#[derive(Clone)]
pub(super) struct Recognise<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S> Service<Arrived> for Recognise<S>
where
    S: Service<Known, Response = Done, Error = Failed, Future = LocalFuture<Done, Failed>>,
{
    type Response = Done;
    type Error = Failed;
    type Future = LocalFuture<Done, Failed>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, arrived: Arrived) -> Self::Future {
        match recognise(&self.gateway, &arrived) {
            Ok(found) => {
                arrived.trace.operation.set(found.operation);
                let Arrived { head, body, trace } = arrived;
                self.inner.call(Known { head, body, trace, found })
            }
            Err(failed) => Box::pin(std::future::ready(Err(failed))),
        }
    }
}

fn recognise(gateway: &Gateway, arrived: &Arrived) -> Result<Found, Failed> {
    let (method, path) = (arrived.head.method.as_str(), arrived.head.uri.path());
    for dialect in &gateway.dialects {
        let wrong = match dialect.recognise(method, path) {
            Err(Unrecognised::Elsewhere) => continue,
            Ok(recognised) => {
                *arrived.trace.dialect.borrow_mut() = Some(dialect.clone());
                return Ok(Found {
                    operation: recognised.operation_at,
                    route: recognised.route_at,
                    path: recognised.path,
                    dialect: dialect.clone(),
                });
            }
            Err(wrong) => wrong,
        };
        *arrived.trace.dialect.borrow_mut() = Some(dialect.clone());
        return Err(match wrong {
            Unrecognised::WrongMethod(allow) => Failed { fault: Fault::new("wrong-method", ""), allow },
            _ => Fault::new("not-found.operation", "").into(),
        });
    }
    Err(Fault::new("not-found.operation", "").into())
}

/// The credential that the dialect's header carries → the principal.
#[derive(Clone)]
pub(super) struct Authenticate<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S> Service<Known> for Authenticate<S>
where
    S: Service<Authenticated, Response = Done, Error = Failed, Future = LocalFuture<Done, Failed>>,
{
    type Response = Done;
    type Error = Failed;
    type Future = LocalFuture<Done, Failed>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, known: Known) -> Self::Future {
        match self.authenticate(&known) {
            Some((known_as, who)) => {
                let mut known = known;
                known.found.dialect = known_as;
                self.inner.call(Authenticated { known, who })
            }
            // Missing and wrong are told apart nowhere: not in the answer, and not by its time.
            None => Box::pin(std::future::ready(Err(Fault::new("not-authenticated", "").into()))),
        }
    }
}

impl<S> Authenticate<S> {
    /// The dialect in the variant that the principal calls in, and who that is.
    fn authenticate(&self, known: &Known) -> Option<(Arc<crate::dialect::Dialect>, Who)> {
        let dialect = &known.found.dialect;
        let presented = dialect.caller.read(&known.head.headers)?;
        let caller = self.gateway.callers.authenticate(&dialect.name, &presented)?;
        let leg = self.gateway.legs.get(caller)?;
        let from = leg.from.iter().position(|from| from.dialect.name == dialect.name)?;
        *known.trace.caller.borrow_mut() = Some(leg.name.clone());
        Some((leg.from[from].dialect.clone(), Who { caller, from }))
    }
}
