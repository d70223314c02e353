//! What a dialect's server reads although its page says otherwise, made what the page says.
//!
//! Compiled once from a message's schema. Where a document is read as a message ([`Document::read_as`]), `systemid`
//! becomes the schema's `SystemID`, `"3"` becomes `3` where the schema wants an integer, and `rdp` becomes `RDP` where the
//! schema lists values; [`Lenient::apply`] does the same to a document that was made. Validation and mapping see the
//! page's spelling only. Names that the schema doesn't know, such as the keys of a map, are left as they are.
//!
//! A place that is read holds its part of the schema's rules as well, so that its name is looked up once.
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use serde_json::Value;

use super::check::{ANY, Check, Members, Number};
use super::names::{NameSet, Names};
use super::{Document, Kind, Name, Schema};

/// What a dialect reads more loosely than its page says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leniency {
    /// Property names match in any letter case.
    pub names: bool,
    /// Listed values match in any letter case.
    pub values: bool,
    /// An integer may come as a text.
    pub integers: bool,
}

/// The places of one message that may be read more loosely.
#[derive(Debug, Default)]
pub struct Lenient {
    pub(super) members: Names<Known>,
    pub(super) items: Option<Box<Lenient>>,
    /// A text that holds an integer is read as one.
    integer: bool,
    /// Values that are known, to be matched in any letter case.
    values: Vec<String>,
    /// What the schema says of the place.
    pub(super) rule: Rule,
    /// Counted through all places of the message; see [`super::Keep`].
    pub(super) number: u32,
    /// How many members are required.
    pub(super) required: usize,
    /// The member that comes first.
    pub(super) first: Next,
    /// Of the whole message: what will be looked for in it.
    pub(super) sought: Option<Box<Sought>>,
    /// What the schema says of members that are not listed.
    pub(super) others: Rule,
}

/// Names that will be looked for among the members of a message.
#[derive(Debug)]
pub(super) struct Sought {
    pub(super) names: NameSet,
    /// By the number of a listed member: its number among the names.
    pub(super) by_member: Vec<Option<usize>>,
}

/// A member that the schema lists. What the reader needs of each stands here: what is said of its inside, which few
/// have, would only take room beside it.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) place: Box<Lenient>,
    /// The place's own rule and number.
    pub(super) rule: Rule,
    pub(super) number: u32,
    /// Whether the place says no more than its rule.
    plain: bool,
    pub(super) after: Next,
    pub(super) required: bool,
    /// The number of the first member that is spelt alike but for letter case; mostly its own.
    pub(super) alike: u32,
}

/// Which listed member came next in the last message, by its number: the next message of the same sender names its
/// members in the same order. A guess, whatever stands here: threads that read other orders may write over each other.
#[derive(Debug, Default)]
pub(super) struct Next(AtomicU32);

impl Next {
    #[inline]
    pub(super) fn guess(&self) -> usize {
        self.0.load(Relaxed) as usize
    }

    pub(super) fn is(&self, number: usize) {
        self.0.store(u32::try_from(number).unwrap_or(u32::MAX), Relaxed);
    }
}

impl Known {
    fn new(place: Lenient) -> Known {
        Known { place: Box::new(place), ..Known::default() }
    }

    /// What is said of the inside, and of how it is read, if anything is.
    #[inline]
    pub(super) fn inside(&self) -> Option<&Lenient> {
        (!self.plain).then_some(&*self.place)
    }
}

/// What a schema says of a value, as the reader needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing.
    #[default]
    Nothing,
    /// That it must not be there.
    Never,
    /// That it must be of one of these types, by their bits.
    Types(u8),
    /// These rules, of which those for what it holds stand at the places in it.
    Own(Number),
    /// These rules, all to be looked at once the whole is read.
    Whole(Number),
}

impl Rule {
    fn of(check: &Check, number: Number) -> Rule {
        match check.rules(number).and_then(|rules| rules.types_alone()) {
            Some(ANY) => Rule::Nothing,
            Some(types) => Rule::Types(types),
            None => Rule::Whole(number),
        }
    }
}

/// What becomes of a text that may be read more loosely.
pub(super) enum Looser<'l> {
    Same,
    Integer,
    Value(&'l str),
}

/// Deeper schemas than this hold no lenient places.
const DEPTH: usize = 12;

/// A schema unfolds to no more places than these; what is said beyond is looked at once the whole is read.
const MOST_PLACES: usize = 4096;

