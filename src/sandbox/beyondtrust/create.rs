//! `POST Requests` and `POST Aliases/{id}/Requests`.

use jiff::SignedDuration;
use serde_json::Value;

use super::super::clock::later;
use super::super::desk::Held;
use super::super::inventory::{Item, Policy, by_id};
use super::super::record::{Named, Record, State, Ticket};
use super::super::wire::{Fields, Reply};
use super::{Outcome, Visit, code, not_json, text};

/// A body that passed validation.
struct Wish {
    kind: &'static str,
    system: Option<i64>,
    account: Option<i64>,
    application: Option<i64>,
    minutes: i64,
    reason: Option<String>,
    schedule: Option<i64>,
    on_conflict: &'static str,
    ticket_system: Option<i64>,
    ticket: Option<String>,
    rotate: Option<bool>,
}

impl Wish {
    /// All that is wrong is told at once, in one JSON string (*unverified*: its exact words).
    fn read(fields: &Fields, by_alias: bool) -> Result<Wish, Reply> {
        let mut wrong = Vec::new();
        let mut wish = Wish {
            kind: "credential",
            system: None,
            account: None,
            application: None,
            minutes: 0,
            reason: string(fields, "Reason", &mut wrong),
            schedule: integer(fields, "AccessPolicyScheduleID", &mut wrong),
            on_conflict: "refuse",
            ticket_system: integer(fields, "TicketSystemID", &mut wrong),
            ticket: string(fields, "TicketNumber", &mut wrong),
            rotate: None,
        };
        match fields.boolean("RotateOnCheckin") {
            Ok(rotate) => wish.rotate = rotate,
            Err(e) => wrong.push(format!("{} {}", e.name, e.why)),
        }
        let access = string(fields, "AccessType", &mut wrong);
        match kind(access.as_deref(), by_alias) {
            Some(kind) => wish.kind = kind,
            None => wrong.push("AccessType is invalid".to_owned()),
        }
        if !by_alias {
            wish.system = required(fields, "SystemID", &mut wrong);
            wish.account = required(fields, "AccountID", &mut wrong);
            wish.application = integer(fields, "ApplicationID", &mut wrong);
            // Required when AccessType=App [seed].
            if wish.kind == "application" && fields.get("ApplicationID").is_none() {
                wrong.push("ApplicationID is required when AccessType is App".to_owned());
            }
        }
        if let Some(minutes) = required(fields, "DurationMinutes", &mut wrong) {
            wish.minutes = minutes;
            // 1-525600 [seed].
            if !(1..=525_600).contains(&minutes) {
                wrong.push("DurationMinutes must be between 1 and 525600".to_owned());
            }
        }
        // Max string length is 20 [seed].
        if wish.ticket.as_ref().is_some_and(|t| t.chars().count() > 20) {
            wrong.push("TicketNumber must be at most 20 characters".to_owned());
        }
        let option = string(fields, "ConflictOption", &mut wrong);
        match option.map(|o| o.to_ascii_lowercase()).as_deref() {
            None => {}
            Some("reuse") => wish.on_conflict = "reuse",
            Some("renew") => wish.on_conflict = "renew",
            Some(_) => wrong.push("ConflictOption is invalid".to_owned()),
        }
        if wrong.is_empty() { Ok(wish) } else { Err(text(400, &wrong.join("; "))) }
    }
}

/// Words in any case. The alias form has no ApplicationID, so no App either.
fn kind(word: Option<&str>, by_alias: bool) -> Option<&'static str> {
    Some(match word.unwrap_or("View").to_ascii_lowercase().as_str() {
        "view" => "credential",
        "rdp" => "rdp",
        "ssh" => "ssh",
        "app" if !by_alias => "application",
        _ => return None,
    })
}

fn string(fields: &Fields, name: &str, wrong: &mut Vec<String>) -> Option<String> {
    match fields.text(name) {
        Ok(text) => text.map(str::to_owned),
        Err(e) => {
            wrong.push(format!("{} {}", e.name, e.why));
            None
        }
    }
}

/// A 32-bit integer, also as a string [xsoar].
fn integer(fields: &Fields, name: &str, wrong: &mut Vec<String>) -> Option<i64> {
    match fields.integer(name, true) {
        Ok(Some(number)) if i32::try_from(number).is_err() => {
            wrong.push(format!("{name} must be a 32-bit integer"));
            None
        }
        Ok(number) => number,
        Err(e) => {
            wrong.push(format!("{} {}", e.name, e.why));
            None
        }
    }
}

