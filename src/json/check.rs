//! The words of JSON Schema that messages use, checked in one walk over a document.
//!
//! Start at [`Check::compile`]. This is a short way to *yes* and nothing else: it says [`Verdict::Fine`] only where
//! `jsonschema` would accept. Whatever it finds broken, or doesn't know, is left to `jsonschema`, which also says what
//! is wrong (see [`super::Schema`]). A schema may hold any word; one that isn't known here makes the places that
//! it stands at unsure.
mod compile;
#[cfg(test)]
mod tests;

use super::names::Names;
use super::{At, Kind};

/// The rules of a whole schema, by number; 0 is the root's.
#[derive(Debug)]
pub(super) struct Check(Vec<Rules>);

/// What a walk found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// `jsonschema` accepts it.
    Fine,
    /// `jsonschema` refuses it.
    Broken,
    /// `jsonschema` must be asked.
    Unsure,
}

/// A rule's number.
pub(super) type Number = u32;

/// What holds at one place of a schema.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// A word stands here that isn't known.
    unsure: bool,
    /// A bit for each type that may stand here.
    types: u8,
    /// The values that may stand here; none: any.
    one_of: Option<OneOf>,
    /// Of a number: least and most.
    range: Option<(i64, i64)>,
    /// Of a text: fewest and most characters.
    length: Option<(usize, usize)>,
    members: Option<Members>,
    items: Option<Number>,
    /// Rules that hold as well.
    all: Vec<Number>,
    /// Of each of these lists, one rule holds at least.
    any: Vec<Vec<Number>>,
    /// Where the first holds, the second does too; else the third.
    when: Option<(Number, Option<Number>, Option<Number>)>,
}

/// Of an object.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) names: Names<Member>,
    /// How many of the names are required.
    pub(super) required: usize,
    /// What holds under any other name; none: it must not be there.
    pub(super) others: Option<Number>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) rules: Number,
    pub(super) required: bool,
}

/// The values of an enumeration.
#[derive(Debug, Default)]
struct OneOf {
    texts: Vec<Box<str>>,
    numbers: Vec<i64>,
    /// The kinds `null`, `true` and `false`, by their bits.
    words: u8,
}

pub(super) const NULL: u8 = 1;
pub(super) const BOOLEAN: u8 = 2;
pub(super) const INTEGER: u8 = 4;
pub(super) const FRACTION: u8 = 8;
pub(super) const TEXT: u8 = 16;
pub(super) const ARRAY: u8 = 32;
pub(super) const OBJECT: u8 = 64;
pub(super) const ANY: u8 = 127;

/// Rules that apply to one another at the same place go no deeper than this.
const DEPTH: u32 = 64;

impl Check {
    /// Whether the document is accepted for sure.
    pub(super) fn accepts(&self, root: At<'_>) -> bool {
        self.at(root, 0, 0) == Verdict::Fine
    }

    /// Whether all words of the schema are known.
    pub(super) fn sure(&self) -> bool {
        self.0.iter().all(Rules::sure)
    }

    /// The rules of a number.
    pub(super) fn rules(&self, number: Number) -> Option<&Rules> {
        self.0.get(number as usize)
    }

    /// Whether a value keeps for sure to the rules of a number; if not `whole`, only to those that hold beside its own.
    pub(super) fn holds(&self, at: At<'_>, number: Number, whole: bool) -> bool {
        let verdict = match self.rules(number) {
            Some(rules) if !whole => self.others(rules, at, 1),
            _ => self.at(at, number, 0),
        };
        verdict == Verdict::Fine
    }

    fn at(&self, at: At<'_>, number: Number, depth: u32) -> Verdict {
        let Some(rules) = self.0.get(number as usize).filter(|rules| !rules.unsure && depth < DEPTH) else {
            return Verdict::Unsure;
        };
        let found = match at.kind() {
            Kind::Array => self.array(rules, at, depth),
            Kind::Object => self.object(rules, at, depth),
            kind => rules.single(kind, at.document.text(at.entry())),
        };
        if found != Verdict::Fine || rules.alone() {
            return found;
        }
        self.others(rules, at, depth + 1)
    }

    fn array(&self, rules: &Rules, at: At<'_>, depth: u32) -> Verdict {
        let found = rules.several(ARRAY);
        if found != Verdict::Fine {
            return found;
        }
        let Some(items) = rules.items else { return Verdict::Fine };
        all(at.elements().map(|element| self.at(element, items, depth + 1)))
    }

    fn object(&self, rules: &Rules, at: At<'_>, depth: u32) -> Verdict {
        let found = rules.several(OBJECT);
        if found != Verdict::Fine {
            return found;
        }
        let Some(members) = &rules.members else { return Verdict::Fine };
        let document = at.document;
        let end = at.entry().next;
        let (mut key, mut required) = (at.at + 1, 0);
        while key < end {
            let value = At { document, at: key + 1 };
            let entry = &document.entries[key as usize];
            let name = document.text(entry);
            let number = match members.names.find(entry.hash, name, document.any_case) {
                // What `jsonschema` makes of a name in other letters is its own business.
                Some((known, _)) if *name != *known.text => return Verdict::Unsure,
                Some((_, member)) => {
                    required += usize::from(member.required);
                    Some(member.rules)
                }
                None => members.others,
            };
            match number.map(|number| self.at(value, number, depth + 1)) {
                Some(Verdict::Fine) => {}
                Some(found) => return found,
                None => return Verdict::Broken,
            }
            key = value.entry().next;
        }
        if required == members.required { Verdict::Fine } else { Verdict::Broken }
    }

