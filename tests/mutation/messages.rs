//! What stands in the messages: rows with their options, and the other forms.
use pamgate::canonical::{Shape, Type, word};
use pamgate::diagnostic::tree::{Item, Key, Node};

use super::walk::{Place, Walk, quoted};

const SHAPES: [Shape; 6] =
    [Shape::Access, Shape::Approver, Shape::Parameter, Shape::Problem, Shape::Period, Shape::Event];

/// What a message is made of, as far as a wrong entry is chosen by it.
struct Around<'i> {
    shape: Shape,
    rows: &'i [(Key, Item)],
    /// Fields that some entry has.
    used: Vec<&'i str>,
}

impl Around<'_> {
    fn kind(&self, field: &str) -> Option<Type> {
        Some(self.shape.field(self.shape.find(field)?).kind)
    }

    /// Another field of the same type, which no entry has yet.
    fn other(&self, field: &str) -> Option<&'static str> {
        let kind = self.kind(field)?;
        let fits = |name: &str| {
            let words = kind != Type::Word || word::of(name) == word::of(field);
            name != field && words && !self.used.contains(&name)
        };
        self.shape.fields().iter().filter(|other| other.kind == kind).map(|f| f.name).find(|name| fits(name))
    }
}

/// The field that a row reads and writes.
fn field_of(item: &Item) -> Option<&Item> {
    match &item.node {
        Node::Text(_) => Some(item),
        _ => ["is", "list", "map"].iter().find_map(|form| item.get(form)),
    }
}

/// Another field of the same type.
fn alike(field: &str) -> Option<&'static str> {
    let kind = Shape::Access.field(Shape::Access.find(field)?).kind;
    let mut others = Shape::Access.fields().iter().filter(|other| other.kind == kind).map(|other| other.name);
    others.find(|name| *name != field)
}

/// A list's elements.
fn items(item: &Item) -> &[Item] {
    match &item.node {
        Node::Array(items) => items,
        _ => &[],
    }
}

impl<'t> Walk<'t> {
    /// `[values.NAME]`.
    pub(crate) fn values(&mut self) {
        for (key, set) in self.tree.get("values").map(Item::members).unwrap_or_default() {
            let place = Place::root().of("values").of(&key.text);
            self.drop_block(&place);
            self.value_set(&place, set);
        }
    }

    fn value_set(&mut self, place: &Place, set: &Item) {
        self.drop_members(place, set);
        let members = set.members();
        for (at, (key, item)) in members.iter().enumerate() {
            let place = place.of(&key.text);
            self.values_listed(&place, item);
            self.other(&place, item);
            if let Some(above) = word::parent(&key.text).filter(|above| set.get(above).is_none()) {
                self.key_of(&place, key, &[above]);
            }
            if let Some((next, other)) = members.get(at + 1) {
                self.swap(&place, &next.text, &item.span, &other.span);
            }
        }
    }

    /// A vendor's values for one word. Of their order, only which is the first says something: it is written.
    pub(crate) fn values_listed(&mut self, place: &Place, item: &Item) {
        self.list(place, item, false);
        let Node::Array(values) = &item.node else { return };
        if let [first, second, ..] = values.as_slice()
            && second.text() != Some("*")
        {
            self.swap(&place.at(0), "[1]", &first.span, &second.span);
        }
    }

