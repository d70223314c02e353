//! What a server does without a place to say it, and what is written where nobody knows.
use crate::canonical::{Type, Value};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Node as Toml};

use super::super::lens::Constant;
use super::super::program::{Blank, BlankValue, From, Leaf, Read};
use super::super::schema::Place;
use super::values::held;
use super::{Draft, path};

impl<'s> Draft<'_, '_, 's> {
    pub(super) fn always(&mut self, key: &Key, item: &Item) {
        let Some(field) = self.field(&key.text, &key.span) else { return };
        let value = match (self.shape.field(field).kind, &item.node) {
            (Type::Bool, Toml::Bool(value)) => Value::Bool(*value),
            (Type::Word, Toml::Text(word)) => {
                self.known_word(field, word, &item.span);
                Value::Text(word.clone().into())
            }
            (Type::Text | Type::Id, Toml::Text(text)) => Value::Text(text.clone().into()),
            (Type::Count, Toml::Integer(count)) => Value::Count(*count),
            _ => {
                let help = format!("write {}", held(self.shape.field(field).kind));
                return self.reader.error(
                    Code::TypeMismatch,
                    &item.span,
                    "this is not what the field holds",
                    help,
                );
            }
        };
        if let Some((_, carried)) = &self.carries[field.0 as usize] {
            let line = self.reader.source.line_of(carried.start, key.span.start);
            let message = format!("`{}` has an entry, so it isn't always so", key.text);
            let help =
                format!("take it out, or the entry {line}; what an absence means is that entry's `default`");
            return self.reader.error(Code::FieldTakenTwice, &key.span, message, help);
        }
        self.always.push((field, value));
        self.always_at.push((field, key.span.clone()));
    }

    pub(super) fn blank(&mut self, key: &Key, item: &Item) {
        let Some(place) = self.place(&key.text, &key.span) else { return };
        if item.get("says").is_some() {
            return self.blank_says(key, item, place);
        }
        let value = item.get("value").unwrap_or(item);
        let mut beside = Vec::new();
        let (mut otherwise, mut meant) = (None, false);
        if matches!(item.node, Toml::Table(_)) {
            self.reader.known_keys(item, &["value", "beside", "otherwise", "meant"]);
            if let (Some(at), None) = (item.get("otherwise"), item.get("beside")) {
                let message = "`otherwise` is for where the fields of `beside` aren't known";
                self.reader.error(Code::WrongOption, &at.span, message, "add `beside`, or take it out");
            }
            otherwise = item.get("otherwise").and_then(|item| self.blank_json(item, place));
            meant = self.meant(key, item);
            let texts = self.reader.texts(item, "beside");
            self.reader.once(&texts);
            for (name, span) in texts {
                beside.extend(self.field(name, &span));
            }
        }
        let Some(text) = value.text() else {
            return self
                .reader
                .expected(value, "JSON in a string, such as `\"null\"` or `\"0\"`, or `\"now\"`");
        };
        let leaf = self.leaves.iter().position(|(path, ..)| *path == key.text);
        let value = match text {
            "now" => match leaf.map(|at| &self.leaves[at].1.from) {
                Some(From::Field { lens, .. } | From::Sum { lens, .. }) if lens.kind == Type::Time => {
                    BlankValue::Now(lens.clone())
                }
                _ => {
                    let message = "`now` belongs to a place that a row of a time takes";
                    let help = "write JSON in a text, such as `\"null\"` or `\"0\"`";
                    return self.reader.error(Code::WrongOption, &value.span, message, help);
                }
            },
            _ => match self.blank_json(value, place) {
                Some(constant) => BlankValue::Constant(constant),
                None => return,
            },
        };
        let constant = match &value {
            BlankValue::Constant(constant) => Some(constant.clone()),
            BlankValue::Now(_) | BlankValue::Says(..) => None,
        };
        let unset: Vec<Constant> = constant.into_iter().chain(otherwise.clone()).collect();
        let is_leaf = self.put_blank(key, Blank { value, beside, otherwise });
        if is_leaf && !meant {
            self.read_blank(&key.text, &unset);
        }
    }

