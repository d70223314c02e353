//! Typed reading of TOML tables: what is missing, misspelt or of another type becomes a diagnostic, and reading goes
//! on with a stand-in, since a configuration with a mistake is never returned.
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{At, Supply};
use crate::canonical::{Shape, Type};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source, nearest};

/// The deepest dotted name; canonical fields have three words at most.
const WORDS_MAX: usize = 6;

/// A value with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// What is found on the way.
pub(super) struct Reader<'r> {
    pub(super) source: Arc<Source>,
    pub(super) base: &'r Path,
    pub(super) env: &'r dyn Fn(&str) -> Option<String>,
    pub(super) mistakes: Diagnostics,
    pub(super) warnings: Vec<Diagnostic>,
}

/// A table under its name, perhaps absent.
pub(super) struct Section<'t> {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    table: Option<&'t DeTable<'t>>,
}

impl<'t> Section<'t> {
    pub(super) fn get(&self, key: &str) -> Option<&'t Value<'t>> {
        self.entries().find(|(name, _)| name.value == key).map(|(_, value)| value)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (At<&'t str>, &'t Value<'t>)> + use<'t> {
        let entries = self.table.into_iter().flat_map(|table| table.iter());
        entries.map(|(key, value)| (At { value: key.get_ref().as_ref(), span: key.span() }, value))
    }
}

/// A mistake in the TOML itself.
pub(super) fn syntax(source: &Arc<Source>, error: &toml::de::Error) -> Diagnostic {
    let help = "TOML is told of at https://toml.io; texts stand in quotes, a key stands once";
    Diagnostic::new(Code::ConfigSyntax, source, error.span().unwrap_or(0..0), error.message()).help(help)
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl<'r> Reader<'r> {
    pub(super) fn new(
        source: Arc<Source>,
        base: &'r Path,
        env: &'r dyn Fn(&str) -> Option<String>,
    ) -> Reader<'r> {
        Reader { source, base, env, mistakes: Diagnostics::default(), warnings: Vec::new() }
    }

    pub(super) fn diagnostic(
        &self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, &self.source, span, message)
    }

    pub(super) fn wrong(&mut self, code: Code, span: Range<usize>, message: String, help: &str) {
        let one = self.diagnostic(code, span, message);
        self.mistakes.push(one.help(help));
    }

    fn wrong_type(&mut self, name: &str, value: &Value<'_>, wanted: &str) {
        let message = format!("`{name}` is {}, not {wanted}", type_name(value.get_ref()));
        self.wrong(Code::ConfigType, value.span(), message, &format!("write {wanted}"));
    }

    /// The file's top.
    pub(super) fn root<'t>(&mut self, table: &'t DeTable<'t>) -> Section<'t> {
        let root = Section { name: String::new(), span: 0..0, table: Some(table) };
        let known = [
            "gateway",
            "limits",
            "deadlines",
            "files",
            "store",
            "upstream",
            "caller",
            "route",
            "losses",
            "supply",
        ];
        self.known_keys(&root, &known);
        root
    }

    /// A table with these keys; empty where it is absent.
    pub(super) fn section<'t>(
        &mut self,
        name: &str,
        value: Option<&'t Value<'t>>,
        known: &[&str],
    ) -> Section<'t> {
        let section = self.open_section(name, value);
        self.known_keys(&section, known);
        section
    }

    /// A table whose keys are names.
    pub(super) fn open_section<'t>(&mut self, name: &str, value: Option<&'t Value<'t>>) -> Section<'t> {
        let mut section = Section { name: name.to_owned(), span: 0..0, table: None };
        if let Some(value) = value {
            section.span = value.span();
            match value.get_ref() {
                DeValue::Table(table) => section.table = Some(table),
                _ => self.wrong_type(name, value, "a table"),
            }
        }
        section
    }

    fn known_keys(&mut self, section: &Section<'_>, known: &[&str]) {
        for (key, _) in section.entries().filter(|(key, _)| !known.contains(&key.value)) {
            let place = if section.name.is_empty() { "pamgate.toml" } else { &section.name };
            let one =
                self.diagnostic(Code::UnknownKey, key.span, format!("`{}` is no key of {place}", key.value));
            self.mistakes.push(match nearest(key.value, known.iter().copied()) {
                Some(near) => one.help(format!("did you mean `{near}`?")),
                None => one.help(format!("known are {}", known.join(", "))),
            });
        }
    }

    /// All tables of `[[name]]`.
    pub(super) fn list<'t>(&mut self, root: &Section<'t>, name: &str) -> Vec<&'t Value<'t>> {
        let Some(value) = root.get(name) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => {
                let message = format!("`{name}` is {}, not a list of tables", type_name(value.get_ref()));
                self.wrong(
                    Code::ConfigType,
                    value.span(),
                    message,
                    &format!("write `[[{name}]]`, in two brackets"),
                );
                Vec::new()
            }
        }
    }

    pub(super) fn text(&mut self, section: &Section<'_>, key: &str) -> Option<At<String>> {
        self.text_of(key, section.get(key)?)
    }

    pub(super) fn text_of(&mut self, name: &str, value: &Value<'_>) -> Option<At<String>> {
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.wrong(
                    Code::ConfigEmpty,
                    value.span(),
                    format!("`{name}` is empty"),
                    "fill it in, or leave it out",
                );
                None
            }
            DeValue::String(text) => Some(At { value: text.to_string(), span: value.span() }),
            _ => {
                self.wrong_type(name, value, "a text");
                None
            }
        }
    }

    /// A text that must be there; an empty stand-in where it isn't.
    pub(super) fn required(&mut self, section: &Section<'_>, key: &str, help: &str) -> At<String> {
        if section.get(key).is_none() {
            self.wrong(
                Code::MissingKey,
                section.span.clone(),
                format!("{} has no `{key}`", section.name),
                help,
            );
        }
        self.text(section, key).unwrap_or(At { value: String::new(), span: section.span.clone() })
    }

    /// A name that is written again elsewhere, in addresses, logs and metrics.
    pub(super) fn required_name(&mut self, section: &Section<'_>, key: &str, help: &str) -> At<String> {
        let name = self.required(section, key, help);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
        if name.value.len() > 64 || !name.value.bytes().all(plain) {
            let message = format!("`{}` can't be a name", name.value);
            self.wrong(
                Code::ConfigName,
                name.span.clone(),
                message,
                "use up to 64 letters, digits and - _ . @",
            );
        }
        name
    }

    /// A text, or a list of them.
    pub(super) fn texts(&mut self, section: &Section<'_>, key: &str) -> Vec<At<String>> {
        let Some(value) = section.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(list) => list.iter().filter_map(|one| self.text_of(key, one)).collect(),
            _ => self.text_of(key, value).into_iter().collect(),
        }
    }

    pub(super) fn flag(&mut self, section: &Section<'_>, key: &str) -> bool {
        match section.get(key) {
            None => false,
            Some(value) => value.get_ref().as_bool().unwrap_or_else(|| {
                self.wrong_type(key, value, "true or false");
                false
            }),
        }
    }

    pub(super) fn count(
        &mut self,
        section: &Section<'_>,
        key: &str,
        default: usize,
        allowed: RangeInclusive<usize>,
    ) -> usize {
        let Some(value) = section.get(key) else { return default };
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, "a whole number");
            return default;
        };
        let parsed = usize::from_str_radix(number.as_str(), number.radix()).ok();
        match parsed.filter(|number| allowed.contains(number)) {
            Some(number) => number,
            None => {
                let message = format!("`{key}` must be from {} to {}", allowed.start(), allowed.end());
                self.wrong(Code::ConfigRange, value.span(), message, "write a number within these");
                default
            }
        }
    }

    pub(super) fn duration(&mut self, section: &Section<'_>, key: &str, default: Duration) -> Duration {
        let Some(text) = self.text(section, key) else { return default };
        let parsed = text.value.parse::<jiff::SignedDuration>().ok();
        let allowed = Duration::from_millis(1)..=Duration::from_hours(24);
        match parsed.and_then(|parsed| Duration::try_from(parsed).ok()).filter(|one| allowed.contains(one)) {
            Some(duration) => duration,
            None => {
                let message = format!("`{}` is no duration from 1 ms to 24 h", text.value);
                self.wrong(Code::ConfigDuration, text.span, message, "write `500ms`, `30s`, `5m` or `1h`");
                default
            }
        }
    }

    /// Where a written path leads: relative ones begin at the configuration's folder.
    pub(super) fn path(&self, text: At<String>) -> At<PathBuf> {
        At { value: self.base.join(text.value), span: text.span }
    }

    /// A path to a file that must be there.
    pub(super) fn file(&mut self, section: &Section<'_>, key: &str) -> Option<At<PathBuf>> {
        let path = self.text(section, key).map(|text| self.path(text))?;
        if !path.value.is_file() {
            let message = format!("there is no file {}", path.value.display());
            self.wrong(
                Code::ConfigFile,
                path.span.clone(),
                message,
                "paths begin at the folder of pamgate.toml",
            );
        }
        Some(path)
    }

    /// All that stands in a table, by dotted names: `"a.b" = 1` and `a.b = 1` are the same.
    pub(super) fn dotted<'t>(&mut self, section: &Section<'t>) -> Vec<(At<String>, &'t Value<'t>)> {
        let mut found = Vec::new();
        let mut open: Vec<(At<String>, &Value<'t>, usize)> = Vec::new();
        let push = |open: &mut Vec<_>, prefix: &str, entries: Vec<(At<&'t str>, &'t Value<'t>)>, words| {
            for (key, value) in entries.into_iter().rev() {
                let name =
                    if prefix.is_empty() { key.value.to_owned() } else { format!("{prefix}.{}", key.value) };
                open.push((At { value: name, span: key.span }, value, words));
            }
        };
        push(&mut open, "", section.entries().collect(), 1);
        while let Some((name, value, words)) = open.pop() {
            match value.get_ref() {
                DeValue::Table(_) if words >= WORDS_MAX => {
                    let message = format!("`{}` is too deep", name.value);
                    self.wrong(Code::ConfigName, name.span, message, "names have three words at most");
                }
                DeValue::Table(table) => {
                    let inner = Section { name: String::new(), span: value.span(), table: Some(table) };
                    push(&mut open, &name.value, inner.entries().collect(), words + 1);
                }
                _ => found.push((name, value)),
            }
        }
        let mut seen = std::collections::HashSet::new();
        for (name, _) in &found {
            if !seen.insert(name.value.clone()) {
                self.wrong(
                    Code::ConfigTwice,
                    name.span.clone(),
                    format!("`{}` stands here twice", name.value),
                    "take one of them out",
                );
            }
        }
        found
    }

    /// A text; whole numbers and truth values are taken as they are written.
    pub(super) fn loose_text(&mut self, name: &str, value: &Value<'_>) -> Option<At<String>> {
        let text = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Boolean(flag) => flag.to_string(),
            _ => return self.text_of(name, value),
        };
        Some(At { value: text, span: value.span() })
    }

    /// What a canonical field holds; none, and told, where there is no such field.
    pub(super) fn field_type(&mut self, field: &At<String>) -> Option<Type> {
        let fields = Shape::Access.fields();
        let found = fields.iter().find(|known| known.name == field.value).map(|known| known.kind);
        if found.is_none() {
            let message = format!("`{}` is no canonical field", field.value);
            let one = self.diagnostic(Code::UnknownField, field.span.clone(), message);
            let help = "the manual lists all fields: docs/mapping-language.md, Fields";
            let known = fields.iter().map(|known| known.name);
            self.mistakes.push(one.near_or(&field.value, known, help));
        }
        found
    }

    /// `[supply]` or `[caller.supply]`.
    pub(super) fn supply(&mut self, value: Option<&Value<'_>>, name: &str) -> Vec<Supply> {
        let section = self.open_section(name, value);
        let mut lines = Vec::new();
        for (field, value) in self.dotted(&section) {
            let (Some(kind), Some(mut text)) =
                (self.field_type(&field), self.loose_text(&field.value, value))
            else {
                continue;
            };
            let wanted = match kind {
                Type::Length => match text.value.parse::<jiff::Span>() {
                    Ok(span) if span.is_positive() => {
                        text.value = span.to_string();
                        None
                    }
                    _ => Some(("is no duration", "write `PT1H` or `90m`")),
                },
                Type::Bool if !matches!(text.value.as_str(), "true" | "false") => {
                    Some(("is no truth value", "write true or false"))
                }
                Type::Texts | Type::Map(_) | Type::List(_) => {
                    Some(("can't be all of this field", "remove the line"))
                }
                _ => None,
            };
            if let Some((what, help)) = wanted {
                self.wrong(Code::ConfigSupply, text.span.clone(), format!("`{}` {what}", text.value), help);
            }
            lines.push(Supply { field, text });
        }
        lines
    }
}
