//! `[dialect]`: where the server's addresses stand, and how it reads.
use std::ops::Range;

use hyper::header::HeaderValue;

use crate::canonical::Shape;
use crate::diagnostic::tree::{Item, Reader};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Leniency;

use super::super::route::{Base, plain_segment};
use super::Loading;

/// What `[dialect]` says.
pub(super) struct Head {
    pub(super) title: String,
    pub(super) bases: Vec<Base>,
    /// Which of them is written.
    pub(super) written: usize,
    pub(super) any_case_paths: bool,
    pub(super) leniency: Leniency,
    pub(super) null_is_absent: bool,
    pub(super) session: Vec<String>,
    pub(super) fault_type: Option<HeaderValue>,
}

impl Head {
    /// The base that is written.
    pub(super) fn base(&self) -> &str {
        self.bases.get(self.written).map_or("", |base| base.text.as_str())
    }

    /// Takes note of the base that a variant writes; it must be one that the dialect reads.
    pub(super) fn of_variants(&mut self, reader: &mut Reader, variants: Option<&Item>, which: Option<&str>) {
        for (name, variant) in variants.map(Item::members).unwrap_or_default() {
            let Some((text, item)) =
                variant.get("base").and_then(|item| Some((reader.text(variant, "base")?, item)))
            else {
                continue;
            };
            let base = Base::new(text);
            let found = self.bases.iter().position(|known| known.text.eq_ignore_ascii_case(&base.text));
            match found {
                Some(0) => {
                    let message = "this base is written without the variant, too";
                    reader.error(Code::ReplacesNothing, &item.span, message, "take the line out");
                }
                Some(at) if which == Some(name.text.as_str()) => self.written = at,
                Some(_) => {}
                None => {
                    let message = format!("`{text}` is no base of the dialect");
                    let help =
                        "a variant writes one of those in `[dialect] base`: add it there, behind the first";
                    reader.error(Code::WrongRoute, &item.span, &message, help);
                }
            }
        }
    }
}

impl Loading<'_> {
    /// A path stands under the base: one that begins with a base would be sent with it twice.
    pub(super) fn under_base(&mut self, text: &str, span: &Range<usize>) {
        let Some((method, path)) = text.split_once(' ') else { return };
        let head = self.head;
        let under = |base: &Base| {
            let (start, rest) = path.split_at_checked(base.text.len())?;
            let whole = rest.is_empty() || rest.starts_with('/');
            (whole && !start.is_empty() && start.eq_ignore_ascii_case(&base.text)).then_some(rest)
        };
        let Some(rest) = head.bases.iter().find_map(under) else { return };
        let message = format!("the base stands before each path: this is `{}{path}`", head.base());
        let under = if rest.is_empty() { "/" } else { rest };
        let help = format!("a path stands under the base: write `{method} {under}`");
        self.reader.error(Code::WrongRoute, span, message, help);
    }
}

/// Reads `[dialect]`, but for `fault`: its messages are compiled with the others.
pub(super) fn read(reader: &mut Reader, item: &Item, name: &str) -> Head {
    reader.known_keys(
        item,
        &["title", "base", "any_case", "null", "integers", "session", "fault", "fault_type"],
    );
    let any_case = words(reader, item, "any_case", &["paths", "names", "values"]);
    Head {
        title: reader.text(item, "title").unwrap_or(name).to_owned(),
        bases: bases(reader, item),
        written: 0,
        any_case_paths: any_case.contains(&"paths"),
        leniency: Leniency {
            names: any_case.contains(&"names"),
            values: any_case.contains(&"values"),
            integers: !words(reader, item, "integers", &["also-as-text"]).is_empty(),
        },
        null_is_absent: !words(reader, item, "null", &["absent"]).is_empty(),
        session: session(reader, item),
        fault_type: fault_type(reader, item),
    }
}

