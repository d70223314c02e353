//! The parser's events → entries: a serde visitor that fills the reader's list.
//!
//! serde hands out numbers as Rust has them; their digits are taken from the text, whose place is known: between two
//! tokens stand blanks and `{}[],:` alone (see [`Digits`]).
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::super::Kind;
use super::super::lenient::{Known, Lenient, Rule};
use super::reader::{Member, Reader, Spot};
use super::seen::Seen;

/// Where in a text the parser stands, as far as its tokens tell.
#[derive(Debug)]
pub(super) struct Digits<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Digits<'a> {
    pub(super) fn new(text: &'a str) -> Digits<'a> {
        Digits { text, at: 0 }
    }

    /// Goes to where the next token begins.
    fn token(&mut self) {
        let bytes = self.text.as_bytes();
        let between = |byte: &u8| {
            matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'{' | b'}' | b'[' | b']' | b',' | b':')
        };
        while bytes.get(self.at).is_some_and(between) {
            self.at += 1;
        }
    }

    /// Past a string that was borrowed from the text.
    fn past(&mut self, part: &str) {
        let offset = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        self.at = offset.wrapping_add(part.len() + 1);
    }

    /// Past a string that had to be unescaped.
    #[cold]
    fn past_escaped(&mut self) {
        self.token();
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                return;
            }
        }
    }

    /// Past `null`, `true` or `false`.
    fn past_word(&mut self, length: usize) {
        self.token();
        self.at += length;
    }

    /// The number that the parser has just taken, as it is written.
    #[inline]
    pub(super) fn number(&mut self) -> &'a str {
        self.token();
        let from = self.at;
        let bytes = self.text.as_bytes();
        let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        while bytes.get(self.at).is_some_and(part) {
            self.at += 1;
        }
        self.text.get(from..self.at).unwrap_or_default()
    }
}

/// The value that comes next: what kind it is of.
pub(super) struct Next<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) spot: Spot<'a>,
    pub(super) depth: u32,
}

impl<'a> DeserializeSeed<'a> for Next<'_, 'a> {
    type Value = Kind;

    #[inline]
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Next<'_, 'a> {
    fn word<E: Error>(self, word: &str, kind: Kind) -> Result<Kind, E> {
        self.reader.digits.past_word(word.len());
        self.reader.word(self.spot, kind)
    }
}

impl<'a> Visitor<'a> for Next<'_, 'a> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Kind, E> {
        self.word("null", Kind::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Kind, E> {
        if value { self.word("true", Kind::True) } else { self.word("false", Kind::False) }
    }

    // A number without fraction and exponent comes as an integer, unless it is too large for any.
    fn visit_u64<E: Error>(self, number: u64) -> Result<Kind, E> {
        self.reader.number(self.spot, i64::try_from(number).ok())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Kind, E> {
        self.reader.number(self.spot, Some(number))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Kind, E> {
        self.reader.number(self.spot, None)
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Kind, E> {
        self.reader.digits.past(text);
        self.reader.text(self.spot, Ok(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Kind, E> {
        self.reader.digits.past_escaped();
        self.reader.text(self.spot, Err(text.into()))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut elements: A) -> Result<Kind, A::Error> {
        let Next { reader, spot, depth } = self;
        let depth = depth + 1;
        let at = reader.open(Kind::Array, depth)?;
        let place = spot.place.and_then(|place| place.items.as_deref());
        let rule = place.map_or(Rule::Nothing, |items| items.rule);
        let element = Spot { place, rule, null_is_absent: false, ..spot };
        let mut count = 0;
        while elements.next_element_seed(Next { reader: &mut *reader, spot: element, depth })?.is_some() {
            count += 1;
        }
        reader.close(spot, Kind::Array, at, (count, 0));
        Ok(Kind::Array)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<Kind, A::Error> {
        let Next { reader, spot, depth } = self;
        let (place, depth) = (spot.place, depth + 1);
        let at = reader.open(Kind::Object, depth)?;
        let null_is_absent = reader.options.null_is_absent;
        let others = place.map_or(Rule::Nothing, |place| place.others);
        let mut seen = Seen::new(at, place.map(|place| &place.first));
        let (mut count, mut required) = (0, 0);
        loop {
            let name_at = reader.entries.len();
            let name = MemberName { reader: &mut *reader, place, seen: &mut seen };
            let Some(member) = members.next_key_seed(name)? else { break };
            let Member { known, keep, .. } = member;
            let value = Spot {
                place: known.and_then(Known::inside),
                rule: known.map_or(others, |known| known.rule),
                keep,
                lasts: keep && spot.lasts,
                null_is_absent,
            };
            let kind = members.next_value_seed(Next { reader: &mut *reader, spot: value, depth })?;
            if kind == Kind::Null && null_is_absent {
                reader.leave_out(name_at, &mut seen, member);
                continue;
            }
            count += 1;
            required += usize::from(known.is_some_and(|known| known.required));
        }
        reader.fine &= place.is_none_or(|place| place.required == required);
        reader.close(spot, Kind::Object, at, (count, seen.kept));
        Ok(Kind::Object)
    }
}

/// The name that comes next.
struct MemberName<'r, 'a> {
    reader: &'r mut Reader<'a>,
    place: Option<&'a Lenient>,
    seen: &'r mut Seen<'a>,
}

impl<'a> DeserializeSeed<'a> for MemberName<'_, 'a> {
    type Value = Member<'a>;

    #[inline]
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for MemberName<'_, 'a> {
    type Value = Member<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property's name")
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, name: &'a str) -> Result<Self::Value, E> {
        self.reader.digits.past(name);
        self.reader.name(self.place, self.seen, Ok(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        self.reader.digits.past_escaped();
        self.reader.name(self.place, self.seen, Err(name.into()))
    }
}
