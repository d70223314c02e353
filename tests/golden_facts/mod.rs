//! Facts of a line each, `tests/golden/facts/*.md`: what a message says, what a fault looks like, what a method and a path
//! ask for, and which statuses are a good end, in one dialect.
//!
//! A golden case shows a whole translation; a fact shows one place of one table, so that a page of a vendor's states or
//! error codes is a page of lines here. Start at [`all`], then [`Fact::difference`]. The form is in
//! tests/golden/README.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use jiff::Timestamp;
use pamgate::canonical::time::read_length;
use pamgate::canonical::{Fault, Record, Shape, Type, Value};
use pamgate::dialect::{Dialect, Registry, Unrecognised};
use pamgate::json::{Builder, Limits};
use pamgate::mapping::Reading;

use super::golden_format::canonical;
use super::golden_format::flat::{self, Flat};

/// The clock of all facts.
const NOW: &str = "2026-01-05T09:00:00Z";

/// One line.
#[derive(Debug)]
pub(crate) struct Fact {
    /// File and line.
    pub(crate) name: String,
    /// Whose message or fault it is, perhaps with a variant.
    pub(crate) label: String,
    about: About,
    vendor: String,
    way: Way,
    canonical: String,
}

#[derive(Debug, Clone)]
enum About {
    /// A message; whether other places may be written beside those of the line.
    Message { name: String, partly: bool },
    /// A fault, perhaps of one operation.
    Fault { operation: Option<String> },
    /// A method and a path.
    Route,
    /// A good end of an operation.
    Outcome { operation: String },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Both,
    Read,
    Written,
}

/// All facts there are.
pub(crate) fn all() -> Vec<Fact> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/facts");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        found.extend(
            facts(&file, &std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|why| panic!("{why}")),
        );
    }
    found
}

fn facts(file: &str, text: &str) -> Result<Vec<Fact>, String> {
    let mut found = Vec::new();
    let mut block: Option<(String, About)> = None;
    for (at, line) in text.lines().enumerate() {
        let name = format!("facts/{file}:{}", at + 1);
        match (line.strip_prefix("```"), &block) {
            (Some(""), _) => block = None,
            (Some(head), None) => {
                block = Some(opened(head).ok_or_else(|| format!("{name}: what is `{head}`?"))?)
            }
            (Some(_), Some(_)) => return Err(format!("{name}: a fence stands inside of a block")),
            (None, Some((label, about))) if !line.trim().is_empty() => {
                let at = line.find(['⇄', '→', '←']).ok_or_else(|| format!("{name}: no arrow"))?;
                let arrow = line[at..].chars().next().unwrap_or_default();
                let way = match arrow {
                    '⇄' => Way::Both,
                    '→' => Way::Read,
                    _ => Way::Written,
                };
                found.push(Fact {
                    name,
                    label: label.clone(),
                    about: about.clone(),
                    vendor: line[..at].trim().to_owned(),
                    way,
                    canonical: line[at + arrow.len_utf8()..].trim().to_owned(),
                });
            }
            _ => {}
        }
    }
    Ok(found)
}

/// `text message safeguard document partly`, `text faults beyondtrust request.create`.
fn opened(head: &str) -> Option<(String, About)> {
    let words: Vec<&str> = head.split(' ').collect();
    let about = match words.as_slice() {
        ["text", "message", _, name] => About::Message { name: (*name).to_owned(), partly: false },
        ["text", "message", _, name, "partly"] => About::Message { name: (*name).to_owned(), partly: true },
        ["text", "routes", _] => About::Route,
        ["text", "outcomes", _, operation] => About::Outcome { operation: (*operation).to_owned() },
        ["text", "faults", _] => About::Fault { operation: None },
        ["text", "faults", _, operation] => About::Fault { operation: Some((*operation).to_owned()) },
        _ => return None,
    };
    Some((words[2].to_owned(), about))
}

impl Fact {
    /// The dialect, without its variant.
    pub(crate) fn dialect(&self) -> &str {
        self.label.split('/').next().unwrap_or_default()
    }

    /// The message that it shows, as JSON.
    pub(crate) fn shows(&self) -> Option<&str> {
        matches!(self.about, About::Message { .. }).then_some(self.vendor.as_str())
    }

    /// Whether it shows what an entry of a table says; the entry as a dotted key, `message.create.rows.Reason`.
    pub(crate) fn concerns(&self, entry: &str) -> bool {
        match &self.about {
            About::Message { name, .. } => entry.contains(&format!("message.{name}.")),
            About::Fault { .. } => entry.contains("faults."),
            About::Route | About::Outcome { .. } => entry.starts_with("operation."),
        }
    }

