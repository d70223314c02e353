//! Managed accounts, managed systems and aliases, as far as scripts need them before they ask.

use serde_json::{Value, json};

use super::super::inventory::Account;
use super::super::wire::Reply;
use super::{Outcome, Visit, text};

impl Visit<'_> {
    /// `GET ManagedAccounts?systemName=&accountName=`: both given, **one object**; else an array. What the user may
    /// not request isn't shown.
    pub(super) fn managed_accounts(&mut self) -> Outcome {
        let ask = |name| self.call.query(name).filter(|v| !v.is_empty());
        let (system, account) = (ask("systemName"), ask("accountName"));
        let system_id = ask("systemID");
        let address = ask("ipAddress");
        let fits = |want: &Option<String>, is: &str| want.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(is));
        let mut found = Vec::new();
        for candidate in self.visible_accounts() {
            let Some(on) = self.inventory.systems.get(candidate.system) else { continue };
            if fits(&system, &on.name)
                && fits(&account, &candidate.name)
                && fits(&system_id, &on.id)
                && fits(&address, &on.address)
            {
                found.push(self.requestable(candidate));
            }
        }
        if system.is_some() && account.is_some() {
            let one = found.into_iter().next();
            return one.map(|a| Reply::json(200, &a)).ok_or_else(no_account);
        }
        let number = |name, default| match ask(name) {
            None => Ok(default),
            Some(text_given) => {
                text_given.parse::<usize>().map_err(|_| text(400, &format!("{name} must be a whole number")))
            }
        };
        // The vendor's default page is 1000.
        let (limit, offset) = (number("limit", 1000)?, number("offset", 0)?);
        let page: Vec<Value> = found.into_iter().skip(offset).take(limit).collect();
        Ok(Reply::json(200, &Value::from(page)))
    }

    /// `GET ManagedAccounts/{id}`, which has another shape.
    pub(super) fn managed_account(&mut self, id: &str) -> Outcome {
        let account = self.visible_accounts().into_iter().find(|a| a.id == id);
        let account = account.ok_or_else(no_account)?;
        let system = self.inventory.systems.get(account.system);
        Ok(Reply::json(
            200,
            &json!({
                "ManagedAccountID": number(&account.id),
                "ManagedSystemID": system.map(|s| number(&s.id)),
                "DomainName": account.domain,
                "AccountName": account.name,
                "Description": account.description,
                "ApiEnabled": account.api,
            }),
        ))
    }

    /// `GET ManagedSystems[/{id}]`.
    pub(super) fn managed_systems(&mut self, id: Option<&str>) -> Outcome {
        let mut shown = Vec::new();
        for system in self.inventory.systems.iter().filter(|s| id.is_none_or(|id| id == s.id)) {
            shown.push(json!({
                "ManagedSystemID": number(&system.id),
                "SystemName": system.name,
                "HostName": system.name,
                "IPAddress": system.address,
                "PlatformName": system.platform,
            }));
        }
        if id.is_none() {
            return Ok(Reply::json(200, &Value::from(shown)));
        }
        let one = shown.into_iter().next();
        one.map(|s| Reply::json(200, &s)).ok_or_else(|| text(404, "Managed System not found"))
    }

    /// `GET Aliases`, `GET Aliases/{name}`.
    pub(super) fn aliases(&mut self, name: Option<&str>) -> Outcome {
        let mut shown = Vec::new();
        for alias in &self.inventory.aliases {
            let Some(account) = self.inventory.accounts.get(alias.account) else { continue };
            let Some(system) = self.inventory.systems.get(account.system) else { continue };
            if name.is_none_or(|n| n.eq_ignore_ascii_case(&alias.name)) {
                shown.push(json!({
                    "AliasId": number(&alias.id),
                    "AliasName": alias.name,
                    "AliasState": 1,
                    "SystemId": number(&system.id),
                    "SystemName": system.name,
                    "AccountId": number(&account.id),
                    "AccountName": account.name,
                }));
            }
        }
        if name.is_none() {
            return Ok(Reply::json(200, &Value::from(shown)));
        }
        let one = shown.into_iter().next();
        one.map(|a| Reply::json(200, &a)).ok_or_else(|| text(404, "Alias not found"))
    }

    fn visible_accounts(&self) -> Vec<&Account> {
        let user = self.inventory.users.get(self.user);
        let accounts = self.inventory.accounts.iter();
        accounts.filter(|a| a.api && user.is_some_and(|u| u.may_request(&a.id))).collect()
    }

    fn requestable(&self, account: &Account) -> Value {
        let system = self.inventory.systems.get(account.system);
        let policy = self.inventory.policies.get(account.policy);
        json!({
            "PlatformID": 2,
            "SystemId": system.map(|s| number(&s.id)),
            "SystemName": system.map(|s| s.name.as_str()),
            "DomainName": account.domain,
            "AccountId": number(&account.id),
            "AccountName": account.name,
            "InstanceName": null,
            "UserPrincipalName": null,
            "ApplicationID": null,
            "ApplicationDisplayName": null,
            "DefaultReleaseDuration": policy.map(|p| p.default_minutes),
            "MaximumReleaseDuration": policy.map(|p| p.max_minutes),
            "LastChangeDate": null,
            "NextChangeDate": null,
            "IsChanging": false,
            "ChangeState": 0,
            "IsISAAccess": false,
            "PreferredNodeID": null,
            "AccountDescription": account.description,
        })
    }
}

/// [btgo] compares these words.
fn no_account() -> Reply {
    text(404, "Managed Account not found")
}

/// Ids are 32-bit integers: the inventory is refused otherwise.
fn number(id: &str) -> i64 {
    id.parse().unwrap_or_default()
}
