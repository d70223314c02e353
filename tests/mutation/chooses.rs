//! What stands in a choice: its cases, their words, places and order.
use pamgate::canonical::word;
use pamgate::diagnostic::tree::{Item, Node};

use super::walk::{Place, Walk, quoted};

/// A list's elements, or the single value.
pub(crate) fn listed(item: &Item) -> &[Item] {
    match &item.node {
        Node::Array(items) => items,
        _ => std::slice::from_ref(item),
    }
}

impl Walk<'_> {
    pub(crate) fn chooses(&mut self, place: &Place, chooses: &Item) {
        for (at, (field, item)) in chooses.members().iter().enumerate() {
            let place = place.of(&field.text);
            self.drop_member(&place, chooses, at);
            let Node::Array(cases) = &item.node else { continue };
            self.list(&place, item, true);
            self.order(&place, cases);
            for (at, case) in cases.iter().enumerate() {
                let Node::Array(parts) = &case.node else { continue };
                let [word, places] = parts.as_slice() else { continue };
                let place = place.at(at);
                self.case_word(&place, &field.text, word);
                self.drop_members(&place, places);
                for (key, value) in places.members() {
                    let place = place.of(&key.text);
                    self.values_listed(&place, value);
                    self.other(&place, value);
                    if value.text().is_some_and(|text| text.starts_with('{')) {
                        self.one_of(&place, value, &["{ticket.number}", "{reference}"]);
                    }
                    if let Node::Array(values) = &value.node {
                        for (at, value) in
                            values.iter().enumerate().filter(|(_, value)| value.text() != Some("*"))
                        {
                            self.other(&place.at(at), value);
                        }
                    }
                }
            }
        }
    }

    /// A case before an earlier one that is not its neighbour, where their order could say something: some message fits
    /// both, or they are two ways of writing one word. (Neighbours change places in any case.)
    fn order(&mut self, place: &Place, cases: &[Item]) {
        for later in 2..cases.len() {
            for earlier in 0..later - 1 {
                if self.meet(&cases[earlier], &cases[later]) {
                    self.move_before(place, cases, later, earlier);
                }
            }
        }
    }

    fn meet(&self, one: &Item, other: &Item) -> bool {
        let (Node::Array(one), Node::Array(other)) = (&one.node, &other.node) else { return false };
        let ([word, places], [other_word, other_places]) = (one.as_slice(), other.as_slice()) else {
            return false;
        };
        let names = places.members().iter().chain(other_places.members()).map(|(key, _)| key.text.as_str());
        let fits = |name: &str| self.both(places.get(name), other_places.get(name));
        word.text() == other_word.text() || names.into_iter().all(fits)
    }

    /// Whether something can stand at a place, or nothing, that two cases take.
    fn both(&self, one: Option<&Item>, other: Option<&Item>) -> bool {
        let loose = |item: Option<&Item>| {
            item.is_some_and(|item| listed(item).iter().any(|value| value.text() == Some("*")))
        };
        let field = |item: &Item| item.text().is_some_and(|text| text.starts_with('{'));
        match (one, other) {
            _ if loose(one) || loose(other) => true,
            (None, None) => true,
            (Some(one), Some(other)) if field(one) || field(other) => true,
            (Some(one), Some(other)) => listed(one).iter().any(|value| {
                let value = self.text(&value.span);
                listed(other).iter().any(|other| self.text(&other.span) == value)
            }),
            _ => false,
        }
    }

    /// Another word for a case: the one above, or else the next.
    fn case_word(&mut self, place: &Place, field: &str, item: &Item) {
        let text = item.text().unwrap_or_default();
        let words = word::of(field);
        let at = words.iter().position(|word| *word == text).unwrap_or_default();
        for other in [word::parent(text), Some(words[(at + 1) % words.len()])].into_iter().flatten() {
            self.replace(place, item, &quoted(other));
        }
    }
}
