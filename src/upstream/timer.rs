//! A call's deadline, by a timer that the connection keeps.
//!
//! To set a timer up for each call and to take it down again is two turns through the runtime's list of timers, for
//! something that nearly never goes off. So one is kept: it stays set to the deadline of an earlier call, and when that
//! passes, it is set to the deadline of the call that is under way then.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Instant;

use tokio::time::{Sleep, sleep_until};

use super::pool::this_thread;

/// The timer of one connection.
#[derive(Default)]
pub(super) struct Timer {
    /// With the thread whose runtime it belongs to: one of a runtime that is gone must not be asked.
    set: Option<(usize, Pin<Box<Sleep>>)>,
}

impl Timer {
    /// What a future brings; none where the deadline passes first.
    pub(super) async fn within<F: Future>(&mut self, deadline: Instant, future: F) -> Option<F::Output> {
        let deadline = deadline.into();
        let here = this_thread();
        let (_, timer) = match self.set.take().filter(|(thread, _)| *thread == here) {
            Some(kept) => self.set.insert(kept),
            None => self.set.insert((here, Box::pin(sleep_until(deadline)))),
        };
        // Calls mostly have equally long to live, so the timer is set to an earlier time.
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(brought) = future.as_mut().poll(context) {
                return Poll::Ready(Some(brought));
            }
            while timer.as_mut().poll(context).is_ready() {
                if timer.deadline() >= deadline {
                    return Poll::Ready(None);
                }
                timer.as_mut().reset(deadline);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    /// Whether the work was done by then; fails where that was known before its time, or long after it.
    async fn done(timer: &mut Timer, deadline_ms: u64, work_ms: Option<u64>) -> bool {
        let start = Instant::now();
        let work = async {
            match work_ms {
                Some(work) => tokio::time::sleep(Duration::from_millis(work)).await,
                None => pending().await,
            }
        };
        let brought = timer.within(start + Duration::from_millis(deadline_ms), work).await;
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(work_ms.unwrap_or(deadline_ms)), "{took:?}");
        assert!(took < Duration::from_secs(20), "{took:?}");
        brought.is_some()
    }

    #[test]
    fn each_call_has_its_own_deadline_whatever_the_timer_was_set_to() {
        let mut timer = Timer::default();
        run(async {
            assert!(done(&mut timer, 40, Some(1)).await);
            // The timer is still set to the fortieth millisecond, which passes under way.
            assert!(done(&mut timer, 60_000, Some(80)).await);
            assert!(!done(&mut timer, 30, None).await, "earlier than what it is set to");
            assert!(!done(&mut timer, 30, None).await);
            assert!(done(&mut timer, 60_000, Some(1)).await);
        });
    }

    #[test]
    fn a_timer_of_another_threads_runtime_is_not_asked() {
        let first = std::thread::spawn(|| {
            let mut timer = Timer::default();
            assert!(run(done(&mut timer, 60_000, Some(1))));
            timer
        });
        let mut timer = first.join().unwrap();
        assert!(!run(done(&mut timer, 30, None)));
    }
}
