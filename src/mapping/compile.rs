//! A table's message, checked against its schema and the canonical fields, made a program.
//!
//! Every entry is read once: what is wrong with it is kept as a diagnostic, and what is right becomes an entry of
//! the program. [`cover`](super::cover) then looks at the message as a whole. Here stand the order in which
//! entries are read and the names that they take; the forms stand in the files below, `values` has what they share.
mod blank;
mod forms;
mod many;
mod rows;
mod suits;
mod users;
mod values;
mod variant;
mod whole;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::canonical::field::Field;
use crate::canonical::{FieldId, Shape, Type, Value};
use crate::diagnostic::tree::{Item, Key, Node, Reader};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::json::Name;

use super::cover;
use super::path::Path;
use super::program::{Blank, Carry, Choose, Leaf, MapOf, Message, Read};
use super::schema::Place;
use variant::Entries;

/// What the messages of one dialect share.
#[derive(Debug)]
pub struct Shared<'t> {
    /// `[values.NAME]`.
    pub values: HashMap<&'t str, &'t Item>,
    /// `[message.NAME]`.
    pub messages: HashMap<&'t str, &'t Item>,
    /// `[variant.V.message.NAME]` of the variant that is compiled.
    pub overrides: HashMap<&'t str, &'t Item>,
}

/// How deep messages may hold messages.
const DEPTH: usize = 6;

/// Compiles one message of a table.
pub fn compile(reader: &mut Reader, shared: &Shared<'_>, name: &Key, schema: Place<'_>) -> Option<Message> {
    compile_as(reader, shared, name, schema, Shape::Access, DEPTH)
}

fn compile_as(
    reader: &mut Reader,
    shared: &Shared<'_>,
    name: &Key,
    schema: Place<'_>,
    shape: Shape,
    depth: usize,
) -> Option<Message> {
    let Some(item) = shared.messages.get(name.text.as_str()) else {
        let one = Diagnostic::new(
            Code::UnknownMessage,
            &reader.source,
            name.span.clone(),
            format!("there is no message `{}`", name.text),
        );
        let help = format!("add `[message.{}]`", name.text);
        let one = one.near_or(&name.text, shared.messages.keys().copied(), help);
        reader.wrong.push(one.clone());
        return None;
    };
    if depth == 0 {
        let help = "name in `of` a message of the items, which is smaller than the one that holds them";
        reader.error(Code::MessagesTooDeep, &name.span, "messages hold each other too deep", help);
        return None;
    }
    let before = reader.wrong.0.len();
    let entries = Entries::read(reader, item, shared.overrides.get(name.text.as_str()).copied());
    let mut draft = Draft::new(reader, shared, shape, schema, depth);
    draft.entries(&entries);
    let message = draft.finish(name, item);
    if depth < DEPTH {
        users::of_item(reader, before, name, &entries);
    }
    Some(message)
}

/// A message on its way to a program.
pub(super) struct Draft<'r, 't, 's> {
    pub(super) reader: &'r mut Reader,
    shared: &'r Shared<'t>,
    pub(super) shape: Shape,
    pub(super) schema: Place<'s>,
    depth: usize,
    pub(super) reads: Vec<Read>,
    pub(super) chooses: Vec<Choose>,
    /// By choice: where its cases stand; nowhere, where something is wrong with one of them.
    pub(super) cases_at: Vec<Vec<Range<usize>>>,
    /// Places that are written, and where their entries stand.
    pub(super) leaves: Vec<(String, Leaf, Range<usize>)>,
    pub(super) spills: Vec<(String, FieldId, MapOf)>,
    /// Places with entries below them, and what is written there where none of these is known.
    empties: Vec<(String, Blank)>,
    always: Vec<(FieldId, Value<'static>)>,
    /// Where these stand, and where the blanks do.
    always_at: Vec<(FieldId, Range<usize>)>,
    blanks_at: Vec<(String, Range<usize>)>,
    pub(super) carries: Vec<Option<(Carry, Range<usize>)>>,
    /// Places that some entry reads, writes or ignores.
    pub(super) covered: HashMap<String, Range<usize>>,
    /// Of these, those that are never written: ignored, or other spellings.
    pub(super) unwritten: HashMap<String, Range<usize>>,
    /// Places that a misspelt one most likely means, or that a wrong entry names: what is wrong there has been told.
    pub(super) meant: HashSet<String>,
    /// Places of which a value has been told to be none: what else the schema lists there is most likely meant.
    pub(super) misspelt: Vec<Place<'s>>,
    /// Rows that another row's place wins over.
    unless: Vec<Unless>,
    /// Fields that aren't written where another is known.
    yields: Vec<(FieldId, FieldId)>,
}

