//! Many names looked for in one object at once.
use smallvec::SmallVec;

use super::names::NameSet;
use super::{At, Document, Kind};

/// Where the members of an object stand, by the numbers of the names that were looked for.
#[derive(Debug)]
pub struct Found<'d> {
    document: &'d Document<'d>,
    /// 0, where the document itself stands, for those that are not there.
    at: SmallVec<[u32; 32]>,
}

impl<'d> Found<'d> {
    /// The member under the name of this number ([`NameSet::number`]).
    #[inline]
    pub fn get(&self, number: usize) -> Option<At<'d>> {
        let at = *self.at.get(number)?;
        (at > 0).then_some(At { document: self.document, at })
    }

    fn stands(&mut self, number: usize, at: usize) {
        // Of a name that stands twice, in what nobody has read for us, the first counts.
        if let Some(there) = self.at.get_mut(number).filter(|there| **there == 0) {
            *there = at as u32;
        }
    }
}

impl<'d> At<'d> {
    /// Looks for all these names in one walk through an object's members, as the document matches names; nothing is
    /// found where this is no object.
    pub fn find_all(self, names: &NameSet) -> Found<'d> {
        let document = self.document;
        let mut found = Found { document, at: SmallVec::new() };
        found.at.resize(names.len(), 0);
        let end = if self.kind() == Kind::Object { self.entry().next } else { self.at };
        let members = document.entries.get(..end as usize).unwrap_or_default();
        let (mut at, mut guess) = (self.at as usize + 1, 0);
        while let Some([name, value, ..]) = members.get(at..) {
            let text = document.text(name);
            if let Some(number) = names.number(guess, name.hash, text, document.any_case) {
                found.stands(number, at + 1);
                guess = number + 1;
                if document.any_case && names.alike {
                    names.all_alike(text).for_each(|number| found.stands(number, at + 1));
                }
            }
            at = value.next as usize;
        }
        found
    }
}