    /// What comes out otherwise.
    pub(crate) fn difference(&self, registry: &Registry) -> Option<String> {
        let found = registry.labelled(&self.label).and_then(|dialect| match &self.about {
            About::Message { name, partly } => self.message(dialect, name, *partly),
            About::Fault { operation } => self.fault(dialect, operation.as_deref()),
            About::Route => self.route(dialect),
            About::Outcome { operation } => self.outcome(dialect, operation),
        });
        match found {
            Ok(lines) => lines,
            Err(why) => Some(format!("    ! {why}\n")),
        }
    }

    /// What is said; and in round brackets, where the line has them, what is read from an absence.
    fn halves(&self) -> (&str, Option<&str>) {
        match self.canonical.strip_suffix(')').and_then(|line| line.split_once('(')) {
            Some((said, assumed)) => (said.trim(), Some(assumed)),
            None => (&self.canonical, None),
        }
    }

    fn message(&self, dialect: &Dialect, name: &str, partly: bool) -> Result<Option<String>, String> {
        let entry = dialect.message_named(name).ok_or_else(|| format!("there is no message `{name}`"))?;
        let now: Timestamp = NOW.parse().map_err(|e| format!("{e}"))?;
        let mut out = String::new();
        if self.way != Way::Written {
            let parsed = entry.parse_loosely(self.vendor.as_bytes(), dialect.json(Limits::default()), None);
            let (document, _) = parsed.map_err(|e| e.to_string())?;
            let read = entry.message.read(document.root(), Reading { now, wanted: None });
            out += &match (read, self.canonical.as_str()) {
                (Err(_), "refused") => String::new(),
                (Err(problems), _) => format!("    + refused: {problems:?}\n"),
                (Ok(_), "refused") => "    - refused\n".to_owned(),
                (Ok(record), _) => {
                    let (mut actual, mut whole) = (Flat::new(), Flat::new());
                    flat::record(&record.to_json(false), "", &mut actual);
                    flat::record(&record.to_json(true), "", &mut whole);
                    whole.retain(|place, _| !actual.contains_key(place));
                    let (line, assumed) = self.halves();
                    let told = flat::difference(&said(entry.message.shape, line)?, &actual);
                    let assumed = match assumed {
                        Some(assumed) => flat::difference(&said(entry.message.shape, assumed)?, &whole),
                        None => None,
                    };
                    told.unwrap_or_default() + &assumed.unwrap_or_default()
                }
            };
        }
        if self.way != Way::Read {
            let record = record(entry.message.shape, &table(self.halves().0)?)?;
            let mut builder = Builder::new();
            entry.message.write(&record, now, &mut builder);
            let text = builder.finish(true).to_bytes();
            out += &written(&self.vendor, &text, partly)?.unwrap_or_default();
        }
        Ok((!out.is_empty()).then_some(out))
    }

    /// `PUT /BeyondTrust/api/public/v3/Requests  →  wrong-method: GET, POST`.
    fn route(&self, dialect: &Dialect) -> Result<Option<String>, String> {
        let (method, path) = self.vendor.split_once(' ').ok_or("a method and a path should stand here")?;
        if self.way != Way::Read {
            return Err("what is asked for is only read: `→`".into());
        }
        let asked = match dialect.recognise(method, path) {
            Ok(recognised) => recognised.operation.word.clone(),
            Err(Unrecognised::WrongMethod(mut allowed)) => {
                allowed.sort();
                format!("wrong-method: {}", allowed.join(", "))
            }
            Err(Unrecognised::Unknown) => "not-found.operation".to_owned(),
            Err(Unrecognised::Elsewhere) => "elsewhere".to_owned(),
        };
        let wrong = format!("    - {}\n    + {asked}\n", self.canonical);
        Ok((asked != self.canonical).then_some(wrong))
    }

    /// `201  ⇄  created`.
    fn outcome(&self, dialect: &Dialect, operation: &str) -> Result<Option<String>, String> {
        let found =
            dialect.operation(operation).ok_or_else(|| format!("there is no operation `{operation}`"))?;
        let status: u16 = self.vendor.parse().map_err(|_| format!("`{}` is no status", self.vendor))?;
        let read = found.read(status).map_or("none", |outcome| outcome.word.as_str());
        let written = found.written(&self.canonical).map(|outcome| outcome.status);
        let mut out = String::new();
        if self.way != Way::Written && read != self.canonical {
            out += &format!("    - {}\n    + {read}\n", self.canonical);
        }
        if self.way != Way::Read && written != Some(status) {
            out += &format!("    - {status}\n    + {written:?}\n");
        }
        Ok((!out.is_empty()).then_some(out))
    }

