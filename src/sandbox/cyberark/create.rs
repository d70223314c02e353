//! `POST API/MyRequests` [seed].

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::super::clock::later;
use super::super::desk::Held;
use super::super::inventory::{Account, Policy, System};
use super::super::record::{Named, Parameter, Record, State, Ticket};
use super::super::wire::{Fields, Reply, Wrong};
use super::{Outcome, Visit, document, error, forbidden, invalid, no_account, not_json};

/// A body whose types are right.
struct Wish {
    account: String,
    reason: Option<String>,
    ticket_system: Option<String>,
    ticket: Option<String>,
    multiple: bool,
    from: Option<i64>,
    to: Option<i64>,
    extra: Map<String, Value>,
    connect: bool,
    component: Option<String>,
    parameters: Vec<Parameter>,
}

impl Wish {
    /// Everything that is wrong is told at once, in `Details`.
    fn read(fields: &Fields, predefined: &[String]) -> Result<Wish, Reply> {
        let mut wrong = Vec::new();
        let text = |name: &str, wrong: &mut Vec<Wrong>| {
            let text = noted(fields.text(name), wrong);
            text.map(str::to_owned)
        };
        let account = text("accountId", &mut wrong);
        let reason = text("reason", &mut wrong);
        let ticket_system = text("TicketingSystemName", &mut wrong);
        let ticket = text("TicketId", &mut wrong);
        let component = text("ConnectionComponent", &mut wrong);
        // `MultipleAccess`, which the page's table names, is ignored by the server: pspete/psPAS#216, #224.
        let multiple = noted(fields.boolean("MultipleAccessRequired"), &mut wrong);
        let connect = noted(fields.boolean("UseConnect"), &mut wrong).unwrap_or(false);
        let wish = Wish {
            reason: reason.filter(|r| !r.is_empty()),
            ticket_system: ticket_system.filter(|t| !t.is_empty()),
            ticket: ticket.filter(|t| !t.is_empty()),
            multiple: multiple.unwrap_or(false),
            from: date(fields, "FromDate", &mut wrong),
            to: date(fields, "ToDate", &mut wrong),
            extra: additional_info(fields, predefined, &mut wrong),
            connect,
            // What stands there without UseConnect asks for nothing (*unverified*).
            component: component.filter(|c| connect && !c.is_empty()),
            parameters: if connect { parameters(fields, &mut wrong) } else { Vec::new() },
            account: account.unwrap_or_default(),
        };
        if wish.account.is_empty() {
            wrong.insert(0, Wrong::new("AccountId", "is mandatory"));
        }
        if wrong.is_empty() { Ok(wish) } else { Err(all_wrong(&wrong)) }
    }
}

fn all_wrong(wrong: &[Wrong]) -> Reply {
    let details: Vec<(&str, String)> =
        wrong.iter().map(|w| ("PASWS169E", format!("{} {}", w.name, w.why))).collect();
    invalid(&details)
}

fn noted<T>(read: Result<Option<T>, Wrong>, wrong: &mut Vec<Wrong>) -> Option<T> {
    read.unwrap_or_else(|e| {
        wrong.push(e);
        None
    })
}

/// Unix seconds; 0 is allowed by the page and means none (*unverified*).
fn date(fields: &Fields, name: &str, wrong: &mut Vec<Wrong>) -> Option<i64> {
    let seconds = noted(fields.integer(name, false), wrong).filter(|s| *s != 0)?;
    if seconds < 0 || Timestamp::from_second(seconds).is_err() {
        wrong.push(Wrong::new(name, "must be a time in Unix seconds"));
        return None;
    }
    Some(seconds)
}

/// "A list of values that are predefined in the configuration" [seed].
fn additional_info(fields: &Fields, predefined: &[String], wrong: &mut Vec<Wrong>) -> Map<String, Value> {
    let given = match fields.get("AdditionalInfo") {
        None => return Map::new(),
        Some(Value::Object(given)) => given,
        Some(_) => {
            wrong.push(Wrong::new("AdditionalInfo", "must be an object"));
            return Map::new();
        }
    };
    for (name, value) in given {
        if !predefined.contains(name) {
            wrong.push(Wrong::new("AdditionalInfo", format!("has no predefined value named {name}")));
        } else if !value.is_string() {
            wrong.push(Wrong::new(name, "must be a string"));
        }
    }
    given.clone()
}

