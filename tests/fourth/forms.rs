//! The whole of the language, as a list; the fourth dialect uses each of it, and no part is for one vendor alone.
use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::folder;

/// Every form and option, as [`Uses`] names them.
#[rustfmt::skip]
const FORMS: &[&str] = &[
    "dialect.title", "dialect.base", "dialect.any_case", "dialect.null", "dialect.integers", "dialect.session", "dialect.fault", "dialect.fault_type",
    "caller.header", "caller.scheme", "caller.secret", "caller.user",
    "upstream.asks", "upstream.headers", "upstream.over", "upstream.sign_in", "upstream.sign_out",
    "sign_in.at", "sign_in.ok", "sign_in.headers", "sign_in.body", "sign_in.keep",
    "mint.as", "mint.otherwise", "mint.from", "mint.{number}", "mint.{hex}", "mint.{field}",
    "find.by", "find.else", "find.name", "find.address", "find.any-text",
    "fault.status", "fault.code", "fault.text", "fault.list",
    "operation.routes", "operation.query", "operation.reply", "operation.again", "operation.faults",
    "route.at", "route.send", "route.{field}", "reply.status", "reply.message", "reply.list",
    "again.by", "again.say", "again.match",
    "values", "variant",
    "message.rows", "message.sum", "message.choose", "message.always", "message.blank", "message.ignores",
    "row", "row.is", "row.sum", "row.list", "row.map", "row.says", "place.inside",
    "is.values", "is.values.named", "is.values.list", "is.default", "is.unit", "is.max", "is.time", "is.since", "is.unset", "is.also", "is.unless",
    "unit.seconds", "unit.minutes", "unit.iso8601",
    "time.unix", "time.iso-utc", "time.iso-plain",
    "sum.time", "sum.since", "sum.unset",
    "parts.days", "parts.hours", "parts.minutes", "parts.seconds", "parts.max", "parts.also", "parts.unset",
    "case.value", "case.list", "case.*", "case.value-or-*", "case.{field}", "case.nothing",
    "list.of", "list.named", "map.of",
    "says.pieces", "says.inside", "says.values", "says.unit",
    "blank.plain", "blank.value", "blank.now", "blank.beside", "blank.otherwise", "blank.meant", "blank.says", "blank.values",
];

/// What one dialect alone uses, and the fourth can't beside its own: each is a value of an option that others use with
/// another value.
const OF_ONE: &[&str] = &["keep.cookies", "keep.token"];

/// What a table uses of the language.
#[derive(Default)]
struct Uses(BTreeSet<String>);

impl Uses {
    fn of(text: &str) -> BTreeSet<String> {
        let table: Table = text.parse().expect("a table");
        let mut uses = Uses::default();
        uses.dialect(&table);
        uses.operations(&table);
        for (_, message) in members(&table, "message") {
            uses.message(message.as_table().unwrap());
        }
        for (_, variant) in members(&table, "variant") {
            uses.note("variant");
            for (_, message) in members(variant.as_table().unwrap(), "message") {
                uses.message(message.as_table().unwrap());
            }
        }
        uses.0
    }

    fn note(&mut self, what: impl Into<String>) {
        self.0.insert(what.into());
    }

    /// The keys of a table, under a name.
    fn keys(&mut self, name: &str, table: &Table) {
        table.keys().for_each(|key| self.note(format!("{name}.{key}")));
    }

    fn dialect(&mut self, table: &Table) {
        for name in ["dialect", "caller", "upstream"] {
            table.get(name).and_then(Value::as_table).into_iter().for_each(|inner| self.keys(name, inner));
        }
        for word in texts(&table["dialect"], "any_case") {
            self.note(format!("any_case.{word}"));
        }
        if let Some(sign_in) = table.get("upstream").and_then(|upstream| upstream.get("sign_in")) {
            self.keys("sign_in", sign_in.as_table().unwrap());
            let keep = sign_in["keep"].as_str().unwrap();
            self.note(if keep.starts_with('/') { "keep.pointer".to_owned() } else { format!("keep.{keep}") });
        }
        for (_, mint) in members(table, "mint") {
            self.keys("mint", mint.as_table().unwrap());
            for template in ["as", "otherwise"].iter().filter_map(|key| mint.get(key)?.as_str()) {
                for name in braced(template) {
                    let known = name == "number" || name == "hex";
                    self.note(if known { format!("mint.{{{name}}}") } else { "mint.{field}".to_owned() });
                }
            }
        }
        for (_, find) in members(table, "find") {
            self.keys("find", find.as_table().unwrap());
            texts(find, "by").iter().for_each(|step| self.note(format!("find.{step}")));
        }
        for (_, set) in members(table, "values") {
            self.note("values");
            if set.as_table().unwrap().values().any(Value::is_array) {
                self.note("is.values.list");
            }
        }
        self.faults(members(table, "faults"));
    }

