//! The three dialects as their clients speak them to the gateway of `serve --sandbox`, and one and the same wish in each.
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::http::{Client, Reply};

/// How one dialect's clients call.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) dialect: &'static str,
    pub(crate) base: &'static str,
    /// Where a request is created, below the base.
    pub(crate) create: &'static str,
    pub(crate) authorization: &'static str,
    /// The name that replies call the principal.
    pub(crate) name: &'static str,
}

pub(crate) const BEYONDTRUST: Caller = Caller {
    dialect: "beyondtrust",
    base: "/BeyondTrust/api/public/v3",
    create: "/Requests",
    authorization: "PS-Auth key=sandbox-bt-key-requester; runas=CORP\\jdoe;",
    name: "CORP\\jdoe",
};
pub(crate) const CYBERARK: Caller = Caller {
    dialect: "cyberark",
    base: "/PasswordVault/API",
    create: "/MyRequests",
    authorization: "sandbox-ca-session-token",
    name: "john.doe",
};
pub(crate) const SAFEGUARD: Caller = Caller {
    dialect: "safeguard",
    base: "/service/a2a/v4",
    create: "/AccessRequests",
    authorization: "A2A sandbox-sg-a2a-key",
    name: "jdoe",
};
pub(crate) const DIALECTS: [&Caller; 3] = [&BEYONDTRUST, &CYBERARK, &SAFEGUARD];

impl Caller {
    /// One call under the dialect's base, signed.
    pub(crate) fn call(&self, to: SocketAddr, method: &str, path: &str, body: Option<&[u8]>) -> Reply {
        self.over(&mut Client::connect(to), method, path, body)
    }

    /// The same over a kept connection.
    pub(crate) fn over(&self, client: &mut Client, method: &str, path: &str, body: Option<&[u8]>) -> Reply {
        let headers = [("Authorization", self.authorization), ("Content-Type", "application/json")];
        client.send(method, &format!("{}{path}", self.base), &headers, body)
    }

    /// Asks for access.
    pub(crate) fn create(&self, to: SocketAddr, body: &Value) -> Reply {
        self.call(to, "POST", self.create, Some(body.to_string().as_bytes()))
    }

    /// `deploy` on web01, a credential for two hours from now, with a reason and a ticket, as this dialect says it.
    pub(crate) fn wish(&self) -> Value {
        let now = now();
        match self.dialect {
            "beyondtrust" => json!({
                "SystemID": 15, "AccountID": 1040, "DurationMinutes": 120, "Reason": "release 42",
                "TicketSystemID": 7, "TicketNumber": "CHG-4711", "RotateOnCheckin": false,
            }),
            "cyberark" => json!({
                "accountId": "13_1", "reason": "release 42", "TicketingSystemName": "ServiceNow",
                "TicketId": "CHG-4711", "MultipleAccessRequired": true,
                "FromDate": now, "ToDate": now + 7200,
            }),
            _ => json!({
                "ForUser": "jdoe", "AssetId": 2108, "AccountId": 5520, "AccessRequestType": "Password",
                "RequestedDurationHours": 2, "ReasonComment": "release 42", "TicketNumber": "CHG-4711",
            }),
        }
    }
}

/// Now, in Unix seconds.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// Holds that an answer is a fault as the dialect's own server words it, with this status and code (where it has
/// codes), and gives the text for people.
pub(crate) fn fault(caller: &Caller, reply: &Reply, status: u16, code: &str) -> String {
    assert_eq!(reply.status, status, "{}: {reply:?}", caller.dialect);
    let kind = reply.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("application/json"), "{}: {reply:?}", caller.dialect);
    let body = reply.json();
    match caller.dialect {
        // The code alone, or a JSON string.
        "beyondtrust" if !code.is_empty() => {
            assert_eq!(reply.text(), code);
            String::new()
        }
        "beyondtrust" => body.as_str().unwrap_or_else(|| panic!("no JSON string: {reply:?}")).to_owned(),
        "cyberark" => {
            assert_eq!(body["ErrorCode"], code, "{reply:?}");
            format!("{} {}", body["ErrorMessage"].as_str().expect("a message"), body["Details"])
        }
        _ => {
            assert_eq!(body["Code"].to_string(), code, "{reply:?}");
            format!("{} {}", body["Message"].as_str().expect("a message"), body["ModelState"])
        }
    }
}
