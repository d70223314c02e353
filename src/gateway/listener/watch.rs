//! Watches over what a client keeps waiting: a head that doesn't end, a kept connection that isn't used,
//! a reply that isn't read.
//!
//! The hot path only marks phases: no clock is read and no timer set for a request. Each connection
//! looks at its own mark once in a while, and closes when it stood still for too long.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A head has begun, or a new client has yet to send its first.
    Head,
    /// The service has the request: its deadlines are its own.
    Busy,
    /// The reply is made, and being written or read; or nothing is going on.
    Idle,
}

/// Where a connection stands.
pub(super) struct Mark {
    phase: Cell<Phase>,
    /// Grows with every change, so that a look can tell standing still from coming back.
    changes: Cell<u64>,
}

impl Mark {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self { phase: Cell::new(Phase::Head), changes: Cell::new(0) })
    }

    pub(super) fn busy(&self) {
        self.set(Phase::Busy);
    }

    pub(super) fn idle(&self) {
        self.set(Phase::Idle);
    }

    fn read_some(&self) {
        if self.phase.get() == Phase::Idle {
            self.set(Phase::Head);
        }
    }

    fn set(&self, phase: Phase) {
        self.phase.set(phase);
        self.changes.set(self.changes.get().wrapping_add(1));
    }
}

/// A client's stream, which marks the beginning of heads.
pub(super) struct Marked {
    stream: TcpStream,
    mark: Rc<Mark>,
}

impl Marked {
    pub(super) fn new(stream: TcpStream, mark: Rc<Mark>) -> Self {
        Self { stream, mark }
    }
}

impl AsyncRead for Marked {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = to.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, to))?;
        if to.filled().len() > before {
            self.mark.read_some();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Marked {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, from)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, from)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Looks at a mark, once every `period`: a head may take one to two periods.
pub(super) struct Watch {
    mark: Rc<Mark>,
    sleep: Pin<Box<Sleep>>,
    armed: bool,
    period: Duration,
    idle_looks: u32,
    seen: u64,
    looks: u32,
}

/// What a look found: the connection stood still for too long.
pub(super) struct Expired;

impl Watch {
    pub(super) fn new(mark: Rc<Mark>, head: Duration, idle: Duration) -> Self {
        let period = head.min(idle).max(Duration::from_millis(10));
        let looks = idle.as_nanos().div_ceil(period.as_nanos());
        Self {
            sleep: Box::pin(sleep(period)),
            armed: false,
            period,
            idle_looks: u32::try_from(looks).unwrap_or(u32::MAX),
            seen: mark.changes.get(),
            looks: 0,
            mark,
        }
    }

    /// Ready when it is time to close. To be called in each poll of the connection's task: mostly it
    /// reads a flag.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Expired> {
        // The task's waker is the same all its life: the timer keeps it from one arming to the next.
        while !self.armed || self.sleep.is_elapsed() {
            if self.armed && self.look() {
                return Poll::Ready(Expired);
            }
            if self.armed {
                self.sleep.as_mut().reset(Instant::now() + self.period);
            }
            self.armed = true;
            if self.sleep.as_mut().poll(cx).is_pending() {
                break;
            }
        }
        Poll::Pending
    }

    fn look(&mut self) -> bool {
        let changes = self.mark.changes.get();
        if changes != self.seen {
            (self.seen, self.looks) = (changes, 0);
            return false;
        }
        self.looks = self.looks.saturating_add(1);
        match self.mark.phase.get() {
            Phase::Busy => false,
            Phase::Head => true,
            Phase::Idle => self.looks >= self.idle_looks,
        }
    }
}
