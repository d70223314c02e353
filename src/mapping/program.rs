//! A compiled table: what reading and writing walk. Names are hashed, value sets resolved, places in a tree.
use std::ops::Range;
use std::sync::Arc;

use crate::canonical::time::{LengthFormat, TimeFormat};
use crate::canonical::{FieldId, Record, Shape, Value, word};
use crate::json::{At, Name, NameSet};

use super::lens::{Constant, Lens};
use super::path::Path;
use super::says::Says;
use super::schema::Limits;
use super::stand::Stands;

/// One message of one dialect, ready to be read and written.
#[derive(Debug)]
pub struct Message {
    /// Its name in the table.
    pub name: String,
    /// What it reads as.
    pub shape: Shape,
    pub(super) reads: Vec<Read>,
    pub(super) chooses: Vec<Choose>,
    pub(super) root: Node,
    pub(super) always: Vec<(FieldId, Value<'static>)>,
    /// Fields that aren't written where another is known, with that other.
    pub(super) yields: Vec<(FieldId, FieldId)>,
    /// By field: how the message carries it, if it does.
    pub(super) carries: Vec<Option<Carry>>,
    /// Fields that the schema requires a place of.
    pub(super) required: Vec<FieldId>,
    /// By field: where in the table's file the entry stands that carries it.
    pub(super) origins: Vec<Option<Range<usize>>>,
    /// By field: the place that is written for it, as a path.
    pub(super) places: Vec<Option<String>>,
    /// The members that some entry reads, writes or ignores.
    pub(super) members: NameSet,
    /// Where its entries stand.
    pub(super) stands: Stands,
}

/// How a message carries a field.
#[derive(Debug, Clone)]
pub enum Carry {
    /// Any value within the limits.
    Plain {
        /// What the schema takes.
        limits: Limits,
        /// Whether the place takes digits only.
        digits: bool,
        /// Of a length: how it is written; what is below its step is cut off.
        length: LengthFormat,
        /// Seconds, of a length whose table says so.
        longest: Option<i64>,
        /// Of a time: how it is written; what a format can't say is cut off.
        time: TimeFormat,
    },
    /// The words of a value set, or what lies below them.
    Words(Vec<String>),
    /// The words of a choice.
    Choose(usize),
    /// A place inside a choice.
    Within(usize),
    /// Records or names and values.
    Many,
}

/// One place of several that a length is the sum of.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) at: Path,
    /// In seconds.
    pub(super) unit: i64,
    /// The most that the schema lets stand there.
    pub(super) most: Option<i64>,
}

/// One entry, as reading needs it.
#[derive(Debug)]
pub(super) enum Read {
    Scalar {
        field: FieldId,
        /// The place, and other spellings of it.
        at: Vec<Path>,
        lens: Lens,
        /// What an absence means, and whether that counts as said.
        default: Option<(Value<'static>, bool)>,
        /// Values that mean: not set.
        unset: Vec<Constant>,
        /// Where one of these places has a value, the row is not read: another row's, in all its spellings.
        unless: Vec<Path>,
        /// A time that isn't in the future is as good as not said.
        since_now: bool,
    },
    /// A field that is the sum of places.
    Parts {
        field: FieldId,
        parts: Vec<Part>,
        /// The most that all may be together.
        longest: Option<i64>,
        text: Option<Path>,
        /// Values that mean: not set.
        unset: Vec<Constant>,
    },
    /// A place that is the sum of fields: what is left after the first is the second.
    Sum {
        at: Path,
        first: FieldId,
        second: FieldId,
        lens: Lens,
        since_now: bool,
        unset: Vec<Constant>,
        /// What an absence means, where it means a number.
        absent: Option<i64>,
    },
    Choose(usize),
    List {
        field: FieldId,
        at: Path,
        of: Arc<Message>,
        /// Values that mean: not set.
        unset: Vec<Constant>,
    },
    Map {
        field: FieldId,
        at: Path,
        of: MapOf,
        taken: Vec<Name>,
    },
}

/// What a map's values are.
#[derive(Debug, Clone)]
pub(super) enum MapOf {
    Texts,
    Records(Arc<Message>),
}

/// Ordered cases of several places.
#[derive(Debug)]
pub(super) struct Choose {
    pub(super) field: FieldId,
    pub(super) places: Vec<Path>,
    /// By place: whether a field's text stands there as a number.
    pub(super) numeric: Vec<bool>,
    pub(super) cases: Vec<Case>,
}

#[derive(Debug)]
pub(super) struct Case {
    pub(super) word: String,
    /// By place of the choice.
    pub(super) patterns: Vec<Pattern>,
}

/// What may stand at a place of a case, and what is written there.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pattern {
    /// Nothing stands there.
    Absent,
    /// Whatever stands there or doesn't; the constant, if any, is written.
    Anything(Option<Constant>),
    /// One of these; the first is written.
    OneOf(Vec<Constant>),
    /// Any single value, which is the field's.
    Field(FieldId),
}

