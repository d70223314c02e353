//! A bare sandbox on a clock that stands still, asked without a socket.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

pub mod own;

use std::sync::Arc;

use bytes::Bytes;
use hyper::Request;
use jiff::{SignedDuration, Timestamp};
use pamgate::sandbox::{Clock, Inventory, Record, Sandbox, Vendor};
use serde_json::Value;

pub const NOW: &str = "2026-01-05T09:00:00Z";

pub struct Server {
    pub sandbox: Arc<Sandbox>,
    clock: Clock,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub headers: hyper::HeaderMap,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e} in {:?}", self.body))
    }

    /// Checks the status and gives the document.
    pub fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

impl Server {
    pub fn new(vendor: Vendor) -> Server {
        let clock = Clock::fixed(NOW.parse::<Timestamp>().unwrap());
        Server { sandbox: Sandbox::new(vendor, Inventory::built_in(vendor), clock.clone()), clock }
    }

    pub fn pass_minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    /// `ask` is a method and a path; each header a name and a value.
    pub fn call(&self, ask: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.call_from(None, ask, headers, body)
    }

    pub fn call_from(&self, peer: Option<&[u8]>, ask: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (method, path) = ask.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        let answer = self.sandbox.answer(peer, request);
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: String::from_utf8(answer.body().to_vec()).unwrap(),
        }
    }

    /// The newest request's record.
    pub fn record(&self) -> Record {
        self.sandbox.records().pop().unwrap()
    }

    pub fn state(&self) -> String {
        serde_json::to_value(self.record().state).unwrap().as_str().unwrap().to_owned()
    }
}
