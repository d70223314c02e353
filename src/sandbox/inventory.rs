//! The machines, accounts and people of a sandbox, read from a TOML file.
//!
//! Start at [`Inventory::built_in`] or [`Inventory::from_toml`]; the format is described in
//! `docs/sandbox.md`. What refers to something that the file doesn't hold is refused with its place.
//! The secrets in it are made up and meant to be printed in manuals: never put real ones here.

mod file;

use std::fmt;

use serde::Deserialize;

use super::Vendor;

/// Everything a sandbox knows before anybody asks. All cross-references are resolved.
#[derive(Clone, Default)]
pub struct Inventory {
    pub(super) systems: Vec<System>,
    pub(super) accounts: Vec<Account>,
    pub(super) aliases: Vec<Alias>,
    pub(super) applications: Vec<Item>,
    pub(super) users: Vec<User>,
    pub(super) ticket_systems: Vec<Item>,
    pub(super) reason_codes: Vec<Item>,
    pub(super) schedules: Vec<Item>,
    pub(super) policies: Vec<Policy>,
    pub(super) components: Vec<Component>,
    pub(super) additional_info: Vec<String>,
    pub(super) registrations: Vec<Registration>,
}

/// How much it holds: what it holds includes passwords and keys, made up as they should be.
impl fmt::Debug for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inventory")
            .field("systems", &self.systems.len())
            .field("accounts", &self.accounts.len())
            .field("users", &self.users.len())
            .finish_non_exhaustive()
    }
}

/// What is wrong with an inventory file, and where.
#[derive(Debug, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct InventoryError {
    /// What is wrong.
    pub message: String,
    /// Counted from one.
    pub line: usize,
    /// Counted from one, in characters.
    pub column: usize,
}

impl Inventory {
    /// The vendor's built-in inventory. It is part of the program and a test reads it, so it can't be wrong;
    /// if it were, it would be empty.
    pub fn built_in(vendor: Vendor) -> Self {
        Self::from_toml(vendor, Self::built_in_text(vendor)).unwrap_or_default()
    }

    /// The text of the vendor's built-in inventory, to start one's own from.
    pub fn built_in_text(vendor: Vendor) -> &'static str {
        match vendor {
            Vendor::BeyondTrust => include_str!("inventory/beyondtrust.toml"),
            Vendor::CyberArk => include_str!("inventory/cyberark.toml"),
            Vendor::Safeguard => include_str!("inventory/safeguard.toml"),
        }
    }

    /// Reads an inventory.
    pub fn from_toml(vendor: Vendor, text: &str) -> Result<Self, InventoryError> {
        file::read(vendor, text)
    }

    pub(super) fn account_by_id(&self, id: &str) -> Option<usize> {
        self.accounts.iter().position(|a| a.id == id)
    }

    pub(super) fn user_named(&self, name: &str) -> Option<usize> {
        self.users.iter().position(|u| u.name.eq_ignore_ascii_case(name))
    }

    /// How many users other than `except` may approve for the account at a level.
    pub(super) fn approvers(&self, account: &str, level: u8, except: usize) -> u32 {
        let users = self.users.iter().enumerate();
        let fit = users.filter(|(at, user)| *at != except && user.may_approve(account, level));
        u32::try_from(fit.count()).unwrap_or(u32::MAX)
    }
}

/// The item with an id.
pub(super) fn by_id<'a>(items: &'a [Item], id: &str) -> Option<&'a Item> {
    items.iter().find(|item| item.id == id)
}

/// A machine.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) platform: String,
    /// Rules for sessions with one's own account.
    pub(super) policy: Option<usize>,
}

/// A managed account.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) system: usize,
    pub(super) policy: usize,
    pub(super) domain: Option<String>,
    pub(super) api: bool,
    pub(super) rotates: bool,
    pub(super) secret: String,
    pub(super) description: String,
    pub(super) safe: String,
    pub(super) folder: String,
    pub(super) object: String,
    pub(super) platform_id: String,
    pub(super) platform_name: String,
    pub(super) device_type: String,
    pub(super) ssh_key: bool,
}

/// Another name for an account.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) account: usize,
}

/// A connection component.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) id: String,
    pub(super) kind: &'static str,
}

/// An application registered for Safeguard's A2A service.
#[derive(Clone)]
pub(super) struct Registration {
    pub(super) key: String,
    /// Positions of the users it may ask for.
    pub(super) users: Vec<usize>,
}

/// A person, and what the person may do.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    #[serde(deserialize_with = "file::id_text")]
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) email: String,
    #[serde(default = "file::local")]
    pub(super) provider: String,
    #[serde(default)]
    pub(super) password: Option<String>,
    /// BeyondTrust: whether `pwd=[…]` must come with the key.
    #[serde(default)]
    pub(super) password_required: bool,
    #[serde(default)]
    pub(super) keys: Vec<String>,
    #[serde(default)]
    pub(super) client_id: Option<String>,
    #[serde(default)]
    pub(super) client_secret: Option<String>,
    #[serde(default)]
    pub(super) password_expired: bool,
    #[serde(default)]
    pub(super) policy_admin: bool,
    /// Account ids, or `*`.
    #[serde(default)]
    requests: Vec<String>,
    #[serde(default)]
    approves: Vec<String>,
    #[serde(default)]
    approves_second: Vec<String>,
    /// Accounts that `*` doesn't mean.
    #[serde(default)]
    except: Vec<String>,
}

impl User {
    fn holds(&self, grants: &[String], account: &str) -> bool {
        grants.iter().any(|g| g == account)
            || (grants.iter().any(|g| g == "*") && !self.except.iter().any(|e| e == account))
    }

    pub(super) fn may_request(&self, account: &str) -> bool {
        self.holds(&self.requests, account)
    }

    pub(super) fn may_approve(&self, account: &str, level: u8) -> bool {
        let grants = if level > 1 { &self.approves_second } else { &self.approves };
        self.holds(grants, account)
    }

    pub(super) fn is_approver(&self) -> bool {
        !self.approves.is_empty() || !self.approves_second.is_empty()
    }
}

/// A thing with an id and a name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    #[serde(deserialize_with = "file::id_text")]
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
}

/// The rules of access.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    #[serde(deserialize_with = "file::id_text")]
    pub(super) id: String,
    pub(super) name: String,
    /// Kinds of access, in the words of a [`super::Record`].
    pub(super) kinds: Vec<String>,
    #[serde(default)]
    pub(super) approvers: u32,
    #[serde(default)]
    pub(super) approvers_second: u32,
    pub(super) default_minutes: i64,
    pub(super) max_minutes: i64,
    #[serde(default)]
    pub(super) reason_required: bool,
    #[serde(default)]
    pub(super) reason_code_required: bool,
    #[serde(default)]
    pub(super) ticket_required: bool,
    #[serde(default)]
    pub(super) rotation_override: bool,
    /// Only one user at a time.
    #[serde(default)]
    pub(super) exclusive: bool,
}

impl Policy {
    pub(super) fn allows(&self, kind: &str) -> bool {
        self.kinds.iter().any(|k| k == kind)
    }
}
