//! What a person most likely meant where a text is no TOML.
//!
//! Start at [`of`]. What a parser says of such a place is true, and seldom what was wrong. Knows nobody.
use std::ops::Range;

/// What to write instead, where that is likely enough.
pub(super) fn of(text: &str, span: &Range<usize>, said: &str) -> Option<String> {
    let at = text.get(span.start..).unwrap_or_default();
    let word = at.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let value = line.trim_end().ends_with('=');
    match word {
        "null" | "nil" | "None" if value => Some("TOML has no null: write `\"null\"`, in quotes".to_owned()),
        _ if said.contains("unquoted key") => slashes(text, span),
        _ if said.contains("duplicate key") || said.contains("dotted key") => dotted(text, span),
        _ => None,
    }
}

/// A place inside of another, as a key without quotes.
fn slashes(text: &str, span: &Range<usize>) -> Option<String> {
    let begin = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let key = text[begin..].split(['=', '\n']).next()?.trim();
    let place = key.contains('/') && key.chars().all(|c| plain(c) || c == '/');
    place.then(|| format!("quote the key: `\"{key}\" = …`"))
}

/// A key that stands alone and as the first part of another, which without quotes is a table of that name.
fn dotted(text: &str, span: &Range<usize>) -> Option<String> {
    let key = text.get(span.clone())?.trim().split(['.', ' ', '=']).next()?;
    if key.is_empty() || !key.chars().all(plain) {
        return None;
    }
    let (at, whole) = text.match_indices(key).find_map(|(at, _)| {
        let alone = !text[..at].ends_with(|c: char| plain(c) || c == '.' || c == '"');
        let whole = text[at..].split(|c: char| !plain(c) && c != '.').next()?;
        let rest = text[at + whole.len()..].trim_start().starts_with('=');
        (alone && rest && whole[key.len()..].starts_with('.')).then_some((at, whole))
    })?;
    let line = text[..at].matches('\n').count() + 1;
    Some(format!("quote the key in line {line}: `\"{whole}\" = …`; without quotes it is a table `{key}`"))
}

fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_taken_for_what_was_meant() {
        let null = "a = null\n";
        assert_eq!(
            of(null, &(4..8), "invalid float").as_deref(),
            Some("TOML has no null: write `\"null\"`, in quotes")
        );
        let slash = "a/b = 1\n";
        assert_eq!(
            of(slash, &(1..2), "invalid unquoted key").as_deref(),
            Some("quote the key: `\"a/b\" = …`")
        );
        assert_eq!(of("null = [", &(0..4), "unclosed array"), None);
        let twice = "[values.s]\nended.denied = \"D\"\nended = \"E\"\n";
        let at = twice.rfind("ended").unwrap_or_default();
        let told = of(twice, &(at..at + 5), "duplicate key");
        assert_eq!(
            told.as_deref(),
            Some("quote the key in line 2: `\"ended.denied\" = …`; without quotes it is a table `ended`")
        );
        assert_eq!(of("a = 1\na = 2\n", &(6..7), "duplicate key"), None);
    }
}
