//! What a script asks before it asks for access.

use serde_json::{Value, json};

use super::super::inventory::{Account, System};
use super::super::wire::Reply;
use super::wish::access_request_type;
use super::{Outcome, Visit, denied, error};

impl Visit<'_> {
    /// `GET core/Me`.
    pub(super) fn me_document(&mut self) -> Outcome {
        let user = self.inventory.users.get(self.user).ok_or_else(|| denied(401))?;
        Ok(Reply::json(
            200,
            &json!({
                "Id": number(&user.id),
                "Name": user.name,
                "UserName": user.name,
                "DisplayName": user.full_name,
                "EmailAddress": user.email,
                "PrimaryAuthenticationProvider": { "Name": user.provider },
                "AdminRoles": if user.policy_admin { json!(["PolicyAdmin"]) } else { json!([]) },
            }),
        ))
    }

    /// `GET core/ReasonCodes`.
    pub(super) fn reason_codes(&mut self) -> Outcome {
        let codes = self.inventory.reason_codes.iter();
        let shown =
            codes.map(|c| json!({ "Id": number(&c.id), "Name": c.name, "Description": c.description }));
        Ok(Reply::json(200, &shown.collect::<Value>()))
    }

    /// `GET core/Me/AccessRequestAssets`, by `filter=Name ieq 'x'`, `NetworkAddress ieq 'x'` or `q=x`.
    pub(super) fn assets(&mut self) -> Outcome {
        let filter = self.call.query("filter").filter(|f| !f.is_empty());
        let filter = filter.map(|f| equality(&f)).transpose()?;
        let words = self.call.query("q").map(|q| q.to_lowercase());
        let mut shown = Vec::new();
        for (at, system) in self.inventory.systems.iter().enumerate() {
            let named = filter.as_ref().is_none_or(|(by_name, value)| {
                let text = if *by_name { &system.name } else { &system.address };
                text.eq_ignore_ascii_case(value)
            });
            let texts = [&system.name, &system.address, &system.platform];
            let holds = |w: &String| texts.iter().any(|t| t.to_lowercase().contains(w));
            let entitled = self.entitled().any(|(_, a)| a.system == at);
            if named && words.as_ref().is_none_or(holds) && entitled {
                shown.push(asset(system));
            }
        }
        Ok(Reply::json(200, &Value::from(shown)))
    }

    /// `GET core/Me/RequestEntitlements?accessRequestType=&assetIds=&accountIds=&q=`.
    pub(super) fn entitlements(&mut self) -> Outcome {
        let ids = |name| {
            let list = self.call.query(name).filter(|v| !v.is_empty());
            list.map(|l| l.split(',').map(|id| id.trim().to_owned()).collect::<Vec<_>>())
        };
        let (assets, accounts) = (ids("assetIds"), ids("accountIds"));
        let kind = self.call.query("accessRequestType").filter(|k| !k.is_empty());
        let words = self.call.query("q").map(|q| q.to_lowercase());
        let among = |list: &Option<Vec<String>>, id: &String| list.as_ref().is_none_or(|l| l.contains(id));
        let mut shown = Vec::new();
        for (system, account) in self.entitled() {
            let texts = [&system.name, &system.address, &account.name];
            let holds = |w: &String| texts.iter().any(|t| t.to_lowercase().contains(w));
            if !among(&assets, &system.id)
                || !among(&accounts, &account.id)
                || !words.as_ref().is_none_or(holds)
            {
                continue;
            }
            let Some(policy) = self.inventory.policies.get(account.policy) else { continue };
            for allowed in &policy.kinds {
                let word = access_request_type(allowed);
                let wanted = word.as_str().unwrap_or_default();
                if kind.as_ref().is_some_and(|k| !k.eq_ignore_ascii_case(wanted)) {
                    continue;
                }
                shown.push(json!({
                    "Account": {
                        "Id": number(&account.id),
                        "Name": account.name,
                        "DomainName": account.domain,
                    },
                    "Asset": asset(system),
                    "Policy": {
                        "Id": number(&policy.id),
                        "Name": policy.name,
                        "AccessRequestProperties": { "AccessRequestType": word },
                        "RequesterProperties": {
                            "RequireReasonCode": policy.reason_code_required,
                            "RequireReasonComment": policy.reason_required,
                            "RequireServiceTicket": policy.ticket_required,
                            "AllowCustomDuration": true,
                        },
                    },
                    "ActiveRequests": [],
                }));
            }
        }
        Ok(Reply::json(200, &Value::from(shown)))
    }

    fn entitled(&self) -> impl Iterator<Item = (&System, &Account)> {
        let user = self.inventory.users.get(self.user);
        let accounts = self.inventory.accounts.iter();
        let mine = accounts.filter(move |a| user.is_some_and(|u| u.may_request(&a.id)));
        mine.filter_map(|a| self.inventory.systems.get(a.system).map(|s| (s, a)))
    }
}

fn asset(system: &System) -> Value {
    json!({
        "Id": number(&system.id),
        "Name": system.name,
        "NetworkAddress": system.address,
        "PlatformDisplayName": system.platform,
    })
}

/// `Name ieq 'x'` or `NetworkAddress ieq 'x'`: all of the filter language that is emulated. True: by name.
fn equality(filter: &str) -> Result<(bool, String), Reply> {
    let mut words = filter.trim().splitn(3, ' ');
    let (property, operator, value) = (words.next(), words.next(), words.next());
    let by_name = match property.unwrap_or_default().to_ascii_lowercase().as_str() {
        "name" => true,
        "networkaddress" => false,
        // 70009: a property that isn't there [sgapi].
        other => return Err(error(400, 70009, &format!("Invalid filter property {other}."))),
    };
    if !operator.is_some_and(|o| ["eq", "ieq"].contains(&o.to_ascii_lowercase().as_str())) {
        return Err(error(400, 70003, "Invalid filter operator."));
    }
    let value = value.unwrap_or_default().trim().trim_matches('\'');
    Ok((by_name, value.replace("\\'", "'")))
}

/// Ids are 32-bit integers: the inventory is refused otherwise.
fn number(id: &str) -> i64 {
    id.parse().unwrap_or_default()
}