fn bases(reader: &mut Reader, item: &Item) -> Vec<Base> {
    let texts = reader.texts(item, "base");
    let there = item.get("base");
    if there.is_none_or(|base| base.texts().is_some_and(|texts| texts.is_empty())) {
        let message = "`[dialect]` needs `base`, the path under which the server's addresses stand";
        let span = there.map_or(item.span.clone(), |base| base.span.clone());
        reader.error(Code::OptionMissing, &span, message, "add `base = [\"/…\"]`; `\"/\"` if there is none");
    }
    for (_, span) in texts.iter().filter(|(text, _)| !text.starts_with('/')) {
        let help = "begin it with `/`";
        reader.error(Code::WrongRoute, span, "a base is a path", help);
    }
    for (text, span) in texts.iter().filter(|(text, _)| !text.split('/').all(plain_segment)) {
        let message = format!("`{}` can't stand in a path as it is", text.escape_debug());
        let help = "letters, digits and `-._~!$&'()*+,;=:@` can, between slashes";
        reader.error(Code::WrongRoute, span, &message, help);
    }
    let found: Vec<Base> = texts.iter().map(|(text, _)| Base::new(text)).collect();
    for (at, (text, span)) in texts.iter().enumerate() {
        let hides = |base: &&Base| {
            let rest = text.to_ascii_lowercase();
            let rest = rest.strip_prefix(&base.text.to_ascii_lowercase());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(base) = found[..at].iter().find(hides) {
            let message = format!(
                "calls under `{text}` are taken for those under `{}`, which stands before it",
                base.text
            );
            let help = "write the longer one first, or only one of them";
            reader.error(Code::BaseHidden, span, message, help);
        }
    }
    found
}

/// What an error's body is called in `Content-Type`, where that isn't what all other bodies are called.
fn fault_type(reader: &mut Reader, item: &Item) -> Option<HeaderValue> {
    let (text, at) = (reader.text(item, "fault_type")?, item.get("fault_type")?);
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let essence = text.split(';').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let json = essence.split_once('/').is_some_and(|(kind, form)| {
        token(kind) && token(form) && (form == "json" || form.ends_with("+json"))
    });
    match HeaderValue::from_str(text) {
        Ok(value) if json => Some(value),
        _ => {
            let message = "an error's body is JSON, and this is no media type of JSON";
            let help = "as in `application/problem+json`";
            reader.error(Code::WrongContentType, &at.span, message, help);
            None
        }
    }
}

/// What the session says: first parts of fields' names.
fn session(reader: &mut Reader, item: &Item) -> Vec<String> {
    let mut known: Vec<&str> =
        Shape::Access.fields().iter().filter_map(|f| f.name.split('.').next()).collect();
    known.dedup();
    let texts = reader.texts(item, "session");
    reader.once(&texts);
    for (text, span) in texts.iter().filter(|(text, _)| !known.contains(text)) {
        let message = format!("no canonical field begins with `{text}`");
        let one = Diagnostic::new(Code::UnknownField, &reader.source, span.clone(), message);
        let one = match text.split_once('.') {
            Some((first, _)) if known.contains(&first) => {
                one.help(format!("write `{first}`: a session says all of it"))
            }
            _ => one.near_or(text, known.iter().copied(), "write the first part of a field's name"),
        };
        reader.wrong.push(one);
    }
    texts.into_iter().map(|(text, _)| text.to_owned()).collect()
}

/// The words of an option that are known; others are mistakes.
pub(super) fn words<'i>(reader: &mut Reader, item: &'i Item, key: &str, known: &[&str]) -> Vec<&'i str> {
    let mut found = Vec::new();
    let texts = reader.texts(item, key);
    reader.once(&texts);
    for (text, span) in texts {
        match known.contains(&text) {
            true => found.push(text),
            false => {
                let message = format!("`{text}` is no word of `{key}`");
                let one = Diagnostic::new(Code::UnknownWord, &reader.source, span, message);
                let one = one.label(format!("known: {}", known.join(", ")));
                reader.wrong.push(one.near_or(text, known.iter().copied(), "write one of them"));
            }
        }
    }
    found
}
