//! Texts with fields in them: what a document says for people, and a path's or an id's template.
use crate::canonical::time::LengthFormat;
use crate::canonical::{FieldId, Record, Shape, Value};

use super::lens::Values;

/// A text with canonical fields in braces, in pieces. A piece of which a field is not known is left out.
#[derive(Debug, Clone, Default)]
pub struct Says {
    /// The pieces.
    pub pieces: Vec<Vec<Part>>,
    /// For a single field: the words' texts.
    pub values: Option<Values>,
    /// For a length: how it is written; none: as people read it.
    pub length: Option<LengthFormat>,
}

/// A part of a piece.
#[derive(Debug, Clone)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// A field's value; the names lead into its map.
    Field(FieldId, Vec<String>),
}

/// Why a template can't be.
#[derive(Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The byte of the template at which it is wrong.
    pub at: usize,
    /// The name that is no canonical field, or what is wrong with the braces.
    pub what: String,
    /// Whether `what` is a name.
    pub unknown: bool,
}

/// Reads one piece: `(Ticket ID={ticket.number})`.
///
/// # Errors
/// Braces that don't close, and names that are no fields of the shape.
pub fn parse(text: &str, shape: Shape) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|found| at + found) {
        if open > at {
            parts.push(Part::Text(text[at..open].to_owned()));
        }
        let Some(close) = text[open..].find('}').map(|found| open + found) else {
            return Err(TemplateError {
                at: open,
                what: "this brace is never closed".into(),
                unknown: false,
            });
        };
        let mut names = text[open + 1..close].split('/');
        let name = names.next().unwrap_or_default();
        let Some(field) = shape.find(name) else {
            return Err(TemplateError { at: open + 1, what: name.to_owned(), unknown: true });
        };
        parts.push(Part::Field(field, names.map(str::to_owned).collect()));
        at = close + 1;
    }
    if at < text.len() {
        parts.push(Part::Text(text[at..].to_owned()));
    }
    Ok(parts)
}

impl Says {
    /// The fields that it speaks of.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.pieces.iter().flatten().filter_map(|part| match part {
            Part::Field(field, _) => Some(*field),
            Part::Text(_) => None,
        })
    }

    /// The whole text; none where no piece can be said. Where pieces meet, one blank is enough, and before the first
    /// none is needed: a piece can't know whether the one before it is left out.
    pub fn render(&self, record: &Record<'_>) -> Option<String> {
        let mut text = String::new();
        for piece in &self.pieces {
            let Some(said) = self.piece(piece, record) else { continue };
            let parted = text.is_empty() || text.ends_with(' ');
            let blank = matches!(piece.first(), Some(Part::Text(first)) if first.starts_with(' '));
            text.push_str(if parted && blank { &said[1..] } else { &said });
        }
        (!text.is_empty()).then_some(text)
    }

    /// The name of a group that a record stands in. Where a field of it isn't known, as the place of what is wrong with
    /// the whole of a message: what stands before that field, without the dot or slash that would lead to it.
    pub fn group(&self, record: &Record<'_>) -> String {
        self.render(record).unwrap_or_else(|| {
            let texts = self.pieces.iter().flatten().map_while(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Field(..) => None,
            });
            texts.collect::<String>().trim_end_matches(['.', '/']).to_owned()
        })
    }

    fn piece(&self, piece: &[Part], record: &Record<'_>) -> Option<String> {
        let mut out = String::new();
        for part in piece {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(field, names) => out.push_str(&self.value(record, *field, names)?),
            }
        }
        Some(out)
    }

    fn value(&self, record: &Record<'_>, field: FieldId, names: &[String]) -> Option<String> {
        let mut value = record.get(field)?;
        for name in names {
            value = match value {
                Value::Map(members) => &members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1,
                Value::Record(inner) => inner.get(inner.shape().find(name)?)?,
                _ => return None,
            };
        }
        Some(match (value, self.length) {
            (Value::Length(seconds), Some(format)) => format.write(*seconds).into(),
            (value, _) => match &self.values {
                Some(values) => match values.write(&value.to_string())?.1 {
                    super::lens::Constant(serde_json::Value::String(text)) => text.clone(),
                    super::lens::Constant(other) => other.to_string(),
                },
                None => value.to_string(),
            },
        })
    }
}
