//! The CyberArk sandbox: every documented code by its documented cause.
#![allow(clippy::unwrap_used, clippy::panic)]

mod sandbox_support;

use pamgate::sandbox::Vendor;
use sandbox_support::{Answer, Server};
use serde_json::json;

struct CyberArk(Server);

fn sandbox() -> CyberArk {
    CyberArk(Server::new(Vendor::CyberArk))
}

impl CyberArk {
    fn logon(&self, kind: &str, name: &str, password: &str) -> Answer {
        let body = json!({ "username": name, "password": password, "concurrentSession": true });
        let ask = format!("POST /PasswordVault/API/auth/{kind}/Logon");
        self.0.call(&ask, &[], &body.to_string())
    }

    fn token(&self, name: &str) -> String {
        let (kind, role) = match name {
            "john.doe" => ("CyberArk", "requester"),
            "a.smith" => ("CyberArk", "approver"),
            "m.lee" => ("LDAP", "second-approver"),
            _ => ("CyberArk", "both"),
        };
        let token = self.logon(kind, name, &format!("sandbox-ca-password-{role}"));
        token.is(200).json().as_str().unwrap().to_owned()
    }

    fn by(&self, who: &str, ask: &str, body: &str) -> Answer {
        let token = self.token(who);
        let (method, path) = ask.split_once(' ').unwrap();
        let ask = format!("{method} /PasswordVault/API/{path}");
        self.0.call(&ask, &[("authorization", &token)], body)
    }
}

#[test]
fn a_request_is_answered_with_its_document() {
    let ca = sandbox();
    let body = r#"{"accountId":"12_3","reason":"disk full","TicketingSystemName":"ServiceNow","TicketId":"CHG-1",
        "MultipleAccessRequired":true,"FromDate":1767603600,"ToDate":1767607200,
        "AdditionalInfo":{"Emergency":"Yes","Reference No":"17"},"UseConnect":true,"ConnectionComponent":"PSM-SSH",
        "ConnectionParams":{"PSMRemoteMachine":{"value":"db07","ShouldSave":true}}}"#;
    let made = ca.by("john.doe", "POST MyRequests", body).is(201).json();
    assert_eq!(made["RequestID"], "DB-Linux_1");
    assert_eq!(
        made["RequestorReason"],
        "(Ticket ID=CHG-1)(Ticketing System=ServiceNow) (Emergency=true)(RefNo=17)(PSMRemoteMachine=db07) disk full"
    );
    assert_eq!(made["Status"], 2);
    assert_eq!(made["AccessType"], "Multiple Access");
    assert_eq!(made["AccessTo"], 1_767_607_200);
    assert_eq!(made["AccountDetails"]["Properties"]["Username"], "oracle");
    let record = ca.0.record();
    assert_eq!(record.kind, "ssh");
    assert_eq!(record.length_seconds, Some(3600));
    assert_eq!(record.starts, None, "a start that is now is at once");
    assert!(record.parameters[0].save);
}
