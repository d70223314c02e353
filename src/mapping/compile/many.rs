//! Forms that hold several values, or say them for people: lists, maps, texts.
use std::ops::Range;
use std::sync::Arc;

use crate::canonical::{FieldId, Type};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key};

use super::super::lens::JsonKind;
use super::super::program::{Carry, From, MapOf, Read};
use super::super::says::{self, Says};
use super::super::schema::Place;
use super::rows::json_kind;
use super::{Draft, compile_as, path};

impl<'s> Draft<'_, '_, 's> {
    pub(super) fn list(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["list", "of", "named"]);
        let Some((field, Type::List(shape))) = self.many(row, "list") else { return };
        let Some(of) = self.of(row) else { return };
        let named = self.reader.text(row, "named").zip(row.get("named"));
        let items = match named {
            None => place.items(),
            Some(_) => place.additional().and_then(Place::items),
        };
        let Some(items) = items else {
            let help = "a list needs a schema with `items`; one that is `named` an object of such lists";
            return self.reader.error(
                Code::WrongType,
                &key.span,
                "the schema has no list at this place",
                help,
            );
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
                Ok(parts) => {
                    if parts.iter().all(|part| matches!(part, says::Part::Text(_))) {
                        let message = "all items would stand under one name";
                        let help = "name a field of the item, as in `{place}`";
                        self.reader.error(Code::WrongTemplate, &at.span, message, help);
                    }
                    Some(From::Grouped(field, of, parts))
                }
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
            let help = match kind {
                Type::List(_) => "write `{ list = …, of = \"message\" }`",
                Type::Texts | Type::Map(_) => "write `{ map = … }`",
                _ => "write `{ is = … }`: the field holds a single value",
            };
            self.reader.error(Code::WrongForm, &named.span, message, help);
        }
        fits.then_some((field, kind))
    }

    /// The message of an item.
    fn of(&mut self, row: &Item) -> Option<Key> {
        match row.get("of") {
            None => {
                let message = "`of` must name the message of an item";
                let help = "add `of = \"message\"`, and `[message.…]`";
                self.reader.error(Code::OptionMissing, &row.span, message, help);
                None
            }
            Some(of) => {
                let text = self.reader.text(row, "of")?;
                Some(Key { text: text.to_owned(), span: of.span.clone() })
            }
        }
    }

    pub(super) fn map(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["map", "of"]);
        let Some((field, kind)) = self.many(row, "map") else { return };
        let (Type::Map(_) | Type::Texts) = kind else { return };
        let of = match kind {
            Type::Map(shape) => {
                let Some(value) = place.additional() else {
                    let message = "the schema has no map at this place";
                    let help = "a map needs a schema with `additionalProperties`";
                    return self.reader.error(Code::WrongType, &key.span, message, help);
                };
                let Some(of) = self.of(row) else { return };
                let message = compile_as(self.reader, self.shared, &of, value, shape, self.depth - 1);
                let Some(message) = message else { return };
                MapOf::Records(Arc::new(message))
            }
            _ => {
                if let Some(of) = row.get("of") {
                    let message = "this map holds texts, and no messages";
                    self.reader.error(Code::WrongOption, &of.span, message, "take `of` out");
                }
                if place.additional().is_none()
                    && place.names().is_empty()
                    && !place.types().contains(&"object")
                {
                    let message = "the schema has no map at this place";
                    let help = "a map of texts needs a schema with `\"type\": \"object\"`";
                    return self.reader.error(Code::WrongType, &key.span, message, help);
                }
                self.takes_texts(place, &key.span);
                MapOf::Texts
            }
        };
        self.carry(field, Carry::Many, &key.span);
        self.reads.push(Read::Map { field, at: path(&key.text), of: of.clone(), taken: Vec::new() });
        self.spills.push((key.text.clone(), field, of));
    }

    /// A map of texts writes texts under whatever names: the schema must let them stand.
    fn takes_texts(&mut self, place: Place<'s>, span: &Range<usize>) {
        let types = place.additional().map(Place::types).unwrap_or_default();
        let wrong = match types.is_empty() || types.contains(&"string") {
            true if place.names().is_empty() && place.is_closed() => {
                "the schema lets no name stand at this place".to_owned()
            }
            true => return,
            false => format!(
                "this map holds texts, and the schema's values are of the type {}",
                types.join(" or ")
            ),
        };
        let help =
            "give the schema's `additionalProperties` the type `string`, or name each property in a row";
        self.reader.error(Code::WrongType, span, wrong, help);
    }

    pub(super) fn says(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["says", "values", "unit"]);
        if let Some((says, number)) = self.sentence(row, place) {
            self.speakable(&says, place, &key.span);
            self.leaf(&key.text, From::Says(says, number), &key.span);
        }
    }

    /// Whether what is said can stand at the place: a sentence is no number, and nothing but its own values is a truth.
    pub(super) fn speakable(&mut self, says: &Says, place: Place<'s>, span: &Range<usize>) {
        let one = match says.pieces.as_slice() {
            [piece] => match piece.as_slice() {
                [says::Part::Field(field, names)] if names.is_empty() => Some(self.shape.field(*field).kind),
                _ => None,
            },
            _ => None,
        };
        let wrong = match json_kind(place) {
            None if place.types().is_empty() => None,
            None => Some((Code::WrongType, "the schema has no single value at this place")),
            // Its values have been held against the schema.
            Some(_) if says.values.is_some() => None,
            Some(JsonKind::Text) => None,
            Some(JsonKind::Number) if matches!(one, Some(Type::Count | Type::Id)) => None,
            // Without a unit, a length is said as a text.
            Some(JsonKind::Number) if one == Some(Type::Length) && says.length.is_some() => None,
            Some(_) => Some((Code::TypeMismatch, "a text can't stand here")),
        };
        if let Some((code, message)) = wrong {
            let help = "look at the schema's `type`; words may have `values` of that type";
            self.reader.error(code, span, message, help);
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
            let help = "write `{field}`, or a field's name alone";
            self.reader.error(Code::UnknownField, &item.span, "this names no canonical field", help);
        }
        if row.get("values").is_some() || row.get("unit").is_some() {
            let field = says.fields().next()?;
            says.values = row.get("values").and_then(|item| self.words(field, item, place));
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
            false => {
                let help = "fields stand in braces, as in `(Ticket {ticket.number})`";
                self.reader.error(Code::WrongTemplate, &item.span, wrong.what.clone(), help);
            }
        }
    }
}
