//! Where the entries of a message stand in its table's file: for those who ask which of them it was.
//!
//! Start at [`Stand`]. Knows `diagnostic` and `json`; reading and writing never look here.
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::canonical::FieldId;
use crate::diagnostic::Source;
use crate::json::At;

use super::path::Path;
use super::program::{Blank, BlankValue, Message, Node};

/// A line of a file that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// As the person knows the file.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl fmt::Display for Stand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The entries of one message.
#[derive(Debug)]
pub(super) struct Stands {
    pub(super) source: Arc<Source>,
    /// By place: the entry that takes it.
    pub(super) places: Vec<(Path, Range<usize>)>,
    /// By place, as it is written: what stands there where nobody knows.
    pub(super) blanks: Vec<(String, Range<usize>)>,
    /// By field: what the server does anyway.
    pub(super) always: Vec<(FieldId, Range<usize>)>,
}

impl Stands {
    fn stand(&self, span: &Range<usize>) -> Stand {
        Stand { file: self.source.name.clone(), line: self.source.line_column(span.start).0 }
    }

    /// The entry that takes a place of a document; names match as the document matches them.
    pub(super) fn place(&self, at: At<'_>, path: &[&str]) -> Option<Stand> {
        let found = self.places.iter().find(|(place, _)| same_place(at, path, place));
        found.map(|(_, span)| self.stand(span))
    }

    /// Whether an entry takes something inside of a place.
    pub(super) fn inside(&self, at: At<'_>, path: &[&str]) -> bool {
        self.places.iter().any(|(place, _)| {
            place
                .get(..path.len())
                .is_some_and(|above| above.len() < place.len() && same_place(at, path, above))
        })
    }

    /// What is written at a place where nobody knows.
    pub(super) fn blank(&self, place: &str) -> Option<Stand> {
        let found = self.blanks.iter().find(|(known, _)| known == place);
        found.map(|(_, span)| self.stand(span))
    }

    /// What the server does anyway about a field.
    pub(super) fn always(&self, field: FieldId) -> Option<Stand> {
        let found = self.always.iter().find(|(known, _)| *known == field);
        found.map(|(_, span)| self.stand(span))
    }
}

/// Whether a way into a document is an entry's place.
pub(super) fn same_place(at: At<'_>, path: &[&str], place: &[crate::json::Name]) -> bool {
    path.len() == place.len() && path.iter().zip(place).all(|(name, known)| at.called(name, known))
}

impl Message {
    /// The blanks that say something whatever was said, with where they stand, and what they say.
    pub fn unasked(&self) -> Vec<(Range<usize>, String)> {
        let says = |(place, span): &(String, Range<usize>)| match self.root.blank(place)? {
            Blank { value: BlankValue::Constant(constant), beside, .. } if beside.is_empty() => {
                (!constant.is_nothing()).then(|| (span.clone(), constant.0.to_string()))
            }
            Blank { value: BlankValue::Now(_), beside, .. } if beside.is_empty() => {
                Some((span.clone(), "now".to_owned()))
            }
            _ => None,
        };
        self.stands.blanks.iter().filter_map(says).collect()
    }

    /// The places that entries take, and where these stand in the table's file.
    pub fn entries(&self) -> impl Iterator<Item = (Vec<String>, Range<usize>)> {
        let names = |place: &Path| place.iter().map(|name| name.as_str().to_owned()).collect();
        self.stands.places.iter().map(move |(place, span)| (names(place), span.clone()))
    }

    /// Where the entry stands that takes a place, a JSON pointer.
    pub fn entry_at(&self, place: &str) -> Option<&Range<usize>> {
        let of = |path: &Path| path.iter().map(|name| format!("/{}", name.as_str())).collect::<String>();
        self.stands.places.iter().find(|(path, _)| of(path) == place).map(|(_, span)| span)
    }

    /// Where an entry stands that speaks of a field, in whatever form.
    pub fn speaks_at(&self, field: FieldId) -> Option<Range<usize>> {
        let always = || self.stands.always.iter().find(|(known, _)| *known == field).map(|(_, span)| span);
        let says = || {
            let shown = self.shown().into_iter().find(|shown| shown.fields.contains(&field))?;
            self.entry_at(&shown.place)
        };
        let blank = || {
            let speaks =
                |place: &str| self.root.blank(place).is_some_and(|one| one.fields().contains(&field));
            self.stands.blanks.iter().find(|(place, _)| speaks(place)).map(|(_, span)| span)
        };
        self.origin(field).or_else(always).or_else(says).or_else(blank).cloned()
    }

    /// Where the entry stands that carries a field, or that says what the server does about it anyway.
    pub fn stand_of(&self, field: FieldId) -> Option<Stand> {
        match self.origin(field) {
            Some(span) => Some(self.stands.stand(span)),
            None => self.stands.always(field),
        }
    }
}

impl Node {
    /// The blank of a place, as it is written in a table.
    fn blank(&self, place: &str) -> Option<&Blank> {
        let mut steps = place.split('/').filter(|step| *step != ".");
        let node = steps.try_fold(self, |node, step| match node {
            Node::Object { members, .. } => {
                members.iter().find(|(name, _)| name.as_str() == step).map(|(_, node)| node)
            }
            Node::Leaf(_) => None,
        });
        match node? {
            Node::Leaf(leaf) => leaf.blank.as_ref(),
            Node::Object { blank, .. } => blank.as_ref(),
        }
    }
}
