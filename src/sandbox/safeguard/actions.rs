//! Requests that exist: read, listed, approved, denied, cancelled, checked out and in, acknowledged, closed.

use serde_json::{Value, json};

use super::super::desk::Held;
use super::super::inventory::{Inventory, User};
use super::super::record::State;
use super::super::wire::{Reply, Wrong};
use super::{Outcome, Visit, denied, document, error, invalid, no_address, no_request, not_json};

/// What can be done with a request.
const ACTIONS: [&str; 10] = [
    "approve",
    "deny",
    "cancel",
    "checkin",
    "close",
    "acknowledge",
    "checkoutpassword",
    "checkoutsshkey",
    "checkoutapikeys",
    "initializesession",
];

impl Visit<'_> {
    /// `GET core/AccessRequests/{id}`: 404 unknown or not yours.
    pub(super) fn get(&mut self, id: &str) -> Outcome {
        let (inventory, now, me) = (self.inventory, self.call.now, self.user);
        let held = self.request(id)?;
        Ok(Reply::json(200, &document::whole(inventory, held, now, me)))
    }

    /// `GET core/AccessRequests`: all that one may see; `page` from 0, `limit`, `count=true`.
    pub(super) fn list(&mut self) -> Outcome {
        let (inventory, now, me) = (self.inventory, self.call.now, self.user);
        for unsupported in ["filter", "orderby", "fields"] {
            if self.call.query(unsupported).is_some_and(|v| !v.is_empty()) {
                // Refused rather than ignored: a client would get more than it asked for.
                return Err(error(400, 70002, &format!("The sandbox does not support {unsupported} here.")));
            }
        }
        let number = |name, default| match self.call.query(name).filter(|v| !v.is_empty()) {
            None => Ok(default),
            Some(given) => given.parse::<usize>().map_err(|_| invalid(&[Wrong::new(name, "is no number")])),
        };
        let (page, limit) = (number("page", 0)?, number("limit", 1000)?);
        let count = self.call.query("count").is_some_and(|c| c.eq_ignore_ascii_case("true"));
        let all = self.desk.refresh_all(now).filter(|h| visible(inventory, h, me));
        if count {
            return Ok(Reply::json(200, &Value::from(all.count())));
        }
        let shown = all.skip(page.saturating_mul(limit)).take(limit);
        let shown: Vec<Value> = shown.map(|h| document::whole(inventory, h, now, me)).collect();
        Ok(Reply::json(200, &Value::from(shown)))
    }

    /// `GET core/Me/ActionableRequests` → an object of four lists; with a role → one list.
    pub(super) fn actionable(&mut self, role: Option<&str>) -> Outcome {
        let (inventory, now, me) = (self.inventory, self.call.now, self.user);
        let mut requester = Vec::new();
        let mut approver = Vec::new();
        for held in self.desk.refresh_all(now) {
            let done = ["Closed", "Complete"].contains(&document::state(held, now));
            if held.user == me && !done {
                requester.push(document::whole(inventory, held, now, me));
            } else if held.record.state.is_open() && approves(inventory, held, me) {
                approver.push(document::whole(inventory, held, now, me));
            }
        }
        Ok(Reply::json(
            200,
            &match role {
                None => json!({ "Admin": [], "Approver": approver, "Requester": requester, "Reviewer": [] }),
                Some("requester") => Value::from(requester),
                Some("approver") => Value::from(approver),
                Some("admin" | "reviewer") => json!([]),
                Some(_) => return Err(no_address()),
            },
        ))
    }

    /// `POST core/AccessRequests/{id}/{action}` → 200 with the document. The comment, if any, is a bare JSON string;
    /// the body may be empty [sgbash]; at most 255 characters.
    pub(super) fn act(&mut self, id: &str, action: &str) -> Outcome {
        if !ACTIONS.contains(&action) {
            return Err(no_address());
        }
        let comment = match self.call.json(true).map_err(not_json)? {
            Value::Null => None,
            Value::String(text) if text.chars().count() <= 255 => Some(text),
            _ => return Err(invalid(&[Wrong::new("comment", "must be a string of at most 255 characters")])),
        };
        let (inventory, now, me) = (self.inventory, self.call.now, self.user);
        let user = inventory.users.get(me).ok_or_else(|| denied(401))?;
        let held = self.request(id)?;
        match action {
            "approve" | "deny" => decide(inventory, held, (me, user), action == "approve", comment, now)?,
            "close" => close(held, user, comment, now)?,
            _ if held.user != me => return Err(denied(403)),
            "cancel" => {
                // From New … RequestAvailable [sgmcp].
                possible(matches!(held.record.state, State::Pending | State::Approved))?;
                held.comment(&user.name, "cancel", comment, now);
                held.set_state(State::Cancelled, now);
            }
            "checkin" => {
                possible(held.record.state == State::InUse)?;
                held.comment(&user.name, "check-in", comment, now);
                held.set_state(State::CheckedIn, now);
                // It goes on by itself; only this reply shows the moment in between.
                let moment = document::with_state(inventory, held, me, "RequestCheckedIn");
                return Ok(Reply::json(200, &moment));
            }
            "acknowledge" => {
                possible(["PendingAcknowledgment", "Expired"].contains(&document::state(held, now)))?;
                held.comment(&user.name, "acknowledge", comment, now);
                held.acknowledged = true;
            }
            _ => return check_out(inventory, held, action, now),
        }
        Ok(Reply::json(200, &document::whole(inventory, held, now, me)))
    }

    fn request(&mut self, id: &str) -> Result<&mut Held, Reply> {
        let (inventory, me) = (self.inventory, self.user);
        let number = document::number(id).ok_or_else(no_request)?;
        let held = self.desk.get(number, self.call.now);
        held.filter(|held| visible(inventory, held, me)).ok_or_else(no_request)
    }
}

