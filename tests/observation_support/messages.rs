//! The requests that are tried: a valid message, and around it every value that its schema suggests, at up to so many
//! places at once.
//!
//! Start at [`Form::all`] and [`Form::each`]. What a schema can't know, the ids and names of an inventory, its dates
//! and the other vendors' limits, stands in [`more`].
use std::ops::ControlFlow;
use std::sync::LazyLock;

use pamgate::dialect::Files;
use pamgate::sandbox::Vendor;
use serde_json::{Map, Value, json};

use super::crosswalks;
use crate::schema_support::{Loosely, Place, places, put};

/// A valid message of a vendor, and what else may stand in it.
#[derive(Debug)]
pub struct Form {
    pub vendor: Vendor,
    pub name: &'static str,
    pub path: &'static str,
    pub body: Map<String, Value>,
    /// The number of the crosswalk that it is tried with.
    pub crosswalk: usize,
    places: Vec<(Place, Tried)>,
}

/// What may stand at a place instead; none: nothing does.
#[derive(Debug, Default)]
struct Tried {
    /// What the place itself takes.
    fit: Vec<Option<Value>>,
    /// What it doesn't, and null, which is an absence: tried one at a time, for nothing beside it makes it fit.
    unfit: Vec<Option<Value>>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Message<'f> {
    pub form: &'f Form,
    pub body: Map<String, Value>,
    /// At how many places it was changed.
    pub changed: usize,
}

impl Message<'_> {
    pub fn text(&self) -> String {
        serde_json::to_string(&self.body).unwrap()
    }

    /// How many of its properties are not the form's.
    pub fn distance(&self) -> usize {
        let other = |(name, value): &(&String, &Value)| self.form.body.get(*name) != Some(*value);
        self.body.iter().filter(other).count()
    }

    /// The call, for people and for the sandboxes: method and path.
    pub fn call(&self) -> String {
        format!("POST {}", self.form.path)
    }
}

const BEYONDTRUST: &str = "/BeyondTrust/api/public/v3/Requests";
const BEYONDTRUST_ALIAS: &str = "/BeyondTrust/api/public/v3/Aliases/301/Requests";
const CYBERARK: &str = "/PasswordVault/API/MyRequests";
const SAFEGUARD: &str = "/service/a2a/v4/AccessRequests";