fn required(fields: &Fields, name: &str, wrong: &mut Vec<String>) -> Option<i64> {
    if fields.get(name).is_none() {
        wrong.push(format!("{name} is required"));
    }
    integer(fields, name, wrong)
}

/// What a wish means in this inventory.
struct Meant<'a> {
    account: usize,
    policy: &'a Policy,
    application: Option<&'a Item>,
    schedule: Option<&'a Item>,
    ticket_system: Option<&'a Item>,
    alias: Option<Named>,
}

impl<'a> Visit<'a> {
    pub(super) fn create(&mut self, alias: Option<&str>) -> Outcome {
        let wish = Wish::read(&self.call.fields(false).map_err(not_json)?, alias.is_some())?;
        let account = match alias {
            None => None,
            Some(alias) => Some(self.account_by_alias(alias)?),
        };
        let meant = self.meant(&wish, account)?;
        if let Some(reused) = self.conflict(&wish, &meant)? {
            // Existing request is being reused [seed].
            return Ok(Reply::json(200, &Value::from(reused)));
        }
        let number = self.desk.next_number();
        let held = self.held(number, wish, meant)?;
        self.desk.keep(held);
        // A bare integer: the page's object breaks every client [bips, btgo, xsoar].
        Ok(Reply::json(201, &Value::from(number)))
    }

    fn account_by_alias(&self, id: &str) -> Result<(usize, Option<Named>), Reply> {
        let alias = self.inventory.aliases.iter().find(|a| a.id == id);
        let alias = alias.ok_or_else(|| text(404, "Alias not found"))?;
        Ok((alias.account, Named::both(&alias.id, &alias.name)))
    }

