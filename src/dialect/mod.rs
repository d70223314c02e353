//! One vendor's way of speaking, whole: tables, schemas, routes, faults, sign-in.
//!
//! Start at [`Registry::load`], which makes [`Dialect`]s of TOML and JSON Schema files, one for each variant, or says
//! all that is wrong with them. Knows `mapping`, `json`, `canonical`, `crosswalk`'s rules and `identity`'s schemes;
//! knows no network, and no vendor by name.
mod fault;
mod files;
mod load;
mod operation;
mod registry;
mod route;
#[cfg(test)]
mod tests;

use hyper::header::HeaderValue;

use crate::canonical::{FieldId, Problem, Record};
use crate::crosswalk::FindRules;
use crate::identity::caller::CallerScheme;
use crate::identity::sign_in::SignIn;
use crate::json::{Document, Keep, ReadError, ReadOptions};

pub use files::{Files, strays};
pub use load::MessageEntry;
pub use operation::{Again, Operation, Outcome, VERBS};
pub use registry::Registry;
pub(crate) use route::METHODS;
pub use route::{Recognised, Route, Unrecognised};

/// One dialect in one variant.
#[derive(Debug)]
pub struct Dialect {
    /// Its name: the stem of its file.
    pub name: String,
    /// For people.
    pub title: String,
    /// The variant; none: what real clients read.
    pub variant: Option<String>,
    /// How its callers show who they are.
    pub caller: CallerScheme,
    /// How one signs in at its servers.
    pub sign_in: SignIn,
    /// Fields that its session carries, by the first part of their names.
    pub session: Vec<String>,
    /// How its server finds what names mean.
    pub find: FindRules,
    /// Kinds of reference of which an unknown name becomes nothing.
    pub unknown_is_none: Vec<String>,
    pub(crate) bases: Vec<route::Base>,
    /// Which base is written.
    pub(crate) written_base: usize,
    pub(crate) any_case_paths: bool,
    pub(crate) json: ReadOptions,
    pub(crate) messages: Vec<MessageEntry>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) faults: Vec<fault::Binding>,
    pub(crate) fault_messages: Vec<usize>,
    /// What an error's body is called in `Content-Type`; none: what other bodies are called.
    pub fault_type: Option<HeaderValue>,
    pub(crate) mint: Mint,
    /// Which file it comes from, for reports.
    pub file: String,
}

/// How ids are made that the gateway gives to callers of this dialect.
#[derive(Debug, Clone, Default)]
pub struct Mint {
    /// Of these, the first of which all is known is taken.
    pub(crate) templates: Vec<Vec<MintPart>>,
    /// Added to the running number: a range that the vendor's own ids don't reach.
    pub(crate) from: u64,
}

impl Mint {
    /// Whether an id is made of more than its number.
    pub(crate) fn names_fields(&self) -> bool {
        self.templates.iter().flatten().any(|part| matches!(part, MintPart::Field(_)))
    }
}

/// A part of a minted id.
#[derive(Debug, Clone)]
pub(crate) enum MintPart {
    /// As it stands.
    Text(String),
    /// `{number}`: the running number.
    Number,
    /// `{hex}`: 32 digits that follow from the number.
    Hex,
    /// A canonical field.
    Field(FieldId),
}

/// Why a body is no message of this dialect.
#[derive(Debug)]
pub enum Unreadable {
    /// Not JSON that we take.
    Json(ReadError),
    /// It breaks the message's schema.
    Schema(Vec<Problem>),
}

/// The most problems that one answer lists.
const MOST_PROBLEMS: usize = 50;