/// 2026-01-05T09:00:00Z, when all clocks of the tests stand still.
const NOW: i64 = 1_767_603_600;

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let form = |vendor: Vendor, name, path, body: Value| {
        let message = if path == BEYONDTRUST_ALIAS { "create-by-alias" } else { "create" };
        Form::new(vendor, name, path, message, body)
    };
    let beyondtrust = |name, path, body| form(Vendor::BeyondTrust, name, path, body);
    let cyberark = |name, body| form(Vendor::CyberArk, name, CYBERARK, body);
    let safeguard = |name, body| form(Vendor::Safeguard, name, SAFEGUARD, body);
    let odd = (1..crosswalks::MANY).flat_map(|crosswalk| {
        let all = [
            beyondtrust(
                "in an odd crosswalk",
                BEYONDTRUST,
                json!({ "SystemID": 14, "AccountID": 1032, "DurationMinutes": 60, "TicketSystemID": 8,
                    "AccessPolicyScheduleID": 22 }),
            ),
            beyondtrust(
                "by alias in an odd crosswalk",
                BEYONDTRUST_ALIAS,
                json!({ "DurationMinutes": 60, "TicketSystemID": 8, "AccessPolicyScheduleID": 22 }),
            ),
            beyondtrust(
                "an application in an odd crosswalk",
                BEYONDTRUST,
                json!({ "AccessType": "App", "SystemID": 20, "AccountID": 1046, "ApplicationID": 61,
                    "DurationMinutes": 60 }),
            ),
            cyberark(
                "in an odd crosswalk",
                json!({ "accountId": "12_3", "MultipleAccessRequired": true, "TicketingSystemName": "Jira" }),
            ),
            cyberark(
                "by alias in an odd crosswalk",
                json!({ "accountId": "17_2", "MultipleAccessRequired": true, "TicketingSystemName": "Jira" }),
            ),
            safeguard(
                "in an odd crosswalk",
                json!({ "ForUserId": 55, "AssetId": 2107, "AccountId": 5512, "AccessRequestType": "Password",
                    "ReasonCodeId": 4 }),
            ),
        ];
        all.map(|form| Form { crosswalk, ..form })
    });
    let usual = vec![
        beyondtrust(
            "by ids",
            BEYONDTRUST,
            json!({ "SystemID": 14, "AccountID": 1032, "DurationMinutes": 60 }),
        ),
        beyondtrust("by alias", BEYONDTRUST_ALIAS, json!({ "DurationMinutes": 60 })),
        beyondtrust(
            "an application",
            BEYONDTRUST,
            json!({ "AccessType": "App", "SystemID": 20, "AccountID": 1045, "ApplicationID": 61, "DurationMinutes": 60 }),
        ),
        beyondtrust(
            "everything said",
            BEYONDTRUST,
            json!({ "AccessType": "SSH", "SystemID": 14, "AccountID": 1032, "DurationMinutes": 60, "Reason": "disk full",
                "AccessPolicyScheduleID": 21, "ConflictOption": "reuse", "TicketSystemID": 7, "TicketNumber": "CHG-4711",
                "RotateOnCheckin": false }),
        ),
        cyberark("nothing but the account", json!({ "accountId": "12_3" })),
        cyberark(
            "an hour, as often as need be",
            json!({ "accountId": "12_3", "reason": "disk full", "TicketingSystemName": "ServiceNow",
                "TicketId": "CHG-4711", "MultipleAccessRequired": true, "FromDate": NOW, "ToDate": NOW + 3600 }),
        ),
        cyberark(
            "an account that another vendor knows by its alias",
            json!({ "accountId": "17_2", "MultipleAccessRequired": true, "ToDate": NOW + 3600 }),
        ),
        cyberark(
            "a session",
            json!({ "accountId": "14_2", "reason": "patch", "MultipleAccessRequired": true, "UseConnect": true,
                "ConnectionComponent": "PSM-RDP", "ConnectionParams": {"PSMRemoteMachine": {"value": "app02"}},
                "AdditionalInfo": {"Reference No": "77"}, "ToDate": NOW + 7200 }),
        ),
        cyberark(
            "a session at an account that another vendor knows by its alias",
            json!({ "accountId": "17_2", "MultipleAccessRequired": true, "UseConnect": true,
                "ConnectionComponent": "PSM-SSH", "ConnectionParams": {"PSMRemoteMachine": {"value": "app02"}} }),
        ),
        safeguard(
            "by ids",
            json!({ "ForUserId": 55, "AssetId": 2107, "AccountId": 5512, "AccessRequestType": "Password" }),
        ),
        safeguard(
            "by names",
            json!({ "ForUser": "jdoe", "ForProvider": "local", "AssetName": "DB-07", "AccountName": "oracle",
                "AccessRequestType": "Password", "RequestedDurationMinutes": 30 }),
        ),
        safeguard(
            "by the older names",
            json!({ "ForUserName": "jdoe", "SystemId": 2107, "AccountName": "oracle", "AccountSystemName": "DB-07",
                "AccessType": "Ssh", "RequestedDuration": "0:1:30" }),
        ),
        safeguard(
            "an account that another vendor knows by its alias",
            json!({ "ForUser": "jdoe", "AssetId": 2113, "AccountId": 5526, "AccessRequestType": "Password",
                "RequestedDurationHours": 1 }),
        ),
        safeguard(
            "an application",
            json!({ "ForUser": "jdoe", "AssetId": 2113, "AccountId": 5525, "RequestedDurationHours": 1,
                "AccessRequestType": "RemoteDesktopApplication" }),
        ),
        safeguard(
            "two who must approve",
            json!({ "ForUser": "jdoe", "AssetId": 2112, "AccountId": 5524, "AccessRequestType": "Ssh",
                "RequestedDurationHours": 1 }),
        ),
        safeguard(
            "an account of a domain",
            json!({ "ForUser": "jdoe", "AssetId": 2109, "AccountId": 5521, "AccessRequestType": "Password",
                "RequestedDurationHours": 1 }),
        ),
        safeguard(
            "everything said",
            json!({ "ForUser": "jdoe", "AssetId": 2107, "AccountId": 5512, "AccessRequestType": "Password",
                "RequestedDurationDays": 1, "RequestedDurationHours": 2, "RequestedDurationMinutes": 3,
                "ReasonCodeId": 3, "ReasonComment": "disk full", "IsEmergency": true, "TicketNumber": "CHG-4711" }),
        ),
    ];
    usual.into_iter().chain(odd).collect()
});

