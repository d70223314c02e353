//! CyberArk's Password Vault Web Access, Gen2 API.
//!
//! Start at [`answer`]. Rules name their source by the keys of docs/sources.md; *unverified* ones are our best belief,
//! among them most error codes: the vendor's pages list few.

mod accounts;
mod create;
mod document;
mod requests;
mod session;

use serde_json::{Value, json};

use super::desk::Desk;
use super::inventory::{Inventory, User};
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

pub(super) fn answer(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Reply {
    let Some(rest) = call.under(&["PasswordVault"]) else { return no_address() };
    let lower: Vec<String> = rest.iter().map(|s| s.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let method = call.method.as_str();
    match (method, lower.as_slice()) {
        ("POST", ["api", "auth", "logoff"]) => return session::logoff(desk, call).unwrap_or_else(|r| r),
        ("POST", ["api", "auth", kind, "logon"]) => {
            return session::logon(inventory, desk, call, kind).unwrap_or_else(|r| r);
        }
        ("POST", ["webservices", "auth", "cyberark", "cyberarkauthenticationservice.svc", "logon"]) => {
            return session::old_logon(inventory, desk, call).unwrap_or_else(|r| r);
        }
        // Clients ask it to learn what they may use.
        ("GET", ["webservices", "pimservices.svc", "server"]) => {
            return Reply::json(200, &json!({ "ExternalVersion": "14.6.0", "InternalVersion": "14.6.0" }));
        }
        (_, ["api", "auth", "logoff"] | ["api", "auth", _, "logon"]) => return not_this_method("POST"),
        _ => {}
    }
    let (["api", lower @ ..], [_, original @ ..]) = (lower.as_slice(), rest) else { return no_address() };
    let user = match session::user(desk, call) {
        Ok(user) => user,
        Err(reply) => return reply,
    };
    let visit = Visit { inventory, desk, call, user };
    route(visit, lower, original).unwrap_or_else(|reply| reply)
}

fn route(mut visit: Visit<'_>, lower: &[&str], original: &[String]) -> Outcome {
    let method = visit.call.method.as_str();
    let id = original.get(1).map_or("", String::as_str);
    match (method, lower) {
        ("POST", ["myrequests"]) => visit.create(),
        ("GET", ["myrequests"]) => visit.list(false),
        ("GET", ["myrequests", _]) => visit.get(id, false),
        ("DELETE", ["myrequests", _]) => visit.delete(id),
        ("GET", ["incomingrequests"]) => visit.list(true),
        ("GET", ["incomingrequests", _]) => visit.get(id, true),
        ("POST", ["incomingrequests", "confirm", "bulk"]) => visit.decide_bulk(true),
        ("POST", ["incomingrequests", "reject", "bulk"]) => visit.decide_bulk(false),
        ("POST", ["incomingrequests", _, "confirm"]) => visit.decide(id, true),
        ("POST", ["incomingrequests", _, "reject"]) => visit.decide(id, false),
        ("GET", ["accounts"]) => visit.accounts(),
        ("GET", ["accounts", _]) => visit.account(id),
        ("POST", ["accounts", _, "password" | "secret", "retrieve"]) => visit.retrieve(id),
        ("POST", ["accounts", _, "checkin"]) => visit.check_in(id),
        _ => Err(match lower {
            ["myrequests"] => not_this_method("GET, POST"),
            ["myrequests", _] => not_this_method("GET, DELETE"),
            ["incomingrequests"] | ["incomingrequests", _] | ["accounts"] | ["accounts", _] => {
                not_this_method("GET")
            }
            ["incomingrequests", _, "confirm" | "reject" | "bulk"]
            | ["accounts", _, "checkin"]
            | ["accounts", _, "password" | "secret", "retrieve"] => not_this_method("POST"),
            _ => no_address(),
        }),
    }
}

impl Visit<'_> {
    fn me(&self) -> Result<&User, Reply> {
        self.inventory.users.get(self.user).ok_or_else(session::no_token)
    }
}

/// `{"ErrorCode","ErrorMessage"}` [cydoc].
fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({ "ErrorCode": code, "ErrorMessage": message }))
}

/// Several things wrong at once stand in `Details`, in the same shape.
fn invalid(details: &[(&str, String)]) -> Reply {
    let details: Vec<Value> =
        details.iter().map(|(code, message)| json!({ "ErrorCode": code, "ErrorMessage": message })).collect();
    Reply::json(
        400,
        &json!({
            "ErrorCode": "PASWS167E",
            "ErrorMessage": "There are some invalid parameters.",
            "Details": details,
        }),
    )
}

fn no_address() -> Reply {
    error(404, "PASWS004E", "The requested resource does not exist.")
}

/// Read by clients as "this version has no such function" [aio].
fn not_this_method(allowed: &str) -> Reply {
    error(405, "PASWS005E", "The requested resource does not support this HTTP method.")
        .with("allow", allowed)
}

fn forbidden(message: &str) -> Reply {
    error(403, "PASWS031E", message)
}

fn no_request() -> Reply {
    error(404, "PASWS172E", "The request does not exist.")
}

fn no_account(id: &str) -> Reply {
    error(404, "PASWS020E", &format!("Account [{id}] was not found."))
}

fn not_json(NotAnObject(why): NotAnObject) -> Reply {
    invalid(&[("PASWS168E", format!("The body is not valid: {why}"))])
}

fn wrong(Wrong { name, why }: Wrong) -> Reply {
    invalid(&[("PASWS169E", format!("{name} {why}"))])
}
