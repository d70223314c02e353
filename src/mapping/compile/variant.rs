//! A message's entries, with those of a variant in the places of the ones that they replace.
use std::collections::HashSet;

use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Node as Toml, Reader};

type Entry<'t> = (&'t Key, &'t Item);

/// What a message's table may hold.
const TABLES: &[&str] = &["rows", "sum", "choose", "always", "blank", "ignores"];

/// The entries of a message, in the order in which they count.
pub(super) struct Entries<'t> {
    /// The table whose `ignores` counts.
    pub(super) ignoring: &'t Item,
    pub(super) rows: Vec<Entry<'t>>,
    pub(super) sums: Vec<Entry<'t>>,
    pub(super) chooses: Vec<Entry<'t>>,
    pub(super) always: Vec<Entry<'t>>,
    pub(super) blanks: Vec<Entry<'t>>,
}

impl<'t> Entries<'t> {
    /// The entries of a message, as the variant has them.
    pub(super) fn read(reader: &mut Reader, base: &'t Item, variant: Option<&'t Item>) -> Entries<'t> {
        let base = Entries::of(reader, base);
        match variant {
            None => base,
            Some(variant) => {
                let variant = Entries::of(reader, variant);
                variant.idle(&base, reader);
                base.replaced(variant)
            }
        }
    }

    fn of(reader: &mut Reader, item: &'t Item) -> Entries<'t> {
        reader.known_keys(item, TABLES);
        let mut listed = |name: &str| -> Vec<Entry<'t>> {
            let table = item.get(name);
            if let Some(table) = table.filter(|table| !matches!(table.node, Toml::Table(_))) {
                reader.expected(table, "a table");
            }
            table.map(Item::members).unwrap_or_default().iter().map(|(key, item)| (key, item)).collect()
        };
        Entries {
            ignoring: item,
            rows: listed("rows"),
            sums: listed("sum"),
            chooses: listed("choose"),
            always: listed("always"),
            blanks: listed("blank"),
        }
    }

    /// The fields that entries are for which have one alone.
    fn fields(&self) -> HashSet<&'t str> {
        let rows = self.rows.iter().filter_map(|(_, row)| field_of(row));
        rows.chain(self.keyed()).collect()
    }

    /// Those of them whose entries are no rows.
    fn keyed(&self) -> impl Iterator<Item = &'t str> {
        self.sums.iter().chain(&self.chooses).chain(&self.always).map(|(key, _)| key.text.as_str())
    }

    fn ignored(&self) -> HashSet<&'t str> {
        let ignored = self.ignoring.get("ignores").and_then(Item::texts).unwrap_or_default();
        ignored.into_iter().map(|(place, _)| place).collect()
    }

    /// What stands in a variant replaces something; a place that the message ignores or leaves blank counts. (A blank
    /// or an `ignores` of the variant itself may be there for a place that a row of its own has left.)
    fn idle(&self, base: &Entries<'t>, reader: &mut Reader) {
        let (fields, mut places) = (base.fields(), base.ignored());
        places.extend(base.rows.iter().chain(&base.blanks).map(|(key, _)| key.text.as_str()));
        let rows = self.rows.iter().filter(|(key, row)| {
            !places.contains(key.text.as_str()) && field_of(row).is_none_or(|field| !fields.contains(field))
        });
        let keyed = self.sums.iter().chain(&self.chooses).chain(&self.always);
        let keyed = keyed.filter(|(key, _)| !fields.contains(key.text.as_str()));
        for (key, _) in rows.chain(keyed) {
            reader.error(
                Code::ReplacesNothing,
                &key.span,
                format!("the message has no entry for `{}` that this could replace", key.text),
                "a variant only replaces: put it into the message itself",
            );
        }
        self.same(base, reader);
    }

    /// An entry that stands in the message word for word changes nothing: most likely what it should change is missing.
    fn same(&self, base: &Entries<'t>, reader: &mut Reader) {
        let pairs = [
            (&self.rows, &base.rows),
            (&self.sums, &base.sums),
            (&self.chooses, &base.chooses),
            (&self.always, &base.always),
            (&self.blanks, &base.blanks),
        ];
        for (own, others) in pairs {
            let same = |(key, item): &&Entry<'t>| {
                others.iter().any(|(other, there)| key.text == other.text && item.same(there))
            };
            for (key, _) in own.iter().filter(same) {
                let message = format!("the message has this very entry for `{}`", key.text);
                let help = "write what the variant changes of it, or take it out";
                reader.error(Code::ReplacesNothing, &key.span, message, help);
            }
        }
    }

    /// These entries, with a variant's where they replace one: a row the row of its place, and what is for a field
    /// alone (a row with `is`, a sum, a choice, an `always`) all that is for that field alone.
    fn replaced(self, variant: Entries<'t>) -> Entries<'t> {
        let fields = variant.fields();
        Entries {
            ignoring: if variant.ignoring.get("ignores").is_some() {
                variant.ignoring
            } else {
                self.ignoring
            },
            rows: put(self.rows, variant.rows, |(key, row), (other, new)| {
                key.text == other.text || field_of(row).is_some_and(|field| field_of(new) == Some(field))
            })
            .into_iter()
            .filter(|(row, new)| *new || field_of(row.1).is_none_or(|field| !fields.contains(field)))
            .map(|(row, _)| row)
            .collect(),
            sums: keyed(self.sums, variant.sums, &fields),
            chooses: keyed(self.chooses, variant.chooses, &fields),
            always: keyed(self.always, variant.always, &fields),
            blanks: put(self.blanks, variant.blanks, |(key, _), (other, _)| key.text == other.text)
                .into_iter()
                .map(|(blank, _)| blank)
                .collect(),
        }
    }
}

/// The field that a row is for, if it is for one alone.
fn field_of(row: &Item) -> Option<&str> {
    row.text().or_else(|| row.get("is")?.text())
}

fn keyed<'t>(old: Vec<Entry<'t>>, new: Vec<Entry<'t>>, fields: &HashSet<&str>) -> Vec<Entry<'t>> {
    let all = put(old, new, |(key, _), (other, _)| key.text == other.text).into_iter();
    all.filter(|((key, _), new)| *new || !fields.contains(key.text.as_str()))
        .map(|(entry, _)| entry)
        .collect()
}

/// Old entries with the new ones in the places of those that they replace, and the rest of the new ones after them;
/// with whether each is new.
fn put<'t>(
    old: Vec<Entry<'t>>,
    new: Vec<Entry<'t>>,
    replaces: impl Fn(&Entry<'t>, &Entry<'t>) -> bool,
) -> Vec<(Entry<'t>, bool)> {
    let mut left: Vec<Option<Entry<'t>>> = new.iter().copied().map(Some).collect();
    let mut all = Vec::with_capacity(old.len() + new.len());
    for entry in old {
        let mut replaced = false;
        for (at, other) in new.iter().enumerate().filter(|(_, other)| replaces(&entry, other)) {
            replaced = true;
            all.extend(left.get_mut(at).and_then(Option::take).map(|_| (*other, true)));
        }
        if !replaced {
            all.push((entry, false));
        }
    }
    all.extend(left.into_iter().flatten().map(|entry| (entry, true)));
    all
}
