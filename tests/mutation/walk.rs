//! A walk over a table's entries: what can be done to any of them.
//!
//! Start at [`mutants`]. What each part of a table can suffer beside is in the files beside this one.
use std::ops::Range;
use std::sync::Arc;

use pamgate::diagnostic::Source;
use pamgate::diagnostic::tree::{self, Item, Key, Node};

use super::mutant::Mutant;

/// All mutants of a dialect's table.
pub(crate) fn mutants(dialect: &str, source: &Arc<Source>) -> Vec<Mutant> {
    let tree = tree::read(source).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    let mut walk = Walk { dialect, source, tree: &tree, out: Vec::new() };
    walk.head();
    walk.ends();
    walk.lookups();
    walk.faults(&Place::root().of("faults"), tree.get("faults"));
    walk.operations();
    walk.values();
    walk.messages(&Place::root().of("message"), tree.get("message"));
    for (key, variant) in tree.get("variant").map(Item::members).unwrap_or_default() {
        let place = Place::root().of("variant").of(&key.text).of("message");
        walk.messages(&place, variant.get("message"));
    }
    walk.out
}

/// Where an entry stands.
#[derive(Debug, Clone)]
pub(crate) struct Place(String);

impl Place {
    pub(crate) fn root() -> Place {
        Place(String::new())
    }

    /// An entry below, as TOML would write the key.
    pub(crate) fn of(&self, key: &str) -> Place {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let key = match !key.is_empty() && key.chars().all(bare) {
            true => key.to_owned(),
            false => format!("\"{key}\""),
        };
        match self.0.is_empty() {
            true => Place(key),
            false => Place(format!("{}.{key}", self.0)),
        }
    }

    /// One of several.
    pub(crate) fn at(&self, index: usize) -> Place {
        Place(format!("{}[{index}]", self.0))
    }
}

pub(crate) struct Walk<'t> {
    pub(crate) dialect: &'t str,
    pub(crate) source: &'t Arc<Source>,
    pub(crate) tree: &'t Item,
    pub(crate) out: Vec<Mutant>,
}

