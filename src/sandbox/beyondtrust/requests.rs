//! Requests that exist: listed, checked in, approved, denied, rotated, used.

use serde_json::{Value, json};

use super::super::desk::Held;
use super::super::record::State;
use super::super::wire::Reply;
use super::{Outcome, Visit, code, comment, date, no_request, text};

impl Visit<'_> {
    /// `GET Requests?status=&queue=` [seed].
    pub(super) fn list(&mut self) -> Outcome {
        let asked = |name, default: &str| {
            let value = self.call.query(name).filter(|v| !v.is_empty());
            value.map_or(default.to_owned(), |v| v.to_ascii_lowercase())
        };
        let (status, queue) = (asked("status", "all"), asked("queue", "req"));
        // Other words: *unverified*.
        if !["all", "active", "pending"].contains(&status.as_str()) {
            return Err(text(400, "status must be one of all, active, pending"));
        }
        let approver_queue = match queue.as_str() {
            "req" => false,
            "app" => true,
            _ => return Err(text(400, "queue must be one of req, app")),
        };
        let user = self.inventory.users.get(self.user).ok_or_else(no_request)?;
        // Only Approvers can access this API [seed].
        if approver_queue && !user.is_approver() {
            return Err(code(403, 4033));
        }
        let inventory = self.inventory;
        let wanted = |held: &&Held| {
            let state = held.record.state;
            let status = match status.as_str() {
                "active" => state.is_active(),
                "pending" => state == State::Pending,
                _ => state.is_open(),
            };
            let account = held.account.and_then(|a| inventory.accounts.get(a));
            let mine = if approver_queue {
                // Approved by the user, or not yet approved and the user's to approve [seed].
                let approved = held.record.approvals.iter().any(|a| a.by == user.name);
                let waits =
                    state == State::Pending && account.is_some_and(|a| user.may_approve(&a.id, held.level()));
                held.user != self.user && (approved || waits)
            } else {
                held.user == self.user
            };
            status && mine
        };
        let held: Vec<&Held> = self.desk.refresh_all(self.call.now).filter(wanted).collect();
        let items: Vec<Value> = held.into_iter().map(|h| item(inventory, h)).collect();
        Ok(Reply::json(200, &Value::from(items)))
    }

    /// `PUT Requests/{id}/Checkin`, twin `PUT Requests/Release/{id}` (deprecated) [seed].
    pub(super) fn check_in(&mut self, id: &str) -> Outcome {
        let reason = comment(self.call)?;
        let (now, user) = (self.call.now, self.user);
        let name = self.user_name();
        let held = self.request(id)?;
        if held.user != user {
            return Err(code(403, 4031)); // May not release [seed].
        }
        match held.record.state {
            State::Pending => Err(code(403, 4034)), // Not yet approved [seed].
            State::Approved | State::InUse => {
                held.comment(&name, "check-in", reason, now);
                held.set_state(State::CheckedIn, now);
                Ok(Reply::empty(204))
            }
            _ => Err(no_request()), // *Unverified*: a request that is over.
        }
    }

    /// `PUT Requests/{id}/Approve` and `…/Deny` [seed].
    pub(super) fn decide(&mut self, id: &str, approve: bool) -> Outcome {
        let reason = comment(self.call)?;
        let (now, inventory, user) = (self.call.now, self.inventory, self.user);
        let name = self.user_name();
        let held = self.request(id)?;
        let account = held.account.and_then(|a| inventory.accounts.get(a));
        let account = account.ok_or_else(no_request)?;
        let me = inventory.users.get(user).ok_or_else(no_request)?;
        let may = me.may_approve(&account.id, 1) || me.may_approve(&account.id, 2);
        // "Approver only - User cannot approve his or her own request" [seed]; that somebody who is no
        // approver gets the same code is *unverified*.
        if held.user == user || !may {
            return Err(code(403, 4033));
        }
        if !held.record.state.is_open() {
            return Err(no_request()); // *Unverified*: a request that is over.
        }
        if approve {
            let already = held.record.approvals.iter().any(|a| a.by == name);
            if held.record.state.is_active() || already {
                return Err(code(403, 4036)); // Has been approved already [seed].
            }
            if !me.may_approve(&account.id, held.level()) {
                return Err(code(403, 4033));
            }
            held.decide(&name, true, reason, now);
        } else {
            // "Denies/cancels an active or pending request" [seed].
            let state = if held.record.state == State::Pending { State::Denied } else { State::Cancelled };
            held.decide(&name, false, reason, now);
            held.set_state(state, now);
        }
        Ok(Reply::empty(204))
    }

    /// `PUT Requests/{id}/RotateOnCheckin`: only ever turns it on [seed]. The page names no errors for one who
    /// isn't the owner or a request that is over: 4031 and 404 are *unverified*.
    pub(super) fn rotate(&mut self, id: &str) -> Outcome {
        let (inventory, user) = (self.inventory, self.user);
        let held = self.request(id)?;
        if held.user != user {
            return Err(code(403, 4031));
        }
        if !held.record.state.is_open() {
            return Err(no_request());
        }
        let account = held.account.and_then(|a| inventory.accounts.get(a));
        held.record.rotate_on_check_in = Some(account.is_some_and(|a| a.rotates));
        Ok(Reply::empty(204))
    }

    /// `GET Credentials/{requestId}` → a bare JSON string; 4031 not the requestor's, 4034 not yet approved.
    pub(super) fn credential(&mut self, id: &str, alias: Option<&str>) -> Outcome {
        if let Some(kind) = self.call.query("type")
            && !["password", "dsskey", "passphrase"].contains(&kind.to_ascii_lowercase().as_str())
        {
            return Err(text(400, "type must be one of password, dsskey, passphrase"));
        }
        let (now, inventory, user) = (self.call.now, self.inventory, self.user);
        let held = self.request(id)?;
        if alias.is_some() && held.record.alias.as_ref().and_then(|a| a.id.as_deref()) != alias {
            return Err(no_request());
        }
        if held.user != user {
            return Err(code(403, 4031));
        }
        match held.record.state {
            State::Pending => return Err(code(403, 4034)),
            State::Approved | State::InUse => {}
            _ => return Err(no_request()),
        }
        // A request for a session doesn't show the credential (*unverified*: its code).
        if held.record.kind != "credential" {
            return Err(code(403, 4031));
        }
        held.set_state(State::InUse, now);
        let account = held.account.and_then(|a| inventory.accounts.get(a)).ok_or_else(no_request)?;
        Ok(Reply::json(200, &Value::from(account.secret.as_str())))
    }

    fn request(&mut self, id: &str) -> Result<&mut Held, Reply> {
        let number = id.parse::<i32>().map_err(|_| text(400, "The request id must be an integer"))?;
        let number = u64::try_from(number).map_err(|_| no_request())?;
        self.desk.get(number, self.call.now).ok_or_else(no_request)
    }

    fn user_name(&self) -> String {
        self.inventory.users.get(self.user).map(|u| u.name.clone()).unwrap_or_default()
    }
}

