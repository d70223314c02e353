//! The program as its clients and operators meet it: a process, real sockets, HTTP/1.1 byte by byte.
//!
//! [`Program`] runs the binary, [`call`] and [`Client`] speak to it, [`Vault`] is an upstream that behaves as badly as a
//! test wants. Everything has a deadline; nothing is asserted about time. Uses none of the library's code.
#![allow(dead_code, unused_imports)] // Each test file uses a part of it.

pub(crate) mod callers;
pub(crate) mod config;
pub(crate) mod http;
pub(crate) mod program;
pub(crate) mod vault;
pub(crate) mod world;

pub(crate) use callers::{BEYONDTRUST, CYBERARK, Caller, DIALECTS, SAFEGUARD};
pub(crate) use config::{Config, SECRETS};
pub(crate) use http::{Client, Reply, call};
pub(crate) use program::{Program, run};
pub(crate) use vault::{Act, Vault};

/// What a sandbox knows of the requests made there.
pub(crate) fn records(sandbox: std::net::SocketAddr) -> Vec<serde_json::Value> {
    let reply = call(sandbox, "GET", "/_sandbox/requests", &[], None);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json().as_array().expect("a list of records").clone()
}

/// The one record of a request made at a sandbox.
pub(crate) fn only_record(sandbox: std::net::SocketAddr) -> serde_json::Value {
    let mut all = records(sandbox);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Forgets requests and sessions.
pub(crate) fn reset(sandbox: std::net::SocketAddr) {
    let reply = call(sandbox, "POST", "/_sandbox/reset", &[], Some(b""));
    assert_eq!(reply.status, 204, "{reply:?}");
}
