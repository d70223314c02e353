//! The way to the PAM servers: connections, sessions, deadlines, and what may be sent twice.
//!
//! Start at [`Upstream::call`]. An [`Upstream`] is shared by all serving threads. Knows
//! `identity::sign_in`, for whom it opens, renews and closes sessions; knows no vendor, no dialect and
//! no message. It never follows a redirect, never reads a reply beyond its bound, never waits beyond a
//! deadline, and never sends a call again that the upstream may have processed, unless the caller said
//! that it is idempotent.

mod connect;
mod error;
mod exchange;
mod pool;
mod session;
mod timer;
mod wire;

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Method, StatusCode, Uri};
use tokio::sync::watch;
use tokio::time::timeout_at;

pub use self::connect::Dial;
pub use self::error::{CallError, SignInError, UpstreamError};

use self::exchange::Outgoing;
use self::session::{Outcome, Session, Sessions, Slot, Turn};
use self::wire::Wire;
use crate::identity::sign_in::{Identity, SignIn};

/// A sign-in's own deadline: it runs on when the call that began it has given up.
const SIGN_IN_MAX: Duration = Duration::from_secs(15);
/// How long an evicted session's sign-out may take.
const SIGN_OUT_MAX: Duration = Duration::from_secs(5);
/// How long an answer of [`Upstream::reachable`] is good.
const REACHABLE_FOR: Duration = Duration::from_secs(3);
/// How many sessions are closed at a time.
const CLOSING_MAX: usize = 8;

/// How one upstream is reached.
#[derive(Debug, Clone)]
pub struct UpstreamSettings {
    /// The operator's name for it.
    pub name: String,
    /// Scheme, host, port; a path, if any, stands before the path of every call.
    pub url: Uri,
    /// The only CA that is trusted; the platform's, if there is none.
    pub ca: Option<PathBuf>,
    /// Certificate chain and private key, PEM files.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// How many connections may be open at a time.
    pub max_connections: usize,
    /// How long connecting may take, TLS included.
    pub connect: Duration,
    /// How long an unused connection is kept. Should be less than the server keeps it.
    pub idle: Duration,
    /// How large a reply's body may be.
    pub reply_bytes_max: usize,
}

/// What an upstream is asked.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query; the upstream's own path, if it has one, is put before it.
    pub path: String,
    /// The body's type.
    pub content_type: Option<HeaderValue>,
    /// The body, empty for none.
    pub body: Bytes,
    /// Whether it may be sent again although the upstream may have processed it.
    pub idempotent: bool,
}

/// What an upstream answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
}

