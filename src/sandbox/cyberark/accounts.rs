//! Accounts: looked up, their credential retrieved, checked in.

use serde_json::{Value, json};

use super::super::inventory::Account;
use super::super::record::State;
use super::super::wire::Reply;
use super::document::CREATED;
use super::{Outcome, Visit, forbidden, invalid, no_account, not_json, wrong};

impl Visit<'_> {
    /// `GET API/Accounts?search=&searchType=&offset=&limit=&filter=safeName eq X`.
    pub(super) fn accounts(&mut self) -> Outcome {
        let ask = |name| self.call.query(name).filter(|v| !v.is_empty());
        let number = |name, default| match ask(name) {
            None => Ok(default),
            Some(given) => given
                .parse::<usize>()
                .map_err(|_| invalid(&[("PASWS169E", format!("{name} must be a whole number"))])),
        };
        // The vendor's default page is 50 and its largest 1000.
        let (offset, limit) = (number("offset", 0)?, number("limit", 50)?.clamp(1, 1000));
        let words = ask("search").map(|s| s.to_lowercase()).unwrap_or_default();
        let at_start = ask("searchType").is_some_and(|t| t.eq_ignore_ascii_case("startswith"));
        let safe = match ask("filter") {
            None => None,
            Some(filter) => match filter.split_once(" eq ") {
                Some((name, safe)) if name.trim().eq_ignore_ascii_case("safeName") => {
                    Some(safe.trim().to_owned())
                }
                _ => return Err(invalid(&[("PASWS169E", "filter is not supported".to_owned())])),
            },
        };
        let me = self.me()?;
        let mut found = Vec::new();
        for account in self.inventory.accounts.iter().filter(|a| me.may_request(&a.id)) {
            let one = self.shown(account);
            let texts = [&account.object, &account.name, &account.platform_id, &self.address(account)];
            let fits = |word: &str| {
                texts
                    .iter()
                    .map(|t| t.to_lowercase())
                    .any(|t| if at_start { t.starts_with(word) } else { t.contains(word) })
            };
            if words.split_whitespace().all(fits) && safe.as_ref().is_none_or(|s| *s == account.safe) {
                found.push(one);
            }
        }
        let more = found.len() > offset.saturating_add(limit);
        let page: Vec<Value> = found.into_iter().skip(offset).take(limit).collect();
        let mut reply = json!({ "value": page, "count": page.len() });
        if let Some(reply) = reply.as_object_mut().filter(|_| more) {
            let next = format!("api/Accounts?offset={}&limit={limit}", offset + limit);
            reply.insert("nextLink".to_owned(), Value::from(next));
        }
        Ok(Reply::json(200, &reply))
    }

    /// `GET API/Accounts/{id}`; unknown → 404.
    pub(super) fn account(&mut self, id: &str) -> Outcome {
        let account = self.visible(id)?;
        Ok(Reply::json(200, &self.shown(account)))
    }

    /// `POST API/Accounts/{id}/Password/Retrieve` → a bare JSON string. Where confirmation is needed there must be
    /// a confirmed request (what is said otherwise is *unverified*); a one-time request is thereby used up.
    pub(super) fn retrieve(&mut self, id: &str) -> Outcome {
        // [aio] sends no body and no content type without a reason.
        let fields = self.call.fields(true).map_err(not_json)?;
        let reason = fields.text("reason").map_err(wrong)?.map(str::to_owned);
        let (inventory, now) = (self.inventory, self.call.now);
        let at = inventory.account_by_id(id).ok_or_else(|| no_account(id))?;
        let secret = self.visible(id)?.secret.clone();
        let me = self.me()?.name.clone();
        let needed = inventory.accounts.get(at).and_then(|a| inventory.policies.get(a.policy));
        let needed = needed.is_some_and(|p| p.approvers > 0 || p.approvers_second > 0);
        let mut usable = false;
        for number in self.desk.open_for(at, now) {
            let user = self.user;
            let Some(held) = self.desk.get(number, now) else { continue };
            let mine = held.user == user && held.record.kind == "credential";
            if usable || !mine || !held.record.state.is_active() || held.starts > now {
                continue;
            }
            usable = true;
            held.comment(&me, "retrieve", reason.clone(), now);
            if held.record.multiple_use == Some(true) {
                held.set_state(State::InUse, now);
            } else {
                held.invalid = 2; // Already been used [seed].
                held.set_state(State::Used, now);
            }
        }
        if needed && !usable {
            return Err(forbidden("There is no confirmed request for this account."));
        }
        Ok(Reply::json(200, &Value::from(secret)))
    }

    /// `POST API/Accounts/{id}/CheckIn` → 200: one's requests in use for the account are over.
    pub(super) fn check_in(&mut self, id: &str) -> Outcome {
        let (now, user) = (self.call.now, self.user);
        let at = self.inventory.account_by_id(id).ok_or_else(|| no_account(id))?;
        self.visible(id)?;
        for number in self.desk.open_for(at, now) {
            let held = self.desk.get(number, now);
            if let Some(held) = held.filter(|h| h.user == user && h.record.state == State::InUse) {
                held.set_state(State::CheckedIn, now);
            }
        }
        Ok(Reply::empty(200))
    }

    fn visible(&self, id: &str) -> Result<&Account, Reply> {
        let me = self.me()?;
        let account = self.inventory.accounts.iter().find(|a| a.id == id);
        account.filter(|a| me.may_request(&a.id)).ok_or_else(|| no_account(id))
    }

    fn address(&self, account: &Account) -> String {
        let system = self.inventory.systems.get(account.system);
        system.map(|s| s.address.clone()).unwrap_or_default()
    }

    fn shown(&self, account: &Account) -> Value {
        json!({
            "id": account.id,
            "name": account.object,
            "address": self.address(account),
            "userName": account.name,
            "platformId": account.platform_id,
            "safeName": account.safe,
            "secretType": if account.ssh_key { "key" } else { "password" },
            "platformAccountProperties": {},
            "secretManagement": {
                "automaticManagementEnabled": account.rotates,
                "lastModifiedTime": CREATED,
            },
            "createdTime": CREATED,
        })
    }
}
