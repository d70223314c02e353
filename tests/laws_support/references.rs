//! What the crosswalk of the laws says of references, read a second time and in another way than the program reads it.
use std::sync::LazyLock;

use pamgate::canonical::{Record, Value};

use super::world::CROSSWALK;

/// One thing, as every dialect calls it: kind, and texts by column.
pub struct Row {
    kind: &'static str,
    cells: Vec<(&'static str, &'static str)>,
}

/// Fields that together are one reference: the prefix of their names, and the crosswalk's kind.
pub const GROUPS: &[(&str, &str)] = &[
    ("target.", "target"),
    ("ticket.system.", "ticket_system"),
    ("reason.code.", "reason_code"),
    ("schedule.", "schedule"),
    ("requester.", "user"),
];

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let mut lines = CROSSWALK.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let row = |line: &'static str| {
        let cells = header.iter().copied().zip(line.split(',')).filter(|(_, text)| !text.is_empty());
        Row { kind: line.split(',').next().unwrap_or_default(), cells: cells.skip(1).collect() }
    };
    lines.map(row).collect()
});

/// The group that a field belongs to.
pub fn group(field: &str) -> Option<&'static (&'static str, &'static str)> {
    GROUPS.iter().find(|(prefix, _)| field.starts_with(prefix))
}

/// What a space calls each thing of a kind: parts and texts.
pub fn things(kind: &str, space: &str) -> Vec<Vec<(&'static str, &'static str)>> {
    let rows = ROWS.iter().filter(|row| row.kind == kind);
    let parts = rows.map(|row| {
        let cells = row
            .cells
            .iter()
            .filter_map(|(column, text)| Some((column.strip_prefix(space)?.strip_prefix('.')?, *text)));
        cells.collect::<Vec<_>>()
    });
    parts.filter(|parts| !parts.is_empty()).collect()
}

impl Row {
    fn says(&self, column: &str, text: &str) -> bool {
        self.cells.iter().any(|(name, cell)| *name == column && cell.eq_ignore_ascii_case(text))
    }

    /// Whether a record of a space can mean this one: by all ids that it has, and by names where it has no ids.
    fn can_be(&self, space: &str, prefix: &str, record: &Record<'_>) -> bool {
        parts(record, prefix)
            .filter(|(part, _)| part.ends_with("id"))
            .all(|(part, text)| self.says(&format!("{space}.{part}"), text))
    }

    /// Whether everything that a record of a space says is this one's.
    fn is(&self, space: &str, prefix: &str, record: &Record<'_>) -> bool {
        parts(record, prefix).all(|(part, text)| self.says(&format!("{space}.{part}"), text))
    }
}

fn parts<'r>(record: &'r Record<'_>, prefix: &'r str) -> impl Iterator<Item = (&'static str, &'r str)> {
    record.iter().filter_map(move |(field, value, _)| {
        let part = record.shape().field(field).name.strip_prefix(prefix)?;
        match value {
            Value::Text(text) => Some((part, text.as_ref())),
            _ => None,
        }
    })
}

/// Whether a record says anything of a group.
pub fn says(record: &Record<'_>, prefix: &str) -> bool {
    parts(record, prefix).next().is_some()
}

/// Whether what arrived in one space can be what was asked for in another.
pub fn same_thing(
    (prefix, kind): (&str, &str),
    (asked, from): (&Record<'_>, &str),
    (came, to): (&Record<'_>, &str),
) -> bool {
    let rows = ROWS.iter().filter(|row| row.kind == kind);
    rows.into_iter().any(|row| row.can_be(from, prefix, asked) && row.is(to, prefix, came))
}
