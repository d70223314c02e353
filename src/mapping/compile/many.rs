//! Forms that hold several values, or say them for people: lists, maps, texts.
use std::sync::Arc;

use crate::canonical::{FieldId, Type};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key};

use super::super::program::{Carry, From, MapOf, Read};
use super::super::says::{self, Says};
use super::super::schema::Place;
use super::{Draft, compile_as, path};

impl<'s> Draft<'_, '_, 's> {
    pub(super) fn list(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["list", "of", "named"]);
        let Some((field, Type::List(shape))) = self.many(row, "list") else { return };
        let Some(of) = self.reader.text(row, "of").zip(row.get("of")) else {
            return self.reader.error(
                Code::OptionMissing,
                &row.span,
                "`of` must name the message of an item",
            );
        };
        let of = Key { text: of.0.to_owned(), span: of.1.span.clone() };
        let named = self.reader.text(row, "named").zip(row.get("named"));
        let items = match named {
            None => place.items(),
            Some(_) => place.additional().and_then(Place::items),
        };
        let Some(items) = items else {
            return self.reader.error(Code::WrongType, &key.span, "the schema has no list at this place");
        };
        let Some(of) = compile_as(self.reader, self.shared, &of, items, shape, self.depth - 1) else {
            return;
        };
        // Reading and writing share it: compiled twice, its mistakes would be told twice, and each level double them.
        let of = Arc::new(of);
        self.carry(field, Carry::Many, &key.span);
        let from = match named {
            None => {
                self.reads.push(Read::List { field, at: path(&key.text), of: of.clone(), unset: Vec::new() });
                Some(From::List(field, of))
            }
            Some((template, at)) => match says::parse(template, shape) {
                Ok(parts) => Some(From::Grouped(field, of, parts)),
                Err(wrong) => {
                    self.template(&wrong, at);
                    None
                }
            },
        };
        if let Some(from) = from {
            self.leaf(&key.text, from, &key.span);
        }
    }

    pub(super) fn many(&mut self, row: &Item, form: &str) -> Option<(FieldId, Type)> {
        let named = row.get(form)?;
        let Some(name) = named.text() else {
            self.reader.expected(named, "a canonical field");
            return None;
        };
        let field = self.field(name, &named.span)?;
        let kind = self.shape.field(field).kind;
        let fits = matches!((form, kind), ("list", Type::List(_)) | ("map", Type::Texts | Type::Map(_)));
        if !fits {
            let message = format!("`{name}` is not what a `{form}` holds");
            self.reader.error(Code::WrongForm, &named.span, message);
        }
        fits.then_some((field, kind))
    }

    pub(super) fn map(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["map", "of"]);
        let Some((field, kind)) = self.many(row, "map") else { return };
        let (Type::Map(_) | Type::Texts) = kind else { return };
        let of = match kind {
            Type::Map(shape) => {
                let Some(value) = place.additional() else {
                    let message = "the schema has no map at this place";
                    return self.reader.error(Code::WrongType, &key.span, message);
                };
                let of = key_of(row);
                let message = compile_as(self.reader, self.shared, &of, value, shape, self.depth - 1);
                let Some(message) = message else { return };
                MapOf::Records(Arc::new(message))
            }
            _ => MapOf::Texts,
        };
        self.carry(field, Carry::Many, &key.span);
        self.reads.push(Read::Map { field, at: path(&key.text), of: of.clone(), taken: Vec::new() });
        self.spills.push((key.text.clone(), field, of));
    }

    pub(super) fn says(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["says", "values", "unit"]);
        if let Some((says, number)) = self.sentence(row, place) {
            self.leaf(&key.text, From::Says(says, number), &key.span);
        }
    }

    /// What `says` and its options say, and whether it stands as a number.
    pub(super) fn sentence(&mut self, row: &Item, place: Place<'s>) -> Option<(Says, bool)> {
        let mut says = Says::default();
        let item = row.get("says")?;
        let before = self.reader.wrong.0.len();
        for (text, span) in self.reader.texts(row, "says") {
            // A bare field's name is short for the field in braces.
            let template = match self.shape.find(text) {
                Some(_) => format!("{{{text}}}"),
                None => text.to_owned(),
            };
            match says::parse(&template, self.shape) {
                Ok(parts) => says.pieces.push(parts),
                Err(wrong) => {
                    let at = Item { span, node: item.node.clone() };
                    self.template(&wrong, &at);
                }
            }
        }
        let wrong = self.reader.wrong.0.len() > before;
        if !wrong && says.pieces.iter().flatten().all(|part| matches!(part, says::Part::Text(_))) {
            let message = "this names no canonical field: write `{field}`, or a field's name alone";
            self.reader.error(Code::UnknownField, &item.span, message);
        }
        if row.get("values").is_some() || row.get("unit").is_some() {
            let field = says.fields().next()?;
            says.values = row.get("values").and_then(|item| self.values(field, item, place));
            let kind = self.shape.field(field).kind;
            if row.get("unit").is_some() || kind == Type::Length {
                says.length = self.unit(row, kind);
            }
        }
        let number = matches!(place.types().first(), Some(&("integer" | "number")));
        Some((says, number))
    }

    pub(super) fn template(&mut self, wrong: &says::TemplateError, item: &Item) {
        match wrong.unknown {
            true => {
                self.field(&wrong.what, &item.span);
            }
            false => self.reader.error(Code::WrongTemplate, &item.span, wrong.what.clone()),
        }
    }
}

pub(super) fn key_of(row: &Item) -> Key {
    let of = row.get("of");
    Key {
        text: of.and_then(Item::text).unwrap_or_default().to_owned(),
        span: of.map_or(row.span.clone(), |item| item.span.clone()),
    }
}
