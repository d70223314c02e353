//! Signing in: `PS-Auth` keys, OAuth clients, the session cookie.

use jiff::SignedDuration;
use serde_json::json;

use super::super::desk::Desk;
use super::super::inventory::{Inventory, User};
use super::super::wire::{Call, Reply, form_value};
use super::{Outcome, text};

const COOKIE: &str = "ASP.NET_SessionId";
/// The session dies after 20 idle minutes [btgo].
const IDLE: SignedDuration = SignedDuration::from_mins(20);
/// How long an OAuth token lives (*unverified*: served as `expires_in`).
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// `Auth/…`, which is served without being signed in.
pub(super) fn answer(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("POST", ["signappin"]) => sign_in(inventory, desk, call),
        ("POST", ["signout"]) => {
            if let Some(token) = call.cookie(COOKIE) {
                desk.sign_out(token);
            }
            Ok(Reply::empty(200))
        }
        ("POST", ["connect", "token"]) => token(inventory, desk, call),
        (_, ["signappin" | "signout"] | ["connect", "token"]) => {
            Err(text(405, "The requested resource does not support this HTTP method").with("allow", "POST"))
        }
        _ => Err(text(404, "No HTTP resource was found that matches the request URI")),
    }
}

/// The signed-in user: by cookie alone [bips, btgo], by Authorization alone, or by both [xsoar].
pub(super) fn user(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Result<usize, Reply> {
    if let Some(token) = call.cookie(COOKIE)
        && let Some(user) = desk.session(token, call.now, IDLE, SignedDuration::MAX)
    {
        return Ok(user);
    }
    by_header(inventory, desk, call).ok_or_else(unauthorized)
}

fn unauthorized() -> Reply {
    text(401, "Authorization has been denied for this request.")
}

fn sign_in(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Outcome {
    let user = by_header(inventory, desk, call).ok_or_else(unauthorized)?;
    let token = desk.sign_in(user, call.now);
    let user = inventory.users.get(user).ok_or_else(unauthorized)?;
    let body = json!({
        "UserId": user.id.parse::<i64>().unwrap_or_default(),
        "SID": null,
        "EmailAddress": user.email,
        "UserName": user.name,
        "Name": user.full_name,
    });
    let cookie = format!("{COOKIE}={token}; path=/; HttpOnly; SameSite=Lax");
    Ok(Reply::json(200, &body).with("set-cookie", cookie))
}

/// OAuth client credentials, form-encoded.
fn token(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Outcome {
    let form = std::str::from_utf8(call.body).map_err(|_| text(400, "The form is no text"))?;
    let value = |name| form_value(form, name);
    if value("grant_type").as_deref() != Some("client_credentials") {
        return Err(Reply::json(400, &json!({ "error": "unsupported_grant_type" })));
    }
    let (id, secret) = (value("client_id"), value("client_secret"));
    let known = |user: &User| id.is_some() && user.client_id == id && user.client_secret == secret;
    let user = inventory.users.iter().position(known).ok_or_else(|| {
        // As OAuth has it; *unverified*.
        Reply::json(401, &json!({ "error": "invalid_client" }))
    })?;
    let token = desk.sign_in(user, call.now);
    Ok(Reply::json(
        200,
        &json!({
            "access_token": token,
            "expires_in": TOKEN_LIFE.as_secs(),
            "token_type": "Bearer",
            "scope": "publicapi",
        }),
    ))
}

fn by_header(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Option<usize> {
    let header = call.header("authorization")?.trim();
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("Bearer") {
        return desk.session(rest.trim(), call.now, TOKEN_LIFE, TOKEN_LIFE);
    }
    if !scheme.eq_ignore_ascii_case("PS-Auth") {
        return None;
    }
    let given = PsAuth::read(rest);
    let key = given.key?;
    inventory.users.iter().position(|user| {
        // [bips, btgo] send the key alone: whose it is, it is. With `runas` it must be that user's.
        let named = given.run_as.is_none_or(|name| user.name.eq_ignore_ascii_case(name));
        let password = !user.password_required || given.password == user.password.as_deref();
        user.keys.iter().any(|k| k == key) && named && password
    })
}

/// `key=…; runas=…; pwd=[…];`, in which the closing `;` and all but the key may be missing.
struct PsAuth<'a> {
    key: Option<&'a str>,
    run_as: Option<&'a str>,
    password: Option<&'a str>,
}

impl<'a> PsAuth<'a> {
    fn read(text: &'a str) -> Self {
        let mut read = PsAuth { key: None, run_as: None, password: None };
        let mut rest = text.trim();
        while let Some((name, tail)) = rest.split_once('=') {
            // The password stands in brackets, so that it may hold a semicolon.
            let (value, after) = match tail.strip_prefix('[').filter(|_| name.trim() == "pwd") {
                Some(tail) => match tail.rsplit_once(']') {
                    Some((password, after)) => (password, after.trim_start_matches(';')),
                    None => (tail, ""),
                },
                None => tail.split_once(';').unwrap_or((tail, "")),
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "key" => read.key = Some(value.trim()),
                "runas" => read.run_as = Some(value.trim()),
                "pwd" => read.password = Some(value),
                _ => {}
            }
            rest = after;
        }
        read
    }
}
