//! The wire to one upstream: a call goes out and its reply comes in, signed in or not.
//!
//! Decides when a call may go out a second time; knows of no session.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Uri;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::uri::PathAndQuery;
use tokio::time::timeout_at;

use super::connect::{Connector, Dial};
use super::error::{CallError, UpstreamError};
use super::exchange::{Failure, Outgoing};
use super::pool::{Connection, Pool};
use super::{Reply, UpstreamSettings};

/// Connector and pool of one upstream.
pub(super) struct Wire {
    prefix: String,
    connector: Connector,
    connect_max: Duration,
    idle: Duration,
    reply_bytes_max: usize,
    pool: Pool,
    /// Whether a task watches over idle connections.
    watched: AtomicBool,
    this: Weak<Self>,
}

impl Wire {
    pub(super) fn new(
        settings: &UpstreamSettings,
        within: Option<Arc<dyn Dial>>,
    ) -> Result<Arc<Self>, UpstreamError> {
        let certificate = settings.client_certificate.as_ref();
        let connector = Connector::new(&settings.url, settings.ca.as_deref(), certificate, within)?;
        if settings.url.query().is_some() {
            return Err(UpstreamError::Url("must not hold a query"));
        }
        Ok(Arc::new_cyclic(|this| Self {
            prefix: settings.url.path().trim_end_matches('/').to_owned(),
            connector,
            connect_max: settings.connect,
            idle: settings.idle,
            reply_bytes_max: settings.reply_bytes_max,
            pool: Pool::new(settings.max_connections, settings.idle),
            watched: AtomicBool::new(false),
            this: Weak::clone(this),
        }))
    }

    /// The request target of a path; `None` where it can't be one.
    pub(super) fn target(&self, path: String) -> Option<Uri> {
        if !path.starts_with('/') {
            return None;
        }
        let whole = if self.prefix.is_empty() { path } else { [self.prefix.as_str(), &path].concat() };
        PathAndQuery::from_maybe_shared(Bytes::from(whole)).ok().map(Uri::from)
    }

    /// Whether a connection comes about, and if not, why.
    pub(super) async fn probe(&self) -> Result<(), String> {
        let probe = tokio::time::timeout(self.connect_max, self.connector.probe()).await;
        probe.unwrap_or_else(|_| Err("connecting took too long".to_owned()))
    }

    /// Closes what is idle.
    pub(super) fn close_idle(&self) {
        self.pool.clear();
    }

    /// Sends and reads, on a kept connection if there is one.
    pub(super) async fn exchange(
        &self,
        outgoing: &Outgoing,
        credentials: &[(HeaderName, HeaderValue)],
        deadline: Instant,
    ) -> Result<Reply, CallError> {
        let _permit = self.pool.permit(deadline).await.ok_or(CallError::Busy)?;
        let mut kept = self.pool.take();
        loop {
            let reused = kept.is_some();
            let mut connection = match kept.take() {
                Some(connection) => connection,
                // Rare, and with its TLS handshake large: by itself, it doesn't make the future of every call large.
                None => Box::pin(self.connect(deadline)).await?,
            };
            let host = &self.connector.host_header;
            let sending = outgoing.send(&mut connection.sender, host, credentials, self.reply_bytes_max);
            let failure = match connection.timer.within(deadline, sending).await {
                None => return Err(CallError::TimedOut { sent: true }),
                Some(Err(failure)) => failure,
                Some(Ok(reply)) => {
                    self.pool.put(connection);
                    return Ok(reply);
                }
            };
            // A kept connection may have been closed by the server meanwhile: a fresh one is tried, once,
            // because it isn't `reused`.
            match failure {
                Failure::NotSent(_) if reused => {}
                Failure::Ended(_) if reused && outgoing.idempotent => {}
                Failure::NotSent(why) => return Err(CallError::Broken { sent: false, why }),
                Failure::Ended(why) | Failure::Rubbish(why) => {
                    return Err(CallError::Broken { sent: true, why });
                }
                Failure::TurnedAway(why) => return Err(CallError::Unreachable(why)),
                Failure::TooLarge => return Err(CallError::TooLarge),
            }
        }
    }

    async fn connect(&self, deadline: Instant) -> Result<Connection, CallError> {
        self.pool.make_room();
        let limit = Instant::now() + self.connect_max;
        let sender = match timeout_at(deadline.min(limit).into(), self.connector.connect()).await {
            Ok(connected) => connected.map_err(CallError::Unreachable)?,
            Err(_) if deadline <= limit => return Err(CallError::TimedOut { sent: false }),
            Err(_) => return Err(CallError::Unreachable("connecting took too long".to_owned())),
        };
        self.watch_over_idle();
        Ok(self.pool.adopt(sender))
    }

    /// Sees to it that connections don't stay idle for ever when no more calls come.
    fn watch_over_idle(&self) {
        if self.watched.swap(true, Ordering::AcqRel) {
            return;
        }
        let (this, pause) = (Weak::clone(&self.this), self.idle.max(Duration::from_millis(100)));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let Some(this) = this.upgrade() else {
                    return;
                };
                if !this.pool.sweep() {
                    this.watched.store(false, Ordering::Release);
                    return;
                }
            }
        });
    }
}