    /// A blank that is a sentence of what is known: `{ says = "status", values = { pending = 1, approved = 0 } }`. It
    /// means something, so it is not read as nothing.
    fn blank_says(&mut self, key: &Key, item: &Item, place: Place<'s>) {
        self.reader.known_keys(item, &["says", "values", "unit", "otherwise"]);
        let otherwise = item.get("otherwise").and_then(|item| self.blank_json(item, place));
        if let Some((says, number)) = self.sentence(item, place) {
            self.speakable(&says, place, &key.span);
            self.put_blank(
                key,
                Blank { value: BlankValue::Says(says, number), beside: Vec::new(), otherwise },
            );
        }
    }

    /// Puts a blank where it belongs; whether that is a place of a single value or a list.
    fn put_blank(&mut self, key: &Key, blank: Blank) -> bool {
        self.blanks_at.push((key.text.clone(), key.span.clone()));
        let below = format!("{}/", key.text);
        let map = self.spills.iter().any(|(place, ..)| *place == key.text);
        if map || self.leaves.iter().any(|(place, ..)| place.starts_with(&below)) {
            self.empties.push((key.text.clone(), blank));
            return false;
        }
        match self.leaves.iter_mut().find(|(place, ..)| *place == key.text) {
            Some((_, leaf, _)) => leaf.blank = Some(blank),
            // An entry that should write there is wrong, which has been told.
            None if self.covered.contains_key(&key.text) && !self.unwritten.contains_key(&key.text) => {}
            None => {
                self.cover(&key.text, &key.span);
                let leaf = Leaf { from: From::Nothing, blank: Some(blank) };
                self.leaves.push((key.text.clone(), leaf, key.span.clone()));
            }
        }
        true
    }

    pub(super) fn blank_json(&mut self, item: &Item, place: Place<'s>) -> Option<Constant> {
        let json = item.text().and_then(|text| serde_json::from_str(text).ok());
        match json {
            Some(json) => {
                let constant = Constant(json);
                self.in_schema(&constant, place, &item.span);
                Some(constant)
            }
            None => {
                let help = "a text needs quotes of its own: `'\"\"'`";
                self.reader.error(Code::WrongBlank, &item.span, "this is no JSON", help);
                None
            }
        }
    }

    /// `meant = true`: servers write the blank's value, too, and mean it; so it is read as a value, and an absence as
    /// the same. Without it a count of 0 that a server tells would be taken for one that nobody knows.
    pub(super) fn meant(&mut self, key: &Key, item: &Item) -> bool {
        let Some(at) = item.get("meant") else { return false };
        if !matches!(at.node, Toml::Bool(true)) {
            self.reader.expected(at, "true, or no `meant`");
            return false;
        }
        let place = path(&key.text);
        let text = item.get("value").and_then(Item::text);
        let count = text.and_then(|text| text.parse::<i64>().ok());
        for read in &mut self.reads {
            match (read, count) {
                (Read::Scalar { at, lens, default, .. }, Some(count))
                    if at.contains(&place) && lens.kind == Type::Count =>
                {
                    *default = Some((Value::Count(count), false));
                    return true;
                }
                (Read::Sum { at, lens, absent, .. }, Some(count))
                    if *at == place && lens.kind == Type::Count =>
                {
                    *absent = Some(count);
                    return true;
                }
                _ => {}
            }
        }
        self.reader.error(
            Code::WrongOption,
            &at.span,
            "`meant` is for a number at a place that a row of a count takes",
            "take it out",
        );
        false
    }

    /// A blank is read as nothing, in each spelling of its value: a number that stands for the same word as the
    /// blank's text would be written as that text, and come back as nothing.
    pub(super) fn read_blank(&mut self, place: &str, blank: &[Constant]) {
        let place = path(place);
        for read in &mut self.reads {
            match read {
                Read::Scalar { at, unset, lens, .. } if at.contains(&place) => {
                    unset.extend(blank.iter().cloned());
                    let sets = lens.values.iter().flat_map(|values| values.0.iter().map(|(_, set)| set));
                    let same = sets.filter(|set| blank.iter().any(|constant| set.contains(constant)));
                    unset.extend(same.flatten().cloned());
                }
                Read::Sum { at, unset, .. } | Read::List { at, unset, .. } if *at == place => {
                    unset.extend(blank.iter().cloned())
                }
                _ => {}
            }
        }
    }
}
