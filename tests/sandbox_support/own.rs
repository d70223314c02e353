//! A vendor's sandbox as one of its callers has it: signed in.
use pamgate::sandbox::{Record, Vendor};

use super::{Answer, Server};

/// The built-in requester, as each vendor names it.
pub fn user_of(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::BeyondTrust => r"CORP\jdoe",
        Vendor::CyberArk => "john.doe",
        Vendor::Safeguard => "jdoe",
    }
}

/// A vendor's sandbox, signed in as the built-in requester.
pub struct Own {
    server: Server,
    vendor: Vendor,
    header: (&'static str, String),
}

impl Own {
    pub fn new(vendor: Vendor) -> Own {
        let server = Server::new(vendor);
        let header = sign_in(&server, vendor, user_of(vendor), "requester");
        Own { server, vendor, header }
    }

    /// What was stored of the newest request.
    pub fn record(&self) -> Option<Record> {
        self.server.sandbox.records().pop()
    }

    /// The server forgets all requests, and whoever is signed in stays so.
    pub fn forget(&self) {
        self.server.sandbox.forget_requests();
    }

    pub fn create(&self, body: &str) -> Answer {
        self.call(
            match self.vendor {
                Vendor::BeyondTrust => "POST /BeyondTrust/api/public/v3/Requests",
                Vendor::CyberArk => "POST /PasswordVault/API/MyRequests",
                Vendor::Safeguard => "POST /service/a2a/v4/AccessRequests",
            },
            body,
        )
    }

    pub fn call(&self, ask: &str, body: &str) -> Answer {
        self.server.call(ask, &[(self.header.0, &self.header.1)], body)
    }

    /// The same, by one who approves.
    pub fn by_approver(&self, ask: &str, body: &str) -> Answer {
        let user = match self.vendor {
            Vendor::BeyondTrust => r"CORP\asmith",
            Vendor::CyberArk => "a.smith",
            Vendor::Safeguard => "asmith",
        };
        let (name, value) = sign_in(&self.server, self.vendor, user, "approver");
        self.server.call(ask, &[(name, &value)], body)
    }

    /// The same server, after the session has died.
    pub fn signed_in_again(self) -> Own {
        let header = sign_in(&self.server, self.vendor, user_of(self.vendor), "requester");
        Own { header, ..self }
    }

    pub fn pass_minutes(&self, minutes: i64) {
        self.server.pass_minutes(minutes);
    }
}

/// Signs in; the header that later calls carry.
fn sign_in(server: &Server, vendor: Vendor, user: &str, role: &str) -> (&'static str, String) {
    match vendor {
        Vendor::BeyondTrust => {
            let key = format!("PS-Auth key=sandbox-bt-key-{role}; runas={user};");
            let ask = "POST /BeyondTrust/api/public/v3/Auth/SignAppin";
            let answer = server.call(ask, &[("authorization", &key)], "").is(200);
            let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
            ("cookie", cookie.to_owned())
        }
        Vendor::CyberArk => {
            let body = format!(
                r#"{{"username":"{user}","password":"sandbox-ca-password-{role}","concurrentSession":true}}"#
            );
            let answer = server.call("POST /PasswordVault/API/auth/CyberArk/Logon", &[], &body).is(200);
            ("authorization", answer.json().as_str().unwrap().to_owned())
        }
        Vendor::Safeguard => ("authorization", "A2A sandbox-sg-a2a-key".to_owned()),
    }
}
