//! The two file forms, CSV and JSON Lines, into rows; every bad line is told, with its number.
use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::build::{Builder, Line};
use super::parts::{Kind, Part, known_parts};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source, nearest};

const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// No id or name of any vendor is longer.
const TEXT_BYTES_MAX: usize = 1024;
/// What is told of one file; whoever has more mistakes than this has one mistake.
const MISTAKES_MAX: usize = 200;

/// A file's text, if it is not larger than any crosswalk is.
pub(super) fn file(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if read as u64 > FILE_BYTES_MAX {
        return Err(std::io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    Ok(text)
}

/// Where a part stands: a space and a name that some kind knows.
fn place(name: &str) -> Result<(&str, &str), Wrong> {
    let Some((space, part)) = name.split_once('.') else {
        return Err(Wrong::new(Code::CrosswalkColumn, format!("`{name}` names no space and part"))
            .help("write `kind`, `access` or `SPACE.PART`, such as `beyondtrust.system.id`"));
    };
    let known = || Kind::ALL.into_iter().flat_map(|kind| known_parts(kind).iter().copied());
    if space.is_empty() || !known().any(|known| known == part) {
        let near = nearest(part, known()).map(|near| format!("did you mean `{near}`?"));
        let help = near.unwrap_or_else(|| "docs/crosswalk.md lists the parts of each kind".to_owned());
        return Err(Wrong::new(Code::CrosswalkPart, format!("`{part}` is no part of a reference")).help(help));
    }
    Ok((space, part))
}

/// A mistake whose place isn't known yet.
struct Wrong {
    code: Code,
    message: String,
    help: Option<String>,
}

impl Wrong {
    fn new(code: Code, message: impl Into<String>) -> Wrong {
        Wrong { code, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Wrong {
        self.help = Some(help.into());
        self
    }

    fn at(self, source: &Arc<Source>, span: std::ops::Range<usize>) -> Diagnostic {
        let mut one = Diagnostic::new(self.code, source, span, self.message);
        one.help = self.help;
        one
    }
}

fn kind_of(name: &str) -> Result<Kind, Wrong> {
    Kind::of(name).ok_or_else(|| {
        let mut wrong = Wrong::new(Code::CrosswalkKind, format!("`{name}` is no kind of reference"));
        let all: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        wrong.help = Some(match nearest(name, all.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", all.join(", ")),
        });
        wrong
    })
}

fn part_of(kind: Kind, name: &str) -> Result<Part, Wrong> {
    Part::of(kind, name).ok_or_else(|| {
        Wrong::new(Code::CrosswalkPart, format!("a {} has no part `{name}`", kind.name()))
            .help(format!("it may have {}", known_parts(kind).join(", ")))
    })
}

fn check_text(text: &str) -> Result<(), Wrong> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Wrong::new(Code::CrosswalkText, format!("longer than {TEXT_BYTES_MAX} bytes"))
            .help("no id or name is as long: look at what stands there"));
    }
    match text.chars().find(|letter| letter.is_control()) {
        Some(letter) => {
            let message = format!("holds a control character, {letter:?}");
            Err(Wrong::new(Code::CrosswalkText, message).help("take it out"))
        }
        None => Ok(()),
    }
}

/// Reads `kind,access,SPACE.PART,…` and the lines below it.
pub(super) fn csv(source: &Arc<Source>, builder: &mut Builder, mistakes: &mut Diagnostics) {
    let text = source.text.as_str();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut columns: Option<Columns> = None;
    let told = mistakes.0.len();
    loop {
        let begin = position(text, reader.position().byte());
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let message = format!("is no CSV: {error}");
                let at = begin..begin;
                let help = "save it as CSV in UTF-8, with commas";
                mistakes.push(Diagnostic::new(Code::CrosswalkCsv, source, at, message).help(help));
                return;
            }
        }
        let end = position(text, reader.position().byte());
        let line = begin..begin + text.get(begin..end).unwrap_or("").trim_end().len();
        if columns.is_none() {
            match header(source, &record, line) {
                Ok(found) => columns = Some(found),
                Err(wrong) => return mistakes.0.extend(wrong.0),
            }
        } else if let Some(columns) = &columns
            && let Err(wrong) = row(columns, &record, line.clone())
                .map_err(|wrong| wrong.at(source, line.clone()))
                .and_then(|row| builder.add(source, row))
        {
            mistakes.push(wrong);
            if mistakes.0.len() - told >= MISTAKES_MAX {
                return;
            }
        }
    }
    if columns.is_none() {
        let one = Diagnostic::new(Code::CrosswalkCsv, source, 0..0, "has no header line");
        mistakes.push(one.help("begin with `kind,access,SPACE.PART,…`"));
    }
}