    fn meant(&self, wish: &Wish, by_alias: Option<(usize, Option<Named>)>) -> Result<Meant<'a>, Reply> {
        let inventory: &'a super::super::Inventory = self.inventory;
        let (at, alias) = match by_alias {
            Some(found) => found,
            None => (self.account_of(wish)?, None),
        };
        let account = inventory.accounts.get(at).ok_or_else(|| code(403, 4031))?;
        let policy = inventory.policies.get(account.policy).ok_or_else(|| code(403, 4031))?;
        self.may_request(&account.id)?;
        // "… or the account does not have API access enabled" [seed]; which code: *unverified*.
        if !account.api || !policy.allows(wish.kind) {
            return Err(code(403, 4031));
        }
        let item = |items: &'static str, list, id: Option<i64>| match id {
            None => Ok(None),
            Some(id) => match by_id(list, &id.to_string()) {
                Some(item) => Ok(Some(item)),
                // *Unverified*: what the server says of such an id.
                None => Err(text(400, &format!("{items} {id} does not exist"))),
            },
        };
        let meant = Meant {
            account: at,
            policy,
            application: item("ApplicationID", &inventory.applications, wish.application)?,
            schedule: item("AccessPolicyScheduleID", &inventory.schedules, wish.schedule)?,
            ticket_system: item("TicketSystemID", &inventory.ticket_systems, wish.ticket_system)?,
            alias,
        };
        policy_rules(wish, policy)?;
        let available = inventory.approvers(&account.id, 1, self.user);
        let available_second = inventory.approvers(&account.id, 2, self.user);
        if available < policy.approvers || available_second < policy.approvers_second {
            return Err(code(403, 4035)); // Not enough Approvers configured to approve a request [seed].
        }
        Ok(meant)
    }

    /// 4031 also where the account isn't the system's [seed].
    fn account_of(&self, wish: &Wish) -> Result<usize, Reply> {
        let id = wish.account.unwrap_or_default().to_string();
        let at = self.inventory.account_by_id(&id).ok_or_else(|| code(403, 4031))?;
        let account = self.inventory.accounts.get(at).ok_or_else(|| code(403, 4031))?;
        let system = self.inventory.systems.get(account.system);
        let system_id = wish.system.unwrap_or_default().to_string();
        if system.is_none_or(|s| s.id != system_id) {
            return Err(code(403, 4031));
        }
        Ok(at)
    }

    /// 4033: the user is an approver only; 4031: no role at all [seed].
    fn may_request(&self, account: &str) -> Result<(), Reply> {
        let user = self.inventory.users.get(self.user).ok_or_else(|| code(403, 4031))?;
        if user.may_request(account) {
            return Ok(());
        }
        let approver = user.may_approve(account, 1) || user.may_approve(account, 2);
        Err(code(403, if approver { 4033 } else { 4031 }))
    }

    /// What to do about open requests for the same account: reuse one, clear the way, or refuse.
    fn conflict(&mut self, wish: &Wish, meant: &Meant<'_>) -> Result<Option<u64>, Reply> {
        let now = self.call.now;
        let numbers = self.desk.open_for(meant.account, now);
        let mut mine = Vec::new();
        for number in numbers {
            let Some(held) = self.desk.get(number, now) else { continue };
            if held.user == self.user {
                mine.push((number, held.record.state, held.record.kind));
            } else if meant.policy.exclusive {
                // "… or another user has already requested" [seed], where the policy shares the account out
                // to one at a time.
                return Err(code(409, 4091));
            }
        }
        match wish.on_conflict {
            // Same user, system, account and access type, approved [seed].
            "reuse" => {
                let same = |(_, state, kind): &&(u64, State, &str)| state.is_active() && *kind == wish.kind;
                Ok(mine.iter().find(same).map(|(number, _, _)| *number))
            }
            // Cancels the approved ones of the same user, system and account, of any type [seed].
            "renew" => {
                for (number, state, _) in mine {
                    if let Some(held) = self.desk.get(number, now).filter(|_| state.is_active()) {
                        held.set_state(State::Cancelled, now);
                    }
                }
                Ok(None)
            }
            _ if mine.is_empty() => Ok(None),
            _ => Err(code(409, 4091)),
        }
    }

    fn held(&self, number: u64, wish: Wish, meant: Meant<'_>) -> Result<Held, Reply> {
        let gone = || text(500, "The inventory changed");
        let user = self.inventory.users.get(self.user).ok_or_else(gone)?;
        let account = self.inventory.accounts.get(meant.account).ok_or_else(gone)?;
        let system = self.inventory.systems.get(account.system).ok_or_else(gone)?;
        let named = |item: Option<&Item>| item.and_then(|i| Named::both(&i.id, &i.name));
        let now = self.call.now;
        let mut record = Record::new((&user.id, &user.name), wish.kind, now);
        record.id = number.to_string();
        record.system = Named::both(&system.id, &system.name);
        record.account = Named::both(&account.id, &account.name);
        record.alias = meant.alias;
        record.application = named(meant.application);
        record.length_seconds = Some(wish.minutes * 60);
        record.effective_length_seconds = wish.minutes * 60;
        record.reason = wish.reason;
        record.ticket = ticket(wish.ticket, meant.ticket_system);
        // Only usable if the policy supports it, else it stays at the default, true. [bips] always sends false,
        // so it can't be an error (*unverified*). An account that never rotates ignores it [seed].
        let asked = wish.rotate.filter(|_| meant.policy.rotation_override).unwrap_or(true);
        record.rotate_on_check_in = Some(asked && account.rotates);
        record.on_conflict = Some(wish.on_conflict);
        record.schedule = named(meant.schedule);
        let mut held = Held {
            number,
            user: self.user,
            system: account.system,
            account: Some(meant.account),
            policy: account.policy,
            created: now,
            starts: now,
            ends: later(now, SignedDuration::from_mins(wish.minutes)),
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

fn ticket(number: Option<String>, system: Option<&Item>) -> Option<Ticket> {
    if number.is_none() && system.is_none() {
        return None;
    }
    Some(Ticket {
        system_id: system.map(|s| s.id.clone()),
        system_name: system.map(|s| s.name.clone()),
        number,
    })
}

/// What the access policy asks of the body. The page says only that a ticket number can be required.
fn policy_rules(wish: &Wish, policy: &Policy) -> Result<(), Reply> {
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|t| t.trim().is_empty());
    let mut wrong = Vec::new();
    if wish.minutes > policy.max_minutes {
        wrong.push(format!("DurationMinutes must be at most {}", policy.max_minutes));
    }
    if policy.reason_required && blank(&wish.reason) {
        wrong.push("Reason is required".to_owned());
    }
    if policy.ticket_required && blank(&wish.ticket) {
        wrong.push("TicketNumber is required".to_owned());
    }
    if wrong.is_empty() { Ok(()) } else { Err(text(400, &wrong.join("; "))) }
}