/// The way down through a schema's rules.
struct Linking<'c> {
    check: &'c Check,
    /// The rules of the places that this one lies in. What holds itself ends there.
    above: Vec<Number>,
    left: usize,
}

impl Linking<'_> {
    fn enter(&mut self, number: Number) -> bool {
        let room = self.left > 0 && self.above.len() < DEPTH && !self.above.contains(&number);
        if room {
            self.left -= 1;
            self.above.push(number);
        }
        room
    }
}

impl Lenient {
    /// The places of a schema, with what it says of them.
    pub fn compile(schema: &Value, how: Leniency, rules: &Schema) -> Lenient {
        let mut lenient = Lenient::at(schema, schema, how, &mut Vec::new());
        lenient.link(0, &mut Linking { check: &rules.check, above: Vec::new(), left: MOST_PLACES });
        lenient.count(&mut 0);
        lenient
    }

    /// Has the reader note where these members of the message stand, for [`At::find_all`](super::At::find_all).
    pub fn seek(&mut self, names: &NameSet) {
        let members = self.members.all().iter();
        let by_member: Vec<_> = members.clone().map(|(name, _)| names.number_of(name)).collect();
        // Where letter case could make a difference, they are looked for once the message is read.
        let in_any_case = members.map(|(name, _)| names.number(name.hash, &name.text, true));
        let alike = names.alike || self.members.alike().enumerate().any(|(at, first)| at != first);
        if !alike && in_any_case.eq(by_member.iter().copied()) {
            self.sought = Some(Box::new(Sought { names: names.clone(), by_member }));
        }
    }

    /// Gives each place its number.
    fn count(&mut self, next: &mut u32) {
        self.number = *next;
        *next += 1;
        let alike: Vec<usize> = self.members.alike().collect();
        for ((at, known), alike) in self.members.all_mut().enumerate().zip(alike) {
            known.after.is(at + 1);
            known.alike = u32::try_from(alike).unwrap_or(u32::MAX);
            known.place.count(next);
            let Lenient { rule, number, .. } = *known.place;
            (known.rule, known.number, known.plain) = (rule, number, known.place.says_no_more());
        }
        if let Some(items) = &mut self.items {
            items.count(next);
        }
    }

    /// How many places there are, this one with all that it holds.
    pub(super) fn places(&self) -> usize {
        1 + self.inner().map(Lenient::places).sum::<usize>()
    }

    /// The places in this one.
    pub(super) fn inner(&self) -> impl Iterator<Item = &Lenient> {
        let members = self.members.all().iter().map(|(_, known)| &*known.place);
        members.chain(self.items.as_deref())
    }

    /// Whether nothing is said beside the place's own rule.
    fn says_no_more(&self) -> bool {
        let inside = self.members.is_empty() && self.items.is_none() && self.required == 0;
        inside && self.others == Rule::Nothing && !self.reads_loosely()
    }

    /// Whether a text here may be read as something else.
    pub(super) fn reads_loosely(&self) -> bool {
        self.integer || !self.values.is_empty()
    }

    /// Puts the rules of a number, and of what it holds, at the places that they are about.
    fn link(&mut self, number: Number, linking: &mut Linking<'_>) {
        let check = linking.check;
        self.rule = Rule::of(check, number);
        let Some(rules) = check.rules(number).filter(|rules| rules.sure() && linking.enter(number)) else {
            return;
        };
        if let Rule::Whole(number) = self.rule {
            self.rule = Rule::Own(number);
        }
        if let Some(items) = rules.items() {
            self.items.get_or_insert_default().link(items, linking);
        }
        if let Some(members) = rules.members() {
            self.link_members(members, linking);
        }
        linking.above.pop();
    }

    fn link_members(&mut self, members: &Members, linking: &mut Linking<'_>) {
        self.required = members.required;
        self.others = members.others.map_or(Rule::Never, |number| Rule::of(linking.check, number));
        let mut loose = std::mem::take(&mut self.members).into_all();
        let mut all = Vec::with_capacity(members.names.all().len());
        // In the order of the page, which is the first guess at the order of messages.
        for (name, member) in members.names.all() {
            let place = loose.iter().position(|(known, _)| known == name).map(|at| loose.remove(at).1.place);
            let mut known = Known { place: place.unwrap_or_default(), ..Known::default() };
            known.required = member.required;
            known.place.link(member.rules, linking);
            all.push((name.clone(), known));
        }
        // Only another part of the schema lists these: to this part they are some of the others.
        for (name, mut known) in loose {
            known.place.rule = self.others;
            all.push((name, known));
        }
        self.members = Names::new(all);
    }

