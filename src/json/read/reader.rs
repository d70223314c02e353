//! What is read so far: the list of entries, and what is known of them.
use compact_str::CompactString;
use serde::de::Error;

use super::super::check::{self, Check, Number, Rules};
use super::super::keep::Keep;
use super::super::lenient::{Known, Lenient, Looser, Rule, Sought};
use super::super::{Entry, Kind, fold_hash, name_bit, spare, text_of};
use super::seen::{Seen, Shown};
use super::visit::Digits;
use super::{ReadError, ReadOptions};

/// A string: as it stands in the text, or unescaped.
pub(super) type Part<'a> = Result<&'a str, CompactString>;

pub(super) struct Reader<'a> {
    pub(super) digits: Digits<'a>,
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) owned: Vec<CompactString>,
    /// Where the members of the root stand that are sought.
    pub(super) found: Vec<u32>,
    pub(super) sought: Option<&'a Sought>,
    pub(super) options: ReadOptions,
    /// How many values and names there were.
    nodes: usize,
    /// Why the parser was told to stop, if it was.
    pub(super) stopped: Option<ReadError>,
    /// The rules of the message's schema.
    check: Option<&'a Check>,
    /// The listed places that are kept; none: all are.
    keep: Option<&'a Keep>,
    /// Whether all that was read so far keeps to the rules.
    pub(super) fine: bool,
    /// Values with the rules that must be looked at once the whole is read: all, or those beside the values' own.
    pub(super) later: Vec<(u32, Number, bool)>,
}

/// What is known of a value before it is read.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// What is known of what it holds.
    pub(super) place: Option<&'a Lenient>,
    pub(super) rule: Rule,
    /// Whether it becomes an entry; what is judged and not kept leaves none.
    pub(super) keep: bool,
    /// Whether its entry stays once all that it lies in is closed.
    pub(super) lasts: bool,
    /// Whether a `null` here is as good as nothing.
    pub(super) null_is_absent: bool,
}

/// A name that was taken.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    /// What is known of it, where it is listed.
    pub(super) known: Option<&'a Known>,
    /// Whether its value is kept, as it is itself.
    pub(super) keep: bool,
    /// Whether [`Seen`] knows it by its number.
    has_bit: bool,
}

