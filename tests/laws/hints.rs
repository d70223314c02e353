//! What a schema doesn't tell and its table does: which texts are points in time, which message an item is; and a
//! dictionary of texts that mean something to somebody.
use std::collections::{BTreeMap, BTreeSet};

use crate::laws_support::world::{CROSSWALK, World};

/// What the tables of one dialect tell.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// By message and place: how a time is written there.
    times: BTreeMap<(String, String), String>,
    /// By message: the places of lengths that are texts.
    lengths: BTreeSet<(String, String)>,
    /// By message and place: the message of an item, or of a map's value.
    items: BTreeMap<(String, String), String>,
    /// By message: places, each with the canonical field that it says.
    fields: BTreeMap<String, Vec<(String, String)>>,
    /// By message: places that say the same, of which most clients send one.
    same: BTreeMap<String, Vec<Vec<String>>>,
    /// Texts of the table and of the crosswalk.
    pub(crate) texts: Vec<String>,
}

impl Hints {
    /// Of one dialect, all variants together.
    pub(crate) fn of(world: &World, dialect: &str) -> Hints {
        let table: toml::Table = world.files.mappings[dialect].text.parse().expect("a table is TOML");
        let mut hints = Hints::default();
        let mut tables = vec![&table];
        let variants = table.get("variant").and_then(toml::Value::as_table);
        tables.extend(variants.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table));
        for table in tables {
            let messages = table.get("message").and_then(toml::Value::as_table);
            for (name, message) in messages.into_iter().flatten() {
                hints.rows(name, message);
            }
        }
        let mut texts = BTreeSet::new();
        table.values().for_each(|value| strings(value, &mut texts));
        let cells = CROSSWALK.lines().flat_map(|line| line.split(','));
        texts.extend(cells.map(str::to_owned));
        texts.retain(|text| text.len() <= 40 && !text.contains(['{', '}', '"']));
        hints.texts = texts.into_iter().collect();
        hints
    }

    fn rows(&mut self, message: &str, table: &toml::Value) {
        let sums = table.get("sum").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
        for sum in sums.filter(|sum| sum.get("also").is_some()) {
            let part = |unit: &&str| sum.get(unit).and_then(toml::Value::as_str).map(str::to_owned);
            // The text first: where it stands, the numbers are left out.
            let group = ["also", "days", "hours", "minutes", "seconds"].iter().filter_map(part).collect();
            self.same.entry(message.to_owned()).or_default().push(group);
        }
        let rows = table.get("rows").and_then(toml::Value::as_table);
        for (place, row) in rows.into_iter().flatten() {
            let text = |key: &str| row.get(key).and_then(toml::Value::as_str);
            if let Some(field) = row.as_str().or_else(|| text("is")) {
                let also = row.get("also").and_then(toml::Value::as_array).into_iter().flatten();
                let places = std::iter::once(place.as_str()).chain(also.filter_map(toml::Value::as_str));
                let fields = places.map(|place| (place.to_owned(), field.to_owned()));
                self.fields.entry(message.to_owned()).or_default().extend(fields);
            }
            let also = row.get("also").and_then(toml::Value::as_array).into_iter().flatten();
            let group: Vec<String> = also
                .clone()
                .filter_map(toml::Value::as_str)
                .chain([place.as_str()])
                .map(str::to_owned)
                .collect();
            if group.len() > 1 {
                self.same.entry(message.to_owned()).or_default().push(group);
            }
            for place in also.filter_map(toml::Value::as_str).chain([place.as_str()]) {
                let key = (message.to_owned(), place.to_owned());
                if let Some(time) = text("time") {
                    self.times.insert(key.clone(), time.to_owned());
                }
                if text("unit") == Some("iso8601") {
                    self.lengths.insert(key.clone());
                }
                if let Some(of) = text("of") {
                    self.items.insert(key, of.to_owned());
                }
            }
        }
    }

    /// The places of a message that say a field of a group, the one that is written first.
    pub(crate) fn places<'h>(
        &'h self,
        message: &str,
        group: &'h str,
    ) -> impl Iterator<Item = (&'h str, &'h str)> {
        let all = self.fields.get(message).into_iter().flatten();
        all.filter(move |(_, field)| field.starts_with(group))
            .map(|(place, field)| (place.as_str(), field.as_str()))
    }

    /// How a time is written at a place, if it is one.
    pub(crate) fn time(&self, message: &str, place: &str) -> Option<&str> {
        self.times.get(&(message.to_owned(), place.to_owned())).map(String::as_str)
    }

    /// Whether a text at a place is a length.
    pub(crate) fn length(&self, message: &str, place: &str) -> bool {
        self.lengths.contains(&(message.to_owned(), place.to_owned()))
    }

    /// The places that say the same as the one at a place, and come before it.
    pub(crate) fn before<'h>(&'h self, message: &str, place: &'h str) -> impl Iterator<Item = &'h str> {
        let groups = self.same.get(message).into_iter().flatten();
        groups.flat_map(move |group| {
            let at = group.iter().position(|other| other == place).unwrap_or(0);
            group[..at].iter().map(String::as_str)
        })
    }

    /// The message of what stands in the list or map at a place.
    pub(crate) fn item(&self, message: &str, place: &str) -> Option<&str> {
        let place = if place.is_empty() { "." } else { place };
        self.items.get(&(message.to_owned(), place.to_owned())).map(String::as_str)
    }
}

fn strings(value: &toml::Value, found: &mut BTreeSet<String>) {
    match value {
        toml::Value::String(text) => drop(found.insert(text.clone())),
        toml::Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        toml::Value::Table(members) => members.values().for_each(|member| strings(member, found)),
        _ => {}
    }
}
