//! Whether what a dialect answers keeps to its own schemas: errors, and the places that a reply must have.
//!
//! It is tried, not computed: each fault is written as it is at a caller's, each word of a status as in a reply. What
//! hangs on more than one fault or one word only the messages themselves show.
use std::ops::Range;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::canonical::field::known::{FAULT_CODE, FAULT_TEXT};
use crate::canonical::{Fault, FieldId, Problem, Record, Shape, Type, Value, fault, word};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Reader};
use crate::json::{Builder, Limits};
use crate::mapping::schema::Place;
use crate::mapping::{Message, Shown};

use super::super::{Dialect, Files, MessageEntry, Operation, Unreadable};
use super::belongs::told_by_servers;

/// How deep required places are looked for.
const DEPTH: usize = 6;

/// Holds each fault, as it is bound in the file, against the schema of the error's message.
pub(super) fn errors(reader: &mut Reader, dialect: &Dialect, tree: &Item) {
    let operations = dialect.operations.iter().map(|operation| {
        let item = tree.get("operation").and_then(|all| all.get(&operation.word)?.get("faults"));
        (Some(operation), item)
    });
    for (operation, item) in std::iter::once((None, tree.get("faults"))).chain(operations) {
        for (key, value) in item.map(Item::members).unwrap_or_default() {
            // What is wrong with a code has been told.
            let told = |span: &Range<usize>| value.span.start <= span.start && span.end <= value.span.end;
            if !reader.wrong.0.iter().any(|one| one.code == Code::FaultCodeUnfit && told(&one.span)) {
                error(reader, dialect, operation, key);
            }
        }
    }
}

fn error(reader: &mut Reader, dialect: &Dialect, operation: Option<&Operation>, key: &Key) {
    let bound = |word: &&str| {
        let own = operation.map(|operation| operation.faults.as_slice()).unwrap_or_default();
        let has = |word: &str| own.iter().chain(&dialect.faults).any(|binding| binding.word == word);
        word::ancestry(word).find(|word| has(word)) == Some(key.text.as_str())
    };
    let words = fault::FAULTS.iter().map(|(word, _)| *word).filter(bound);
    let broken = words.filter_map(|word| {
        let (status, number, body) = dialect.fault_written(operation, &Fault::new(word, ""));
        let entry = dialect.message(number?);
        match entry.parse(&body, dialect.json(Limits::default())) {
            Err(Unreadable::Schema(problems)) => {
                problems.into_iter().next().map(|one| ((word, status), entry, one))
            }
            _ => None,
        }
    });
    if let Some(((word, status), entry, problem)) = broken.into_iter().next() {
        let place = if problem.pointer.is_empty() { String::new() } else { format!("{}: ", problem.pointer) };
        let message = format!(
            "what `{}` says of `{word}` breaks its own schema: {place}{}",
            entry.message.name, problem.text
        );
        reader.error(Code::FaultUnfit, &key.span, message, instead((word, status), entry, &problem));
    }
}

/// What to write instead of a binding that breaks the schema.
fn instead((word, status): (&str, u16), entry: &MessageEntry, problem: &Problem) -> String {
    let at = |field| entry.message.place_of(field);
    let lacks = problem.lacks.as_ref().map(|name| format!("{}/{name}", problem.pointer));
    if lacks.is_some() && lacks == at(FAULT_CODE) {
        return format!(
            "add the code that the vendor's server says then, `{word} = \"{status} E17\"`; or give its place a `blank`"
        );
    }
    match Some(&problem.pointer) == at(FAULT_TEXT).as_ref() {
        true => format!(
            "bind `{word}` with a sentence of the vendor's own, `{{ is = \"{status}\", text = \"…\" }}`; or mend the schema"
        ),
        false => "mend the row of that place, give it a `blank`, or mend the schema".to_owned(),
    }
}

