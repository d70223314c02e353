//! An inventory file as it stands, and how its references are resolved.
//!
//! Start at [`read`]. Knows the parsed inventory only.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::super::Vendor;
use super::{Account, Alias, Component, Inventory, InventoryError, Item, Policy, Registration, System, User};

/// Reads a file.
pub(super) fn read(vendor: Vendor, text: &str) -> Result<Inventory, InventoryError> {
    let file: File =
        toml::from_str(text).map_err(|e| error_at(text, e.span().unwrap_or(0..0), e.message().to_owned()))?;
    resolve(vendor, file).map_err(|(span, message)| error_at(text, span, message))
}

/// The kinds of access that a policy or a component may name.
const KINDS: [&str; 9] =
    ["credential", "rdp", "ssh", "telnet", "application", "ssh-key", "api-key", "file", "any-session"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    system: Vec<FileSystem>,
    account: Vec<FileAccount>,
    #[serde(default)]
    alias: Vec<FileAlias>,
    #[serde(default)]
    application: Vec<Item>,
    user: Vec<User>,
    #[serde(default)]
    ticket_system: Vec<Item>,
    #[serde(default)]
    reason_code: Vec<Item>,
    #[serde(default)]
    schedule: Vec<Item>,
    policy: Vec<Spanned<Policy>>,
    #[serde(default)]
    component: Vec<FileComponent>,
    #[serde(default)]
    additional_info: Vec<String>,
    #[serde(default)]
    registration: Vec<FileRegistration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSystem {
    id: Spanned<Id>,
    name: String,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    platform: String,
    #[serde(default)]
    policy: Option<Spanned<Id>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAccount {
    id: Spanned<Id>,
    name: String,
    system: Spanned<Id>,
    policy: Spanned<Id>,
    #[serde(default)]
    domain: Option<String>,
    #[serde(default = "yes")]
    api: bool,
    #[serde(default = "yes")]
    rotates: bool,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    safe: Option<Spanned<String>>,
    #[serde(default)]
    folder: Option<String>,
    #[serde(default)]
    object: Option<String>,
    #[serde(default)]
    platform_id: String,
    #[serde(default)]
    platform_name: String,
    #[serde(default)]
    device_type: String,
    #[serde(default)]
    ssh_key: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAlias {
    id: Id,
    name: String,
    account: Spanned<Id>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileComponent {
    id: String,
    kind: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRegistration {
    key: String,
    users: Vec<Spanned<Id>>,
}

/// An id, written as a number or a text.
#[derive(Clone)]
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(i64),
            Text(String),
        }
        Ok(Id(match Either::deserialize(d)? {
            Either::Number(number) => number.to_string(),
            Either::Text(text) => text,
        }))
    }
}

pub(super) fn id_text<'de, D: serde::Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Id::deserialize(d).map(|id| id.0)
}

fn yes() -> bool {
    true
}

pub(super) fn local() -> String {
    "local".to_owned()
}

type Misplaced = (Range<usize>, String);

fn resolve(vendor: Vendor, file: File) -> Result<Inventory, Misplaced> {
    let policies: Vec<Policy> = file.policy.iter().map(|p| p.get_ref().clone()).collect();
    for policy in &file.policy {
        check_policy(policy)?;
    }
    let policy_ids: Vec<&str> = policies.iter().map(|p| p.id.as_str()).collect();
    let mut systems = Vec::new();
    for system in file.system {
        let policy = system.policy.map(|p| find(&policy_ids, &p, "policy")).transpose()?;
        let id = checked_id(vendor, system.id)?;
        systems.push(System {
            address: system.address.unwrap_or_else(|| system.name.clone()),
            name: system.name,
            platform: system.platform,
            policy,
            id,
        });
    }
    let system_ids: Vec<&str> = systems.iter().map(|s| s.id.as_str()).collect();
    let mut accounts = Vec::new();
    for account in file.account {
        let system = find(&system_ids, &account.system, "system")?;
        let policy = find(&policy_ids, &account.policy, "policy")?;
        accounts.push(account_of(vendor, account, system, policy)?);
    }
    let account_ids: Vec<&str> = accounts.iter().map(|a| a.id.as_str()).collect();
    let mut aliases = Vec::new();
    for alias in file.alias {
        let account = find(&account_ids, &alias.account, "account")?;
        aliases.push(Alias { id: alias.id.0, name: alias.name, account });
    }
    let mut components = Vec::new();
    for component in file.component {
        let kind = KINDS.into_iter().find(|k| k == component.kind.get_ref());
        let kind = kind.ok_or_else(|| no_kind(component.kind.span(), component.kind.get_ref()))?;
        components.push(Component { id: component.id, kind });
    }
    let user_ids: Vec<&str> = file.user.iter().map(|u| u.id.as_str()).collect();
    let mut registrations = Vec::new();
    for registration in file.registration {
        let users = registration.users.iter().map(|u| find(&user_ids, u, "user"));
        registrations.push(Registration { key: registration.key, users: users.collect::<Result<_, _>>()? });
    }
    Ok(Inventory {
        systems,
        accounts,
        aliases,
        applications: file.application,
        users: file.user,
        ticket_systems: file.ticket_system,
        reason_codes: file.reason_code,
        schedules: file.schedule,
        policies,
        components,
        additional_info: file.additional_info,
        registrations,
    })
}

fn account_of(
    vendor: Vendor,
    account: FileAccount,
    system: usize,
    policy: usize,
) -> Result<Account, Misplaced> {
    let id = checked_id(vendor, account.id.clone())?;
    let safe = match account.safe {
        Some(safe) => safe.into_inner(),
        None if vendor == Vendor::CyberArk => {
            return Err((account.id.span(), format!("account {id} needs a `safe`")));
        }
        None => String::new(),
    };
    Ok(Account {
        secret: account.secret.unwrap_or_else(|| format!("sandbox-secret-of-{id}")),
        object: account.object.unwrap_or_else(|| account.name.clone()),
        folder: account.folder.unwrap_or_else(|| "Root".to_owned()),
        id,
        name: account.name,
        system,
        policy,
        domain: account.domain,
        api: account.api,
        rotates: account.rotates,
        description: account.description,
        safe,
        platform_id: account.platform_id,
        platform_name: account.platform_name,
        device_type: account.device_type,
        ssh_key: account.ssh_key,
    })
}

/// BeyondTrust's and Safeguard's ids are 32-bit integers; CyberArk's are texts.
fn checked_id(vendor: Vendor, id: Spanned<Id>) -> Result<String, Misplaced> {
    let span = id.span();
    let id = id.into_inner().0;
    if vendor != Vendor::CyberArk && id.parse::<i32>().is_err() {
        return Err((span, format!("`{id}` is no 32-bit integer, as {vendor}'s ids are")));
    }
    Ok(id)
}

fn check_policy(policy: &Spanned<Policy>) -> Result<(), Misplaced> {
    let rules = policy.get_ref();
    for kind in &rules.kinds {
        if !KINDS.contains(&kind.as_str()) {
            return Err(no_kind(policy.span(), kind));
        }
    }
    // A year and more is beyond every vendor's limit, and keeps all sums of times in range.
    if !(1..=525_600).contains(&rules.max_minutes)
        || !(1..=rules.max_minutes).contains(&rules.default_minutes)
    {
        let message = "`max_minutes` must be 1 to 525600, and `default_minutes` no more than that";
        return Err((policy.span(), message.to_owned()));
    }
    Ok(())
}

fn no_kind(span: Range<usize>, kind: &str) -> Misplaced {
    (span, format!("`{kind}` is no kind of access: write one of {}", KINDS.join(", ")))
}

fn find(ids: &[&str], id: &Spanned<Id>, what: &str) -> Result<usize, Misplaced> {
    let text = &id.get_ref().0;
    let at = ids.iter().position(|i| i == text);
    at.ok_or_else(|| (id.span(), format!("there is no {what} `{text}`")))
}

fn error_at(text: &str, span: Range<usize>, message: String) -> InventoryError {
    let before = text.get(..span.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    InventoryError {
        message,
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or("").chars().count() + 1,
    }
}
