//! What is asked, and who asks.
use std::sync::Arc;

use crate::canonical::Fault;
use crate::dialect::Unrecognised;

use super::Gateway;
use super::flow::Step;
use super::parts::{Arrived, Authenticated, Done, Failed, Found, Known, Who};

/// Path and method → dialect and operation.
pub(super) struct Recognise<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S: Step<Known, Made = Done>> Step<Arrived> for Recognise<S> {
    type Made = Done;

    async fn call(&self, arrived: Arrived) -> Result<Done, Failed> {
        let found = recognise(&self.gateway, &arrived)?;
        arrived.trace.operation.set(found.operation);
        let Arrived { head, body, trace } = arrived;
        self.inner.call(Known { head, body, trace, found }).await
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
            Unrecognised::WrongMethod(allow) => {
                Failed { fault: Fault::new("wrong-method", ""), allow: allow.into() }
            }
            _ => Fault::new("not-found.operation", "").into(),
        });
    }
    Err(Fault::new("not-found.operation", "").into())
}

/// The credential that the dialect's header carries → the principal.
pub(super) struct Authenticate<S> {
    pub(super) inner: S,
    pub(super) gateway: Arc<Gateway>,
}

impl<S: Step<Authenticated, Made = Done>> Step<Known> for Authenticate<S> {
    type Made = Done;

    async fn call(&self, mut known: Known) -> Result<Done, Failed> {
        // Missing and wrong are told apart nowhere: not in the answer, and not by its time.
        let Some((known_as, who)) = self.authenticate(&known) else {
            return Err(Fault::new("not-authenticated", "").into());
        };
        known.found.dialect = known_as;
        self.inner.call(Authenticated { known, who }).await
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