    /// `403 4031  ⇄  not-permitted`.
    fn fault(&self, dialect: &Dialect, operation: Option<&str>) -> Result<Option<String>, String> {
        let named =
            |word: &str| dialect.operation(word).ok_or_else(|| format!("there is no operation `{word}`"));
        let operation = operation.map(named).transpose()?;
        let (status, body) = self.vendor.split_once(' ').unwrap_or((&self.vendor, ""));
        let status: u16 = status.parse().map_err(|_| format!("`{status}` is no status"))?;
        let mut out = String::new();
        if self.way != Way::Written {
            let any = || dialect.operations().first().ok_or("there is no operation");
            let read = dialect.read_fault(operation.map_or_else(any, Ok)?, status, body.as_bytes());
            if read.word != self.canonical {
                out += &format!("    - {}\n    + {}\n", self.canonical, read.word);
            }
        }
        if self.way != Way::Read {
            let known = pamgate::canonical::fault::known(&self.canonical);
            let word = known.ok_or_else(|| format!("`{}` is no fault", self.canonical))?;
            let (wrote, text) = dialect.write_fault(operation, &Fault::new(word, ""));
            if wrote != status {
                out += &format!("    - {status}\n    + {wrote}\n");
            }
            if !body.is_empty() {
                out += &written(body, &text, true)?.unwrap_or_default();
            }
        }
        Ok((!out.is_empty()).then_some(out))
    }
}

/// What is written otherwise. Partly: places that the line doesn't name are no facts.
fn written(expected: &str, actual: &[u8], partly: bool) -> Result<Option<String>, String> {
    let (mut expected, mut actual) = match (expected, actual) {
        ("", []) => return Ok(None),
        (_, []) => return Ok(Some(format!("    - {expected}\n    + nothing\n"))),
        _ => (flat::json(expected.as_bytes())?, flat::json(actual)?),
    };
    if partly {
        actual.retain(|place, _| expected.contains_key(place));
        // A place that is said not to be written.
        expected.retain(|_, value| value != "\"<absent>\"");
    }
    Ok(flat::difference(&expected, &actual))
}

/// `status = "pending", approvals.given = 1` as TOML.
fn table(line: &str) -> Result<toml::Table, String> {
    let (mut text, mut depth, mut quoted) = (String::new(), 0, false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
        text.push(if letter == ',' && depth == 0 && !quoted { '\n' } else { letter });
    }
    let text = if text == "nothing" { String::new() } else { text };
    text.parse().map_err(|e: toml::de::Error| format!("{line}: {e}"))
}

/// What a line says, by dotted names.
fn said(shape: Shape, line: &str) -> Result<Flat, String> {
    let table = table(line)?;
    match shape {
        Shape::Access => Ok(canonical::read(&table.to_string())?.0),
        _ => Ok(flat::toml(&table.into())),
    }
}

/// A record that says what a table says.
fn record(shape: Shape, table: &toml::Table) -> Result<Record<'static>, String> {
    let mut record = Record::new(shape);
    for field in shape.fields() {
        let nested = || {
            let table = toml::Value::Table(table.clone());
            field.name.split('.').try_fold(table, |at, part| at.get(part).cloned())
        };
        let inside = table.get(field.name).cloned().or_else(nested);
        let (Some(id), Some(value)) = (shape.find(field.name), inside) else { continue };
        let value = match (&value, field.kind) {
            // `ticket` of `ticket.number`: a field of its own only where it is no table.
            (toml::Value::Table(_), kind) if !matches!(kind, Type::Texts | Type::Map(_)) => continue,
            _ => typed(field.kind, &value).ok_or_else(|| format!("{} can't be {value}", field.name))?,
        };
        record.say(id, value);
    }
    // What was left out would be no fact.
    let mut held = Flat::new();
    flat::record(&record.to_json(true), "", &mut held);
    let meant = flat::toml(&toml::Value::Table(table.clone()));
    match meant.keys().find(|name| !held.contains_key(*name)) {
        None => Ok(record),
        Some(name) => Err(format!("`{name}` is no field")),
    }
}

fn typed(kind: Type, value: &toml::Value) -> Option<Value<'static>> {
    let text = flat::scalar(value);
    Some(match kind {
        Type::Id | Type::Text | Type::Word => Value::Text(text.into()),
        Type::Bool => Value::Bool(value.as_bool()?),
        Type::Count => Value::Count(value.as_integer()?),
        Type::Time => Value::Time(text.parse().ok()?),
        Type::Length => Value::Length(read_length(&text)?),
        Type::Texts => {
            let members = value.as_table()?.iter();
            Value::Map(
                members
                    .map(|(name, text)| (name.clone().into(), Value::Text(flat::scalar(text).into())))
                    .collect(),
            )
        }
        Type::Map(shape) => {
            let one = |(name, members): (&String, &toml::Value)| {
                Some((name.clone().into(), Value::Record(Box::new(record(shape, members.as_table()?).ok()?))))
            };
            Value::Map(value.as_table()?.iter().map(one).collect::<Option<_>>()?)
        }
        Type::List(shape) => {
            let one = |item: &toml::Value| record(shape, item.as_table()?).ok();
            Value::List(value.as_array()?.iter().map(one).collect::<Option<_>>()?)
        }
    })
}
