//! Requests that exist: listed, read, deleted, confirmed, rejected.

use serde_json::{Value, json};

use super::super::desk::Held;
use super::super::inventory::{Inventory, User};
use super::super::record::State;
use super::super::wire::{Fields, Reply};
use super::{Outcome, Visit, document, error, forbidden, invalid, no_request, not_json, wrong};

impl Visit<'_> {
    /// `GET API/MyRequests` and `API/IncomingRequests`, `?onlywaiting=&expired=`, both false by default.
    pub(super) fn list(&mut self, incoming: bool) -> Outcome {
        let flag = |name| match self.call.query(name).map(|v| v.to_ascii_lowercase()).as_deref() {
            None | Some("" | "false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(invalid(&[("PASWS169E", format!("{name} must be true or false"))])),
        };
        let (only_waiting, expired) = (flag("onlywaiting")?, flag("expired")?);
        let (inventory, me) = (self.inventory, self.user);
        let user = inventory.users.get(me).ok_or_else(no_request)?;
        let wanted = |held: &&Held| {
            let state = held.record.state;
            visible(inventory, user, me, held, incoming)
                && (!only_waiting || state == State::Pending)
                && (expired || state != State::Expired)
        };
        let held: Vec<&Held> = self.desk.refresh_all(self.call.now).filter(wanted).collect();
        let items: Vec<Value> = held.into_iter().map(|h| document::whole(inventory, h)).collect();
        // The page's envelope is `Requests`; clients read a property named like the address.
        let name = if incoming { "IncomingRequests" } else { "MyRequests" };
        Ok(Reply::json(200, &json!({ name: items, "Total": items.len() })))
    }

    pub(super) fn get(&mut self, id: &str, incoming: bool) -> Outcome {
        let inventory = self.inventory;
        let held = self.request(id, incoming)?;
        Ok(Reply::json(200, &document::whole(inventory, held)))
    }

    /// `DELETE API/MyRequests/{id}` → 204. What is still open is thereby withdrawn.
    pub(super) fn delete(&mut self, id: &str) -> Outcome {
        let now = self.call.now;
        let held = self.request(id, false)?;
        if held.record.state.is_open() {
            held.set_state(State::Cancelled, now);
        }
        held.acknowledged = true;
        Ok(Reply::empty(204))
    }

    /// `POST API/IncomingRequests/{id}/Confirm | Reject` with `{"Reason"}`, `{}` or nothing → 200, no body.
    pub(super) fn decide(&mut self, id: &str, confirm: bool) -> Outcome {
        let fields = self.call.fields(true).map_err(not_json)?;
        let reason = fields.text("Reason").map_err(wrong)?.map(str::to_owned);
        self.decide_one(id, confirm, reason)?;
        Ok(Reply::empty(200))
    }

    /// `…/Confirm/Bulk | Reject/Bulk` with `{"BulkItems":[{"RequestId","Reason"}]}` [psPAS]. The reply's shape is
    /// *unverified*; every item is tried, and those that failed are told.
    pub(super) fn decide_bulk(&mut self, confirm: bool) -> Outcome {
        let fields = self.call.fields(false).map_err(not_json)?;
        let items = fields.get("BulkItems").and_then(Value::as_array);
        let items = items.ok_or_else(|| invalid(&[("PASWS169E", "BulkItems is mandatory".to_owned())]))?;
        let mut failed = Vec::new();
        for item in items {
            let item = Fields(item.as_object().cloned().unwrap_or_default());
            let id = item.text("RequestId").map_err(wrong)?.unwrap_or_default();
            let reason = item.text("Reason").map_err(wrong)?.map(str::to_owned);
            if self.decide_one(id, confirm, reason).is_err() {
                failed.push(json!({ "RequestId": id }));
            }
        }
        let done = items.len() - failed.len();
        Ok(Reply::json(200, &json!({ "Succeeded": done, "FailedItems": failed })))
    }

    fn decide_one(&mut self, id: &str, confirm: bool, reason: Option<String>) -> Result<(), Reply> {
        let (now, inventory) = (self.call.now, self.inventory);
        let me = inventory.users.get(self.user).ok_or_else(no_request)?;
        let held = self.request(id, true)?;
        let account = held.account.and_then(|a| inventory.accounts.get(a)).ok_or_else(no_request)?;
        // The codes of what follows are *unverified*.
        let twice = held.record.approvals.iter().any(|a| a.by == me.name);
        match held.record.state {
            State::Pending if !twice => {}
            State::Pending | State::Approved | State::InUse if confirm => {
                return Err(error(409, "PASWS173E", "The request has already been confirmed."));
            }
            State::Pending | State::Approved | State::InUse => {}
            _ => return Err(error(409, "PASWS174E", "The request is no longer valid.")),
        }
        if held.record.state == State::Pending && !me.may_approve(&account.id, held.level()) {
            return Err(forbidden("The request is not at your confirmation level."));
        }
        held.decide(&me.name, confirm, reason, now);
        if !confirm {
            held.invalid = 128; // Rejected [seed].
            held.set_state(State::Denied, now);
        }
        Ok(())
    }

    /// A request that the user may see, by its whole id.
    fn request(&mut self, id: &str, incoming: bool) -> Result<&mut Held, Reply> {
        let (inventory, me) = (self.inventory, self.user);
        let user = inventory.users.get(me).ok_or_else(no_request)?;
        // A Safe's name may hold `_` itself.
        let number = id.rsplit_once('_').and_then(|(_, n)| n.parse().ok()).ok_or_else(no_request)?;
        let held = self.desk.get(number, self.call.now).ok_or_else(no_request)?;
        if !held.record.id.eq_ignore_ascii_case(id) || !visible(inventory, user, me, held, incoming) {
            return Err(no_request());
        }
        Ok(held)
    }
}

/// One's own that weren't deleted; or others' that one may confirm and that weren't deleted.
fn visible(inventory: &Inventory, user: &User, me: usize, held: &Held, incoming: bool) -> bool {
    let account = held.account.and_then(|a| inventory.accounts.get(a));
    let confirms = |id: &str| user.may_approve(id, 1) || user.may_approve(id, 2);
    let right =
        if incoming { held.user != me && account.is_some_and(|a| confirms(&a.id)) } else { held.user == me };
    right && !held.acknowledged
}