/// Where the next record begins: past blank lines and comments.
fn position(text: &str, byte: u64) -> usize {
    let mut at = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    while let Some(rest) = text.get(at..) {
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let comment = if rest[blank..].starts_with('#') { rest[blank..].find('\n') } else { None };
        at += blank + comment.unwrap_or(0);
        if comment.is_none() {
            break;
        }
    }
    at
}

/// What the header said of each column.
struct Columns {
    kind: usize,
    access: Option<usize>,
    /// Column, space, part.
    parts: Vec<(usize, String, String)>,
    len: usize,
}

fn header(
    source: &Arc<Source>,
    record: &csv::StringRecord,
    line: std::ops::Range<usize>,
) -> Result<Columns, Diagnostics> {
    let mut mistakes = Diagnostics::default();
    let mut columns = Columns { kind: usize::MAX, access: None, parts: Vec::new(), len: record.len() };
    let text = source.text.get(line.clone()).unwrap_or("");
    let mut from = 0;
    let mut seen = std::collections::HashSet::new();
    for (at, name) in record.iter().enumerate() {
        let found = text.get(from..).and_then(|rest| rest.find(name)).map_or(from, |offset| from + offset);
        from = found + name.len();
        let span = line.start + found..line.start + from;
        if !seen.insert(name) {
            let message = format!("a second column `{name}`");
            let one = Diagnostic::new(Code::CrosswalkColumn, source, span, message);
            mistakes.push(one.help("take one of them out"));
            continue;
        }
        match name {
            "kind" => columns.kind = at,
            "access" => columns.access = Some(at),
            _ => match place(name) {
                Ok((space, part)) => columns.parts.push((at, space.to_owned(), part.to_owned())),
                Err(wrong) => mistakes.push(wrong.at(source, span)),
            },
        }
    }
    if columns.kind == usize::MAX {
        let one = Diagnostic::new(Code::CrosswalkColumn, source, line, "there is no column `kind`");
        mistakes.push(one.help("name each line's kind: target, user, ticket_system, reason_code, schedule"));
    }
    mistakes.or(columns)
}

fn row<'r>(
    columns: &'r Columns,
    record: &'r csv::StringRecord,
    span: std::ops::Range<usize>,
) -> Result<Line<'r>, Wrong> {
    if record.len() != columns.len {
        let message = format!("has {} cells, the header has {}", record.len(), columns.len);
        return Err(Wrong::new(Code::CrosswalkCells, message).help("leave cells empty, not out"));
    }
    let kind = kind_of(record.get(columns.kind).unwrap_or(""))?;
    let access = columns.access.and_then(|at| record.get(at)).unwrap_or("");
    let mut cells = Vec::new();
    for (at, space, part) in &columns.parts {
        let text = record.get(*at).unwrap_or("");
        if !text.is_empty() {
            check_text(text)?;
            cells.push((space.as_str(), part_of(kind, part)?, text));
        }
    }
    Ok(Line { kind, access, cells, span })
}