impl Form {
    /// All of a vendor's.
    pub fn all(vendor: Vendor) -> impl Iterator<Item = &'static Form> {
        FORMS.iter().filter(move |form| form.vendor == vendor)
    }

    fn new(vendor: Vendor, name: &'static str, path: &'static str, message: &str, body: Value) -> Form {
        let files = Files::built_in();
        let schema = &files.schemas[&(vendor.to_string(), message.to_owned())];
        let schema: Value = serde_json::from_str(&schema.text).unwrap();
        let Value::Object(body) = body else { panic!("no object") };
        let how = Loosely { null: true, values: true };
        let places = places(&schema).into_iter().filter(|place| place.name().is_some());
        let places = places.map(|place| {
            let name = place.name().unwrap();
            let mut values = place.values(how);
            values.extend(more(vendor, name).into_iter().map(Some));
            let stands = body.get(name).cloned();
            let mut tried = Tried::default();
            for value in values.into_iter().filter(|value| *value != stands) {
                let fit = value.as_ref().is_none_or(|value| place.takes(value, how));
                let list = if fit { &mut tried.fit } else { &mut tried.unfit };
                if !list.contains(&value) {
                    list.push(value);
                }
            }
            (place, tried)
        });
        let places = places.collect();
        Form { vendor, name, path, body, crosswalk: 0, places }
    }

    /// The message itself, and all that differ from it at up to so many places.
    pub fn each(
        &'static self,
        breadth: usize,
        see: &mut dyn FnMut(Message<'static>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.vary(&self.body, 0, (0, breadth), see)
    }

    /// At how many places at once its messages differ: what a crosswalk lacks, or a policy wants, shows at one.
    pub fn breadth(&self, breadth: usize) -> usize {
        let narrow =
            self.crosswalk > 0 || ["two who must approve", "an account of a domain"].contains(&self.name);
        if narrow { breadth.min(1) } else { breadth }
    }

    fn vary(
        &'static self,
        body: &Map<String, Value>,
        from: usize,
        (changed, breadth): (usize, usize),
        see: &mut dyn FnMut(Message<'static>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        see(Message { form: self, body: body.clone(), changed })?;
        if changed == breadth {
            return ControlFlow::Continue(());
        }
        for (at, (place, tried)) in self.places.iter().enumerate().skip(from) {
            let with = |value: &Option<Value>| {
                let mut changed = body.clone();
                put(&mut changed, &place.path, value.as_ref());
                changed
            };
            for value in &tried.fit {
                self.vary(&with(value), at + 1, (changed + 1, breadth), see)?;
            }
            if changed == 0 {
                let message = |value| Message { form: self, body: with(value), changed: 1 };
                tried.unfit.iter().try_for_each(|value| see(message(value)))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Messages with less in them, or less that is out of the ordinary: the nearest first.
    pub fn smaller(&'static self, message: &Message<'static>) -> Vec<Message<'static>> {
        let mut found = Vec::new();
        let mut add = |body: Map<String, Value>| {
            if body != message.body {
                found.push(Message { form: self, body, changed: message.changed });
            }
        };
        for name in message.body.keys() {
            let mut less = message.body.clone();
            less.shift_remove(name);
            add(less);
        }
        for (name, value) in &self.body {
            let mut back = message.body.clone();
            if back.contains_key(name) {
                back.insert(name.clone(), value.clone());
                add(back);
            }
        }
        found
    }

    /// The properties that are tried.
    pub fn properties(&self) -> impl Iterator<Item = &str> {
        self.places.iter().filter_map(|(place, _)| place.name())
    }
}

/// What the schema can't suggest: things of the inventories, dates around the clock, and the other vendors' limits.
fn more(vendor: Vendor, name: &str) -> Vec<Value> {
    let all = match (vendor, name) {
        (Vendor::BeyondTrust, "SystemID") => json!([15, 20]),
        (Vendor::BeyondTrust, "AccountID") => json!([1033, 1034, 1040, 1045]),
        (Vendor::BeyondTrust, "ApplicationID") => json!([61, 62]),
        // 31 days is the most that Safeguard takes.
        (Vendor::BeyondTrust, "DurationMinutes") => json!([44_640, 44_641]),
        (Vendor::BeyondTrust, "TicketSystemID") => json!([7, 8]),
        (Vendor::BeyondTrust, "AccessPolicyScheduleID") => json!([21]),
        (Vendor::BeyondTrust, "Reason") => json!(["a < b", long(970)]),
        (Vendor::CyberArk, "accountId") => json!(["12_4", "12_5", "16_1", "17_1", "18_1", "99_9"]),
        (Vendor::CyberArk, "reason") => json!([long(950), long(1000), long(1001)]),
        (Vendor::CyberArk, "TicketingSystemName") => json!(["ServiceNow", "Jira"]),
        (Vendor::CyberArk, "TicketId") => json!([long(20), long(21)]),
        (Vendor::CyberArk, "FromDate") => json!([NOW - 3600, NOW, NOW + 86_400]),
        (Vendor::CyberArk, "ToDate") => json!([
            NOW - 60,
            NOW,
            NOW + 30,
            NOW + 60,
            NOW + 3659,
            NOW + 90_000,
            NOW + 31 * 86_400,
            NOW + 31 * 86_400 + 60,
            NOW + 365 * 86_400,
            NOW + 365 * 86_400 + 59,
            NOW + 365 * 86_400 + 60,
        ]),
        (Vendor::CyberArk, "AdditionalInfo") => json!([
            {"Emergency": "Yes", "Change Owner": "Lee"},
            {"Reference No": "<77>"},
            {"Colour": "blue"},
            {"Emergency": 1},
        ]),
        (Vendor::CyberArk, "ConnectionComponent") => {
            json!(["PSM-RDP", "psm-rdp", "PSM-SSH", "PSM-WinSCP", "None"])
        }
        (Vendor::CyberArk, "ConnectionParams") => json!([
            {"LogonDomain": {"value": "corp"}, "AllowMappingLocalDrives": {"value": "Yes", "ShouldSave": true}},
            {"LogonDomain": {"value": 1}},
            {"LogonDomain": "corp"},
        ]),
        (Vendor::Safeguard, "ForUserId") => json!([55, 56, 61]),
        (Vendor::Safeguard, "ForUser" | "ForUserName") => json!(["jdoe", "JDOE", "rboth", "outsider"]),
        (Vendor::Safeguard, "ForProvider") => json!(["local", "LOCAL", "corp.example"]),
        (Vendor::Safeguard, "AssetId" | "SystemId" | "AccountAssetId" | "AccountSystemId") => {
            json!([2107, 2113])
        }
        (Vendor::Safeguard, "AssetName" | "SystemName" | "AccountAssetName" | "AccountSystemName") => {
            json!(["DB-07", "db-07", "10.0.7.7", "ERP"])
        }
        (Vendor::Safeguard, "AccountId") => json!([5513, 5514, 5525, 5526]),
        (Vendor::Safeguard, "AccountName") => json!(["oracle", "ORACLE", "root", "erpadmin"]),
        (Vendor::Safeguard, "RequestedDuration") => json!(["0:1:30", "31:0:0", "31:0:1", "0:0:60", "1:2"]),
        (Vendor::Safeguard, "RequestedFor") => json!([
            "2026-01-05T08:00:00Z",
            "2026-01-05T09:00:00Z",
            "2026-02-01T00:00:00Z",
            "2026-02-01 03:04:05Z",
            "2026-02-01T00:00:00.5Z",
            "2026-02-01T02:00:00+02:00",
            "2026-02-01T00:00:00",
        ]),
        (Vendor::Safeguard, "ReasonCodeId") => json!([3, 9]),
        (Vendor::Safeguard, "ReasonCode") => json!(["Maintenance", "incident"]),
        (Vendor::Safeguard, "ReasonComment") => json!(["a < b", long(970)]),
        (Vendor::Safeguard, "TicketNumber") => json!([long(20), long(21)]),
        _ => json!([]),
    };
    let Value::Array(all) = all else { panic!("no list") };
    all
}

fn long(many: usize) -> String {
    "y".repeat(many)
}