/// A row with `unless`, until all rows are known.
struct Unless {
    read: usize,
    leaf: usize,
    place: String,
    span: Range<usize>,
}

impl<'r, 't, 's> Draft<'r, 't, 's> {
    fn new(
        reader: &'r mut Reader,
        shared: &'r Shared<'t>,
        shape: Shape,
        schema: Place<'s>,
        depth: usize,
    ) -> Self {
        let carries = shape.fields().iter().map(|_| None).collect();
        Draft {
            reader,
            shared,
            shape,
            schema,
            depth,
            reads: Vec::new(),
            chooses: Vec::new(),
            cases_at: Vec::new(),
            leaves: Vec::new(),
            spills: Vec::new(),
            empties: Vec::new(),
            always: Vec::new(),
            always_at: Vec::new(),
            blanks_at: Vec::new(),
            carries,
            covered: HashMap::new(),
            unwritten: HashMap::new(),
            meant: HashSet::new(),
            misspelt: Vec::new(),
            yields: Vec::new(),
            unless: Vec::new(),
        }
    }

    fn entries(&mut self, entries: &Entries<'_>) {
        let ignored = self.reader.texts(entries.ignoring, "ignores");
        for (place, span) in &ignored {
            self.place(place, span);
            self.cover_unwritten(place, span);
        }
        for (key, row) in &entries.rows {
            self.refusable(named(row, &["also"]), |draft| draft.row(key, row));
        }
        for (key, sum) in &entries.sums {
            let places = ["days", "hours", "minutes", "seconds", "also"];
            self.refusable(named(sum, &places), |draft| draft.parts(key, sum));
        }
        for (key, cases) in &entries.chooses {
            self.refusable(in_cases(cases), |draft| draft.choose(key, cases));
        }
        for (key, value) in &entries.always {
            self.always(key, value);
        }
        for (key, value) in &entries.blanks {
            self.refusable(std::iter::once(key.text.as_str()), |draft| draft.blank(key, value));
        }
        cover::ignored_above(self, &ignored);
        cover::texts_in_maps(self);
    }

