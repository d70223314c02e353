//! Logging on and off.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::desk::Desk;
use super::super::inventory::Inventory;
use super::super::wire::{Call, Fields, Reply};
use super::{Outcome, error, no_address, not_json, wrong};

/// The PVWA's default timeout (*unverified*).
const IDLE: SignedDuration = SignedDuration::from_mins(20);

/// `POST API/auth/{CyberArk|LDAP|RADIUS|Windows}/Logon` → the token as a bare JSON string.
pub(super) fn logon(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>, kind: &str) -> Outcome {
    if !["cyberark", "ldap", "radius", "windows"].contains(&kind) {
        return Err(no_address());
    }
    let token = token(inventory, desk, call, Some(kind))?;
    Ok(Reply::json(200, &Value::from(token)))
}

/// The older address, for the vault's own users.
pub(super) fn old_logon(inventory: &Inventory, desk: &mut Desk, call: &Call<'_>) -> Outcome {
    let token = token(inventory, desk, call, Some("cyberark"))?;
    Ok(Reply::json(200, &json!({ "CyberArkLogonResult": token })))
}

fn token(
    inventory: &Inventory,
    desk: &mut Desk,
    call: &Call<'_>,
    kind: Option<&str>,
) -> Result<String, Reply> {
    let fields: Fields = call.fields(false).map_err(not_json)?;
    let name = fields.text("username").map_err(wrong)?.unwrap_or_default();
    let password = fields.text("password").map_err(wrong)?;
    let concurrent = fields.boolean("concurrentSession").map_err(wrong)?.unwrap_or(false);
    let refused = || {
        let message = format!("ITATS004E Authentication failure for User {name}.");
        error(403, "ITATS004E", &message)
    };
    let at = inventory.user_named(name).ok_or_else(refused)?;
    let user = inventory.users.get(at).ok_or_else(refused)?;
    let by_kind = kind.is_none_or(|k| user.provider.eq_ignore_ascii_case(k));
    if !by_kind || user.password.is_none() || user.password.as_deref() != password {
        return Err(refused());
    }
    if user.password_expired {
        return Err(error(409, "ITATS397E", "ITATS397E Password has expired."));
    }
    // A logon without `concurrentSession` ends the user's earlier session.
    if !concurrent {
        desk.sign_out_user(at);
    }
    Ok(desk.sign_in(at, call.now))
}

/// `POST API/Auth/Logoff` → `{}`.
pub(super) fn logoff(desk: &mut Desk, call: &Call<'_>) -> Outcome {
    user(desk, call)?;
    if let Some(token) = call.header("authorization") {
        desk.sign_out(token.trim());
    }
    Ok(Reply::json(200, &json!({})))
}

/// The token stands in `Authorization` as it is, without a scheme.
pub(super) fn user(desk: &mut Desk, call: &Call<'_>) -> Result<usize, Reply> {
    let token = call.header("authorization").ok_or_else(no_token)?;
    desk.session(token.trim(), call.now, IDLE, SignedDuration::MAX).ok_or_else(no_token)
}

pub(super) fn no_token() -> Reply {
    error(401, "PASWS006E", "The session token is missing, invalid or expired.")
}
