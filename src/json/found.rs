//! Many names looked for in one object at once.
//!
//! Of a message's root, the reader notes where they stand while it reads, if it is told which names are sought
//! ([`Lenient::seek`](super::Lenient::seek)).
use smallvec::SmallVec;

use super::names::NameSet;
use super::{At, Document, Kind};

/// Where the members of an object stand, by the numbers of the names that were looked for.
#[derive(Debug)]
pub struct Found<'d> {
    document: &'d Document<'d>,
    at: Places<'d>,
}

/// 0, where the document itself stands, for those that are not there.
#[derive(Debug)]
enum Places<'d> {
    /// As the reader noted them.
    Lent(&'d [u32]),
    Own(SmallVec<[u32; 32]>),
}

impl<'d> Found<'d> {
    /// The member under the name of this number ([`NameSet::number_of`]).
    #[inline]
    pub fn get(&self, number: usize) -> Option<At<'d>> {
        let at = match &self.at {
            Places::Lent(at) => *at.get(number)?,
            Places::Own(at) => *at.get(number)?,
        };
        (at > 0).then_some(At { document: self.document, at })
    }
}

/// Of a name that stands twice, in what nobody has read for us, the first counts.
fn stands(places: &mut [u32], number: usize, at: usize) {
    if let Some(there) = places.get_mut(number).filter(|there| **there == 0) {
        *there = at as u32;
    }
}

impl<'d> At<'d> {
    /// Looks for all these names in one walk through an object's members, as the document matches names; nothing is
    /// found where this is no object.
    pub fn find_all(self, names: &NameSet) -> Found<'d> {
        let document = self.document;
        if self.at == 0 && document.found_by == names.id && names.id > 0 {
            return Found { document, at: Places::Lent(&document.found) };
        }
        let mut places = SmallVec::from_elem(0, names.len());
        let end = if self.kind() == Kind::Object { self.entry().next } else { self.at };
        let members = document.entries.get(..end as usize).unwrap_or_default();
        let mut at = self.at as usize + 1;
        while let Some([name, value, ..]) = members.get(at..) {
            let text = document.text(name);
            if let Some(number) = names.number(name.hash, text, document.any_case) {
                stands(&mut places, number, at + 1);
                if document.any_case && names.alike {
                    names.all_alike(text).for_each(|number| stands(&mut places, number, at + 1));
                }
            }
            at = value.next as usize;
        }
        Found { document, at: Places::Own(places) }
    }
}
