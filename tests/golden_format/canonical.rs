//! The canonical block of a case: read, and written.
use pamgate::canonical::time::{read_length, write_length};
use pamgate::canonical::{Shape, Type, word};

use super::flat::{self, Flat};

/// A case's canonical block: `[unsaid]` apart, lengths and times as the program writes them.
pub(crate) fn read(text: &str) -> Result<(Flat, Flat), String> {
    let mut table: toml::Table = text.parse().map_err(|e: toml::de::Error| format!("canonical: {e}"))?;
    let unsaid = table.remove("unsaid").unwrap_or_else(|| toml::Table::new().into());
    let known = |place: &str| Shape::Access.fields().iter().find(|f| word::within(place, f.name));
    let read = |value: toml::Value| -> Result<Flat, String> {
        let mut out = Flat::new();
        for (place, text) in flat::toml(&value) {
            let field = known(&place).ok_or_else(|| format!("canonical: `{place}` is no field"))?;
            let text = match field.kind {
                Type::Length => {
                    let length = read_length(&text);
                    write_length(length.ok_or_else(|| format!("canonical: `{text}` is no length"))?).into()
                }
                Type::Time => {
                    let time: jiff::Timestamp =
                        text.parse().map_err(|_| format!("canonical: `{text}` is no time"))?;
                    time.to_string()
                }
                _ => text,
            };
            out.insert(place, text);
        }
        Ok(out)
    };
    Ok((read(table.into())?, read(unsaid)?))
}

/// `extra."Change type" = "Emergency"`: what follows the field's name is a name of the caller's.
pub(crate) fn line((place, value): (&String, &String)) -> String {
    let field = Shape::Access.fields().iter().find(|field| word::within(place, field.name));
    let key = match field.map(|field| (place[field.name.len()..].trim_start_matches('.'), field)) {
        Some(("", _)) | None => place.clone(),
        Some((rest, field)) => match (field.kind, rest.rsplit_once('.')) {
            (Type::Map(_), Some((name, member))) => format!("{}.{}.{member}", field.name, quoted(name)),
            _ => format!("{}.{}", field.name, quoted(rest)),
        },
    };
    let bare = value == "true" || value == "false";
    let value = if bare { value.clone() } else { quoted(value) };
    format!("{key} = {value}\n")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
