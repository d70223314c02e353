//! What is asked for, in all the spellings that clients use.

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::Offset};
use serde_json::Value;

use super::super::wire::{Fields, Reply, Wrong};
use super::{error, invalid};

/// A thing by id, else by name.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) id: Option<i64>,
    pub(super) name: Option<String>,
}

impl Given {
    pub(super) fn is_none(&self) -> bool {
        self.id.is_none() && self.name.is_none()
    }
}

/// A body whose types and limits are right.
pub(super) struct Wish {
    pub(super) user: Given,
    pub(super) provider: Option<String>,
    pub(super) asset: Given,
    pub(super) account: Given,
    pub(super) account_asset: Given,
    pub(super) kind: &'static str,
    /// Minutes; none given, or none but zeros (*unverified*): the policy's default.
    pub(super) minutes: Option<i64>,
    pub(super) starts: Option<Timestamp>,
    pub(super) reason_code: Given,
    pub(super) comment: Option<String>,
    pub(super) emergency: bool,
    pub(super) ticket: Option<String>,
}

impl Wish {
    pub(super) fn read(fields: &Fields) -> Result<Wish, Reply> {
        let kind = kind(fields)?;
        let mut reader = Reader { fields, wrong: Vec::new() };
        let wish = Wish {
            kind,
            user: reader.given(&["ForUserId"], &["ForUser", "ForUserName"]),
            provider: reader.text(&["ForProvider"]),
            asset: reader.given(&["AssetId", "SystemId"], &["AssetName", "SystemName"]),
            account: reader.given(&["AccountId"], &["AccountName"]),
            account_asset: reader
                .given(&["AccountAssetId", "AccountSystemId"], &["AccountAssetName", "AccountSystemName"]),
            minutes: reader.minutes(),
            starts: reader.starts(),
            reason_code: reader.given(&["ReasonCodeId"], &["ReasonCode"]),
            comment: reader.text(&["ReasonComment"]),
            emergency: reader.emergency(),
            ticket: reader.text(&["TicketNumber"]),
        };
        // ReasonComment ≤ 1000 [sgapi].
        if wish.comment.as_ref().is_some_and(|c| c.chars().count() > 1000) {
            reader.wrong.push(Wrong::new("ReasonComment", "may be at most 1000 characters"));
        }
        if reader.wrong.is_empty() { Ok(wish) } else { Err(invalid(&reader.wrong)) }
    }
}

/// Any case; `RDP` and `RDPApplication` are short forms of [sgps] that the server does not know: 70008.
fn kind(fields: &Fields) -> Result<&'static str, Reply> {
    const KINDS: [(&str, &str); 8] = [
        ("Password", "credential"),
        ("RemoteDesktop", "rdp"),
        ("Ssh", "ssh"),
        ("Telnet", "telnet"),
        ("SshKey", "ssh-key"),
        ("RemoteDesktopApplication", "application"),
        ("ApiKey", "api-key"),
        ("File", "file"),
    ];
    let mut found = None;
    for spelling in ["AccessRequestType", "AccessType"] {
        let Some(value) = fields.get(spelling) else { continue };
        let word = value.as_str().unwrap_or_default();
        let known = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        let (_, kind) = known.ok_or_else(|| {
            error(400, 70008, &format!("Invalid enum value {value} for property {spelling}."))
        })?;
        if found.is_some_and(|f| f != *kind) {
            return Err(invalid(&[Wrong::new(spelling, "contradicts AccessRequestType")]));
        }
        found = Some(*kind);
    }
    // That it must be given is *unverified*.
    found.ok_or_else(|| invalid(&[Wrong::new("AccessRequestType", "is required")]))
}

