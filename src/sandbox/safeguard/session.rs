//! Who asks: A2A keys, the token exchange, bearer tokens.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::desk::Desk;
use super::super::inventory::Inventory;
use super::super::wire::{Call, Reply};
use super::{Outcome, denied, error, not_json, not_this_method, unauthorized, wrong};

/// A user token lives a day.
const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// What precedes the tokens that RSTS gives, which are good for nothing but the exchange.
const STS: &str = "sts-";

/// `Authorization: A2A <key>`; where the sandbox was told so, a client certificate besides.
pub(super) fn a2a_registration(
    inventory: &Inventory,
    call: &Call<'_>,
    certificate: bool,
) -> Result<usize, Reply> {
    if certificate && call.peer.is_none() {
        return Err(denied(401));
    }
    let key = scheme(call, "A2A").ok_or_else(unauthorized)?;
    let known = inventory.registrations.iter().position(|r| r.key == key);
    known.ok_or_else(|| denied(401))
}

/// The signed-in user of the core API.
pub(super) fn user(desk: &mut Desk, call: &Call<'_>) -> Result<usize, Reply> {
    let token = scheme(call, "Bearer").ok_or_else(unauthorized)?;
    if token.starts_with(STS) {
        return Err(denied(401));
    }
    desk.session(token, call.now, LIFE, LIFE).ok_or_else(|| denied(401))
}

fn scheme<'a>(call: &'a Call<'_>, wanted: &str) -> Option<&'a str> {
    let (scheme, rest) = call.header("authorization")?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| rest.trim())
}

/// `GET core/AuthenticationProviders`: `[{RstsProviderId, Name}]`.
pub(super) fn providers(inventory: &Inventory) -> Reply {
    let mut names: Vec<&str> = inventory.users.iter().map(|u| u.provider.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let all: Vec<Value> = names.iter().map(|n| json!({ "RstsProviderId": n, "Name": n })).collect();
    Reply::json(200, &Value::from(all))
}

/// `POST /RSTS/oauth2/token`, JSON, for a password. Sign-in by certificate is not emulated.
pub(super) fn token(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Outcome {
    if call.method != "POST" {
        return Err(not_this_method("POST"));
    }
    let refused =
        |what: &str| Reply::json(400, &json!({ "error": what, "error_description": "Access denied." }));
    let fields = call.fields(false).map_err(|_| refused("invalid_request"))?;
    let text = |name| fields.text(name).ok().flatten().unwrap_or_default();
    if text("grant_type") != "password" {
        return Err(refused("unsupported_grant_type"));
    }
    let provider = text("scope").strip_prefix("rsts:sts:primaryproviderid:").unwrap_or_default();
    let (name, password) = (text("username"), text("password"));
    let user = inventory.users.iter().position(|u| {
        let same = u.name.eq_ignore_ascii_case(name) && u.provider.eq_ignore_ascii_case(provider);
        same && u.password.as_deref() == Some(password)
    });
    let user = user.ok_or_else(|| refused("invalid_grant"))?;
    let token = desk.sign_in_as(STS, user, call.now);
    // `access_token` must not stand last [sgbash].
    Ok(Reply::json(
        200,
        &json!({ "access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": text("scope") }),
    ))
}

/// `POST core/Token/LoginResponse`: the STS token for a user token.
pub(super) fn login_response(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Outcome {
    let fields = call.fields(false).map_err(not_json)?;
    let token = fields.text("StsAccessToken").map_err(wrong)?.unwrap_or_default();
    let minutes = SignedDuration::from_mins(5);
    let bad = || error(400, 60519, "The STS access token is invalid.");
    let user = token.starts_with(STS).then(|| desk.session(token, call.now, minutes, minutes)).flatten();
    let at = user.ok_or_else(bad)?;
    let user = inventory.users.get(at).ok_or_else(bad)?;
    let token = desk.sign_in(at, call.now);
    Ok(Reply::json(
        200,
        &json!({
            "Status": "Success",
            "UserToken": token,
            "PrimaryProviderId": user.provider,
            "SecondaryProviderId": null,
            "WebClientInactivityTimeout": 15,
        }),
    ))
}

/// `POST core/Token/Logout` → 204, 401 if already dead.
pub(super) fn logout(desk: &mut Desk, call: &Call<'_>) -> Outcome {
    user(desk, call)?;
    if let Some(token) = scheme(call, "Bearer") {
        desk.sign_out(token);
    }
    Ok(Reply::empty(204))
}