/// One upstream: its connections and its sessions.
pub struct Upstream {
    name: Arc<str>,
    wire: Arc<Wire>,
    sign_in: SignIn,
    sessions: Sessions,
    probed: tokio::sync::Mutex<Option<(Instant, bool)>>,
    this: Weak<Self>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Upstream {
    /// Sets an upstream up; nothing is sent yet.
    ///
    /// # Errors
    /// An address, a file or a path that is of no use.
    pub fn new(settings: UpstreamSettings, sign_in: SignIn) -> Result<Arc<Self>, UpstreamError> {
        Self::reached(settings, sign_in, None)
    }

    /// The same for a server within this process, if `within` says how it is reached.
    ///
    /// # Errors
    /// As for [`Upstream::new`].
    pub fn reached(
        settings: UpstreamSettings,
        sign_in: SignIn,
        within: Option<Arc<dyn Dial>>,
    ) -> Result<Arc<Self>, UpstreamError> {
        let wire = Wire::new(&settings, within)?;
        let opening = sign_in.open.as_ref().map(|open| &open.path);
        for path in opening.into_iter().chain(sign_in.close.as_ref().map(|(_, path)| path)) {
            wire.target(path.clone()).ok_or_else(|| UpstreamError::Path(path.clone()))?;
        }
        Ok(Arc::new_cyclic(|this| Self {
            name: settings.name.into(),
            wire,
            sign_in,
            sessions: Sessions::new(session::SESSIONS_MAX),
            probed: tokio::sync::Mutex::default(),
            this: Weak::clone(this),
        }))
    }

    /// The operator's name for it.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Asks the upstream, signed in as `identity`.
    ///
    /// A reply whose status says that the session is over is followed by a new sign-in, and the call is
    /// repeated once: an upstream that refused a call hasn't processed it.
    ///
    /// # Errors
    /// See [`CallError`]; [`CallError::sent`] tells whether the upstream may have acted.
    pub async fn call(
        &self,
        identity: &Arc<Identity>,
        call: Call,
        deadline: Instant,
    ) -> Result<Reply, CallError> {
        let outgoing = Outgoing {
            uri: self.wire.target(call.path).ok_or(CallError::Path)?,
            method: call.method,
            content_type: call.content_type,
            body: call.body,
            idempotent: call.idempotent,
        };
        let (slot, evicted) = self.sessions.slot(identity);
        if let Some(evicted) = evicted {
            self.sign_out_later(evicted);
        }
        let session = match slot.current.load_full() {
            Some(session) => session,
            None => Box::pin(self.session(&slot, None, deadline)).await?,
        };
        let reply = self.wire.exchange(&outgoing, &session.headers, deadline).await?;
        if !self.sign_in.refused.contains(&reply.status) {
            session.proven();
            return Ok(reply);
        }
        if self.sign_in.open.is_none() || !session.worn() {
            return Ok(reply);
        }
        tracing::debug!(
            upstream = &*self.name,
            caller = identity.caller,
            "the session is over: signing in again"
        );
        // Rare: by itself, it doesn't make the future of every call larger.
        Box::pin(self.call_again(&slot, &session, &outgoing, deadline)).await
    }

    /// The same call in a session of its own making.
    async fn call_again(
        &self,
        slot: &Arc<Slot>,
        stale: &Arc<Session>,
        outgoing: &Outgoing,
        deadline: Instant,
    ) -> Result<Reply, CallError> {
        let session = self.session(slot, Some(stale), deadline).await?;
        let reply = self.wire.exchange(outgoing, &session.headers, deadline).await?;
        if !self.sign_in.refused.contains(&reply.status) {
            session.proven();
        }
        Ok(reply)
    }

    /// Closes sessions, as far as the deadline allows, and idle connections.
    pub async fn close(&self, deadline: Instant) {
        let mut slots = self.sessions.take_all().into_iter();
        let mut closing = tokio::task::JoinSet::new();
        loop {
            while closing.len() < CLOSING_MAX
                && let Some(slot) = slots.next()
                && let Some(this) = self.this.upgrade()
            {
                closing.spawn(async move { this.sign_out(&slot, deadline).await });
            }
            if closing.join_next().await.is_none() {
                break;
            }
        }
        self.wire.close_idle();
    }

    /// Whether a connection to the upstream comes about; the answer is good for a few seconds.
    pub async fn reachable(&self) -> bool {
        // Held while probing: however many ask, one connection is tried.
        let mut probed = self.probed.lock().await;
        if let Some((at, answer)) = *probed
            && at.elapsed() < REACHABLE_FOR
        {
            return answer;
        }
        let answer = match self.wire.probe().await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(upstream = &*self.name, error, "the upstream can't be reached");
                false
            }
        };
        *probed = Some((Instant::now(), answer));
        answer
    }

    /// A session other than `stale`: the one there is, or one that is being opened, or a new one.
    async fn session(
        &self,
        slot: &Arc<Slot>,
        stale: Option<&Arc<Session>>,
        deadline: Instant,
    ) -> Result<Arc<Session>, CallError> {
        let mut outcome = match slot.turn(stale) {
            Turn::Ready(session) => return Ok(session),
            Turn::Failed(error) => return Err(CallError::SignIn(error)),
            Turn::Wait(outcome) => outcome,
            Turn::Mine(tell, outcome) => {
                self.sign_in_as(slot, tell);
                outcome
            }
        };
        let known = timeout_at(deadline.into(), outcome.wait_for(Option::is_some)).await;
        let error = match known {
            Ok(Ok(known)) => match known.as_ref() {
                Some(Ok(session)) => return Ok(Arc::clone(session)),
                Some(Err(error)) => error.clone(),
                None => SignInError::TimedOut,
            },
            Ok(Err(_)) => SignInError::Way("it was broken off".to_owned()),
            Err(_) => SignInError::TimedOut,
        };
        Err(CallError::SignIn(error))
    }

    /// Begins a sign-in, as a task of its own.
    fn sign_in_as(&self, slot: &Arc<Slot>, tell: watch::Sender<Outcome>) {
        let Some(open) = &self.sign_in.open else {
            slot.finish(Session::new(&self.sign_in, &slot.identity, None, None), &tell);
            return;
        };
        // `self` lives in an `Arc`, so this can't fail while a method of it runs.
        let Some(this) = self.this.upgrade() else {
            return;
        };
        let (slot, open) = (Arc::clone(slot), open.clone());
        tokio::spawn(async move {
            let outcome = this.open_session(&open, &slot.identity).await;
            if let Err(error) = &outcome {
                tracing::warn!(upstream = &*this.name, caller = slot.identity.caller, %error, "sign-in failed");
            }
            slot.finish(outcome, &tell);
        });
    }

    async fn open_session(
        &self,
        open: &crate::identity::sign_in::Open,
        identity: &Identity,
    ) -> Result<Session, SignInError> {
        let json = HeaderValue::from_static("application/json");
        let outgoing = Outgoing {
            method: open.method.clone(),
            uri: self.wire.target(open.path.clone()).ok_or(SignInError::Rubbish("has no path"))?,
            content_type: open.body.as_ref().map(|_| json),
            body: open.body.as_ref().map(|body| body.render(identity)).unwrap_or_default(),
            // Two sessions instead of one do no harm.
            idempotent: true,
        };
        let headers = session::rendered(&open.headers, identity, None)?;
        let deadline = Instant::now() + SIGN_IN_MAX;
        let reply = self.wire.exchange(&outgoing, &headers, deadline).await.map_err(|error| match error {
            CallError::TimedOut { .. } | CallError::Busy => SignInError::TimedOut,
            CallError::TooLarge => SignInError::Rubbish("is larger than allowed"),
            other => SignInError::Way(other.to_string()),
        })?;
        session::from_reply(&self.sign_in, open, identity, reply)
    }

    fn sign_out_later(&self, slot: Arc<Slot>) {
        if let Some(this) = self.this.upgrade() {
            tokio::spawn(async move { this.sign_out(&slot, Instant::now() + SIGN_OUT_MAX).await });
        }
    }

    async fn sign_out(&self, slot: &Slot, deadline: Instant) {
        let Some((method, path)) = &self.sign_in.close else {
            return;
        };
        let (Some(session), Some(uri)) = (slot.current.swap(None), self.wire.target(path.clone())) else {
            return;
        };
        let outgoing = Outgoing {
            method: method.clone(),
            uri,
            content_type: None,
            body: Bytes::new(),
            idempotent: true,
        };
        match self.wire.exchange(&outgoing, &session.headers, deadline).await {
            Ok(reply) if reply.status.is_success() => {}
            Ok(reply) => {
                tracing::warn!(
                    upstream = &*self.name,
                    status = reply.status.as_u16(),
                    "signing out was refused"
                );
            }
            Err(error) => tracing::warn!(upstream = &*self.name, %error, "signing out failed"),
        }
    }
}
