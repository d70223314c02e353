//! Which places reading looks at, for some fields: all else of a document need not be kept.
use crate::canonical::FieldId;
use crate::json::Name;

use super::program::{Message, Path, Read};

impl Message {
    /// The ways to all places that reading these fields looks at, by field; the same choice as [`Message::read`] makes
    /// by [`Reading::wanted`](super::Reading::wanted).
    pub fn ways<'m>(&'m self, wanted: &'m [bool]) -> impl Iterator<Item = &'m [Name]> {
        let wants = |field: FieldId| wanted[field.0 as usize];
        let reads = self.reads.iter().filter(move |read| wants(self.decides(read)));
        reads.flat_map(|read| self.places(read)).map(|path| &**path)
    }

    /// The field that decides whether an entry is read.
    fn decides(&self, read: &Read) -> FieldId {
        match read {
            Read::Scalar { field, .. }
            | Read::Parts { field, .. }
            | Read::List { field, .. }
            | Read::Map { field, .. } => *field,
            Read::Sum { second, .. } => *second,
            Read::Choose(choose) => self.chooses[*choose].field,
        }
    }

    fn places<'m>(&'m self, read: &'m Read) -> Vec<&'m Path> {
        match read {
            Read::Scalar { at, unless, .. } => at.iter().chain(unless).collect(),
            Read::Parts { parts, text, .. } => parts.iter().map(|part| &part.at).chain(text).collect(),
            Read::Sum { at, .. } | Read::List { at, .. } | Read::Map { at, .. } => vec![at],
            Read::Choose(choose) => self.chooses[*choose].places.iter().collect(),
        }
    }
}
