//! What is asked: the caller's own bytes, for accounts of the built-in inventories (docs/sandbox.md).
use pamgate::sandbox::Vendor;

#[derive(Debug)]
pub struct Case {
    pub name: &'static str,
    pub body: &'static str,
    /// Where it can't go: that server has no place for what is asked, and the gateway refuses.
    pub not_to: Option<Vendor>,
}

const fn case(name: &'static str, body: &'static str) -> Case {
    Case { name, body, not_to: None }
}

impl Case {
    pub fn goes_to(&self, upstream: Vendor) -> bool {
        self.not_to != Some(upstream)
    }
}

pub fn of(caller: Vendor) -> &'static [Case] {
    match caller {
        Vendor::CyberArk => CYBERARK,
        Vendor::Safeguard => SAFEGUARD,
        Vendor::BeyondTrust => &[],
    }
}

/// 2026-01-05T09:00:00Z is 1767603600.
const CYBERARK: &[Case] = &[
    case(
        "an hour, with reason and ticket",
        r#"{"accountId":"12_3","reason":"disk full","TicketingSystemName":"ServiceNow","TicketId":"CHG-4711",
            "MultipleAccessRequired":true,"FromDate":1767603600,"ToDate":1767607200}"#,
    ),
    case("nothing but the account", r#"{"accountId":"12_3"}"#),
    case(
        "a ticket without a reason",
        r#"{"accountId":"12_3","TicketingSystemName":"ServiceNow","TicketId":"CHG-4711"}"#,
    ),
    case(
        "an RDP session, with a remote machine and details",
        r#"{"accountId":"14_2","reason":"patch","UseConnect":true,"ConnectionComponent":"PSM-RDP",
            "ConnectionParams":{"PSMRemoteMachine":{"value":"app02"}},"FromDate":1767603600,"ToDate":1767607200,
            "AdditionalInfo":{"Emergency":"Yes","Reference No":"77","Change Owner":"Lee"}}"#,
    ),
    case(
        "an SSH session",
        r#"{"accountId":"12_3","reason":"patch","UseConnect":true,"ConnectionComponent":"PSM-SSH"}"#,
    ),
    case(
        "one approver, and pending",
        r#"{"accountId":"12_4","reason":"disk full","FromDate":1767603600,"ToDate":1767607200}"#,
    ),
    case("two levels of approvers, and pending", r#"{"accountId":"16_1","reason":"disk full"}"#),
    Case {
        name: "from tomorrow on",
        body: r#"{"accountId":"12_3","reason":"patch","FromDate":1767690000,"ToDate":1767693600}"#,
        not_to: Some(Vendor::BeyondTrust),
    },
];

const SAFEGUARD: &[Case] = &[
    case(
        "an hour, with reason and ticket",
        r#"{"ForUser":"jdoe","AssetId":2107,"AccountId":5512,"AccessRequestType":"Password","RequestedDurationHours":1,
            "ReasonComment":"disk full","TicketNumber":"CHG-4711"}"#,
    ),
    case(
        "nothing but user, account and kind",
        r#"{"ForUserId":55,"AssetId":2107,"AccountId":5512,"AccessRequestType":"Password"}"#,
    ),
    case(
        "everything by its name",
        r#"{"ForUser":"jdoe","ForProvider":"local","AssetName":"DB-07","AccountName":"oracle",
            "AccessRequestType":"Password","RequestedDurationMinutes":30}"#,
    ),
    case(
        "an RDP session, and an emergency",
        r#"{"ForUser":"jdoe","AssetId":2110,"AccountId":5522,"AccessRequestType":"RemoteDesktop",
            "RequestedDurationHours":2,"IsEmergency":true,"ReasonComment":"patch"}"#,
    ),
    case(
        "one approver, and pending",
        r#"{"ForUser":"jdoe","AssetId":2107,"AccountId":5513,"AccessRequestType":"Password","RequestedDurationHours":1}"#,
    ),
    case(
        "two approvers, and pending",
        r#"{"ForUser":"jdoe","AssetId":2112,"AccountId":5524,"AccessRequestType":"Ssh","RequestedDurationHours":1}"#,
    ),
    Case {
        name: "from tomorrow on",
        body: r#"{"ForUser":"jdoe","AssetId":2107,"AccountId":5512,"AccessRequestType":"Password",
            "RequestedDurationHours":1,"RequestedFor":"2026-01-06T09:00:00Z"}"#,
        not_to: Some(Vendor::BeyondTrust),
    },
];
