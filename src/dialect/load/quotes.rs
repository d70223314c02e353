//! Dotted names without quotes: TOML makes tables of their parts, `[operation.request.create]` a table `create` in a
//! table `request`.
//!
//! Start at [`quoted`]. Each is told once, and everything else reads the file as it was meant. Knows canonical names, and
//! no message.
use std::ops::Range;

use crate::canonical::{Shape, fault, word};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Node, Reader};
use crate::dialect::VERBS;

/// Whether a dotted name is one of those that stand in a table.
type Known = fn(&str) -> bool;

/// The file as it was meant: dotted names that stand in it without quotes are told, and taken as if they had them.
pub(super) fn quoted(reader: &mut Reader, tree: &Item) -> Item {
    let mut path = Vec::new();
    below(reader, tree, &mut path)
}

fn below<'t>(reader: &mut Reader, item: &'t Item, path: &mut Vec<&'t str>) -> Item {
    let Node::Table(members) = &item.node else { return item.clone() };
    let known = known_at(path);
    let mut found = Vec::with_capacity(members.len());
    for (key, inner) in members {
        let mut meant = Vec::new();
        if let Some(known) = known {
            dotted(key, inner, known, &mut meant);
        }
        if meant.is_empty() {
            path.push(&key.text);
            found.push((key.clone(), below(reader, inner, path)));
            path.pop();
            continue;
        }
        for (key, inner) in meant {
            tell(reader, path, &key);
            path.push(ANY);
            found.push((key, below(reader, inner, path)));
            path.pop();
        }
    }
    Item { span: item.span.clone(), node: Node::Table(found) }
}

const SHAPES: &[Shape] =
    &[Shape::Access, Shape::Approver, Shape::Parameter, Shape::Problem, Shape::Period, Shape::Event];

/// What stands in a path for a name that was put together.
const ANY: &str = "";

/// All known names that begin with a key and go on with parts of its table.
fn dotted<'t>(key: &Key, item: &'t Item, known: Known, found: &mut Vec<(Key, &'t Item)>) {
    for (part, inner) in item.members() {
        let name = Key { text: format!("{}.{}", key.text, part.text), span: joined(key, part) };
        match known(&name.text) {
            true => found.push((name, inner)),
            false => dotted(&name, inner, known, found),
        }
    }
}

/// Where two parts stand, if they stand side by side; of the second of two tables, only its own part does.
fn joined(key: &Key, part: &Key) -> Range<usize> {
    let beside = part.span.start.checked_sub(key.span.end).is_some_and(|between| between <= BETWEEN);
    if beside { key.span.start..part.span.end } else { part.span.clone() }
}

/// A dot, perhaps with a blank on either side.
const BETWEEN: usize = 3;

fn tell(reader: &mut Reader, path: &[&str], key: &Key) {
    let name = &key.text;
    let help = match path {
        ["operation"] => format!("quote the key: `[operation.\"{name}\"]`"),
        ["message", message, "sum"] => format!("quote the key: `[message.{message}.sum.\"{name}\"]`"),
        _ => format!("quote the key: `\"{name}\" = …`"),
    };
    let message = format!("without quotes, `{name}` is a table in a table");
    reader.error(Code::UnknownKey, &key.span, message, help);
}

/// Which dotted names stand in the table at a path.
fn known_at(path: &[&str]) -> Option<Known> {
    match path {
        ["operation"] => Some(|name| VERBS.contains(&name)),
        ["operation", _, "again", "say"] => Some(is_field),
        ["faults"] | ["operation", _, "faults"] => Some(|name| fault::known(name).is_some()),
        ["mint"] => Some(|name| name == "request.id"),
        ["values", _] => Some(is_word),
        ["message", rest @ ..] | ["variant", _, "message", rest @ ..] => match rest {
            [_, "always" | "sum" | "choose"] => Some(is_field),
            [_, "rows" | "blank", _, "values"] => Some(is_word),
            _ => None,
        },
        _ => None,
    }
}

fn is_field(name: &str) -> bool {
    SHAPES.iter().any(|shape| shape.find(name).is_some())
}

fn is_word(name: &str) -> bool {
    let mut fields = SHAPES.iter().flat_map(|shape| shape.fields());
    fields.any(|field| word::of(field.name).contains(&name))
}