/// A place, as writing needs it.
#[derive(Debug)]
pub(super) enum Node {
    Leaf(Leaf),
    Object {
        members: Vec<(Name, Node)>,
        /// A map whose names stand beside the listed ones.
        spill: Option<Spill>,
        /// What is written instead where nothing in it is known.
        blank: Option<Blank>,
    },
}

/// A map at a place of which some names are rows' of their own.
#[derive(Debug)]
pub(super) struct Spill {
    pub(super) field: FieldId,
    pub(super) of: MapOf,
}

#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) from: From,
    pub(super) blank: Option<Blank>,
}

/// Where a place's value comes from.
#[derive(Debug)]
pub(super) enum From {
    Nothing,
    Field {
        field: FieldId,
        lens: Lens,
        unless: Option<FieldId>,
    },
    Part {
        field: FieldId,
        unit: i64,
        above: Option<i64>,
    },
    Sum {
        first: FieldId,
        second: FieldId,
        lens: Lens,
    },
    Choose {
        choose: usize,
        place: usize,
    },
    Says(Says, bool),
    List(FieldId, Arc<Message>),
    /// By name, each with an array of its texts.
    Grouped(FieldId, Arc<Message>, Vec<super::says::Part>),
}

/// What is written where nobody knows a value.
#[derive(Debug)]
pub(super) struct Blank {
    pub(super) value: BlankValue,
    /// Only where these fields are known.
    pub(super) beside: Vec<FieldId>,
    /// Where they aren't.
    pub(super) otherwise: Option<Constant>,
}

#[derive(Debug)]
pub(super) enum BlankValue {
    Constant(Constant),
    Now(Lens),
    /// A sentence of what is known, and whether it stands as a number.
    Says(Says, bool),
}

impl Choose {
    /// The case that is written for a record: the first with its word, or with the nearest word above it, of which
    /// all fields are known.
    pub(super) fn written(&self, record: &Record<'_>) -> Option<&Case> {
        let word = match record.get(self.field)? {
            Value::Text(word) => word.as_ref(),
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            _ => return None,
        };
        word::ancestry(word).find_map(|word| {
            self.cases.iter().find(|case| {
                case.word == word
                    && case.patterns.iter().all(|pattern| match pattern {
                        Pattern::Field(field) => record.get(*field).is_some(),
                        _ => true,
                    })
            })
        })
    }
}

impl Message {
    /// How the message carries a field, if it does.
    pub fn carries(&self, field: FieldId) -> Option<&Carry> {
        self.carries[field.0 as usize].as_ref()
    }

    /// The members of a document that some entry reads, writes or ignores.
    pub fn members(&self) -> &NameSet {
        &self.members
    }

