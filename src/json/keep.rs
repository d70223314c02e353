//! What of a message somebody will look at: nothing else of it needs to be remembered once it is judged.
use super::check::Check;
use super::lenient::{Lenient, Rule};
use super::{Name, Schema};

/// The places of a message that are kept when it is read; the others are judged only. A name that the schema doesn't
/// list is always kept, as far as what it lies in is.
#[derive(Debug, Clone)]
pub struct Keep {
    /// By a place's number.
    places: Vec<bool>,
}

impl Keep {
    /// What these ways into a message lead to, with all that it holds; none where all must be kept, for what may be
    /// said of the message isn't all known here.
    pub fn new<'p>(
        lenient: &Lenient,
        schema: &Schema,
        paths: impl IntoIterator<Item = &'p [Name]>,
    ) -> Option<Keep> {
        if !schema.check.sure() {
            return None;
        }
        let mut keep = Keep { places: vec![false; lenient.places()] };
        keep.judged_later(lenient, &schema.check);
        paths.into_iter().for_each(|path| keep.path(lenient, path));
        Some(keep)
    }

    #[inline]
    pub(super) fn has(&self, place: u32) -> bool {
        self.places.get(place as usize).copied().unwrap_or(true)
    }

    fn path(&mut self, place: &Lenient, path: &[Name]) {
        self.places[place.number as usize] = true;
        let Some((name, rest)) = path.split_first() else { return self.whole(place) };
        if let Some((_, known)) = place.members.find(name.hash, &name.text, true) {
            self.path(&known.place, rest);
        }
    }

    fn whole(&mut self, place: &Lenient) {
        self.places[place.number as usize] = true;
        place.inner().for_each(|inner| self.whole(inner));
    }

    /// What is looked at once the whole is read must still be there: it, and what it lies in.
    fn judged_later(&mut self, place: &Lenient, check: &Check) -> bool {
        let later = match place.rule {
            Rule::Nothing | Rule::Never | Rule::Types(_) => false,
            Rule::Whole(_) => true,
            Rule::Own(number) => check.rules(number).is_none_or(|rules| !rules.alone()),
        };
        if later {
            self.whole(place);
            return true;
        }
        let inner = place.inner().fold(false, |later, inner| self.judged_later(inner, check) | later);
        self.places[place.number as usize] |= inner;
        inner
    }
}