    pub(crate) fn messages(&mut self, place: &Place, messages: Option<&'t Item>) {
        for (key, message) in messages.map(Item::members).unwrap_or_default() {
            let place = place.of(&key.text);
            let around = self.around(message);
            for (at, (part, item)) in message.members().iter().enumerate() {
                let place = place.of(&part.text);
                match part.text.as_str() {
                    "rows" => self.rows(&place, item, &around),
                    "sum" => self.sums(&place, item),
                    "choose" => self.chooses(&place, item),
                    "always" => {
                        self.drop_members(&place, item);
                        for (key, item) in item.members() {
                            let place = place.of(&key.text);
                            self.other_word(&place, &key.text, item);
                        }
                    }
                    "blank" => self.blanks(&place, item),
                    "ignores" => {
                        self.list(&place, item, false);
                        if matches!(&item.node, Node::Array(items) if items.is_empty()) {
                            self.drop_member(&place, message, at);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn around(&self, message: &'t Item) -> Around<'t> {
        let rows = message.get("rows").map(Item::members).unwrap_or_default();
        let mut used: Vec<&str> = rows.iter().filter_map(|(_, row)| field_of(row)?.text()).collect();
        for (_, row) in rows {
            let Some(Node::Array(sum)) = row.get("sum").map(|sum| &sum.node) else { continue };
            used.extend(sum.iter().filter_map(Item::text));
        }
        for part in ["sum", "choose"] {
            let members = message.get(part).map(Item::members).unwrap_or_default();
            used.extend(members.iter().map(|(key, _)| key.text.as_str()));
        }
        let fits = |shape: &Shape| used.iter().all(|field| shape.find(field).is_some());
        let shape = SHAPES.into_iter().find(fits).unwrap_or(Shape::Access);
        Around { shape, rows, used }
    }

    fn rows(&mut self, place: &Place, rows: &'t Item, around: &Around<'t>) {
        for (at, (key, row)) in rows.members().iter().enumerate() {
            let place = place.of(&key.text);
            self.drop_member(&place, rows, at);
            if let Some(field) = field_of(row) {
                self.wrong_field(&place, at, field, around);
            }
            for (at, (option, item)) in row.members().iter().enumerate() {
                let inside = place.of(&option.text);
                if let ("also", [also, ..]) = (option.text.as_str(), items(item)) {
                    // What is read only is written, and the other way round.
                    let key_of = quoted(also.text().unwrap_or_default());
                    let also_of = quoted(&key.text);
                    let edits = vec![(key.span.clone(), key_of), (also.span.clone(), also_of)];
                    self.add(&place, "swapped with its first other place", edits);
                }
                if !matches!(option.text.as_str(), "is" | "sum" | "list" | "map" | "says") {
                    self.drop_member(&inside, row, at);
                }
                self.option(&inside, &option.text, item, row, around);
            }
        }
    }

    fn wrong_field(&mut self, place: &Place, at: usize, field: &Item, around: &Around<'t>) {
        let name = field.text().unwrap_or_default();
        if let Some(other) = around.other(name) {
            self.replace(place, field, &quoted(other));
        }
        let kind = around.kind(name);
        let next = around.rows[at + 1..].iter().filter_map(|(key, row)| Some((key, field_of(row)?)));
        let mut next = next.filter(|(_, other)| around.kind(other.text().unwrap_or_default()) == kind);
        if let Some((key, other)) = next.next() {
            self.swap(place, &format!("the field of {}", key.text), &field.span, &other.span);
        }
    }

    fn option(&mut self, place: &Place, option: &str, item: &Item, row: &Item, around: &Around<'t>) {
        match option {
            "unit" => self.one_of(place, item, &["seconds", "minutes", "hours", "days"]),
            "time" => self.one_of(place, item, &["unix", "iso-utc", "iso-plain"]),
            "default" | "named" => match self.set(row.get("values")).and_then(|set| {
                set.members()
                    .iter()
                    .map(|(_, value)| value)
                    .find(|value| value.text() != item.text())
                    .cloned()
            }) {
                Some(other) => {
                    let text = self.text(&other.span).to_owned();
                    self.replace(place, item, &text);
                }
                None => self.other(place, item),
            },
            "values" => match &item.node {
                Node::Text(name) => {
                    let sets = self.tree.get("values").map(Item::members).unwrap_or_default();
                    for (key, _) in sets.iter().filter(|(key, _)| key.text != *name) {
                        self.replace(place, item, &quoted(&key.text));
                    }
                }
                _ => self.value_set(place, item),
            },
            "unset" => {
                self.list(place, item, false);
                for (at, value) in items(item).iter().enumerate() {
                    self.other(&place.at(at), value);
                }
            }
            "also" => self.list(place, item, false),
            "sum" => {
                self.list(place, item, true);
                for (at, field) in items(item).iter().enumerate() {
                    if let Some(other) = around.other(field.text().unwrap_or_default()) {
                        self.replace(&place.at(at), field, &quoted(other));
                    }
                }
            }
            "unless" => {
                let rows = around.rows.iter().map(|(key, _)| key.text.as_str());
                if let Some(other) = rows.into_iter().find(|name| Some(*name) != item.text()) {
                    self.replace(place, item, &quoted(other));
                }
            }
            "says" => self.says(place, item),
            "of" => {
                let messages = self.tree.get("message").map(Item::members).unwrap_or_default();
                for (key, _) in messages.iter().filter(|(key, _)| Some(key.text.as_str()) != item.text()) {
                    self.replace(place, item, &quoted(&key.text));
                }
            }
            _ => {}
        }
    }

    /// The value set that a row names, or holds.
    fn set(&self, item: Option<&Item>) -> Option<Item> {
        let item = item?;
        match item.text() {
            Some(name) => self.tree.get("values")?.get(name).cloned(),
            None => Some(item.clone()),
        }
    }

    fn other_word(&mut self, place: &Place, field: &str, item: &Item) {
        match (&item.node, word::of(field)) {
            (Node::Text(text), words) => {
                if let Some(other) = words.iter().find(|other| *other != text) {
                    self.replace(place, item, &quoted(other));
                }
            }
            _ => self.other(place, item),
        }
    }

    /// A text for people: a field, or pieces.
    fn says(&mut self, place: &Place, item: &Item) {
        match &item.node {
            Node::Array(pieces) => {
                self.list(place, item, true);
                for (at, piece) in pieces.iter().enumerate() {
                    let text = piece.text().unwrap_or_default();
                    self.replace(&place.at(at), piece, &quoted(&format!("x{text}")));
                    if let Some(less) = text.strip_prefix(' ').or_else(|| text.strip_suffix(' ')) {
                        self.replace(&place.at(at), piece, &quoted(less));
                    }
                    let named = text.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
                    if let Some((field, other)) = named.and_then(|(field, _)| Some((field, alike(field)?))) {
                        let wrong = text.replace(&format!("{{{field}}}"), &format!("{{{other}}}"));
                        self.replace(&place.at(at), piece, &quoted(&wrong));
                    }
                }
            }
            Node::Text(field) => {
                if let Some(other) = alike(field) {
                    self.replace(place, item, &quoted(other));
                }
            }
            _ => {}
        }
    }

    fn sums(&mut self, place: &Place, sums: &Item) {
        for (key, sum) in sums.members() {
            let place = place.of(&key.text);
            self.drop_members(&place, sum);
            let parts: Vec<&(Key, Item)> = sum
                .members()
                .iter()
                .filter(|(key, _)| !matches!(key.text.as_str(), "max" | "also"))
                .collect();
            for pair in parts.windows(2) {
                self.swap(&place.of(&pair[0].0.text), &pair[1].0.text, &pair[0].1.span, &pair[1].1.span);
            }
            if let Some(max) = sum.get("max") {
                for other in ["P30D", "P32D"] {
                    self.replace(&place.of("max"), max, &quoted(other));
                }
            }
        }
    }

    fn blanks(&mut self, place: &Place, blanks: &'t Item) {
        for (at, (key, blank)) in blanks.members().iter().enumerate() {
            let place = place.of(&key.text);
            self.drop_member(&place, blanks, at);
            self.blank_value(&place, blank);
            for (at, (option, item)) in blank.members().iter().enumerate() {
                let place = place.of(&option.text);
                self.drop_member(&place, blank, at);
                match option.text.as_str() {
                    "value" | "otherwise" => self.blank_value(&place, item),
                    "beside" => {
                        self.list(&place, item, false);
                        for (at, field) in items(item).iter().enumerate() {
                            self.one_of(&place.at(at), field, &["reason.text"]);
                        }
                    }
                    "says" => self.says(&place, item),
                    "values" => self.value_set(&place, item),
                    "meant" => self.other(&place, item),
                    _ => {}
                }
            }
        }
    }

    /// Another blank of the same type; in place of nothing at all, one of each.
    fn blank_value(&mut self, place: &Place, item: &Item) {
        let Some(json) = item.text() else { return };
        let others: &[&str] = match json {
            "null" => &["\"x\"", "7", "false"],
            "\"\"" => &["\"x\""],
            "false" => &["true"],
            "now" => &["0", "null"],
            "[]" | "{}" => &[],
            number if number.parse::<i64>().is_ok() => &["7"],
            _ => &["\"1\""],
        };
        for other in others {
            self.replace(place, item, &quoted(other));
        }
    }
}
