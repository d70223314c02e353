//! What a compiled table tells of itself, for those who predict what it will do without reading or writing anything.
//!
//! Start at [`Message::shown`]. Knows what `program` has; never looks at a record.
use std::ops::Range;

use crate::canonical::field::restricts;
use crate::canonical::{FieldId, Type, Value};

use super::lens::Values;
use super::program::{Blank, BlankValue, Case, From, Leaf, Message, Node, Pattern, Read};

/// A place of a message that something is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As a JSON pointer; empty: the whole message.
    pub place: String,
    /// The fields of which any fills it.
    pub fields: Vec<FieldId>,
    /// What is written where nothing fills it, as a person reads it; none: nothing is.
    pub blank: Option<String>,
}

/// A case of a choice, as far as writing asks for it.
#[derive(Debug, Clone, Copy)]
pub struct CaseTold<'m> {
    /// The word that it says.
    pub word: &'m str,
    patterns: &'m [Pattern],
}

impl CaseTold<'_> {
    /// The fields that must be known for it, each with a place of its own.
    pub fn needs(&self) -> impl Iterator<Item = FieldId> {
        self.patterns.iter().filter_map(|pattern| match pattern {
            Pattern::Field(field) => Some(*field),
            _ => None,
        })
    }
}

impl Message {
    /// The places that are written, in the table's order.
    pub fn shown(&self) -> Vec<Shown> {
        let mut found = Vec::new();
        self.root.shown(self, "", &mut found);
        found
    }

    /// The cases of a choice, in the order in which they are tried.
    pub fn cases(&self, choose: usize) -> impl Iterator<Item = CaseTold<'_>> {
        let cases = self.chooses.get(choose).into_iter().flat_map(|choose| &choose.cases);
        cases.map(|case| CaseTold { word: &case.word, patterns: &case.patterns })
    }

    /// The field that a choice says.
    pub fn chosen_by(&self, choose: usize) -> Option<FieldId> {
        self.chooses.get(choose).map(|choose| choose.field)
    }

    /// The words that reading can find for a field, and that count: all but those of which each value means a deeper
    /// word as well, and those that only an absence says.
    pub fn words_read(&self, field: FieldId) -> Option<Vec<&str>> {
        let name = self.shape.field(field).name;
        let counts = |value: &Value<'_>, said: bool| said || restricts(name, value);
        self.reads.iter().find_map(|read| match read {
            Read::Scalar { field: of, lens, default, .. } if *of == field => {
                let mut words = lens.values.as_ref()?.words_read();
                if let Some((Value::Text(word), said)) = default
                    && counts(&Value::Text(word.clone()), *said)
                    && !words.contains(&word.as_ref())
                {
                    words.push(word);
                }
                Some(words)
            }
            Read::Choose(number) if self.chosen_by(*number) == Some(field) => {
                let said = |case: &Case| case.patterns.iter().any(|pattern| *pattern != Pattern::Absent);
                let cases = self.chooses.get(*number)?.cases.iter();
                let cases = cases.filter(|case| counts(&Value::Bool(case.word == "true"), said(case)));
                let mut words: Vec<&str> = cases.map(|case| case.word.as_str()).collect();
                words.sort_unstable();
                words.dedup();
                Some(words)
            }
            _ => None,
        })
    }

    /// The shortest length that reading can find for a field, whatever the schema lets stand there.
    pub fn shortest_read(&self, field: FieldId) -> i64 {
        let shortest = self.reads.iter().find_map(|read| match read {
            // None of its places says anything.
            Read::Parts { field: of, parts, .. } if *of == field => parts.iter().map(|part| part.unit).min(),
            // An end that is not in the future is refused.
            Read::Sum { second, since_now: true, .. } if *second == field => Some(1),
            _ => None,
        });
        shortest.unwrap_or(0)
    }

    /// The ends that count from another time alone, and not from now: that time's field, and the one that is read.
    pub fn ends(&self) -> impl Iterator<Item = (FieldId, FieldId)> {
        self.reads.iter().filter_map(|read| match read {
            Read::Sum { first, second, lens, since_now: false, .. } if lens.kind == Type::Time => {
                Some((*first, *second))
            }
            _ => None,
        })
    }

    /// Whether a message that keeps to its schema always says a field; but for a null, which the schema may take.
    pub fn surely_says(&self, field: FieldId) -> bool {
        let read = |read: &Read| match read {
            Read::Scalar { field: of, unset, unless, since_now, .. } => {
                *of == field && unset.is_empty() && unless.is_empty() && !since_now
            }
            _ => false,
        };
        self.required.contains(&field) && self.reads.iter().any(read)
    }

    /// Where entries stand that are written and never read: texts for people, and lists by names.
    pub fn unread(&self) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        self.root.unread("", &mut places);
        places.iter().filter_map(|place| self.entry_at(place).cloned()).collect()
    }

    /// Whether a time of a field that isn't in the future is read as nothing.
    pub fn since_now(&self, field: FieldId) -> bool {
        self.reads
            .iter()
            .any(|read| matches!(read, Read::Scalar { field: of, since_now: true, .. } if *of == field))
    }

    /// The fields for whose sake another isn't written.
    pub fn yields_to(&self, field: FieldId) -> impl Iterator<Item = FieldId> {
        self.yields.iter().filter(move |(of, _)| *of == field).map(|(_, winner)| *winner)
    }

    /// What the server does anyway, all of it.
    pub fn all_always(&self) -> impl Iterator<Item = (FieldId, &Value<'static>)> {
        self.always.iter().map(|(field, value)| (*field, value))
    }

    /// Whether an absence of the field means something.
    pub fn assumes(&self, field: FieldId) -> bool {
        self.reads.iter().any(|read| match read {
            Read::Scalar { field: of, default, .. } => *of == field && default.is_some(),
            _ => false,
        })
    }

    /// The message of an item of a list.
    pub fn item(&self, field: FieldId) -> Option<&Message> {
        self.root.item(field)
    }
}