/// A text as TOML.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl<'t> Walk<'t> {
    pub(crate) fn text(&self, span: &Range<usize>) -> &'t str {
        &self.source.text[span.clone()]
    }

    /// Adds a mutant, where it differs from the table as it is.
    pub(crate) fn add(
        &mut self,
        place: &Place,
        what: impl Into<String>,
        mut edits: Vec<(Range<usize>, String)>,
    ) {
        edits.sort_by_key(|(span, _)| span.start);
        if edits.iter().all(|(span, new)| self.text(span) == new) {
            return;
        }
        self.out.push(Mutant {
            dialect: self.dialect.to_owned(),
            source: self.source.clone(),
            place: place.0.clone(),
            what: what.into(),
            edits,
        });
    }

    pub(crate) fn replace(&mut self, place: &Place, item: &Item, new: &str) {
        let old = self.text(&item.span);
        self.add(place, format!("{new} instead of {old}"), vec![(item.span.clone(), new.to_owned())]);
    }

    /// Each of the words that are known here, in place of the one that stands there.
    pub(crate) fn one_of(&mut self, place: &Place, item: &Item, known: &[&str]) {
        for other in known.iter().filter(|other| Some(**other) != item.text()) {
            self.replace(place, item, &quoted(other));
        }
    }

    /// Each of the names that are known here, in place of a key.
    pub(crate) fn key_of(&mut self, place: &Place, key: &Key, known: &[&str]) {
        for other in known {
            self.add(place, format!("called {other}"), vec![(key.span.clone(), quoted(other))]);
        }
    }

    /// A member that a table with a header of its own doesn't have, below its last one.
    pub(crate) fn member_more(&mut self, place: &Place, table: &Item, line: &str) {
        let Some((key, item)) = table.members().last() else { return };
        let end = self.lines(key, item).end;
        self.add(place, "added", vec![(end..end, format!("{line}\n"))]);
    }

    /// Two values, each at the other's place.
    pub(crate) fn swap(&mut self, place: &Place, with: &str, one: &Range<usize>, other: &Range<usize>) {
        let (first, second) = (self.text(one).to_owned(), self.text(other).to_owned());
        self.add(place, format!("swapped with {with}"), vec![(one.clone(), second), (other.clone(), first)]);
    }

    fn inline(&self, table: &Item) -> bool {
        self.source.text[table.span.start..].starts_with('{')
    }

    /// The whole line or lines of a member of a table with a header of its own.
    fn lines(&self, key: &Key, item: &Item) -> Range<usize> {
        let text = &self.source.text;
        let start = text[..key.span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[item.span.end..].find('\n').map_or(text.len(), |length| item.span.end + length + 1);
        start..end
    }

    /// A table's member, gone.
    pub(crate) fn drop_member(&mut self, place: &Place, table: &Item, at: usize) {
        let members = table.members();
        let (key, item) = &members[at];
        let span = match self.inline(table) {
            false => self.lines(key, item),
            true => self.listed(members.len(), at, |at| members[at].0.span.start..members[at].1.span.end),
        };
        self.add(place, "dropped", vec![(span, String::new())]);
    }

    /// An array's element, gone.
    pub(crate) fn drop_element(&mut self, place: &Place, items: &[Item], at: usize) {
        let span = self.listed(items.len(), at, |at| items[at].span.clone());
        let old = self.text(&items[at].span);
        let what = match old.contains(['[', '{']) {
            true => "dropped".to_owned(),
            false => format!("{old} dropped"),
        };
        self.add(place, what, vec![(span, String::new())]);
    }

    /// An array's element before one that stands above it.
    pub(crate) fn move_before(&mut self, place: &Place, items: &[Item], from: usize, to: usize) {
        let moved = format!("{}, ", self.text(&items[from].span));
        let gone = self.listed(items.len(), from, |at| items[at].span.clone());
        let at = items[to].span.start;
        self.add(
            &place.at(from),
            format!("moved before [{to}]"),
            vec![(at..at, moved), (gone, String::new())],
        );
    }

    /// What goes with one of several things with commas between them.
    fn listed(&self, many: usize, at: usize, span: impl Fn(usize) -> Range<usize>) -> Range<usize> {
        match (at + 1 < many, at) {
            (true, _) => span(at).start..span(at + 1).start,
            (false, 0) => {
                let rest = &self.source.text[span(at).end..];
                let blank = rest.len() - rest.trim_start().len();
                let comma = if rest.trim_start().starts_with(',') { blank + 1 } else { 0 };
                span(at).start..span(at).end + comma
            }
            (false, _) => span(at - 1).end..span(at).end,
        }
    }

    /// Each member of a table gone, in turn.
    pub(crate) fn drop_members(&mut self, place: &Place, table: &Item) {
        for (at, (key, _)) in table.members().iter().enumerate() {
            self.drop_member(&place.of(&key.text), table, at);
        }
    }

    /// Each text of a list gone, in turn; and each beside its neighbour, where the order says something.
    pub(crate) fn list(&mut self, place: &Place, item: &Item, ordered: bool) {
        let Node::Array(items) = &item.node else { return };
        for at in 0..items.len() {
            self.drop_element(&place.at(at), items, at);
            if ordered && at + 1 < items.len() {
                let with = format!("[{}]", at + 1);
                self.swap(&place.at(at), &with, &items[at].span, &items[at + 1].span);
            }
        }
    }

    /// A single value of the same type that is another.
    pub(crate) fn other(&mut self, place: &Place, item: &Item) {
        match &item.node {
            Node::Text(text) => self.replace(place, item, &quoted(&format!("x{text}"))),
            Node::Integer(number) => self.replace(place, item, &(number + 1).to_string()),
            Node::Bool(value) => self.replace(place, item, &(!value).to_string()),
            _ => {}
        }
    }

    /// A part of the file with a header of its own, gone.
    pub(crate) fn drop_block(&mut self, place: &Place) {
        let header = format!("[{}]", place.0);
        let text = &self.source.text;
        let found = text.match_indices(&header).find(|(at, _)| *at == 0 || text[..*at].ends_with('\n'));
        let Some((start, _)) = found else { return };
        let after = start + header.len();
        let ends = [text[after..].find("\n["), text[after..].find("\n# ─")];
        let end = ends.into_iter().flatten().min().map_or(text.len(), |length| after + length + 1);
        self.add(place, "dropped whole", vec![(start..end, String::new())]);
    }
}