    fn faults<'t>(&mut self, faults: impl Iterator<Item = (&'t String, &'t Value)>) {
        for (_, fault) in faults {
            let is = fault.get("is").unwrap_or(fault);
            if is.is_array() {
                self.note("fault.list");
            }
            for one in listed(is).iter().filter_map(|one| one.as_str()) {
                self.note(if one.contains(' ') { "fault.code" } else { "fault.status" });
            }
            if fault.get("text").is_some() {
                self.note("fault.text");
            }
        }
    }

    fn operations(&mut self, table: &Table) {
        for (_, operation) in members(table, "operation") {
            let operation = operation.as_table().unwrap();
            self.keys("operation", operation);
            for route in operation["routes"].as_array().unwrap() {
                self.keys("route", route.as_table().unwrap());
                if !braced(route["at"].as_str().unwrap()).is_empty() {
                    self.note("route.{field}");
                }
            }
            for (_, reply) in members(operation, "reply") {
                if reply.is_array() {
                    self.note("reply.list");
                }
                let all: Vec<&str> = listed(reply).iter().filter_map(|one| one.as_str()).collect();
                all.iter().for_each(|one| {
                    self.note(if one.contains(' ') { "reply.message" } else { "reply.status" });
                });
            }
            operation
                .get("again")
                .into_iter()
                .for_each(|again| self.keys("again", again.as_table().unwrap()));
            self.faults(members(operation, "faults"));
        }
    }

    fn message(&mut self, message: &Table) {
        self.keys("message", message);
        for (place, row) in members(message, "rows") {
            self.place(place);
            self.row(row);
        }
        for (_, parts) in members(message, "sum") {
            self.keys("parts", parts.as_table().unwrap());
        }
        for (_, cases) in members(message, "choose") {
            let cases: Vec<&Table> =
                cases.as_array().unwrap().iter().map(|case| case[1].as_table().unwrap()).collect();
            let places: BTreeSet<&String> = cases.iter().flat_map(|case| case.keys()).collect();
            for case in cases {
                if case.len() < places.len() {
                    self.note("case.nothing");
                }
                case.values().for_each(|pattern| self.pattern(pattern));
            }
        }
        for (place, blank) in members(message, "blank") {
            self.place(place);
            self.blank(blank);
        }
    }

    fn place(&mut self, place: &str) {
        match place {
            "." => self.note("place.whole"),
            _ if place.contains('/') => self.note("place.inside"),
            _ => {}
        }
    }

    fn row(&mut self, row: &Value) {
        let Some(row) = row.as_table() else { return self.note("row") };
        let form = ["is", "sum", "list", "map", "says"].into_iter().find(|form| row.contains_key(*form));
        let form = form.expect("a form");
        self.note(format!("row.{form}"));
        row.keys().filter(|key| *key != form).for_each(|key| self.note(format!("{form}.{key}")));
        if let Some(time) = row.get("time").and_then(Value::as_str) {
            self.note(format!("time.{time}"));
        }
        if let Some(unit) = row.get("unit").and_then(Value::as_str) {
            self.note(format!("unit.{unit}"));
        }
        match row.get("values") {
            Some(Value::String(_)) => self.note(format!("{form}.values.named")),
            Some(Value::Table(words)) if words.values().any(Value::is_array) => {
                self.note(format!("{form}.values.list"));
            }
            _ => {}
        }
        if form == "says" {
            self.says(&row["says"]);
        }
    }

    fn says(&mut self, says: &Value) {
        if says.is_array() {
            self.note("says.pieces");
        }
        let pieces = listed(says);
        let named = pieces.iter().filter_map(|piece| piece.as_str()).flat_map(braced);
        if named.into_iter().any(|name| name.contains('/')) {
            self.note("says.inside");
        }
    }

    fn pattern(&mut self, pattern: &Value) {
        let any = |value: &Value| value.as_str() == Some("*");
        self.note(match pattern {
            Value::Array(values) if values.iter().any(any) => "case.value-or-*",
            Value::Array(_) => "case.list",
            value if any(value) => "case.*",
            value if value.as_str().is_some_and(|text| text.starts_with('{')) => "case.{field}",
            _ => "case.value",
        });
    }

    fn blank(&mut self, blank: &Value) {
        let value = blank.get("value").or_else(|| blank.is_str().then_some(blank));
        if value.and_then(Value::as_str) == Some("now") {
            self.note("blank.now");
        }
        match blank.as_table() {
            Some(options) => self.keys("blank", options),
            None => self.note("blank.plain"),
        }
    }
}