impl<'a> Reader<'a> {
    /// Keeps no more than `keep`, if there is one.
    pub(super) fn new(
        text: &'a str,
        options: ReadOptions,
        form: Option<(&'a Lenient, &'a Check)>,
        keep: Option<&'a Keep>,
    ) -> Reader<'a> {
        let (entries, owned, mut found) = spare::take();
        let (place, check) = form.unzip();
        let sought = place.and_then(|place| place.sought.as_deref());
        found.resize(sought.map_or(0, |sought| sought.names.len()), 0);
        Reader {
            digits: Digits::new(text),
            entries,
            owned,
            found,
            sought,
            options,
            nodes: 0,
            stopped: None,
            check,
            keep,
            fine: check.is_some(),
            later: Vec::new(),
        }
    }

    /// Stops the parser; what for is kept here.
    #[cold]
    fn stop<E: Error>(&mut self, why: ReadError) -> E {
        let told = E::custom(&why);
        self.stopped = Some(why);
        told
    }

    /// Counts a value or a name.
    #[inline]
    fn room<E: Error>(&mut self) -> Result<(), E> {
        let limit = self.options.limits.nodes;
        if self.nodes >= limit {
            return Err(self.stop(ReadError::TooMany { limit }));
        }
        self.nodes += 1;
        Ok(())
    }

    #[inline]
    fn push(&mut self, kind: Kind, text: &'a str, hash: u32, count: u32) {
        let next = self.entries.len() as u32 + 1;
        self.entries.push(Entry { text, next, hash, count, kind });
    }

    /// Holds a value of a type against its rule; an array or object once it is closed. `at` is where it stands.
    #[inline]
    fn judge(&mut self, spot: Spot<'a>, of_type: u8, at: usize, fits: impl FnOnce(&Rules) -> bool) {
        match spot.rule {
            Rule::Nothing => {}
            Rule::Types(types) => self.fine &= types & of_type != 0,
            Rule::Never => self.fine = false,
            Rule::Own(number) => self.judge_by(spot, number, false, at, fits),
            Rule::Whole(number) => {
                let holds_more = of_type & (check::ARRAY | check::OBJECT) != 0;
                self.judge_by(spot, number, holds_more, at, fits);
            }
        }
    }

    fn judge_by(
        &mut self,
        spot: Spot<'a>,
        number: Number,
        whole: bool,
        at: usize,
        fits: impl FnOnce(&Rules) -> bool,
    ) {
        let Some(rules) = self.check.and_then(|check| check.rules(number)) else { return };
        if !whole {
            self.fine &= fits(rules);
        }
        if whole || !rules.alone() {
            // What isn't kept can't be looked at later: then the whole is read again.
            self.fine &= spot.lasts;
            self.later.push((at as u32, number, whole));
        }
    }

    /// Takes `null`, `true` or `false`.
    pub(super) fn word<E: Error>(&mut self, spot: Spot<'a>, kind: Kind) -> Result<Kind, E> {
        self.room()?;
        if kind == Kind::Null && spot.null_is_absent {
            return Ok(kind);
        }
        let at = self.entries.len();
        if spot.keep {
            self.push(kind, "", 0, 0);
        }
        let of_type = if kind == Kind::Null { check::NULL } else { check::BOOLEAN };
        self.judge(spot, of_type, at, |rules| rules.fits(kind, ""));
        Ok(kind)
    }

    /// Takes a number; `whole` is what it is, where it is written without fraction and exponent and is not too large.
    pub(super) fn number<E: Error>(&mut self, spot: Spot<'a>, whole: Option<i64>) -> Result<Kind, E> {
        self.room()?;
        let digits = self.digits.number();
        let at = self.entries.len();
        if spot.keep {
            self.push(Kind::Number, digits, 0, 0);
        }
        match whole {
            Some(number) => self.judge(spot, check::INTEGER, at, |rules| rules.fits_whole(number)),
            None => {
                let of_type = if check::is_whole(digits) { check::INTEGER } else { check::FRACTION };
                self.judge(spot, of_type, at, |rules| rules.fits(Kind::Number, digits));
            }
        }
        Ok(Kind::Number)
    }

    /// Takes a string, as the place reads it.
    #[inline]
    pub(super) fn text<E: Error>(&mut self, spot: Spot<'a>, part: Part<'a>) -> Result<Kind, E> {
        self.room()?;
        let at = self.entries.len();
        let looser = match spot.place {
            Some(place) if place.reads_loosely() => place.looser(spelt(&part)),
            _ => Looser::Same,
        };
        match looser {
            Looser::Same => {
                self.judge(spot, check::TEXT, at, |rules| rules.fits(Kind::Text, spelt(&part)));
                self.keep_text(spot, Kind::Text, part);
            }
            Looser::Integer => {
                self.judge(spot, check::INTEGER, at, |rules| rules.fits(Kind::Number, spelt(&part)));
                self.keep_text(spot, Kind::Number, part);
            }
            Looser::Value(value) => {
                self.judge(spot, check::TEXT, at, |rules| rules.fits(Kind::Text, value));
                self.keep_text(spot, Kind::Text, Ok(value));
            }
        }
        Ok(Kind::Text)
    }

    #[inline]
    fn keep_text(&mut self, spot: Spot<'a>, kind: Kind, part: Part<'a>) {
        if spot.keep {
            self.push_text(kind, part, 0);
        }
    }

    #[inline]
    fn push_text(&mut self, kind: Kind, part: Part<'a>, hash: u32) {
        match part {
            Ok(text) => self.push(kind, text, hash, 0),
            Err(text) => self.push_unescaped(kind, text, hash),
        }
    }

    #[cold]
    fn push_unescaped(&mut self, kind: Kind, text: CompactString, hash: u32) {
        self.owned.push(text);
        self.push(kind, "", hash, self.owned.len() as u32);
    }

    /// Begins an array or object: where it stands. One that isn't kept is there until it is closed, for the names in
    /// it that are not listed.
    pub(super) fn open<E: Error>(&mut self, kind: Kind, depth: u32) -> Result<usize, E> {
        self.room()?;
        let limit = self.options.limits.depth;
        if depth > limit {
            return Err(self.stop(ReadError::TooDeep { limit }));
        }
        self.push(kind, "", 0, 0);
        Ok(self.entries.len() - 1)
    }

    /// Ends an array, or an object whose names have these bits.
    pub(super) fn close(&mut self, spot: Spot<'a>, kind: Kind, at: usize, (count, names): (u32, u32)) {
        if spot.keep {
            let next = self.entries.len() as u32;
            let entry = &mut self.entries[at];
            (entry.next, entry.count, entry.hash) = (next, count, names);
        } else {
            self.entries.truncate(at);
        }
        let of_type = if kind == Kind::Array { check::ARRAY } else { check::OBJECT };
        self.judge(spot, of_type, at, |rules| rules.fits(kind, ""));
    }

    /// Notes where the value will stand of the name that was taken just now, if it is sought.
    #[inline]
    fn note(&mut self, seen: &Seen<'a>, number: impl FnOnce(&Sought) -> Option<usize>) {
        if seen.is_root()
            && let Some(sought) = self.sought
            && let Some(there) = number(sought).and_then(|number| self.found.get_mut(number))
        {
            *there = self.entries.len() as u32;
        }
    }

    /// Takes a name out again: its value is as good as not there.
    pub(super) fn leave_out(&mut self, name_at: usize, seen: &mut Seen<'a>, name: Member<'a>) {
        if let Some(there) = self.found.iter_mut().find(|there| **there == name_at as u32 + 1)
            && seen.is_root()
        {
            *there = 0;
        }
        if let Some(entry) = self.entries.get(name_at).filter(|_| !name.has_bit) {
            seen.dropped(entry.hash, text_of(&self.owned, entry));
        }
        self.entries.truncate(name_at);
    }

    /// Takes a name that its object has not shown yet.
    #[inline]
    pub(super) fn name<E: Error>(
        &mut self,
        place: Option<&'a Lenient>,
        seen: &mut Seen<'a>,
        part: Part<'a>,
    ) -> Result<Member<'a>, E> {
        self.room()?;
        let name = spelt(&part);
        let any_case = self.options.any_case;
        let mut hash = None;
        let known = place.and_then(|place| {
            let (members, next) = (&place.members, seen.next?);
            let guess = next.guess();
            if let Some(known) = members.at(guess).filter(|(known, _)| *known.text == *name) {
                return Some((guess, known, true));
            }
            let (number, found) = members.find_number(*hash.insert(fold_hash(name)), name, any_case)?;
            next.is(number);
            Some((number, found, *found.0.text == *name))
        });
        let Some((number, (spelling, known), exact)) = known else {
            return self.other_name(seen, hash, part);
        };
        seen.next = Some(&known.after);
        let (hash, member) = (spelling.hash, number);
        let number = if any_case { known.alike as usize } else { number };
        let (first, has_bit, keep) = match seen.first_listed(number) {
            Some(first) => (first, true, self.keep.is_none_or(|keep| keep.has(known.number))),
            None => (seen.first(&self.entries, &self.owned, Shown { name, hash, any_case }), false, true),
        };
        if !first {
            return Err(self.twice(name));
        }
        if keep {
            seen.kept |= name_bit(hash);
            match exact {
                true => self.push_text(Kind::Text, part, hash),
                false => self.push(Kind::Text, &spelling.text, hash, 0),
            }
            self.note(seen, |sought| sought.by_member.get(member).copied().flatten());
        }
        Ok(Member { known: Some(known), keep, has_bit })
    }

    /// The same for a name that isn't listed.
    fn other_name<E: Error>(
        &mut self,
        seen: &mut Seen<'a>,
        hash: Option<u32>,
        part: Part<'a>,
    ) -> Result<Member<'a>, E> {
        let name = spelt(&part);
        let hash = hash.unwrap_or_else(|| fold_hash(name));
        let any_case = self.options.any_case;
        let shown = Shown { name, hash, any_case };
        if !seen.first(&self.entries, &self.owned, shown) {
            return Err(self.twice(name));
        }
        seen.kept |= name_bit(hash);
        let sought = self.sought.filter(|_| seen.is_root());
        let sought = sought.and_then(|sought| sought.names.number(hash, name, any_case));
        self.push_text(Kind::Text, part, hash);
        self.note(seen, |_| sought);
        Ok(Member { known: None, keep: true, has_bit: false })
    }

    #[cold]
    fn twice<E: Error>(&mut self, name: &str) -> E {
        let name = shortened(name);
        self.stop(ReadError::Duplicate { name })
    }
}

fn spelt<'p>(part: &'p Part<'_>) -> &'p str {
    match part {
        Ok(text) => text,
        Err(text) => text,
    }
}

/// A name as an error may show it: bounded, whatever was sent.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}