/// A list item: the page's properties and those that clients read besides [bips, xsoar]. What is absent is null
/// (null or 0 is *unverified*), as are the strings of Status.
fn item(inventory: &super::super::Inventory, held: &Held) -> Value {
    let record = &held.record;
    let id = |named: &Option<super::super::Named>| {
        named.as_ref().and_then(|n| n.id.as_ref()).and_then(|id| id.parse::<i64>().ok())
    };
    let name = |named: &Option<super::super::Named>| named.as_ref().and_then(|n| n.name.clone());
    let account = held.account.and_then(|a| inventory.accounts.get(a));
    let user = inventory.users.get(held.user);
    let active = record.state.is_active();
    json!({
        "RequestID": held.number,
        "SystemID": id(&record.system),
        "SystemName": name(&record.system),
        "ManagedSystemName": name(&record.system),
        "AccountID": id(&record.account),
        "AccountName": name(&record.account),
        "DomainName": account.and_then(|a| a.domain.clone()),
        "AliasID": id(&record.alias),
        "ApplicationID": id(&record.application),
        "RequestReleaseDate": date(held.starts),
        "ApprovedDate": held.approved.map(date),
        "CanceledDate": null,
        "ExpiresDate": date(held.ends),
        "Status": if active { "Active" } else { "Pending" },
        "AccessType": match record.kind {
            "rdp" => "RDP",
            "ssh" => "SSH",
            "application" => "App",
            _ => "View",
        },
        "Reason": record.reason,
        "APIOnlyAccess": false,
        "RequestorUserID": user.and_then(|u| u.id.parse::<i64>().ok()),
        "RequestorName": user.map(|u| u.name.clone()),
        "TotpEnabled": false,
        "TotpParameters": null,
    })
}