fn members<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = (&'t String, &'t Value)> {
    table.get(key).and_then(Value::as_table).into_iter().flatten()
}

fn listed(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let all = value.get(key).map(listed).unwrap_or_default();
    all.iter().filter_map(|one| one.as_str()).map(str::to_owned).collect()
}

/// The names in braces.
fn braced(template: &str) -> Vec<String> {
    let pieces = template.split('{').skip(1);
    pieces.filter_map(|piece| piece.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// What each of the four uses.
fn all() -> BTreeMap<&'static str, BTreeSet<String>> {
    let read = |path: std::path::PathBuf| Uses::of(&std::fs::read_to_string(path).unwrap());
    let root = folder("../..");
    let built_in = |name: &str| read(root.join("mappings").join(format!("{name}.toml")));
    let mut all: BTreeMap<&str, _> = super::BUILT_IN.into_iter().map(|name| (name, built_in(name))).collect();
    all.insert("vaultline", read(folder("mappings/vaultline.toml")));
    all
}

#[test]
fn the_fourth_uses_every_form() {
    let all = all();
    let unused: Vec<&&str> = FORMS.iter().filter(|form| !all["vaultline"].contains(**form)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn no_form_is_for_one_vendor_alone() {
    let all = all();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (dialect, uses) in &all {
        uses.iter().for_each(|form| users.entry(form).or_default().push(dialect));
    }
    let alone = users.iter().filter(|(_, users)| users.len() < 2 && !users.contains(&"vaultline"));
    let alone: Vec<&str> = alone.map(|(form, _)| *form).collect();
    assert_eq!(alone, OF_ONE, "used by one dialect alone: {users:#?}");
}

#[test]
fn the_list_has_all_that_is_used_and_the_manual_tells_of_it() {
    // Values of options, of which a dialect has one or the other.
    const VALUES: &[&str] = &["any_case.", "keep.", "is.values.", "place.", "says.values.", "time.", "unit."];
    // What has no key of its own in a table; the names are this file's.
    const OURS: &[&str] = &[
        "row",
        "place.inside",
        "is.values.named",
        "is.values.list",
        "case.value",
        "case.list",
        "case.*",
        "case.value-or-*",
        "case.{field}",
        "case.nothing",
        "route.{field}",
        "mint.{field}",
        "fault.status",
        "fault.code",
        "fault.list",
        "reply.status",
        "reply.message",
        "reply.list",
        "says.pieces",
        "says.inside",
        "blank.plain",
    ];
    let known: BTreeSet<&str> = FORMS.iter().copied().collect();
    for (dialect, uses) in all() {
        for form in uses {
            let value = VALUES.iter().any(|option| form.starts_with(option));
            assert!(
                value || known.contains(form.as_str()),
                "{dialect} uses {form}, which is not in the list"
            );
        }
    }
    let manual = std::fs::read_to_string(folder("../../docs/mapping-language.md")).unwrap();
    for form in FORMS {
        let word = form.rsplit('.').next().unwrap_or(form);
        let told = OURS.contains(form)
            || [format!("`{word}"), format!("{word} = "), format!("\"{word}\"")]
                .iter()
                .any(|one| manual.contains(one));
        assert!(told, "the manual says nothing of {form}");
    }
}
