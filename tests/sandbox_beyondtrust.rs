//! The BeyondTrust sandbox: every documented code by its documented cause.
#![allow(clippy::unwrap_used, clippy::panic)]

mod sandbox_support;

use pamgate::sandbox::Vendor;
use sandbox_support::{Answer, Server};
use serde_json::json;

const BASE: &str = "/BeyondTrust/api/public/v3";

struct BeyondTrust(Server);

fn sandbox() -> BeyondTrust {
    BeyondTrust(Server::new(Vendor::BeyondTrust))
}

impl BeyondTrust {
    /// `ask` is a method and a path below the base; `who` names a built-in key.
    fn by(&self, who: &str, ask: &str, body: &str) -> Answer {
        let key = format!("PS-Auth key=sandbox-bt-key-{who}");
        self.with(&[("authorization", &key)], ask, body)
    }

    fn with(&self, headers: &[(&str, &str)], ask: &str, body: &str) -> Answer {
        let (method, path) = ask.split_once(' ').unwrap();
        self.0.call(&format!("{method} {BASE}/{path}"), headers, body)
    }

    fn ask(&self, body: &str) -> Answer {
        self.by("requester", "POST Requests", body)
    }

    /// A request for an account by the requester, which must succeed; its id.
    fn made(&self, system: u32, account: u32) -> String {
        let body = json!({ "SystemID": system, "AccountID": account, "DurationMinutes": 60 }).to_string();
        self.ask(&body).is(201).body
    }
}

#[test]
fn signing_in_gives_a_cookie_that_carries_the_next_calls() {
    let bt = sandbox();
    let header = ("authorization", r"PS-Auth key=sandbox-bt-key-requester; runas=CORP\jdoe;");
    let signed = bt.with(&[header], "POST Auth/SignAppin", "").is(200);
    assert_eq!(signed.json()["UserId"], 101);
    let cookie = signed.header("set-cookie").split(';').next().unwrap();
    let cookie = [("cookie", cookie)];
    let body = r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":30,"Reason":"disk full"}"#;
    assert_eq!(bt.with(&cookie, "POST Requests", body).is(201).body, "124");
    let record = bt.0.record();
    assert_eq!(record.reason.as_deref(), Some("disk full"));
    assert_eq!(record.effective_length_seconds, 1800);
    assert_eq!(bt.with(&cookie, "POST Auth/Signout", "").is(200).body, "");
    bt.with(&cookie, "GET Requests", "").is(401);
}