    /// The rules that hold as well at the same place.
    fn others(&self, rules: &Rules, at: At<'_>, depth: u32) -> Verdict {
        let found = all(rules.all.iter().map(|number| self.at(at, *number, depth)));
        if found != Verdict::Fine {
            return found;
        }
        for numbers in &rules.any {
            let found = any(numbers.iter().map(|number| self.at(at, *number, depth)));
            if found != Verdict::Fine {
                return found;
            }
        }
        let Some((condition, then, otherwise)) = rules.when else { return Verdict::Fine };
        let next = match self.at(at, condition, depth) {
            Verdict::Fine => then,
            Verdict::Broken => otherwise,
            Verdict::Unsure => return Verdict::Unsure,
        };
        next.map_or(Verdict::Fine, |next| self.at(at, next, depth))
    }
}

/// All must be fine; the first that isn't says what it is. (One that comes later may be broken where this one is
/// unsure: then `jsonschema` is asked in vain, no more.)
fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut verdicts = verdicts.filter(|verdict| *verdict != Verdict::Fine);
    verdicts.next().unwrap_or(Verdict::Fine)
}

/// One must be fine.
fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut found = Verdict::Broken;
    for verdict in verdicts {
        match verdict {
            Verdict::Fine => return Verdict::Fine,
            Verdict::Unsure => found = Verdict::Unsure,
            Verdict::Broken => {}
        }
    }
    found
}

const FALSE: u8 = 2;
const TRUE: u8 = 4;

fn fine_if(fine: bool) -> Verdict {
    if fine { Verdict::Fine } else { Verdict::Broken }
}

/// Whether a number is written without fraction and exponent.
pub(super) fn is_whole(digits: &str) -> bool {
    !digits.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

impl Rules {
    /// The types that may stand here, where nothing else is said.
    pub(super) fn types_alone(&self) -> Option<u8> {
        let free = self.one_of.is_none() && self.range.is_none() && self.length.is_none();
        let open = self.members.is_none() && self.items.is_none() && self.alone();
        (self.sure() && free && open).then_some(self.types)
    }

    /// Whether all words that stand here are known.
    pub(super) fn sure(&self) -> bool {
        !self.unsure
    }

    /// What is said of an object's members.
    pub(super) fn members(&self) -> Option<&Members> {
        self.members.as_ref()
    }

    /// What is said of an array's elements.
    pub(super) fn items(&self) -> Option<Number> {
        self.items
    }

    /// Whether a single value keeps to its own rules; of an object or array, whether one may stand here at all.
    pub(super) fn fits(&self, kind: Kind, text: &str) -> bool {
        let found = match kind {
            Kind::Array => self.several(ARRAY),
            Kind::Object => self.several(OBJECT),
            kind => self.single(kind, text),
        };
        self.sure() && found == Verdict::Fine
    }

    /// The same for a number that is written without fraction and exponent.
    pub(super) fn fits_whole(&self, number: i64) -> bool {
        self.sure() && self.types & INTEGER != 0 && self.value(number) == Verdict::Fine
    }

    fn single(&self, kind: Kind, text: &str) -> Verdict {
        match kind {
            Kind::Null => self.word(NULL, NULL),
            Kind::False => self.word(BOOLEAN, FALSE),
            Kind::True => self.word(BOOLEAN, TRUE),
            Kind::Number => self.number(text),
            Kind::Text => self.text(text),
            Kind::Array | Kind::Object => Verdict::Unsure,
        }
    }

    /// Whether an array or an object may stand here. Listed ones are left to `jsonschema`.
    fn several(&self, of_type: u8) -> Verdict {
        match self.types & of_type != 0 {
            false => Verdict::Broken,
            true if self.one_of.is_some() => Verdict::Unsure,
            true => Verdict::Fine,
        }
    }

    /// Whether nothing else holds at the same place.
    pub(super) fn alone(&self) -> bool {
        self.all.is_empty() && self.any.is_empty() && self.when.is_none()
    }

    fn word(&self, of_type: u8, word: u8) -> Verdict {
        let listed = self.one_of.as_ref().is_none_or(|one_of| one_of.words & word != 0);
        fine_if(self.types & of_type != 0 && listed)
    }

    fn number(&self, digits: &str) -> Verdict {
        if self.types & if is_whole(digits) { INTEGER } else { FRACTION } == 0 {
            return Verdict::Broken;
        }
        if self.range.is_none() && self.one_of.is_none() {
            return Verdict::Fine;
        }
        // How digits compare that no `i64` holds is a matter of rounding.
        digits.parse().map_or(Verdict::Unsure, |number| self.value(number))
    }

    fn value(&self, number: i64) -> Verdict {
        let within = self.range.is_none_or(|(least, most)| least <= number && number <= most);
        let listed = self.one_of.as_ref().is_none_or(|one_of| one_of.numbers.contains(&number));
        fine_if(within && listed)
    }

    fn text(&self, text: &str) -> Verdict {
        if self.types & TEXT == 0 {
            return Verdict::Broken;
        }
        if let Some((fewest, most)) = self.length {
            // A character takes one byte to four.
            let sure = text.len() <= most && text.len() / 4 >= fewest;
            if !sure && !(fewest..=most).contains(&text.chars().count()) {
                return Verdict::Broken;
            }
        }
        let listed =
            self.one_of.as_ref().is_none_or(|one_of| one_of.texts.iter().any(|known| **known == *text));
        fine_if(listed)
    }
}
