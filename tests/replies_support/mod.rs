//! A caller's own server, and the gateway's translation path in front of another vendor's: both in process.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

pub mod cases;
pub mod page;
pub mod reasons;

use std::borrow::Cow;
use std::sync::Arc;

use pamgate::canonical::{Record, Shape, Value};
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Dialect, Files, Registry};
use pamgate::exchange::{Came, Chosen, Context, Incoming, Outgoing, Pair, Policy, Principal, Side, ask};
use pamgate::json::{Builder, Limits};
use pamgate::sandbox::Vendor;

pub use super::sandbox_support::own::Own;
use super::sandbox_support::own::user_of;
use super::sandbox_support::{Answer, NOW};

/// Who calls, and where its requests go instead.
pub const CROSSINGS: [(Vendor, Vendor); 4] = [
    (Vendor::CyberArk, Vendor::BeyondTrust),
    (Vendor::CyberArk, Vendor::Safeguard),
    (Vendor::Safeguard, Vendor::BeyondTrust),
    (Vendor::Safeguard, Vendor::CyberArk),
];

/// The gateway between two vendors, with the upstream's sandbox behind it.
pub struct Gateway {
    registry: Arc<Registry>,
    crosswalk: Crosswalk,
    caller: Vendor,
    upstream: Vendor,
}

impl Gateway {
    pub fn new(caller: Vendor, upstream: Vendor) -> Gateway {
        let registry = Registry::load(&Files::built_in()).unwrap_or_else(|e| panic!("{}", e.render(false)));
        Gateway::of(Arc::new(registry), caller, upstream)
    }

    /// With other tables than the built-in ones.
    pub fn of(registry: Arc<Registry>, caller: Vendor, upstream: Vendor) -> Gateway {
        let csv = include_str!("../../src/sandbox/crosswalk.csv");
        let crosswalk = Crosswalk::from_csv(&Source::new("crosswalk.csv", csv));
        let crosswalk = crosswalk.unwrap_or_else(|e| panic!("{}", e.render(false)));
        Gateway { registry, crosswalk, caller, upstream }
    }

    pub fn dialect(&self, vendor: Vendor) -> Arc<Dialect> {
        self.registry.get(&vendor.to_string(), None).unwrap().clone()
    }

    /// The caller's document of a request for a credential that stands so, and of which nothing else is known.
    pub fn written(&self, status: &str) -> serde_json::Value {
        let dialect = self.dialect(self.caller);
        let created = dialect.operation("request.create").unwrap().written("created").unwrap();
        let mut record = Record::new(Shape::Access);
        for (field, text) in
            [("request.id", "1-7"), ("access.kind", "credential.password"), ("status", status)]
        {
            record.say(Shape::Access.find(field).unwrap(), Value::Text(text.into()));
        }
        let entry = dialect.message(created.message.unwrap());
        let mut out = Builder::new();
        entry.message.write(&record, NOW.parse().unwrap(), &mut out);
        let document = entry.validate(out.finish(true)).unwrap_or_else(|e| panic!("{status}: {e:?}"));
        serde_json::from_slice(&document.to_bytes()).unwrap()
    }

    pub fn create(&self, body: &str) -> Answer {
        self.try_create(body).unwrap_or_else(|why| panic!("{why}\n{body}"))
    }

    /// Ask, call, ask again, answer: the order of src/gateway/forward.rs. A fresh upstream each time.
    ///
    /// # Errors
    /// Where it was refused, and why.
    pub fn try_create(&self, body: &str) -> Result<Answer, String> {
        let caller = self.dialect(self.caller);
        let context =
            Context { crosswalk: &self.crosswalk, now: NOW.parse().unwrap(), limits: Limits::default() };
        let side = |vendor: Vendor| Side { dialect: self.dialect(vendor), space: vendor.to_string().into() };
        let pair = Arc::new(Pair::new(side(self.caller), side(self.upstream)));
        let policy = Policy::default();
        let path = match self.caller {
            Vendor::BeyondTrust => "/BeyondTrust/api/public/v3/Requests",
            Vendor::CyberArk => "/PasswordVault/API/MyRequests",
            Vendor::Safeguard => "/service/a2a/v4/AccessRequests",
        };
        let recognised = caller.recognise("POST", path).map_err(|e| format!("{e:?}"))?;
        let incoming = Incoming { recognised: &recognised, path, query: None, body: body.as_bytes() };
        let principal = Principal {
            name: user_of(self.caller).to_owned(),
            as_user: Some(user_of(self.upstream).to_owned()),
        };
        let prepared = ask(&incoming, context, |_| {
            Ok(Chosen { pair, policy: &policy, principal: Cow::Owned(principal) })
        });
        let prepared = prepared.map_err(|fault| format!("refused: {fault:?}"))?;
        let upstream = Own::new(self.upstream);
        let first = send(&upstream, &prepared.call);
        let came = |answer: &'_ Answer| (answer.status, answer.body.clone());
        let (status, text) = came(&first);
        let answered = Came { status, body: text.as_bytes() };
        let heard = prepared.hear(answered, context);
        let id = heard.map_err(|fault| format!("the upstream refused: {fault:?}\n{:?}", prepared.call))?.id;
        let again = id.and_then(|id| prepared.again(&id)).map(|call| came(&send(&upstream, &call)));
        let again = again.as_ref().map(|(status, body)| Came { status: *status, body: body.as_bytes() });
        let reply = prepared.answer(answered, again, 7, context).map_err(|e| format!("{e:?}"))?;
        let body = String::from_utf8(reply.body.unwrap_or_default()).map_err(|e| e.to_string())?;
        Ok(Answer { status: reply.status, body, headers: Default::default() })
    }
}

fn send(upstream: &Own, call: &Outgoing) -> Answer {
    let body = call.body.as_deref().unwrap_or_default();
    upstream.call(&format!("{} {}", call.method, call.path), std::str::from_utf8(body).unwrap())
}