/// Each word that a reply to a creation may say fills the places that its schema requires. (Other replies are the
/// upstream's own, for they cross no dialect.)
pub(super) fn replies(reader: &mut Reader, dialect: &Dialect, files: &Files) {
    let Some(operation) = dialect.operation("request.create") else { return };
    let mut numbers: Vec<usize> = operation.outcomes.iter().filter_map(|outcome| outcome.message).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for message in numbers.into_iter().map(|number| &dialect.message(number).message) {
        let json = files.schema_json(&dialect.name, &message.name);
        let mut places = Vec::new();
        if let Some(json) = &json {
            required(Place::root(json), String::new(), DEPTH, &mut places);
        }
        let shown = message.shown();
        for place in places {
            let Some(shown) = shown.iter().find(|shown| shown.place == place) else { continue };
            unsaid(reader, dialect, operation, message, shown);
        }
    }
}

/// The places that must be there, as JSON pointers.
fn required(at: Place<'_>, base: String, depth: usize, found: &mut Vec<String>) {
    for name in at.required() {
        let place = format!("{base}/{name}");
        if let Some(inner) = at.member(name).filter(|_| depth > 0) {
            required(inner, place.clone(), depth - 1, found);
        }
        found.push(place);
    }
}

/// Words of a field for which nothing is written at a place where others stand.
fn unsaid(reader: &mut Reader, dialect: &Dialect, operation: &Operation, message: &Message, shown: &Shown) {
    let kind = |field: &FieldId| Shape::Access.field(*field).kind;
    let [field] = shown.fields.as_slice() else { return };
    if !matches!(kind(field), Type::Word | Type::Bool) {
        return;
    }
    let words = sayable(dialect, operation, *field);
    let (said, silent): (Vec<&str>, Vec<&str>) =
        words.into_iter().partition(|word| stands(message, *field, word, &shown.place));
    // Where no word is written, nothing is wrong with one of them.
    let top = |word: &&&str| word::parent(word).is_none_or(|above| !silent.contains(&above));
    let words: Vec<String> = silent.iter().filter(top).map(|word| format!("`{word}`")).collect();
    if said.is_empty() || words.is_empty() {
        return;
    }
    let span = message.entry_at(&shown.place).cloned();
    let name = Shape::Access.field(*field).name;
    let text = format!(
        "the schema of `{}` requires `{}`, and nothing is written there where `{name}` is {}",
        message.name,
        shown.place.trim_start_matches('/'),
        words.join(", ")
    );
    let help = "give each of them a value, or the place a `blank`; or take it out of the schema's `required`";
    reader.error(Code::RequiredNotFilled, &span.unwrap_or_default(), text, help);
}

/// The words that a reply may have to say: of what callers say, those that they can; of what only servers tell, all.
fn sayable<'d>(dialect: &'d Dialect, operation: &Operation, field: FieldId) -> Vec<&'d str> {
    let sent = operation.routes.iter().filter_map(|route| Some(&dialect.message(route.send?).message));
    let mut words: Vec<&str> = Vec::new();
    let mut asked = false;
    for message in sent {
        asked |= message.carries(field).is_some();
        words.extend(message.words_read(field).unwrap_or_default());
    }
    let name = Shape::Access.field(field).name;
    match asked && !words.is_empty() && !told_by_servers(name) {
        true => words,
        false => word::of(name).to_vec(),
    }
}

/// Whether something stands at a place where a field is known and nothing else is.
fn stands(message: &Message, field: FieldId, word: &str, place: &str) -> bool {
    let mut record = Record::new(Shape::Access);
    record.say(
        field,
        match Shape::Access.field(field).kind {
            Type::Bool => Value::Bool(word == "true"),
            _ => Value::Text(word.into()),
        },
    );
    let mut out = Builder::new();
    message.write(&record, Timestamp::UNIX_EPOCH, &mut out);
    let body = out.finish(false).to_bytes();
    serde_json::from_slice::<Json>(&body).is_ok_and(|body| body.pointer(place).is_some())
}