    /// What the server does anyway about a field, without a place to say it.
    pub fn always(&self, field: FieldId) -> Option<&Value<'static>> {
        self.always.iter().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// The field that is known to a record and for whose sake another isn't written.
    pub(super) fn winner(&self, record: &Record<'_>, field: FieldId) -> Option<FieldId> {
        let mut winners = self.yields.iter().filter(|(of, _)| *of == field).map(|(_, winner)| *winner);
        winners.find(|winner| record.get(*winner).is_some())
    }

    /// The fields of which the schema requires a place.
    pub fn required(&self) -> &[FieldId] {
        &self.required
    }

    /// Where in the table's file the entry stands that carries a field.
    pub fn origin(&self, field: FieldId) -> Option<&Range<usize>> {
        self.origins[field.0 as usize].as_ref()
    }

    /// The place that says a field, as a JSON pointer.
    pub fn place_of(&self, field: FieldId) -> Option<String> {
        self.places[field.0 as usize].as_ref().map(|place| match place.as_str() {
            "." => String::new(),
            place => format!("/{place}"),
        })
    }

    /// The name of the field that a place says, by its JSON pointer.
    pub fn field_at(&self, pointer: &str) -> Option<&'static str> {
        let place = pointer.strip_prefix('/')?;
        let at = self.places.iter().position(|known| known.as_deref() == Some(place))?;
        Some(self.shape.field(FieldId(at as u8)).name)
    }

    /// The members of a document that no entry knows: the vendor's server takes no notice of them, so neither do we,
    /// but somebody may have misspelt one.
    pub fn unknown<'d>(&'d self, root: At<'d>) -> impl Iterator<Item = &'d str> {
        let all = self.reads.iter().any(|read| matches!(read, Read::Map { at, .. } if at.is_empty()));
        root.names_beyond(&self.members).filter(move |_| !all)
    }

    /// The field that reading another takes: what is left of a sum can't be told without the part that is known.
    pub fn read_by(&self, field: FieldId) -> Option<FieldId> {
        self.reads.iter().find_map(|read| match read {
            Read::Sum { first, second, .. } if *second == field => Some(*first),
            _ => None,
        })
    }

    /// The fields that the message can show, in entries of any form.
    pub fn speaks_of(&self) -> Vec<FieldId> {
        let mut found = Vec::new();
        self.root.speaks_of(self, &mut found);
        found.sort();
        found.dedup();
        found
    }
}

impl Node {
    fn speaks_of(&self, message: &Message, found: &mut Vec<FieldId>) {
        match self {
            Node::Object { members, spill, blank } => {
                members.iter().for_each(|(_, node)| node.speaks_of(message, found));
                found.extend(spill.as_ref().map(|spill| spill.field));
                found.extend(blank.iter().flat_map(Blank::fields));
            }
            Node::Leaf(leaf) => {
                found.extend(leaf.blank.iter().flat_map(Blank::fields));
                leaf.from.speaks_of(message, found);
            }
        }
    }
}

impl Blank {
    /// What decides about it.
    pub(super) fn fields(&self) -> Vec<FieldId> {
        match &self.value {
            BlankValue::Says(says, _) => says.fields().collect(),
            BlankValue::Constant(_) | BlankValue::Now(_) => self.beside.clone(),
        }
    }
}

impl From {
    fn speaks_of(&self, message: &Message, found: &mut Vec<FieldId>) {
        match self {
            From::Nothing => {}
            From::Field { field, .. } | From::Part { field, .. } => found.push(*field),
            From::Sum { first, second, .. } => found.extend([*first, *second]),
            From::Choose { choose, .. } => {
                let choose = &message.chooses[*choose];
                found.push(choose.field);
                let patterns = choose.cases.iter().flat_map(|case| &case.patterns);
                found.extend(patterns.filter_map(|pattern| match pattern {
                    Pattern::Field(field) => Some(*field),
                    _ => None,
                }));
            }
            From::Says(says, _) => found.extend(says.fields()),
            From::List(field, _) | From::Grouped(field, ..) => found.push(*field),
        }
    }
}
