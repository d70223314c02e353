//! One Identity Safeguard for Privileged Passwords: the A2A broker and the core API, v2 to v4.
//!
//! Start at [`answer`]; [`wish`] reads what both ways of asking send, [`resolve`] finds what it names. Rules name
//! their source by the keys of docs/sources.md; *unverified* ones are our best belief.

mod actions;
mod create;
mod document;
mod lookups;
mod resolve;
mod session;
mod wish;

use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::inventory::Inventory;
use super::wire::{Call, NotAnObject, Reply, Wrong};

/// One request at this server.
struct Visit<'a> {
    inventory: &'a Inventory,
    desk: &'a mut Desk,
    call: &'a Call<'a>,
    /// Position of the signed-in user in the inventory.
    user: usize,
}

type Outcome = Result<Reply, Reply>;

pub(super) fn answer(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>, certificate: bool) -> Reply {
    // Empty segments mean nothing: [pysg] signs in at `/RSTS//oauth2/token`.
    let segments = call.segments.iter().filter(|s| !s.is_empty());
    let lower: Vec<String> = segments.map(|s| s.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let reply = match lower.as_slice() {
        ["rsts", "oauth2", "token"] => session::token(inventory, desk, call),
        ["service", "a2a", "v2" | "v3" | "v4", rest @ ..] => {
            session::a2a_registration(inventory, call, certificate)
                .and_then(|registration| a2a(inventory, desk, call, registration, rest))
        }
        ["service", "core", "v2" | "v3" | "v4", rest @ ..] => core(inventory, desk, call, rest),
        _ => Err(no_address()),
    };
    reply.unwrap_or_else(|reply| reply)
}

fn a2a(
    inventory: &Inventory,
    desk: &mut Desk,
    call: &Call<'_>,
    registration: usize,
    path: &[&str],
) -> Outcome {
    match (call.method.as_str(), path) {
        ("POST", ["accessrequests"]) => create::by_a2a(inventory, desk, call, registration),
        (_, ["accessrequests"]) => Err(not_this_method("POST")),
        _ => Err(no_address()),
    }
}

fn core(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>, path: &[&str]) -> Outcome {
    match (call.method.as_str(), path) {
        // Anonymous: clients ask it first [sgbash, pysg].
        ("GET", ["authenticationproviders"]) => return Ok(session::providers(inventory)),
        ("POST", ["token", "loginresponse"]) => return session::login_response(inventory, desk, call),
        ("POST", ["token", "logout"]) => return session::logout(desk, call),
        (_, ["token", "loginresponse" | "logout"]) => return Err(not_this_method("POST")),
        _ => {}
    }
    let user = session::user(desk, call)?;
    let mut visit = Visit { inventory, desk, call, user };
    match (call.method.as_str(), path) {
        ("POST", ["accessrequests"]) => visit.create(),
        ("GET", ["accessrequests"]) => visit.list(),
        ("GET", ["accessrequests", id]) => visit.get(id),
        ("POST", ["accessrequests", id, action]) => visit.act(id, action),
        ("GET", ["me"]) => visit.me_document(),
        ("GET", ["me", "actionablerequests"]) => visit.actionable(None),
        ("GET", ["me", "actionablerequests", role]) => visit.actionable(Some(role)),
        ("GET", ["me", "requestentitlements"]) => visit.entitlements(),
        ("GET", ["me", "accessrequestassets"]) => visit.assets(),
        ("GET", ["reasoncodes"]) => visit.reason_codes(),
        (_, ["accessrequests"]) => Err(not_this_method("GET, POST")),
        (_, ["accessrequests", _, _]) => Err(not_this_method("POST")),
        (_, ["accessrequests", _] | ["me", ..] | ["reasoncodes"] | ["authenticationproviders"]) => {
            Err(not_this_method("GET"))
        }
        _ => Err(no_address()),
    }
}

/// `{"Code","Message","InnerError"}` [sgapi].
fn error(status: u16, code: u32, message: &str) -> Reply {
    Reply::json(status, &json!({ "Code": code, "Message": message, "InnerError": null }))
}

/// Validation: 400, Code 70000, with `ModelState` from property to messages.
fn invalid(wrong: &[Wrong]) -> Reply {
    let mut state = Map::new();
    for Wrong { name, why } in wrong {
        let messages = state.entry(format!("request.{name}")).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(messages) = messages.as_array_mut() {
            messages.push(Value::from(why.as_str()));
        }
    }
    Reply::json(
        400,
        &json!({
            "Code": 70000,
            "Message": "The request is invalid.",
            "InnerError": null,
            "ModelState": state,
        }),
    )
}

fn not_json(NotAnObject(why): NotAnObject) -> Reply {
    invalid(&[Wrong::new("body", why)])
}

/// What [`super::wire::Fields`] refuses, in the vendor's shape.
fn wrong(wrong: Wrong) -> Reply {
    invalid(&[wrong])
}

fn no_address() -> Reply {
    error(404, 60100, "The requested resource was not found.")
}

/// 404: unknown, or not yours.
fn no_request() -> Reply {
    error(404, 60101, "The access request was not found.")
}

fn not_this_method(allowed: &str) -> Reply {
    error(405, 60102, "The requested resource does not support this HTTP method.").with("allow", allowed)
}

/// 60094: a bad, dead or foreign token or key; no client certificate.
fn denied(status: u16) -> Reply {
    error(status, 60094, "Authorization is denied for this request.")
}

/// 60108: nothing was shown.
fn unauthorized() -> Reply {
    error(401, 60108, "Authorization is required for this request.")
}
