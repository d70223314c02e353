//! Which places reading looks at: all else of a document need not be kept.
use crate::canonical::FieldId;
use crate::json::Name;

use super::path::Path;
use super::program::{Message, Read};

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

    /// Tells all ways into the message where their first names are to be found.
    pub(super) fn link(&mut self) {
        let ways = self.reads.iter_mut().flat_map(|read| match read {
            Read::Scalar { at, unless, .. } => at.iter_mut().chain(unless).collect(),
            Read::Parts { parts, text, .. } => {
                parts.iter_mut().map(|part| &mut part.at).chain(text).collect::<Vec<_>>()
            }
            Read::Sum { at, .. } | Read::List { at, .. } | Read::Map { at, .. } => vec![at],
            Read::Choose(_) => Vec::new(),
        });
        let choices = self.chooses.iter_mut().flat_map(|choose| &mut choose.places);
        ways.chain(choices).for_each(|way| way.link(&self.members));
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