impl Values {
    fn words_read(&self) -> Vec<&str> {
        let depth = |word: &str| word.matches('.').count();
        let read = self.0.iter().filter(|(word, values)| {
            values.iter().any(|value| {
                let rivals = self.0.iter().filter(|(_, others)| others.contains(value));
                rivals.max_by_key(|(word, _)| depth(word)).is_some_and(|(deepest, _)| deepest == word)
            })
        });
        read.map(|(word, _)| word.as_str()).collect()
    }
}

impl Node {
    fn shown(&self, message: &Message, place: &str, found: &mut Vec<Shown>) {
        match self {
            Node::Leaf(leaf) => found.push(Shown {
                place: place.to_owned(),
                fields: leaf.from.filled_by(message),
                blank: leaf.blank.as_ref().map(|blank| blank.told(message)),
            }),
            Node::Object { members, spill, blank } => {
                let at = found.len();
                for (name, node) in members {
                    node.shown(message, &format!("{place}/{}", name.as_str()), found);
                }
                if spill.is_some() || blank.is_some() {
                    // What stands in it fills it as well.
                    let inside = found[at..].iter().flat_map(|shown| shown.fields.iter().copied());
                    let mut fields: Vec<FieldId> = inside.chain(spill.iter().map(|one| one.field)).collect();
                    fields.sort_unstable();
                    fields.dedup();
                    let blank = blank.as_ref().map(|blank| blank.told(message));
                    found.insert(at, Shown { place: place.to_owned(), fields, blank });
                }
            }
        }
    }

    fn unread(&self, place: &str, found: &mut Vec<String>) {
        match self {
            Node::Leaf(Leaf { from: From::Says(..) | From::Grouped(..), .. }) => found.push(place.to_owned()),
            Node::Leaf(_) => {}
            Node::Object { members, .. } => {
                for (name, node) in members {
                    node.unread(&format!("{place}/{}", name.as_str()), found);
                }
            }
        }
    }

    fn item(&self, field: FieldId) -> Option<&Message> {
        match self {
            Node::Object { members, .. } => members.iter().find_map(|(_, node)| node.item(field)),
            Node::Leaf(leaf) => match &leaf.from {
                From::List(known, of) | From::Grouped(known, of, _) if *known == field => Some(of),
                _ => None,
            },
        }
    }
}

impl From {
    /// The fields of which any makes it write something.
    fn filled_by(&self, message: &Message) -> Vec<FieldId> {
        match self {
            From::Nothing => Vec::new(),
            From::Field { field, .. } | From::Part { field, .. } => vec![*field],
            // The start alone says no end.
            From::Sum { second, .. } => vec![*second],
            From::Choose { choose, .. } => message.chosen_by(*choose).into_iter().collect(),
            From::Says(says, _) => says.fields().collect(),
            From::List(field, _) | From::Grouped(field, ..) => vec![*field],
        }
    }
}

impl Blank {
    fn told(&self, message: &Message) -> String {
        let mut text = match &self.value {
            BlankValue::Constant(constant) => constant.0.to_string(),
            BlankValue::Now(_) => "the time of the reply".to_owned(),
            BlankValue::Says(says, _) => {
                let mut names: Vec<&str> =
                    says.fields().map(|field| message.shape.field(field).name).collect();
                names.dedup();
                format!("what {} suggests", names.join(", "))
            }
        };
        if let Some(otherwise) = &self.otherwise {
            text = format!("{text}, or {}", otherwise.0);
        }
        text
    }
}