/// Reads one entry a line: `{"kind": …, "access": …, "SPACE": {"PART": …}, …}`.
pub(super) fn jsonl(source: &Arc<Source>, builder: &mut Builder, mistakes: &mut Diagnostics) {
    let mut at = 0;
    let told = mistakes.0.len();
    for whole in source.text.split_inclusive('\n') {
        let line = whole.trim().trim_start_matches('\u{feff}');
        let begin = at + whole.find(line).unwrap_or(0);
        let span = begin..begin + line.len();
        at += whole.len();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Err(wrong) = json_line(source, line, span, builder) {
            mistakes.push(wrong);
            if mistakes.0.len() - told >= MISTAKES_MAX {
                return;
            }
        }
    }
}

fn json_line(
    source: &Arc<Source>,
    line: &str,
    span: std::ops::Range<usize>,
    builder: &mut Builder,
) -> Result<(), Diagnostic> {
    let json: Json = serde_json::from_str(line).map_err(|error| {
        let column = span.start + error.column().saturating_sub(1).min(line.len());
        Diagnostic::new(Code::CrosswalkJson, source, column..column, format!("is no JSON object: {error}"))
            .help("write one object a line")
    })?;
    let row = json_row(&json, span.clone()).map_err(|wrong| wrong.at(source, span))?;
    builder.add(source, row)
}

fn json_row(json: &Json, span: std::ops::Range<usize>) -> Result<Line<'_>, Wrong> {
    let Json::Table(members) = json else {
        let message = format!("is {}, not an object", json.name());
        return Err(Wrong::new(Code::CrosswalkJson, message).help("write one object a line"));
    };
    let text = |name: &str| match members.iter().find(|(key, _)| key == name) {
        None | Some((_, Json::Null)) => Ok(""),
        Some((_, Json::Text(text))) => Ok(text.as_str()),
        Some((_, other)) => {
            let message = format!("`{name}` is {}, not a text", other.name());
            Err(Wrong::new(Code::CrosswalkJson, message).help("write it in quotes"))
        }
    };
    let (kind, access) = (kind_of(text("kind")?)?, text("access")?);
    let mut cells = Vec::new();
    for (space, value) in members.iter().filter(|(key, _)| key != "kind" && key != "access") {
        let Json::Table(parts) = value else {
            let message = format!("`{space}` is {}, not an object of parts", value.name());
            return Err(Wrong::new(Code::CrosswalkJson, message)
                .help(r#"write a space's parts so: "beyondtrust": {"system.id": "14"}"#));
        };
        for (part, value) in parts {
            place(&format!("{space}.{part}"))?;
            match value {
                Json::Text(text) if !text.is_empty() => {
                    check_text(text)?;
                    cells.push((space.as_str(), part_of(kind, part)?, text.as_str()));
                }
                Json::Text(_) | Json::Null => {}
                other => {
                    let message = format!("`{space}.{part}` is {}", other.name());
                    return Err(
                        Wrong::new(Code::CrosswalkJson, message).help("write a text or a whole number")
                    );
                }
            }
        }
    }
    Ok(Line { kind, access, cells, span })
}

/// What may stand in a line. Whole numbers become texts with the same digits.
enum Json {
    Text(String),
    Table(Vec<(String, Json)>),
    Null,
    /// A list, a truth value, or a number that can't be kept exactly.
    Other(&'static str),
}

impl Json {
    fn name(&self) -> &'static str {
        match self {
            Json::Text(_) => "a text",
            Json::Table(_) => "an object",
            Json::Null => "null",
            Json::Other(name) => name,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts and whole numbers")
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Text(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Text(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other("a number with a fraction or of more than 64 bits"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other("a truth value"))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(Json::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Json>()? {
            if members.iter().any(|(there, _)| *there == key) {
                return Err(serde::de::Error::custom(format_args!("`{key}` stands there twice")));
            }
            members.push((key, value));
        }
        Ok(Json::Table(members))
    }
}
