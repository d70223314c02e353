//! What moves a connection's bytes: nothing but the call that uses it.
//!
//! hyper would have a task of its own do it. Then each call wakes that task, is woken by it in turn, and finds the
//! caches full of other things each time; here the task of the call does both. So nothing watches an idle connection:
//! whether it was closed meanwhile is seen when it is used again, for hyper reads before it writes, and hands a request
//! back of which it wrote nothing.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::task::coop::unconstrained;

/// The driving half of a connection, until the connection has ended.
pub(super) struct Driver(Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>);

impl Driver {
    pub(super) fn new(connection: impl Future<Output = hyper::Result<()>> + Send + 'static) -> Self {
        Self(Some(Box::pin(connection)))
    }

    /// What work over this connection brings, the connection driven meanwhile. It is pinned by the caller: taken by
    /// value, it would stand twice in the future of every call.
    pub(super) async fn during<F: Future>(&mut self, work: Pin<&mut F>) -> F::Output {
        // Nothing but the connection lets the work go on, and the work is asked after each turn of it: it needs no
        // wake-up of its own, and may not spend the task's budget, for then it would wait for one.
        let mut work = unconstrained(work);
        let mut begun = false;
        poll_fn(move |context| {
            let mut unheard = Context::from_waker(Waker::noop());
            if !std::mem::replace(&mut begun, true)
                && let Poll::Ready(brought) = Pin::new(&mut work).poll(&mut unheard)
            {
                return Poll::Ready(brought);
            }
            self.turn(context);
            Pin::new(&mut work).poll(&mut unheard)
        })
        .await
    }

    /// Whether the connection lives, as far as can be known without waiting.
    pub(super) fn lives(&mut self) -> bool {
        self.turn(&mut Context::from_waker(Waker::noop()));
        self.0.is_some()
    }

    /// Ends a connection whose sending half is gone.
    pub(super) fn end(mut self) {
        self.lives();
    }

    fn turn(&mut self, context: &mut Context<'_>) {
        let Some(connection) = &mut self.0 else { return };
        if let Poll::Ready(ended) = connection.as_mut().poll(context) {
            // With it goes its end of what the work waits for, which is told so.
            self.0 = None;
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection to an upstream ended");
            }
        }
    }
}
