//! The three vendors' servers, emulated: for trying, testing and contract work without an appliance.
//!
//! Written from the vendors' documents, and from nothing of the gateway's: an honest second opinion, not a
//! mirror of our own mistakes (`tests/sandbox_independence.rs` holds it). Start at [`Sandbox::answer`], which
//! takes one request without a socket, or at [`serve`]. Each vendor has a folder; a rule that is emulated
//! names its source there, by the keys of `docs/sources.md` (\[seed\] is the vendor's page). What arrived is told
//! in [`Record`]s, which belong to no vendor. It never does I/O but in [`serve`] and [`tls_config`].

mod beyondtrust;
mod clock;
mod cyberark;
mod desk;
mod guide;
mod inventory;
mod record;
mod safeguard;
mod service;
mod wire;

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hyper::{Request, Response};
use jiff::SignedDuration;
use serde_json::json;

pub use clock::Clock;
pub use inventory::{Inventory, InventoryError};
pub use record::{Approval, Comment, Named, Parameter, Record, State, Ticket};
pub use service::{TlsConfigError, serve, tls_config};

use desk::Desk;
use wire::{Call, Reply};

/// Bytes that a body may have.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// Whose server is emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vendor {
    /// BeyondTrust Password Safe, public API v3.
    BeyondTrust,
    /// CyberArk PVWA.
    CyberArk,
    /// One Identity Safeguard for Privileged Passwords.
    Safeguard,
}

impl Vendor {
    /// All of them.
    pub const ALL: [Vendor; 3] = [Vendor::BeyondTrust, Vendor::CyberArk, Vendor::Safeguard];
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Vendor::BeyondTrust => "beyondtrust",
            Vendor::CyberArk => "cyberark",
            Vendor::Safeguard => "safeguard",
        })
    }
}

/// No vendor has this name.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no vendor: write beyondtrust, cyberark or safeguard")]
pub struct UnknownVendor(String);

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(text: &str) -> Result<Self, UnknownVendor> {
        let found = Vendor::ALL.into_iter().find(|v| v.to_string() == text);
        found.ok_or_else(|| UnknownVendor(text.to_owned()))
    }
}

/// One emulated server.
pub struct Sandbox {
    vendor: Vendor,
    inventory: Inventory,
    clock: Clock,
    certificate_required: AtomicBool,
    desk: Mutex<Desk>,
}

/// Whose it is, and nothing of its sessions.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("vendor", &self.vendor).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// A server that nobody has asked for anything yet.
    pub fn new(vendor: Vendor, inventory: Inventory, clock: Clock) -> Arc<Sandbox> {
        // The first id of each vendor's sandbox, apart from each other so that a mixed-up id shows.
        let last_number = match vendor {
            Vendor::BeyondTrust => 123,
            Vendor::CyberArk => 0,
            Vendor::Safeguard => 12_078,
        };
        Arc::new(Sandbox {
            vendor,
            inventory,
            clock,
            certificate_required: AtomicBool::new(false),
            desk: Mutex::new(Desk::new(last_number)),
        })
    }

    /// Whose server this is.
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// Safeguard: whether the A2A service wants a client certificate besides the key.
    pub fn require_certificate(&self, required: bool) {
        self.certificate_required.store(required, Ordering::Relaxed);
    }

    fn certificate_required(&self) -> bool {
        self.certificate_required.load(Ordering::Relaxed)
    }

    /// Answers one request, without a socket and without waiting.
    pub fn answer(&self, peer_certificate: Option<&[u8]>, request: Request<Bytes>) -> Response<Bytes> {
        if request.body().len() > MAX_BODY {
            return Reply::empty(413).into_response();
        }
        let call = Call::new(&request, peer_certificate, self.clock.now());
        if let Some(rest) = call.under(&["_sandbox"]) {
            return self.own(&call, rest).into_response();
        }
        let mut desk = self.desk();
        let reply = match self.vendor {
            Vendor::BeyondTrust => beyondtrust::answer(&self.inventory, &mut desk, &call),
            Vendor::CyberArk => cyberark::answer(&self.inventory, &mut desk, &call),
            Vendor::Safeguard => {
                safeguard::answer(&self.inventory, &mut desk, &call, self.certificate_required())
            }
        };
        reply.into_response()
    }

    /// What was asked of this server, oldest first.
    pub fn records(&self) -> Vec<Record> {
        let now = self.clock.now();
        self.desk().refresh_all(now).map(|held| held.record.clone()).collect()
    }

    /// Forgets requests and sessions. Ids go on from where they were.
    pub fn reset(&self) {
        self.desk().reset();
    }

    /// Forgets requests; whoever is signed in stays so.
    pub fn forget_requests(&self) {
        self.desk().forget_requests();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // A panic inside an answer leaves at worst a half-made request behind, which a sandbox can bear.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sandbox's own addresses, which no vendor has.
    fn own(&self, call: &Call<'_>, rest: &[String]) -> Reply {
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        match (call.method.as_str(), rest.as_slice()) {
            ("GET", ["requests"]) => match serde_json::to_value(self.records()) {
                Ok(records) => Reply::json(200, &records),
                Err(error) => Reply::json(500, &json!({ "error": error.to_string() })),
            },
            ("POST", ["reset"]) => {
                self.reset();
                Reply::empty(204)
            }
            ("POST", ["clock"]) => {
                let fields = call.fields(true).ok();
                let seconds = fields.and_then(|f| f.integer("advance_seconds", false).ok().flatten());
                match seconds {
                    None => Reply::json(400, &json!({ "error": "write {\"advance_seconds\": N}" })),
                    Some(seconds) => {
                        self.clock.advance(SignedDuration::from_secs(seconds));
                        Reply::json(200, &json!({ "now": self.clock.now().to_string() }))
                    }
                }
            }
            _ => Reply::json(404, &json!({ "error": "the sandbox has requests, clock and reset here" })),
        }
    }
}
