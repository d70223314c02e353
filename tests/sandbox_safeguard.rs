//! The Safeguard sandbox: every documented code by its documented cause.
#![allow(clippy::unwrap_used, clippy::panic)]

mod sandbox_support;

use pamgate::sandbox::Vendor;
use sandbox_support::{Answer, Server};

struct Safeguard(Server);

fn sandbox() -> Safeguard {
    Safeguard(Server::new(Vendor::Safeguard))
}

const A2A: (&str, &str) = ("authorization", "A2A sandbox-sg-a2a-key");

impl Safeguard {
    fn a2a(&self, body: &str) -> Answer {
        self.0.call("POST /service/a2a/v4/AccessRequests", &[A2A], body)
    }
}

#[test]
fn the_broker_makes_a_request_for_a_user() {
    let sg = sandbox();
    let body = r#"{"ForUser":"jdoe","ForProvider":"local","SystemName":"DB-07","AccountName":"oracle",
        "AccessRequestType":"Password","RequestedDurationHours":1,"ReasonCode":"Maintenance","ReasonComment":"disk full",
        "IsEmergency":false,"TicketNumber":"CHG-1"}"#;
    let made = sg.a2a(body).is(201).json();
    assert_eq!(made["State"], "RequestAvailable");
    assert_eq!(made["DurationInMinutes"], 60);
    assert_eq!(made["RequesterId"], 55);
    assert_eq!(made["ReasonCode"]["Id"], 3);
    let record = sg.0.record();
    assert_eq!(record.kind, "credential");
    assert_eq!(record.requested_for.as_deref(), Some("jdoe"));
}