impl Dialect {
    /// `name`, or `name/variant`.
    pub fn label(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}/{variant}", self.name),
            None => self.name.clone(),
        }
    }

    /// The operations it binds.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation of a canonical verb.
    pub fn operation(&self, word: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.word == word)
    }

    /// A message by its number.
    pub fn message(&self, number: usize) -> &MessageEntry {
        &self.messages[number]
    }

    /// A message by its name.
    pub fn message_named(&self, name: &str) -> Option<&MessageEntry> {
        self.messages.iter().find(|entry| entry.message.name == name)
    }

    /// The base path that is written.
    pub fn base(&self) -> &str {
        self.bases.get(self.written_base).map_or("", |base| base.text.as_str())
    }

    /// How this dialect reads JSON, within limits.
    pub fn json(&self, limits: crate::json::Limits) -> ReadOptions {
        ReadOptions { limits, ..self.json }
    }

    /// Whether the session carries a field, so that no body has a place for it.
    pub fn session_carries(&self, field: &str) -> bool {
        self.session.iter().any(|part| crate::canonical::word::within(field, part))
    }

    /// A fresh id for a caller of this dialect.
    pub fn mint(&self, number: u64, known: &Record<'_>) -> String {
        let number = self.mint.from.saturating_add(number).to_string();
        let fill = |template: &Vec<MintPart>| {
            let mut id = String::with_capacity(64);
            for part in template {
                match part {
                    MintPart::Text(text) => id.push_str(text),
                    MintPart::Number => id.push_str(&number),
                    MintPart::Hex => id.push_str(&blake3::hash(number.as_bytes()).to_hex()[..32]),
                    MintPart::Field(field) => id.push_str(known.text(*field)?),
                }
            }
            Some(id)
        };
        self.mint.templates.iter().find_map(fill).unwrap_or(number)
    }
}

impl MessageEntry {
    /// Reads a body and holds it against the schema.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub fn parse<'b>(&'b self, body: &'b [u8], how: ReadOptions) -> Result<Document<'b>, Unreadable> {
        let read = Document::read_as(body, how, (&self.lenient, &self.schema), None);
        let (document, fine) = read.map_err(Unreadable::Json)?;
        if fine { Ok(document) } else { self.validate(document) }
    }

    /// What of the message is kept where only these fields are wanted; none: all.
    pub fn keep(&self, wanted: &[bool]) -> Option<Keep> {
        Keep::new(&self.lenient, &self.schema, self.message.ways(wanted))
    }

    /// Reads a body, and says what of it breaks the schema: for a message that must be made the best of. Of one that
    /// breaks nothing, the document may hold no more than `keep`.
    ///
    /// # Errors
    /// A body that is no JSON that we take.
    pub fn parse_loosely<'b>(
        &'b self,
        body: &'b [u8],
        how: ReadOptions,
        keep: Option<&'b Keep>,
    ) -> Result<(Document<'b>, Vec<Problem>), ReadError> {
        let (document, fine) = Document::read_as(body, how, (&self.lenient, &self.schema), keep)?;
        let problems = if fine { Vec::new() } else { self.problems(&document) };
        Ok((document, problems))
    }

    /// Holds a document against the schema.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn validate<'b>(&self, document: Document<'b>) -> Result<Document<'b>, Unreadable> {
        let problems = self.problems(&document);
        if problems.is_empty() { Ok(document) } else { Err(Unreadable::Schema(problems)) }
    }

    /// All that breaks the schema.
    pub fn problems(&self, document: &Document<'_>) -> Vec<Problem> {
        if self.schema.accepts(document) {
            return Vec::new();
        }
        let violations = self.schema.violations(document, MOST_PROBLEMS);
        let mut problems: Vec<Problem> = violations
            .into_iter()
            .map(|v| Problem { pointer: v.pointer, text: v.text, lacks: v.lacks })
            .collect();
        if problems.is_empty() {
            problems.push(Problem::new("", "breaks its schema"));
        }
        problems
    }
}

/// By number: the fields that a message can show.
pub(crate) fn field_mask(fields: impl IntoIterator<Item = FieldId>) -> Vec<bool> {
    let mut mask = vec![false; crate::canonical::field::FIELDS.len()];
    for field in fields {
        mask[field.0 as usize] = true;
    }
    mask
}
