//! What a person needs to know to call a sandbox: its address, and who can sign in with what.
//!
//! Start at [`Sandbox::guide`]. The secrets it shows are an inventory's, made up to be shown.

use std::fmt::Write;

use super::inventory::User;
use super::{Sandbox, Vendor};

impl Sandbox {
    /// The address that the vendor's own addresses begin with, under an origin such as `http://127.0.0.1:4000`.
    pub fn base(&self, origin: &str) -> String {
        let path = match self.vendor {
            Vendor::BeyondTrust => "/BeyondTrust/api/public/v3",
            Vendor::CyberArk => "/PasswordVault",
            Vendor::Safeguard => "/service",
        };
        format!("{origin}{path}")
    }

    /// How to call this sandbox at an origin, for people: a line for each user who can sign in. `secrets`: whether
    /// theirs are shown.
    pub fn guide(&self, origin: &str, secrets: bool) -> String {
        let mut text = format!("{} sandbox at {}\n", self.vendor, self.base(origin));
        if self.vendor == Vendor::Safeguard {
            text += &self.a2a(secrets);
        }
        text += match self.vendor {
            Vendor::BeyondTrust => {
                "users, by the Authorization header of every call or of POST Auth/SignAppin:\n"
            }
            Vendor::CyberArk => {
                "users, by POST API/auth/METHOD/Logon, whose answer is the Authorization header:\n"
            }
            Vendor::Safeguard => "users of the core API, by POST /RSTS/oauth2/token:\n",
        };
        for user in &self.inventory.users {
            if let Some(shown) = self.shown(user, secrets) {
                // Writing into a String can't fail.
                let _ = writeln!(text, "  {:<9} {shown}", self.role(user));
            }
        }
        let _ = write!(text, "what it was asked: GET {origin}/_sandbox/requests");
        text
    }

    fn role(&self, user: &User) -> &'static str {
        let asks = self.inventory.accounts.iter().any(|account| user.may_request(&account.id));
        match (asks, user.is_approver()) {
            (true, true) => "both",
            (true, false) => "requester",
            (false, true) => "approver",
            (false, false) => "neither",
        }
    }

    /// What a user signs in with; none: nothing.
    fn shown(&self, user: &User, secrets: bool) -> Option<String> {
        let secret = |text: &str| if secrets { text.to_owned() } else { "…".to_owned() };
        let password = user.password.as_deref().map(secret);
        let name = &user.name;
        Some(match self.vendor {
            Vendor::BeyondTrust => {
                let key = secret(user.keys.first()?);
                let password = password.map(|password| format!(" pwd=[{password}];")).unwrap_or_default();
                format!("PS-Auth key={key}; runas={name};{password}")
            }
            Vendor::CyberArk => format!("METHOD {}, {name} / {}", user.provider, password?),
            Vendor::Safeguard => format!("{name} of {} / {}", user.provider, password?),
        })
    }

    fn a2a(&self, secrets: bool) -> String {
        let mut text = String::new();
        for registration in &self.inventory.registrations {
            let users = registration.users.iter().filter_map(|&at| self.inventory.users.get(at));
            let users: Vec<String> =
                users.map(|user| format!("{} of {}", user.name, user.provider)).collect();
            let key = if secrets { &registration.key } else { "…" };
            let _ = writeln!(text, "A2A broker, by Authorization: A2A {key}, for {}", users.join(", "));
        }
        let certificate = if self.certificate_required() {
            "and a TLS client certificate of the named authority"
        } else {
            "the key alone: a real server wants a TLS client certificate besides"
        };
        let _ = writeln!(text, "  {certificate}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Clock, Inventory};
    use super::*;

    #[test]
    fn each_guide_shows_a_requester_and_an_approver_and_how_they_sign_in() {
        for (vendor, base, requester, approver) in [
            (
                Vendor::BeyondTrust,
                "http://here/BeyondTrust/api/public/v3",
                r"PS-Auth key=sandbox-bt-key-requester; runas=CORP\jdoe;",
                r"approver  PS-Auth key=sandbox-bt-key-approver; runas=CORP\asmith;",
            ),
            (
                Vendor::CyberArk,
                "http://here/PasswordVault",
                "METHOD CyberArk, john.doe / sandbox-ca-password-requester",
                "approver  METHOD CyberArk, a.smith / sandbox-ca-password-approver",
            ),
            (
                Vendor::Safeguard,
                "http://here/service",
                "A2A sandbox-sg-a2a-key, for jdoe of local",
                "approver  asmith of local / sandbox-sg-password-approver",
            ),
        ] {
            let sandbox = Sandbox::new(vendor, Inventory::built_in(vendor), Clock::system());
            let guide = sandbox.guide("http://here", true);
            for expected in [base, requester, approver] {
                assert!(guide.contains(expected), "{expected} is not in\n{guide}");
            }
            let discreet = sandbox.guide("http://here", false);
            assert!(!discreet.contains("sandbox-") && discreet.contains('…'), "{discreet}");
        }
    }
}
