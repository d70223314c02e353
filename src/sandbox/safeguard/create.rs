//! `POST a2a/…/AccessRequests` and `POST core/…/AccessRequests`.

use jiff::SignedDuration;

use super::super::clock::later;
use super::super::desk::{Desk, Held};
use super::super::inventory::{Account, Inventory, Policy, System};
use super::super::record::{Named, Record, Ticket};
use super::super::wire::{Call, Reply, Wrong};
use super::wish::Wish;
use super::{Outcome, Visit, denied, document, error, invalid, not_json, resolve};

/// The broker: an application asks for a user. 201 with the document.
pub(super) fn by_a2a(
    inventory: &Inventory,
    desk: &mut Desk,
    call: &Call<'_>,
    registration: usize,
) -> Outcome {
    let wish = Wish::read(&call.fields(false).map_err(not_json)?)?;
    let user = resolve::user(inventory, &wish)?;
    // "… for which the application has been granted permission" [seed]; the answer is *unverified*.
    let granted = inventory.registrations.get(registration);
    if !granted.is_some_and(|r| r.users.contains(&user)) {
        return Err(denied(403));
    }
    let mut visit = Visit { inventory, desk, call, user };
    visit.ask(wish, true, 201)
}

/// What a wish means in this inventory.
struct Meant<'a> {
    asset: usize,
    system: &'a System,
    account: Option<(usize, &'a Account)>,
    policy_at: usize,
    policy: &'a Policy,
}

impl<'a> Visit<'a> {
    /// The core API: the signed-in user asks. **200** with the document [sgapi].
    pub(super) fn create(&mut self) -> Outcome {
        let fields = self.call.fields(false).map_err(not_json)?;
        if fields.get("AssetId").is_none() {
            return Err(invalid(&[Wrong::new("AssetId", "is required")]));
        }
        self.ask(Wish::read(&fields)?, false, 200)
    }

    fn ask(&mut self, wish: Wish, for_somebody: bool, status: u16) -> Outcome {
        let meant = self.meant(&wish)?;
        self.rules(&wish, meant.policy)?;
        let now = self.call.now;
        let number = self.desk.next_number();
        let held = self.held(number, wish, &meant, for_somebody)?;
        self.no_overlap(&held)?;
        let reply = document::whole(self.inventory, &held, now, self.user);
        self.desk.keep(held);
        Ok(Reply::json(status, &reply))
    }

    fn meant(&self, wish: &Wish) -> Result<Meant<'a>, Reply> {
        let inventory: &'a Inventory = self.inventory;
        let asset = resolve::asset(inventory, &wish.asset)?;
        // An account may live on another asset than the one it is used on, such as a directory.
        let home = if wish.account_asset.is_none() {
            asset
        } else {
            resolve::asset(inventory, &wish.account_asset)?
        };
        let account = resolve::account(inventory, &wish.account, home)?;
        let no_entitlement = || error(403, 90408, "You are not entitled to make this access request.");
        let system = inventory.systems.get(asset).ok_or_else(no_entitlement)?;
        let account = account.and_then(|at| inventory.accounts.get(at).map(|a| (at, a)));
        let policy_at = match account {
            Some((_, account)) => Some(account.policy),
            // No account: a session with one's own.
            None if ["rdp", "ssh", "telnet"].contains(&wish.kind) => system.policy,
            None => return Err(invalid(&[Wrong::new("AccountId", "is required for this type of request")])),
        };
        let policy_at = policy_at.ok_or_else(no_entitlement)?;
        let policy = inventory.policies.get(policy_at).ok_or_else(no_entitlement)?;
        let user = inventory.users.get(self.user).ok_or_else(no_entitlement)?;
        let may = account.is_none_or(|(_, a)| user.may_request(&a.id));
        // 90408: no entitlement for that kind [sgmcp].
        if !may || !policy.allows(wish.kind) {
            return Err(no_entitlement());
        }
        Ok(Meant { asset, system, account, policy_at, policy })
    }

    /// What the policy requires (their codes are *unverified*).
    fn rules(&self, wish: &Wish, policy: &Policy) -> Result<(), Reply> {
        let blank = |text: &Option<String>| text.as_ref().is_none_or(|t| t.trim().is_empty());
        let code = resolve::reason_code(self.inventory, &wish.reason_code);
        let mut wrong = Vec::new();
        if policy.reason_code_required && code.is_none() {
            wrong.push(Wrong::new("ReasonCodeId", "is required by the policy"));
        }
        if policy.reason_required && blank(&wish.comment) {
            wrong.push(Wrong::new("ReasonComment", "is required by the policy"));
        }
        if policy.ticket_required && blank(&wish.ticket) {
            wrong.push(Wrong::new("TicketNumber", "is required by the policy"));
        }
        if wish.minutes.is_some_and(|m| m > policy.max_minutes) {
            let why = format!("may be at most {} minutes by the policy", policy.max_minutes);
            wrong.push(Wrong::new("RequestedDuration", why));
        }
        if wrong.is_empty() { Ok(()) } else { Err(invalid(&wrong)) }
    }

    /// 90001: overlaps one's open request for the same account [sgps].
    fn no_overlap(&mut self, new: &Held) -> Result<(), Reply> {
        let Some(account) = new.account else { return Ok(()) };
        for number in self.desk.open_for(account, self.call.now) {
            let Some(held) = self.desk.get(number, self.call.now) else { continue };
            if held.user == new.user && held.starts < new.ends && new.starts < held.ends {
                return Err(error(
                    400,
                    90001,
                    "This request overlaps another of your requests for this account.",
                ));
            }
        }
        Ok(())
    }

    fn held(&self, number: u64, wish: Wish, meant: &Meant<'_>, for_somebody: bool) -> Result<Held, Reply> {
        let now = self.call.now;
        let user = self.inventory.users.get(self.user).ok_or_else(|| denied(401))?;
        // A start that isn't in the future is now (*unverified*).
        let later_start = wish.starts.filter(|s| *s > now);
        let starts = later_start.unwrap_or(now);
        let minutes = wish.minutes.unwrap_or(meant.policy.default_minutes);
        let mut record = Record::new((&user.id, &user.name), wish.kind, now);
        record.id = document::id(number);
        record.requested_for = for_somebody.then(|| user.name.clone());
        record.system = Named::both(&meant.system.id, &meant.system.name);
        record.account = meant.account.and_then(|(_, a)| Named::both(&a.id, &a.name));
        record.starts = later_start.map(|s| s.to_string());
        record.length_seconds = wish.minutes.map(|m| m * 60);
        record.effective_length_seconds = minutes * 60;
        let code = resolve::reason_code(self.inventory, &wish.reason_code);
        record.reason_code = code.and_then(|c| Named::both(&c.id, &c.name));
        record.reason = wish.comment;
        record.ticket =
            wish.ticket.map(|number| Ticket { system_id: None, system_name: None, number: Some(number) });
        record.emergency = Some(wish.emergency);
        let mut held = Held {
            number,
            user: self.user,
            system: meant.asset,
            account: meant.account.map(|(at, _)| at),
            policy: meant.policy_at,
            created: now,
            starts,
            ends: later(starts, SignedDuration::from_mins(minutes)),
            end_binds: false,
            changed: now,
            approved: None,
            needs: [meant.policy.approvers, meant.policy.approvers_second],
            invalid: 0,
            acknowledged: false,
            record,
        };
        if held.missing() == 0 {
            held.become_approved(now);
        }
        Ok(held)
    }
}