/// Name → `{"value", "ShouldSave"}`; psPAS leaves ShouldSave out.
fn parameters(fields: &Fields, wrong: &mut Vec<Wrong>) -> Vec<Parameter> {
    let given = match fields.get("ConnectionParams") {
        None => return Vec::new(),
        Some(Value::Object(given)) => given,
        Some(_) => {
            wrong.push(Wrong::new("ConnectionParams", "must be an object"));
            return Vec::new();
        }
    };
    let mut parameters = Vec::new();
    for (name, value) in given {
        let Value::Object(value) = value else {
            wrong.push(Wrong::new(name, "must be an object with a value"));
            continue;
        };
        let value = Fields(value.clone());
        parameters.push(Parameter {
            name: name.clone(),
            value: noted(value.text("value"), wrong).map(str::to_owned),
            save: noted(value.boolean("ShouldSave"), wrong).unwrap_or(false),
        });
    }
    parameters
}

/// When access is wanted.
struct Window {
    starts: Timestamp,
    ends: Timestamp,
    /// What was asked for, in seconds.
    length: Option<i64>,
}

impl Wish {
    /// From alone leaves the length to the policy, to alone starts now (*unverified*).
    fn window(&self, now: Timestamp, policy: &Policy) -> Result<Window, Reply> {
        let begins = self.from.unwrap_or(now.as_second());
        let starts = Timestamp::from_second(begins).unwrap_or(now);
        let Some(to) = self.to else {
            let starts = starts.max(now);
            let ends = later(starts, SignedDuration::from_mins(policy.default_minutes));
            return Ok(Window { starts, ends, length: None });
        };
        let ends = Timestamp::from_second(to).unwrap_or(now);
        if to <= begins || ends <= now {
            return Err(all_wrong(&[Wrong::new("ToDate", "must be later than FromDate and than now")]));
        }
        let window = Window { starts, ends, length: Some(to - begins) };
        if ends.duration_since(starts.max(now)) > SignedDuration::from_mins(policy.max_minutes) {
            let why = format!("is too late: access lasts at most {} minutes", policy.max_minutes);
            return Err(all_wrong(&[Wrong::new("ToDate", why)]));
        }
        Ok(window)
    }
}

impl<'a> Visit<'a> {
    pub(super) fn create(&mut self) -> Outcome {
        let fields = self.call.fields(false).map_err(not_json)?;
        let wish = Wish::read(&fields, &self.inventory.additional_info)?;
        let (at, account, system, policy) = self.target(&wish.account)?;
        if !self.me()?.may_request(&account.id) {
            return Err(forbidden("You are not authorized to create a request for this account."));
        }
        let kind = self.kind(&wish)?;
        let ticket = self.ticket(&wish)?;
        if !policy.allows(kind) {
            return Err(forbidden("This kind of access is not allowed for this account."));
        }
        let mut wrong = Vec::new();
        if policy.reason_required && wish.reason.is_none() {
            wrong.push(Wrong::new("Reason", "is required by the platform"));
        }
        if policy.ticket_required && wish.ticket.is_none() {
            wrong.push(Wrong::new("TicketId", "is required by the platform"));
        }
        if !wrong.is_empty() {
            return Err(all_wrong(&wrong));
        }
        let window = wish.window(self.call.now, policy)?;
        let mut record = self.record(wish, kind, &window, ticket, account, system)?;
        let number = self.desk.next_number();
        // "composed of the SafeName and internal RequestID" [seed].
        record.id = format!("{}_{number}", account.safe);
        let held = self.held(number, (at, account, policy), &window, record);
        let reply = document::whole(self.inventory, &held);
        self.desk.keep(held);
        Ok(Reply::json(201, &reply))
    }

