//! What several entries may use, a value set or a message of items: what is wrong with it is told where it stands, and
//! so must name who uses it, for another may use it well.
use crate::diagnostic::tree::{Key, Reader};
use crate::diagnostic::{Code, Diagnostic};

use super::variant::Entries;

/// Mistakes of a value set, from one number on, were found for the entry that stands at an offset.
pub(super) fn of_values(reader: &mut Reader, before: usize, used_at: usize, field: &str) {
    remark(reader, before, used_at, &format!("uses the set for `{field}`"));
}

/// Mistakes of a message, from one number on, were found for the items of the entry whose `of` names it. If most of its
/// places aren't there, it is another message that was meant: that is one mistake.
pub(super) fn of_item(reader: &mut Reader, before: usize, of: &Key, entries: &Entries<'_>) {
    let misspelt =
        |one: &Diagnostic| one.help.as_deref().is_some_and(|help| help.starts_with("did you mean"));
    let foreign = |one: &&Diagnostic| one.code == Code::UnknownPlace && !misspelt(one);
    let places: Vec<String> =
        reader.wrong.0.iter().skip(before).filter(foreign).filter_map(place_of).collect();
    if places.len() < 2 || places.len() * 2 <= entries.rows.len() {
        return remark(reader, before, of.span.start, "takes this message for its items");
    }
    let follows = [Code::UnknownPlace, Code::RequiredNotFilled, Code::PropertyNotMapped];
    let mut number = 0;
    reader.wrong.0.retain(|one| {
        number += 1;
        number <= before || !follows.contains(&one.code)
    });
    let shown: Vec<&str> = places.iter().map(String::as_str).take(SHOWN).collect();
    let more = if places.len() > shown.len() { ", …" } else { "" };
    let message = format!("`{}` is no message of these items: the schema has other places there", of.text);
    let one = Diagnostic::new(Code::UnknownPlace, &reader.source, of.span.clone(), message);
    let one = one.label(format!("it has no {}{more}", shown.join(", ")));
    reader.wrong.push(one.help("name the message of one item, or mend what the schema says of the `items`"));
}

/// How many places are named.
const SHOWN: usize = 5;

/// The place that a mistake names, in backticks.
fn place_of(one: &Diagnostic) -> Option<String> {
    Some(format!("`{}`", one.message.split('`').nth(1)?))
}

fn remark(reader: &mut Reader, before: usize, used_at: usize, what: &str) {
    let source = reader.source.clone();
    let elsewhere = |one: &&mut Diagnostic| one.source.name == source.name && one.span.start != used_at;
    for one in reader.wrong.0.iter_mut().skip(before).filter(elsewhere) {
        let line = source.line_of(used_at, one.span.start);
        let help = one.help.take().unwrap_or_default();
        // Nearer users have been named.
        let named = help.ends_with(')');
        one.help = Some(if named { help } else { format!("{help} (the entry {line} {what})") });
    }
}
