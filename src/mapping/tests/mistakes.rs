//! Mistakes of one message, each with all that is said of it.

/// The usual rows that are left out, rows instead, what stands below them; and what is told.
pub(super) const MISTAKES: &[(&[&str], &str, &str, &str)] = &[
    (
        &["Reason"],
        r#"Reason = "reason.txt""#,
        r#""#,
        r#"unknown-field at t.toml:2:10: `reason.txt` is no canonical field of an access request
help: did you mean `reason.text`?"#,
    ),
    (
        &[],
        r#""#,
        r#"Reasn = "action.comment""#,
        r#"unknown-place at t.toml:14:1: the schema has no place `Reasn` (known here: Reason, Kind, Minutes, Once, From, Extra, SystemId, AssetId, AssetName, SystemName, Given, Needed)
help: did you mean `Reason`?"#,
    ),
    (
        &["Kind"],
        r#"Kind = { is = "access.kind", values = { credential = "view", "session.rdp" = "RDP" } }"#,
        r#""#,
        r#"value-not-in-schema at t.toml:2:54: the schema has no value `view` here (not one of View, RDP)
help: did you mean `View`?"#,
    ),
    (
        &["Kind"],
        r#"Kind = { is = "access.kind", values = { credental = "View", "session.rdp" = "RDP" } }"#,
        r#""#,
        r#"unknown-word at t.toml:2:41: `credental` is no word of `access.kind` (known: credential, credential.password, credential.ssh-key, credential.api-key, credential.file, session, session.rdp, session.ssh, session.telnet, session.application)
help: did you mean `credential`?"#,
    ),
    (
        &["Kind"],
        r#"Kind = { is = "access.kind", values = "kinds" }"#,
        r#"[values.kind]
credential = "View""#,
        r#"unknown-values at t.toml:2:39: there is no value set `kinds`
help: did you mean `kind`?"#,
    ),
    (
        &["Kind"],
        r#"Kind = { is = "access.kind", default = "SSH", values = { credential = "View" } }"#,
        r#""#,
        r#"default-unknown at t.toml:2:40: this default is no value that the row knows"#,
    ),
    (
        &["From"],
        r#""#,
        r#""#,
        r#"property-not-mapped at t.toml:3:1: the schema of `m` has the property `From`, which stands in no entry
help: add a row for `From`, or name it in `ignores` if the server takes no notice of it"#,
    ),
    (
        &[],
        r#"Note = "action.comment""#,
        r#""#,
        r#"unknown-place at t.toml:2:1: the schema has no place `Note` (known here: Reason, Kind, Minutes, Once, From, Extra, SystemId, AssetId, AssetName, SystemName, Given, Needed)"#,
    ),
    (
        &["AssetId", "AssetName"],
        r#"AssetId = { is = "target.system.id", also = ["SystemId"] }
AssetName = { is = "target.system.name", also = ["SystemId", "SystemName"] }"#,
        r#""#,
        r#"place-taken-twice at t.toml:3:50: two entries take the place `SystemId`
help: the other one stands in line 2"#,
    ),
    (
        &["Once"],
        r#"Once = "emergency""#,
        r#"[message.m.choose]
emergency = [["true", { Once = true }]]"#,
        r#"place-taken-twice at t.toml:14:25: two entries take the place `Once`
help: the other one stands in line 2
field-taken-twice at t.toml:14:1: two entries carry the field `emergency`
help: the other one stands in line 2; other spellings of one place belong in `also`"#,
    ),
    (
        &["SystemName", "AssetName"],
        r#"AssetName = "target.system.name"
SystemName = "target.system.name""#,
        r#""#,
        r#"field-taken-twice at t.toml:3:1: two entries carry the field `target.system.name`
help: the other one stands in line 2; other spellings of one place belong in `also`"#,
    ),
    (
        &["Minutes"],
        r#"Minutes = "window.length""#,
        r#""#,
        r#"unit-missing at t.toml:2:11: in which unit is this length?
help: add `unit = "minutes"` or another of: seconds, minutes, hours, days, iso8601"#,
    ),
    (
        &["Minutes"],
        r#"Minutes = { is = "window.length", unit = "minute" }"#,
        r#""#,
        r#"unknown-unit at t.toml:2:42: a unit is one of: seconds, minutes, hours, days, iso8601
help: did you mean `minutes`?"#,
    ),
    (
        &["Minutes"],
        r#"Minutes = { is = "window.length", unit = "iso8601" }"#,
        r#""#,
        r#"type-mismatch at t.toml:2:1: the schema's type at this place can't hold what the field holds
help: a length in ISO 8601 is a text, as in `PT1H30M`; a number needs `unit = "minutes"` or the like"#,
    ),
    (
        &["Minutes"],
        r#"Minutes = { is = "window.length", unit = "minutes", max = "PT8H" }"#,
        r#""#,
        r#"wrong-option at t.toml:2:59: `max` belongs to lengths with `unit = "iso8601"`
help: of a number, the schema has the `maximum`"#,
    ),
    (
        &["Reason", "Minutes"],
        r#"Reason = { is = "window.length", unit = "iso8601", max = "P1M" }"#,
        r#"[message.m]
ignores = ["Minutes"]"#,
        r#"wrong-length at t.toml:2:58: a length is written as in `P31D` or `PT2H`"#,
    ),
    (
        &["Reason", "Minutes"],
        r#"Reason = { is = "window.length", unit = "iso8601", default = "P1M" }"#,
        r#"[message.m]
ignores = ["Minutes"]"#,
        r#"default-unknown at t.toml:2:62: this default is no value that the row knows"#,
    ),
    (
        &["From"],
        r#"From = { is = "window.start", time = "unix", default = "soon" }"#,
        r#""#,
        r#"default-unknown at t.toml:2:56: this default is no value that the row knows"#,
    ),
    (
        &["Reason"],
        r#"Reason = { is = "reason.text", unit = "minutes" }"#,
        r#""#,
        r#"wrong-option at t.toml:2:39: `unit` belongs to fields that are lengths"#,
    ),
    (
        &["From"],
        r#"From = "window.start""#,
        r#""#,
        r#"time-format-missing at t.toml:2:1: how is this time written?
help: add `time = "…"`: unix, iso-utc, iso-plain"#,
    ),
    (
        &["From"],
        r#"From = { is = "window.start", time = "epoch" }"#,
        r#""#,
        r#"unknown-time-format at t.toml:2:38: `epoch` is no way of writing times (known: unix, iso-utc, iso-plain)"#,
    ),
    (
        &["Once"],
        r#"Once = "approvals.level""#,
        r#""#,
        r#"type-mismatch at t.toml:2:1: the schema's type at this place can't hold what the field holds
help: look at the schema's `type`"#,
    ),
    (
        &["Once"],
        r#"Once = { is = "multiple_use", defalt = false }"#,
        r#""#,
        r#"unknown-key at t.toml:2:31: `defalt` is no key here (known: is, default, values, unit, max, time, also, unless, unset, since)
help: did you mean `default`?"#,
    ),
    (
        &["Once"],
        r#"Once = 1"#,
        r#""#,
        r#"wrong-type at t.toml:2:8: expected a canonical field or a table, found an integer"#,
    ),
    (
        &["Once"],
        r#"Once = { was = "multiple_use" }"#,
        r#""#,
        r#"unknown-form at t.toml:2:8: a row is a field, or has exactly one of `is`, `sum`, `list`, `map`, `says`"#,
    ),
    (
        &["Extra"],
        r#"Extra = "extra""#,
        r#""#,
        r#"wrong-form at t.toml:2:1: `extra` holds more than one value
help: write `{ list = … }` or `{ map = … }`"#,
    ),
    (
        &["AssetName"],
        r#"AssetName = { is = "target.system.name", unless = "Extra", also = ["SystemName"] }"#,
        r#""#,
        r#"wrong-option at t.toml:2:51: no row reads `Extra` as a single value"#,
    ),
    (
        &["AssetName"],
        r#"AssetName = { is = "target.system.name", unless = "AsetId", also = ["SystemName"] }"#,
        r#""#,
        r#"unknown-place at t.toml:2:51: the schema has no place `AsetId` (known here: Reason, Kind, Minutes, Once, From, Extra, SystemId, AssetId, AssetName, SystemName, Given, Needed)
help: did you mean `AssetId`?"#,
    ),
    (
        &["Needed"],
        r#"Needed = { sum = ["approvals.given", "window.length"] }"#,
        r#""#,
        r#"type-mismatch at t.toml:2:1: a sum is of a time and a length, or of two numbers"#,
    ),
    (
        &["Needed"],
        r#"Needed = { sum = ["approvals.given"] }"#,
        r#""#,
        r#"wrong-form at t.toml:2:1: a sum is of two fields"#,
    ),
    (
        &["Kind", "Once"],
        r#""#,
        r#"[message.m.choose]
"access.kind" = [["credential", { Kind = "View", Once = "*" }], ["session.rdp", { Kind = "RDP", Once = "*" }], ["credential", { Kind = "View", Once = true }]]"#,
        r#"case-unreachable at t.toml:13:112: nothing ever reaches this case: earlier ones take all that it would read or write
help: move it up, or take it out"#,
    ),
    (
        &[],
        r#""#,
        r#"[message.m.always]
rotate_on_check_in = "yes""#,
        r#"type-mismatch at t.toml:15:22: this is not what the field holds"#,
    ),
    (
        &[],
        r#""#,
        r#"[message.m.blank]
Given = "none""#,
        r#"wrong-blank at t.toml:15:9: this is no JSON
help: a text needs quotes of its own: `'""'`"#,
    ),
    (
        &[],
        r#""#,
        r#"[message.m.blank]
Given = "now""#,
        r#"wrong-option at t.toml:15:9: `now` belongs to a place that a row of a time takes"#,
    ),
    (
        &[],
        r#""#,
        r#"[message.m.blank]
Reason = { value = '""', meant = true }"#,
        r#"wrong-option at t.toml:15:34: `meant` is for a number at a place that a row of a count takes"#,
    ),
    (
        &["Reason"],
        r#"Reason = { says = ["because"] }"#,
        r#""#,
        r#"unknown-field at t.toml:2:19: this names no canonical field: write `{field}`, or a field's name alone"#,
    ),
    (
        &["Reason"],
        r#"Reason = { says = ["{reason.text"] }"#,
        r#""#,
        r#"wrong-template at t.toml:2:20: this brace is never closed"#,
    ),
    (
        &["Reason"],
        r#"Reason = { says = ["{reason.txt}"] }"#,
        r#""#,
        r#"unknown-field at t.toml:2:20: `reason.txt` is no canonical field of an access request
help: did you mean `reason.text`?"#,
    ),
    (
        &["Extra"],
        r#"Extra = { list = "requests", of = "n" }"#,
        r#""#,
        r#"wrong-type at t.toml:2:1: the schema has no list at this place"#,
    ),
    (
        &[],
        r#""#,
        r#"[message.m.sum."reason.text"]
minutes = "Minutes""#,
        r#"type-mismatch at t.toml:14:16: only a length is a sum of places"#,
    ),
    (
        &["Minutes"],
        r#""#,
        r#"[message.m.sum."window.length"]
minutes = "Minutes"
max = "a month""#,
        r#"wrong-length at t.toml:15:7: a length is written as in `P31D` or `PT2H`"#,
    ),
    (
        &["Once"],
        r#""#,
        r#"[message.m.choose]
multiple_use = [["sometimes", { Once = true }]]"#,
        r#"unknown-word at t.toml:14:18: `sometimes` is no word of `multiple_use` (known: true, false)"#,
    ),
    (
        &["Once"],
        r#""#,
        r#"[message.m.choose]
multiple_use = [["true", { Onse = true }]]"#,
        r#"unknown-place at t.toml:14:28: the schema has no place `Onse` (known here: Reason, Kind, Minutes, Once, From, Extra, SystemId, AssetId, AssetName, SystemName, Given, Needed)
help: did you mean `Once`?"#,
    ),
    (
        &[],
        r#""#,
        r#"[message.m.sum."window.length"]
minutes = "Minutes""#,
        r#"place-taken-twice at t.toml:15:11: two entries take the place `Minutes`
help: the other one stands in line 5
field-taken-twice at t.toml:14:16: two entries carry the field `window.length`
help: the other one stands in line 5; other spellings of one place belong in `also`"#,
    ),
    (
        &["Once"],
        r#""#,
        r#"[message.m]
ignores = ["Once"]
blanks = []"#,
        r#"unknown-key at t.toml:15:1: `blanks` is no key here (known: rows, sum, choose, always, blank, ignores)
help: did you mean `blank`?"#,
    ),
    (
        &["Reason"],
        r#""#,
        r#"[message.m]
ignores = ["Reason", "Reson"]"#,
        r#"unknown-place at t.toml:14:22: the schema has no place `Reson` (known here: Reason, Kind, Minutes, Once, From, Extra, SystemId, AssetId, AssetName, SystemName, Given, Needed)
help: did you mean `Reason`?"#,
    ),
    (
        &["AssetName"],
        r#"AssetName = { is = "target.system.name", unless = "AssetName", also = ["SystemName"] }"#,
        r#""#,
        r#"wrong-option at t.toml:2:51: each of the two yields to the other, so that neither is read where both stand"#,
    ),
    (
        &[],
        r#""#,
        r#"[message.m.blank]
Once = "[]""#,
        r#"value-not-in-schema at t.toml:15:8: the schema takes no array here (it takes boolean)"#,
    ),
];