/// A state from which the action isn't possible (the code is *unverified*).
fn possible(yes: bool) -> Result<(), Reply> {
    if yes {
        Ok(())
    } else {
        Err(error(400, 90000, "The request is not in a state that allows this action."))
    }
}

fn decide(
    inventory: &Inventory,
    held: &mut Held,
    (me, user): (usize, &User),
    approve: bool,
    comment: Option<String>,
    now: jiff::Timestamp,
) -> Result<(), Reply> {
    if held.user == me || !approves(inventory, held, me) {
        return Err(denied(403));
    }
    if approve {
        let twice = held.record.approvals.iter().any(|a| a.by == user.name);
        possible(held.record.state == State::Pending && !twice)?;
        held.decide(&user.name, true, comment, now);
        return Ok(());
    }
    possible(held.record.state.is_open())?;
    // Denying what was approved revokes it.
    let state = if held.record.state == State::Pending { State::Denied } else { State::Cancelled };
    held.decide(&user.name, false, comment, now);
    held.set_state(state, now);
    Ok(())
}

/// The PolicyAdmin's alone, for what the requester can only wait for [sgmcp].
fn close(held: &mut Held, user: &User, comment: Option<String>, now: jiff::Timestamp) -> Result<(), Reply> {
    if !user.policy_admin {
        return Err(denied(403));
    }
    possible(!held.acknowledged)?;
    held.comment(&user.name, "close", comment, now);
    if held.record.state.is_open() {
        held.set_state(State::Cancelled, now);
    }
    held.acknowledged = true;
    Ok(())
}

/// The credential: a bare string, a key, a list, or a session's token.
fn check_out(inventory: &Inventory, held: &mut Held, action: &str, now: jiff::Timestamp) -> Outcome {
    let account = held.account.and_then(|a| inventory.accounts.get(a));
    let secret = account.map(|a| a.secret.as_str());
    let (fits, reply) = match action {
        "checkoutpassword" => (held.record.kind == "credential", Value::from(secret)),
        "checkoutsshkey" => (
            held.record.kind == "ssh-key",
            json!({ "PrivateKey": secret, "Passphrase": null, "PublicKey": null, "SshKeyFormat": "OpenSsh" }),
        ),
        "checkoutapikeys" => {
            (held.record.kind == "api-key", json!([{ "ClientId": null, "ClientSecret": secret }]))
        }
        _ => (
            ["rdp", "ssh", "telnet", "application"].contains(&held.record.kind),
            json!({ "Token": held.record.id, "SessionId": held.number.to_string(), "SshConnectionString": null }),
        ),
    };
    possible(fits && held.record.state.is_active() && held.starts <= now)?;
    if held.record.state == State::Approved {
        let by = held.record.requester.clone();
        held.comment(&by, "check-out", None, now);
    }
    held.set_state(State::InUse, now);
    Ok(Reply::json(200, &reply))
}

fn visible(inventory: &Inventory, held: &Held, me: usize) -> bool {
    let admin = inventory.users.get(me).is_some_and(|u| u.policy_admin);
    held.user == me || admin || approves(inventory, held, me)
}

fn approves(inventory: &Inventory, held: &Held, me: usize) -> bool {
    let user = inventory.users.get(me);
    let account = held.account.and_then(|a| inventory.accounts.get(a));
    let may = |user: &User, id: &str| user.may_approve(id, 1) || user.may_approve(id, 2);
    held.user != me && user.zip(account).is_some_and(|(u, a)| may(u, &a.id))
}