struct Reader<'a> {
    fields: &'a Fields,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn given(&mut self, ids: &[&str], names: &[&str]) -> Given {
        Given { id: self.one(ids, |fields, name| fields.integer(name, false)), name: self.text(names) }
    }

    /// An empty text names nothing.
    fn text(&mut self, spellings: &[&str]) -> Option<String> {
        let read = |fields: &Fields, name: &str| {
            let text = fields.text(name)?;
            Ok(text.filter(|t| !t.is_empty()).map(str::to_owned))
        };
        self.one(spellings, read)
    }

    /// Two names of one meaning with different values are an error.
    fn one<T: PartialEq>(
        &mut self,
        spellings: &[&str],
        read: impl Fn(&Fields, &str) -> Result<Option<T>, Wrong>,
    ) -> Option<T> {
        let mut found = None;
        for spelling in spellings {
            match read(self.fields, spelling) {
                Ok(None) => {}
                Ok(value) if found.is_none() || found == value => found = value,
                Ok(_) => {
                    let why = format!("contradicts {}", spellings.first().unwrap_or(spelling));
                    self.wrong.push(Wrong::new(spelling, why));
                }
                Err(wrong) => self.wrong.push(wrong),
            }
        }
        found
    }

    fn emergency(&mut self) -> bool {
        self.one(&["IsEmergency"], |fields, name| fields.boolean(name)).unwrap_or(false)
    }

    /// Days 0–31, hours 0–23, minutes 0–59, each checked alone, in sum at most 31 days [sgapi]; or all three as
    /// `RequestedDuration: "1:2:30"` [sgnet], beside which they may be missing, but not other.
    fn minutes(&mut self) -> Option<i64> {
        let mut parts = [None; 3];
        let limits = [("Days", 31, 1440), ("Hours", 23, 60), ("Minutes", 59, 1)];
        let whole = self.text(&["RequestedDuration"]).map(|text| self.parts(&text)).unwrap_or_default();
        let mut total = 0;
        for (at, (unit, limit, minutes)) in limits.into_iter().enumerate() {
            let name = format!("RequestedDuration{unit}");
            let given = self.one(&[&name], |fields, name| fields.integer(name, false));
            let from_whole = whole.get(at).copied().flatten();
            if given.is_some() && from_whole.is_some() && given != from_whole {
                self.wrong.push(Wrong::new(&name, "contradicts RequestedDuration"));
            }
            let value = given.or(from_whole);
            if value.is_some_and(|v| !(0..=limit).contains(&v)) {
                self.wrong.push(Wrong::new(&name, format!("must be between 0 and {limit}")));
                continue;
            }
            total += value.unwrap_or(0) * minutes;
            if let Some(part) = parts.get_mut(at) {
                *part = value;
            }
        }
        if total > 31 * 1440 {
            self.wrong.push(Wrong::new("RequestedDuration", "may be at most 31 days"));
        }
        (total > 0).then_some(total)
    }

    fn parts(&mut self, text: &str) -> [Option<i64>; 3] {
        let parts: Vec<Option<i64>> = text.split(':').map(|p| p.trim().parse().ok()).collect();
        match parts.as_slice() {
            [Some(days), Some(hours), Some(minutes)] => [Some(*days), Some(*hours), Some(*minutes)],
            _ => {
                self.wrong.push(Wrong::new("RequestedDuration", "must be days:hours:minutes"));
                [None; 3]
            }
        }
    }

    /// ISO 8601; without a zone it is UTC; [sgnet] writes a blank for the `T`.
    fn starts(&mut self) -> Option<Timestamp> {
        let text = self.text(&["RequestedFor"])?;
        let parsed = text.parse::<Timestamp>().ok().or_else(|| {
            let civil = text.parse::<DateTime>().ok()?;
            Offset::UTC.to_timestamp(civil).ok()
        });
        if parsed.is_none() {
            self.wrong.push(Wrong::new("RequestedFor", "is no ISO 8601 date and time"));
        }
        parsed
    }
}

/// The vendor's word for a kind of access.
pub(super) fn access_request_type(kind: &str) -> Value {
    Value::from(match kind {
        "rdp" => "RemoteDesktop",
        "ssh" => "Ssh",
        "telnet" => "Telnet",
        "ssh-key" => "SshKey",
        "application" => "RemoteDesktopApplication",
        "api-key" => "ApiKey",
        "file" => "File",
        _ => "Password",
    })
}
