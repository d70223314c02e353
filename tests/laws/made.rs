//! A generated JSON document, spelt as clients may spell it: exact digits, escapes, names in any letter case.
use std::fmt;

/// One value.
#[derive(Clone, PartialEq)]
pub(crate) enum Made {
    /// Digits, `true`, `false` or `null`, as they stand.
    Plain(String),
    /// A string; `true`: with every character escaped.
    Text(String, bool),
    /// An array.
    List(Vec<Made>),
    /// An object; a name may stand twice.
    Object(Vec<(String, Made)>),
}

impl Made {
    pub(crate) fn text(text: impl Into<String>) -> Made {
        Made::Text(text.into(), false)
    }

    /// Takes out what stands at a place, `a/b`, its names in any letter case.
    pub(crate) fn remove(&mut self, place: &str) {
        let Made::Object(members) = self else { return };
        match place.split_once('/') {
            None => members.retain(|(name, _)| !name.eq_ignore_ascii_case(place)),
            Some((name, rest)) => {
                let inside = members.iter_mut().filter(|(other, _)| other.eq_ignore_ascii_case(name));
                inside.for_each(|(_, value)| value.remove(rest));
            }
        }
    }

    /// Puts a value at a place where nothing stands.
    pub(crate) fn put(&mut self, place: &str, value: Made) {
        let Made::Object(members) = self else { return };
        let Some((name, rest)) = place.split_once('/') else {
            return members.push((place.to_owned(), value));
        };
        let at =
            members.iter().position(|(other, _)| other.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
                members.push((name.to_owned(), Made::Object(Vec::new())));
                members.len() - 1
            });
        members[at].1.put(rest, value);
    }

    pub(crate) fn plain(text: impl ToString) -> Made {
        Made::Plain(text.to_string())
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Made::Plain(text) => f.write_str(text),
            Made::Text(text, false) => f.write_str(&serde_json::to_string(text).expect("a text")),
            Made::Text(text, true) => {
                f.write_str("\"")?;
                text.encode_utf16().try_for_each(|unit| write!(f, "\\u{unit:04x}"))?;
                f.write_str("\"")
            }
            Made::List(items) => {
                f.write_str("[")?;
                items
                    .iter()
                    .enumerate()
                    .try_for_each(|(at, item)| write!(f, "{}{item}", if at > 0 { ", " } else { "" }))?;
                f.write_str("]")
            }
            Made::Object(members) => {
                f.write_str("{ ")?;
                members.iter().enumerate().try_for_each(|(at, (name, value))| {
                    let name = serde_json::to_string(name).expect("a text");
                    write!(f, "{}{name}: {value}", if at > 0 { ", " } else { "" })
                })?;
                f.write_str(" }")
            }
        }
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