    /// `above`: the schemas of the places that this one lies in. One that holds itself ends there.
    fn at<'s>(root: &'s Value, schema: &'s Value, how: Leniency, above: &mut Vec<&'s Value>) -> Lenient {
        let mut found = Lenient::default();
        if above.len() == DEPTH || above.iter().any(|other| std::ptr::eq(*other, schema)) {
            return found;
        }
        above.push(schema);
        let mut members = Vec::new();
        for part in parts(root, schema) {
            let types: Vec<&str> = match &part["type"] {
                Value::String(one) => vec![one],
                Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            found.integer |= how.integers && types.contains(&"integer") && !types.contains(&"string");
            if how.values {
                let values = part["enum"].as_array().into_iter().flatten();
                found.values.extend(values.filter_map(Value::as_str).map(str::to_owned));
            }
            for (name, property) in part["properties"].as_object().into_iter().flatten() {
                let place = Lenient::at(root, property, how, above);
                if how.names || !place.is_empty() {
                    members.push((Name::new(name), Known::new(place)));
                }
            }
            if part["items"].is_object() && found.items.is_none() {
                let items = Lenient::at(root, &part["items"], how, above);
                found.items = Some(Box::new(items)).filter(|items| !items.is_empty());
            }
        }
        above.pop();
        found.members = Names::new(members);
        found
    }

    /// Whether there is no lenient place.
    pub fn is_empty(&self) -> bool {
        !self.integer && self.values.is_empty() && self.members.is_empty() && self.items.is_none()
    }

    /// Makes what may be read loosely what the schema says, in place.
    pub fn apply<'a>(&'a self, document: &mut Document<'a>) {
        if !document.is_empty() && !self.is_empty() {
            self.apply_at(document, 0);
        }
    }

    fn apply_at<'a>(&'a self, document: &mut Document<'a>, at: usize) {
        match document.entries[at].kind {
            Kind::Text => self.text(document, at),
            Kind::Object if !self.members.is_empty() => self.object(document, at),
            Kind::Array => {
                let Some(items) = &self.items else { return };
                let end = document.entries[at].next as usize;
                let mut element = at + 1;
                while element < end {
                    items.apply_at(document, element);
                    element = document.entries[element].next as usize;
                }
            }
            _ => {}
        }
    }

    fn text<'a>(&'a self, document: &mut Document<'a>, at: usize) {
        let looser = self.looser(document.text(&document.entries[at]));
        let entry = &mut document.entries[at];
        match looser {
            Looser::Same => {}
            Looser::Integer => entry.kind = Kind::Number,
            Looser::Value(value) => (entry.text, entry.count) = (value, 0),
        }
    }

    /// What a text at this place is read as.
    pub(super) fn looser(&self, text: &str) -> Looser<'_> {
        if self.integer && is_integer(text) {
            return Looser::Integer;
        }
        if self.values.iter().any(|value| text == value) {
            return Looser::Same;
        }
        let value = self.values.iter().find(|value| text.eq_ignore_ascii_case(value));
        value.map_or(Looser::Same, |value| Looser::Value(value))
    }

    fn object<'a>(&'a self, document: &mut Document<'a>, at: usize) {
        let any_case = document.any_case;
        let end = document.entries[at].next as usize;
        let mut key = at + 1;
        while key < end {
            let entry = &document.entries[key];
            let text = document.text(entry);
            if let Some((name, Known { place, .. })) = self.members.find(entry.hash, text, any_case) {
                if *text != *name.text {
                    let entry = &mut document.entries[key];
                    (entry.text, entry.count) = (&name.text, 0);
                }
                if !place.is_empty() {
                    place.apply_at(document, key + 1);
                }
            }
            key = document.entries[key + 1].next as usize;
        }
    }
}

/// A schema and all that holds at the same place, each once: references and alternatives may come back to where they
/// began, or meet.
fn parts<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let mut found = vec![schema];
    let mut at = 0;
    while let Some(part) = found.get(at).copied() {
        let referred = part["$ref"].as_str().and_then(|to| root.pointer(to.strip_prefix('#')?));
        let words = ["oneOf", "anyOf", "allOf"];
        let alternatives = words.iter().flat_map(|word| part[*word].as_array().into_iter().flatten());
        for next in referred.into_iter().chain(alternatives) {
            if !found.iter().any(|other| std::ptr::eq(*other, next)) {
                found.push(next);
            }
        }
        at += 1;
    }
    found
}

/// Whether a text is an integer as JSON writes it.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.len() <= 20
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'))
}
