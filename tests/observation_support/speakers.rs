//! Whose server it is that a dialect is spoken with, and which reading of it: the three sandboxes, Vaultline's own server,
//! and what a variant's server does otherwise than its vendor's others.
use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use pamgate::dialect::Files;
use pamgate::sandbox::Vendor;
use serde_json::{Map, Value, json};

/// Whose server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum House {
    BeyondTrust,
    CyberArk,
    Safeguard,
    /// Made up: tests/fourth.
    Vaultline,
}

impl House {
    pub const ALL: [House; 4] = [House::BeyondTrust, House::CyberArk, House::Safeguard, House::Vaultline];

    /// Of a label: `safeguard/v3`.
    pub fn of(label: &str) -> House {
        let name = label.split('/').next().unwrap_or_default();
        let found = House::ALL.into_iter().find(|house| house.to_string() == name);
        found.unwrap_or_else(|| panic!("{label} is nobody's"))
    }

    /// The sandbox of the library; Vaultline has none there.
    pub fn vendor(self) -> Option<Vendor> {
        match self {
            House::BeyondTrust => Some(Vendor::BeyondTrust),
            House::CyberArk => Some(Vendor::CyberArk),
            House::Safeguard => Some(Vendor::Safeguard),
            House::Vaultline => None,
        }
    }
}

impl fmt::Display for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            House::BeyondTrust => "beyondtrust",
            House::CyberArk => "cyberark",
            House::Safeguard => "safeguard",
            House::Vaultline => "vaultline",
        })
    }
}

/// The tables and schemas of all four.
pub fn files() -> &'static Files {
    static FILES: LazyLock<Files> = LazyLock::new(|| {
        let fourth = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fourth");
        let mut files = Files::built_in();
        files
            .add_mappings(&fourth.join("mappings"))
            .unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
        files.add_schemas(&fourth.join("schemas")).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
        files
    });
    &FILES
}

/// What a server does otherwise than its vendor's others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    Usual,
    /// BeyondTrust as its page says: a created request is answered by an object.
    Object,
    /// CyberArk as its page's table says: `MultipleAccess` counts.
    MultipleAccess,
    /// Safeguard before 7.0: it knows the older names of its properties only.
    OlderNames,
    /// Vaultline before 2.3: likewise.
    OlderReference,
}

/// A server that is spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Speaker {
    pub house: House,
    reading: Reading,
}

impl Speaker {
    /// The own server of callers of a label. What the page of a vendor names in two ways, its clients may: so their own
    /// server takes both.
    pub fn own(label: &str) -> Speaker {
        let reading = match label {
            "beyondtrust/page" => Reading::Object,
            "cyberark/page" => Reading::MultipleAccess,
            _ => Reading::Usual,
        };
        Speaker { house: House::of(label), reading }
    }

    /// The server that a label's dialect is for.
    pub fn upstream(label: &str) -> Speaker {
        let reading = match label {
            "safeguard/v3" => Reading::OlderNames,
            "vaultline/legacy" => Reading::OlderReference,
            label => return Speaker::own(label),
        };
        Speaker { house: House::of(label), reading }
    }

    /// A body as this server reads it, in the words of its vendor's others.
    pub fn reads<'b>(&self, body: &'b str) -> Cow<'b, str> {
        let change: fn(&mut Map<String, Value>) = match self.reading {
            Reading::Usual | Reading::Object => return Cow::Borrowed(body),
            Reading::MultipleAccess => |body| {
                let named = |body: &Map<String, Value>, name: &str| {
                    body.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()
                };
                if named(body, "MultipleAccessRequired").is_none_or(|name| body[&name].is_null())
                    && let Some(value) =
                        named(body, "MultipleAccess").and_then(|name| body.shift_remove(&name))
                {
                    body.insert("MultipleAccessRequired".into(), value);
                }
            },
            Reading::OlderNames => |body| {
                const NEWER: [&str; 4] = ["AssetId", "AssetName", "AccountAssetId", "AccountAssetName"];
                body.retain(|name, _| !NEWER.iter().any(|newer| newer.eq_ignore_ascii_case(name)));
            },
            Reading::OlderReference => |body| {
                if let Some(Value::Object(resource)) = body.get_mut("resource") {
                    resource.shift_remove("ref");
                }
            },
        };
        match serde_json::from_str(body) {
            Ok(Value::Object(mut members)) => {
                change(&mut members);
                Cow::Owned(Value::from(members).to_string())
            }
            _ => Cow::Borrowed(body),
        }
    }

    /// Its answer to a creation.
    pub fn answers(&self, status: u16, body: String) -> String {
        match (self.reading, serde_json::from_str(&body)) {
            (Reading::Object, Ok(Value::Number(id))) if status < 300 => {
                json!({ "RequestID": id }).to_string()
            }
            _ => body,
        }
    }
}
