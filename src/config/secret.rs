//! Secrets: read from where the configuration says, and blanked out of whatever quotes the configuration.
use std::io::Read;
use std::ops::Range;

use secrecy::SecretString;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::{Reader, Value};
use super::{At, Field};
use crate::diagnostic::Code;

/// Longer than any key or token.
const SECRET_BYTES_MAX: u64 = 64 * 1024;
/// What a name that holds one of these would hold is a secret.
const SECRET_WORDS: [&str; 5] = ["key", "password", "pwd", "secret", "token"];
/// What a caller's tables may show of themselves.
const SHOWN: [&str; 8] = ["env", "file", "name", "user", "user_name", "variant", "space", "provider"];

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

impl Reader<'_> {
    /// A field of a sign-in: a text, or a secret from `{ env | file | value }`.
    pub(super) fn field(&mut self, name: &str, value: &Value<'_>) -> Option<Field> {
        match value.get_ref() {
            DeValue::Table(_) => self.secret(name, value).map(Field::Secret),
            _ if is_secret_name(name) => {
                self.plain_secret(name, value);
                None
            }
            _ => self.loose_text(name, value).map(|text| Field::Text(text.value)),
        }
    }

    fn plain_secret(&mut self, name: &str, value: &Value<'_>) {
        let message = format!("`{name}` does not say where the secret comes from");
        let help = format!("write `{name} = {{ env = \"NAME\" }}` or `{name} = {{ file = \"path\" }}`");
        self.wrong(Code::SecretPlain, value.span(), message, &help);
    }

    /// A secret from `{ env = "NAME" }`, `{ file = "path" }` or `{ value = "…" }`.
    pub(super) fn secret(&mut self, name: &str, value: &Value<'_>) -> Option<SecretString> {
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            self.plain_secret(name, value);
            return None;
        }
        let section = self.section(&format!("`{name}`"), Some(value), &["env", "file", "value"]);
        let sources: Vec<_> = ["env", "file", "value"]
            .into_iter()
            .filter_map(|from| Some((from, section.get(from)?)))
            .collect();
        let [(from, written)] = sources[..] else {
            let message = format!("`{name}` needs one of `env`, `file` and `value`");
            self.wrong(Code::SecretSource, value.span(), message, "name the one place the secret comes from");
            return None;
        };
        let text = self.text_of(from, written)?;
        let read = match from {
            "env" => self.read_env(&text),
            "file" => self.read_file(&text),
            _ => {
                let warning =
                    self.diagnostic(Code::SecretLiteral, text.span.clone(), "a secret stands in the file");
                self.warnings.push(warning.help("write `{ env = \"NAME\" }` or `{ file = \"path\" }`"));
                Some(text.value)
            }
        };
        let mut read = read?;
        if read.ends_with('\n') {
            read.truncate(read.len() - if read.ends_with("\r\n") { 2 } else { 1 });
        }
        if read.is_empty() {
            let what = if from == "env" { "the variable" } else { "the file" };
            self.wrong(Code::SecretEmpty, text.span, format!("{what} is empty"), "put the secret there");
            return None;
        }
        Some(SecretString::from(read))
    }

    fn read_env(&mut self, name: &At<String>) -> Option<String> {
        let read = (self.env)(&name.value);
        if read.is_none() {
            let message = format!("the environment has no `{}`, or it is not UTF-8", name.value);
            let help = format!("set `{}` where pamgate is started, or name a file", name.value);
            self.wrong(Code::SecretUnset, name.span.clone(), message, &help);
        }
        read
    }

    fn read_file(&mut self, name: &At<String>) -> Option<String> {
        let path = self.base.join(&name.value);
        let mut text = String::new();
        let read = std::fs::File::open(&path)
            .and_then(|file| file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text))
            .and_then(|read| {
                let fits = read as u64 <= SECRET_BYTES_MAX;
                fits.then_some(text).ok_or_else(|| std::io::Error::other("larger than any secret is"))
            });
        let message = match read {
            Ok(text) => return Some(text),
            Err(error) => format!("{} can't be read: {error}", path.display()),
        };
        let help = "make the file, readable by pamgate's user; paths begin at the folder of pamgate.toml";
        self.wrong(Code::SecretFile, name.span.clone(), message, help);
        None
    }
}

/// The text with every literal secret replaced by as many asterisks, so that places stay where they are. Of callers,
/// everything is taken for a secret that isn't known to be none: a misspelt name must not show what it holds.
pub(super) fn blank(text: &str, document: &Spanned<DeTable<'_>>) -> String {
    let mut blanked = text.to_owned();
    let mut open: Vec<(&DeTable<'_>, bool)> = vec![(document.get_ref(), false)];
    while let Some((table, private)) = open.pop() {
        for (key, value) in table {
            let name: &str = key.get_ref();
            let private = (private || name == "caller") && name != "supply";
            let hidden =
                if private { !SHOWN.contains(&name) } else { name == "value" || is_secret_name(name) };
            let hidden = hidden || text.get(value.span()).is_some_and(|text| holds_user(name, text));
            match value.get_ref() {
                DeValue::Table(inner) => open.push((inner, private)),
                DeValue::Array(list) if list.iter().all(|one| one.get_ref().is_table()) => {
                    open.extend(
                        list.iter().filter_map(|one| one.get_ref().as_table()).map(|one| (one, private)),
                    );
                }
                _ if hidden => overwrite(&mut blanked, value.span()),
                _ => {}
            }
        }
    }
    blanked
}

/// Whether a text is an address with somebody's name, and perhaps password, before its host.
fn holds_user(name: &str, text: &str) -> bool {
    name.trim().trim_matches(['"', '\'']).eq_ignore_ascii_case("url") && text.contains('@')
}

/// The same for a text that is no TOML: what follows a name that could be a secret's is blanked to the line's end,
/// and lines of long texts wholly.
pub(super) fn blank_lines(text: &str) -> String {
    let mut blanked = text.to_owned();
    let (mut at, mut inside) = (0, false);
    for line in text.split_inclusive('\n') {
        let end = line.trim_end_matches(['\r', '\n']).len();
        let hidden = if inside { Some(0) } else { secret_begins(line) };
        if (line.matches("\"\"\"").count() + line.matches("'''").count()) % 2 == 1 {
            inside = !inside;
        }
        if let Some(from) = hidden {
            overwrite(&mut blanked, at + from..at + end.max(from));
        }
        at += line.len();
    }
    blanked
}

/// Where in a line a secret could begin: after the `=` of such a name, unless it says where the secret comes from.
fn secret_begins(line: &str) -> Option<usize> {
    let mut from = 0;
    for piece in line.split_inclusive('=') {
        from += piece.len();
        let name = piece.rsplit(['{', ',', '.']).next().unwrap_or(piece);
        let rest = line.get(from..)?.trim_start();
        let told = rest.strip_prefix('{').map(str::trim_start);
        let told = told.is_some_and(|rest| rest.starts_with("env") || rest.starts_with("file"));
        let may_be = is_secret_name(name)
            || name.contains("value")
            || holds_user(name.trim_end_matches('=').trim(), rest);
        if piece.ends_with('=') && may_be && !told {
            return Some(from);
        }
    }
    None
}

/// Line ends stay, so that lines keep their numbers.
fn overwrite(text: &mut String, span: Range<usize>) {
    let Some(old) = text.get(span.clone()) else { return };
    let stars: String =
        old.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { '*' }).collect();
    text.replace_range(span, &stars);
}
