//! BeyondTrust Password Safe, public API v3.
//!
//! Start at [`answer`]. Rules name their source by the keys of docs/sources.md; *unverified* ones are our best belief.

mod create;
mod lookups;
mod requests;
mod session;

use serde_json::Value;

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

/// Both bases are served; the older one was the only one before 6.2 [btdoc].
const BASES: [&str; 2] = ["BeyondTrust", "eEye.RetinaCS.Server"];

pub(super) fn answer(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Reply {
    let under = |base| call.under(&[base, "api", "public", "v3"]);
    let Some(rest) = BASES.into_iter().find_map(under) else {
        return text(404, "No HTTP resource was found that matches the request URI");
    };
    let lower: Vec<String> = rest.iter().map(|s| s.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if let ["auth", rest @ ..] = lower.as_slice() {
        return session::answer(inventory, desk, call, rest).unwrap_or_else(|r| r);
    }
    // Who asks comes before what is asked: a stranger learns nothing about paths.
    let user = match session::user(inventory, desk, call) {
        Ok(user) => user,
        Err(reply) => return reply,
    };
    let visit = Visit { inventory, desk, call, user };
    route(visit, &lower, rest).unwrap_or_else(|reply| reply)
}

fn route(mut visit: Visit<'_>, lower: &[&str], original: &[String]) -> Outcome {
    let method = visit.call.method.as_str();
    match (method, lower) {
        ("GET", ["requests"]) => visit.list(),
        ("POST", ["requests"]) => visit.create(None),
        ("POST", ["aliases", id, "requests"]) => visit.create(Some(id)),
        ("PUT", ["requests", id, "checkin"] | ["requests", "release", id]) => visit.check_in(id),
        ("PUT", ["requests", id, "approve"]) => visit.decide(id, true),
        ("PUT", ["requests", id, "deny"]) => visit.decide(id, false),
        ("PUT", ["requests", id, "rotateoncheckin"]) => visit.rotate(id),
        ("GET", ["credentials", id]) => visit.credential(id, None),
        ("GET", ["aliases", alias, "credentials", id]) => visit.credential(id, Some(alias)),
        ("GET", ["managedaccounts"]) => visit.managed_accounts(),
        ("GET", ["managedaccounts", id]) => visit.managed_account(id),
        ("GET", ["managedsystems"]) => visit.managed_systems(None),
        ("GET", ["managedsystems", id]) => visit.managed_systems(Some(id)),
        ("GET", ["aliases"]) => visit.aliases(None),
        ("GET", ["aliases", _]) => visit.aliases(original.get(1).map(String::as_str)),
        _ => Err(not_served(lower)),
    }
}

/// 405 where the path exists with another method, else 404.
fn not_served(path: &[&str]) -> Reply {
    let allowed = match path {
        ["requests"] => "GET, POST",
        ["requests", _, "checkin" | "approve" | "deny" | "rotateoncheckin"] | ["requests", "release", _] => {
            "PUT"
        }
        ["aliases", _, "requests"] => "POST",
        ["credentials", _]
        | ["aliases", _, "credentials", _]
        | ["managedaccounts" | "managedsystems" | "aliases"]
        | ["managedaccounts" | "managedsystems" | "aliases", _] => "GET",
        _ => return text(404, "No HTTP resource was found that matches the request URI"),
    };
    text(405, "The requested resource does not support this HTTP method").with("allow", allowed)
}

/// Errors other than 403 and 409 are a JSON string.
fn text(status: u16, text: &str) -> Reply {
    Reply::json(status, &Value::from(text))
}

/// 403 and 409: the code alone, `4031` [seed; xsoar compares the whole body].
fn code(status: u16, code: u16) -> Reply {
    Reply::json(status, &Value::from(code))
}

/// Unknown, or no longer there.
fn no_request() -> Reply {
    text(404, "Request not found")
}

fn not_json(NotAnObject(why): NotAnObject) -> Reply {
    text(400, &format!("The request body is invalid: {why}"))
}

fn wrong(Wrong { name, why }: Wrong) -> Reply {
    text(400, &format!("{name} {why}"))
}

/// The optional comment of check-in, approve and deny: at most 1000 characters [seed].
fn comment(call: &Call<'_>) -> Result<Option<String>, Reply> {
    let fields = call.fields(true).map_err(not_json)?;
    let reason = fields.text("Reason").map_err(wrong)?;
    if reason.is_some_and(|r| r.chars().count() > 1000) {
        return Err(text(400, "Reason must be at most 1000 characters"));
    }
    Ok(reason.map(str::to_owned))
}

/// ISO 8601 without a zone, trailing zeros of the fraction dropped: `2019-05-30T07:30:48.16` [xsoar].
fn date(at: jiff::Timestamp) -> String {
    jiff::tz::Offset::UTC.to_datetime(at).to_string()
}