    /// Takes an entry. Where something is wrong with it, that is told once: the places that it names are no properties
    /// that nobody has thought of.
    fn refusable<'p>(&mut self, places: impl Iterator<Item = &'p str>, entry: impl FnOnce(&mut Self)) {
        let before = self.reader.wrong.0.len();
        entry(self);
        if self.reader.wrong.0.len() > before {
            self.meant.extend(places.map(str::to_owned));
        }
    }

    pub(super) fn field(&mut self, name: &str, span: &Range<usize>) -> Option<FieldId> {
        let found = self.shape.find(name);
        if found.is_none() {
            let of = self.shape.one();
            let message = format!("`{name}` is no canonical field of {of}");
            let one = Diagnostic::new(Code::UnknownField, &self.reader.source, span.clone(), message);
            let known = self.shape.fields().iter().map(|field| field.name);
            let near = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
            let help = inner_field(self.shape, name).or(near).unwrap_or_else(|| listed_where(self.shape));
            self.reader.wrong.push(one.help(help));
        }
        found
    }

    /// The schema's place of a path such as `AccountDetails/AccountID`; `.` is the whole message.
    fn place(&mut self, path: &str, span: &Range<usize>) -> Option<Place<'s>> {
        if path == "." {
            return Some(self.schema);
        }
        let mut at = self.schema;
        let mut walked = String::new();
        for name in path.split('/') {
            match at.member(name).or_else(|| at.additional()) {
                Some(found) => {
                    at = found;
                    walked = format!("{walked}{name}/");
                }
                None => {
                    let shown = if name.is_empty() { path } else { name };
                    let message = format!("the schema has no place `{shown}`");
                    let one = Diagnostic::new(Code::UnknownPlace, &self.reader.source, span.clone(), message);
                    if let Some(slashed) = self.slashed(path) {
                        let help = format!(
                            "write `{slashed}`: a slash stands between the parts of a place, and nowhere else"
                        );
                        self.reader.wrong.push(one.help(help));
                        self.meant.insert(slashed);
                        return None;
                    }
                    let known = at.names();
                    self.meant
                        .extend(nearest(name, known.iter().copied()).map(|near| format!("{walked}{near}")));
                    let label = match known.is_empty() {
                        true => "no properties stand here".to_owned(),
                        false => format!("known here: {}", known.join(", ")),
                    };
                    let help = "spell it as the schema does, or add it there";
                    self.reader.wrong.push(one.label(label).near_or(name, known, help));
                    return None;
                }
            }
        }
        Some(at)
    }

    /// A place whose parts were divided by dots, or that begins or ends with a slash, as it is meant.
    fn slashed(&self, path: &str) -> Option<String> {
        let parts: Vec<&str> = path.split(['/', '.']).filter(|part| !part.is_empty()).collect();
        let found = parts.iter().try_fold(self.schema, |at, name| at.member(name));
        found.filter(|_| !parts.is_empty()).map(|_| parts.join("/"))
    }

    /// Two entries may not fight over one place.
    fn cover(&mut self, place: &str, span: &Range<usize>) {
        if let Some(before) = self.covered.insert(place.to_owned(), span.clone()) {
            let line = self.reader.source.line_of(before.start, span.start);
            self.reader.error(
                Code::PlaceTakenTwice,
                span,
                format!("two entries take the place `{place}`"),
                format!("the other one stands {line}"),
            );
        }
    }

    /// The same, of a place that is never written.
    fn cover_unwritten(&mut self, place: &str, span: &Range<usize>) {
        self.cover(place, span);
        self.unwritten.insert(place.to_owned(), span.clone());
    }

    fn carry(&mut self, field: FieldId, carry: Carry, span: &Range<usize>) {
        let slot = &mut self.carries[field.0 as usize];
        if let Some((_, before)) = slot {
            let line = self.reader.source.line_of(before.start, span.start);
            self.reader.error(
                Code::FieldTakenTwice,
                span,
                format!("two entries carry the field `{}`", self.shape.field(field).name),
                format!("the other one stands {line}; other spellings of one place belong in `also`"),
            );
            return;
        }
        *slot = Some((carry, span.clone()));
    }
}

const RECORDS: &str = "docs/mapping-language.md, Records in lists and maps";

/// What to write instead of a field inside of a list or a map.
fn inner_field(shape: Shape, name: &str) -> Option<String> {
    let inner = |field: &&Field| {
        matches!(field.kind, Type::List(_) | Type::Map(_)) && name.starts_with(&format!("{}.", field.name))
    };
    let field = shape.fields().iter().find(inner)?.name;
    Some(format!(
        "what is inside of `{field}` has a message of its own, named by `of`, and fields that the manual lists: {RECORDS}"
    ))
}

/// Where the manual lists a record's fields.
fn listed_where(shape: Shape) -> String {
    match shape {
        Shape::Access => "the manual lists all fields: docs/mapping-language.md, Fields".to_owned(),
        _ => format!("the manual lists the fields of {}: {RECORDS}", shape.one()),
    }
}

fn path(place: &str) -> Path {
    match place {
        "." => Path::default(),
        place => place.split('/').map(Name::new).collect(),
    }
}

/// The places that options of an entry name.
fn named<'i>(entry: &'i Item, options: &'i [&str]) -> impl Iterator<Item = &'i str> {
    let listed = options.iter().filter_map(|option| entry.get(option)?.texts());
    listed.flatten().map(|(place, _)| place)
}

/// The places that the cases of a choice name.
fn in_cases(cases: &Item) -> impl Iterator<Item = &str> {
    let cases = match &cases.node {
        Node::Array(cases) => cases.as_slice(),
        _ => &[],
    };
    let pairs = cases.iter().filter_map(|case| match &case.node {
        Node::Array(pair) => pair.get(1),
        _ => None,
    });
    pairs.flat_map(|stands| stands.members().iter().map(|(place, _)| place.text.as_str()))
}