    fn target(&self, id: &str) -> Result<(usize, &'a Account, &'a System, &'a Policy), Reply> {
        let inventory = self.inventory;
        let missing = || no_account(id);
        let at = inventory.account_by_id(id).ok_or_else(missing)?;
        let account = inventory.accounts.get(at).ok_or_else(missing)?;
        let system = inventory.systems.get(account.system).ok_or_else(missing)?;
        let policy = inventory.policies.get(account.policy).ok_or_else(missing)?;
        Ok((at, account, system, policy))
    }

    /// UseConnect false or absent: the credential itself, whatever the account has. True: a session, through the
    /// component named; none named: any.
    fn kind(&self, wish: &Wish) -> Result<&'static str, Reply> {
        match (&wish.component, wish.connect) {
            (_, false) => Ok("credential"),
            (None, true) => Ok("any-session"),
            (Some(name), true) => {
                let known = self.inventory.components.iter().find(|c| c.id.eq_ignore_ascii_case(name));
                known.map(|c| c.kind).ok_or_else(|| {
                    let why = format!("has no component {name}");
                    all_wrong(&[Wrong::new("ConnectionComponent", why)])
                })
            }
        }
    }

    fn ticket(&self, wish: &Wish) -> Result<Option<Ticket>, Reply> {
        let mut systems = self.inventory.ticket_systems.iter();
        let name = wish.ticket_system.as_ref();
        // *Unverified*: what the server says of a system that it doesn't know.
        if let Some(name) = name.filter(|n| !systems.any(|s| s.name == **n)) {
            let message = format!("Ticketing system {name} is not defined.");
            return Err(error(400, "PASWS170E", &message));
        }
        let any = name.is_some() || wish.ticket.is_some();
        Ok(any.then(|| Ticket { system_id: None, system_name: name.cloned(), number: wish.ticket.clone() }))
    }

    fn record(
        &self,
        wish: Wish,
        kind: &'static str,
        window: &Window,
        ticket: Option<Ticket>,
        account: &Account,
        system: &System,
    ) -> Result<Record, Reply> {
        let user = self.me()?;
        let mut record = Record::new((&user.id, &user.name), kind, self.call.now);
        record.system = Named::name(&system.address);
        record.account = Named::both(&account.id, &account.name);
        record.component = wish.component;
        record.parameters = wish.parameters;
        record.starts = (window.starts > self.call.now).then(|| window.starts.to_string());
        record.length_seconds = window.length;
        record.effective_length_seconds =
            window.ends.duration_since(window.starts.max(self.call.now)).as_secs();
        record.reason = wish.reason;
        record.ticket = ticket;
        // The installation's additional value of that name says it.
        let emergency = wish.extra.get("Emergency").and_then(Value::as_str);
        record.emergency = emergency.map(|e| e.eq_ignore_ascii_case("yes"));
        record.multiple_use = Some(wish.multiple);
        record.extra = wish.extra;
        Ok(record)
    }

    fn held(
        &self,
        number: u64,
        (at, account, policy): (usize, &Account, &Policy),
        window: &Window,
        record: Record,
    ) -> Held {
        let now = self.call.now;
        let mut held = Held {
            number,
            user: self.user,
            system: account.system,
            account: Some(at),
            policy: account.policy,
            created: now,
            starts: window.starts,
            ends: window.ends,
            end_binds: window.length.is_some(),
            changed: now,
            approved: None,
            needs: [policy.approvers, policy.approvers_second],
            invalid: 0,
            acknowledged: false,
            record,
        };
        let enough = |level, needed| self.inventory.approvers(&account.id, level, self.user) >= needed;
        if !enough(1, policy.approvers) || !enough(2, policy.approvers_second) {
            // 4: Missing supervisors [seed]; that the request is made and at once invalid is *unverified*.
            held.invalid = 4;
            held.set_state(State::Invalid, now);
        } else if held.missing() == 0 {
            held.become_approved(now);
        }
        held
    }
}
