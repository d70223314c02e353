//! Rows into a crosswalk: spaces numbered, parts indexed, contradictions found.
use std::ops::Range;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashMap};

use super::parts::{Group, Kind, Part};
use super::{Crosswalk, InSpace, Row};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};

/// More entries than any installation has targets.
const ROWS_MAX: usize = 4_000_000;
const SPACES_MAX: usize = 1000;

/// Rows as they are read.
#[derive(Default)]
pub(super) struct Builder {
    rows: Vec<Row>,
    spaces: Vec<Box<str>>,
}

/// A line of a file, on its way to a row.
pub(super) struct Line<'l> {
    pub(super) kind: Kind,
    pub(super) access: &'l str,
    pub(super) cells: Vec<(&'l str, Part, &'l str)>,
    pub(super) span: Range<usize>,
}

impl Builder {
    /// Takes a line, or says what is wrong with it.
    pub(super) fn add(&mut self, source: &Arc<Source>, line: Line<'_>) -> Result<(), Diagnostic> {
        let wrong = |code, message: String| Err(Diagnostic::new(code, source, line.span.clone(), message));
        if !line.access.is_empty() && !is_dotted(line.access) {
            return wrong(Code::CrosswalkAccess, format!("`{}` is no kind of access", line.access)).map_err(
                |error| error.help("write dotted lower-case words, such as `session.rdp`, or nothing"),
            );
        }
        let mut spaces: Vec<InSpace> = Vec::new();
        for (space, part, text) in line.cells {
            let Some(number) = self.number(space) else {
                return wrong(Code::CrosswalkTooLarge, format!("more than {SPACES_MAX} spaces"))
                    .map_err(|error| error.help("is this file a crosswalk?"));
            };
            let at = spaces.iter().position(|(of, _)| *of == number).unwrap_or(spaces.len());
            if at == spaces.len() {
                spaces.push((number, Vec::new()));
            }
            spaces[at].1.push((part, text.into()));
        }
        if spaces.len() < 2 {
            return wrong(Code::CrosswalkOneSpace, "an entry needs parts in two spaces at least".into())
                .map_err(|error| error.help("fill in what it is called elsewhere, or remove the line"));
        }
        let nameless = |parts: &[(Part, _)]| !parts.iter().any(|(part, _)| part.identifies(line.kind));
        if let Some((space, _)) = spaces.iter().find(|(_, parts)| nameless(parts)) {
            let space = self.spaces.get(usize::from(*space)).map_or("", AsRef::as_ref);
            return wrong(
                Code::CrosswalkNameless,
                format!("nothing says which {} of {space} it is", line.kind.name()),
            )
            .map_err(|error| error.help("give an id or a name there, or leave that space empty"));
        }
        if self.rows.len() >= ROWS_MAX {
            return wrong(Code::CrosswalkTooLarge, format!("more than {ROWS_MAX} entries"))
                .map_err(|error| error.help("is this file a crosswalk, and not repeated?"));
        }
        let (source, span) = (source.clone(), line.span);
        self.rows.push(Row { kind: line.kind, access: line.access.into(), spaces, source, span });
        Ok(())
    }

    /// Takes all rows of a crosswalk.
    pub(super) fn take(&mut self, other: Crosswalk) {
        let numbers: Vec<Option<u16>> = other.spaces.iter().map(|space| self.number(space)).collect();
        self.rows.extend(other.rows.into_iter().map(|mut row| {
            for (space, _) in &mut row.spaces {
                if let Some(Some(number)) = numbers.get(usize::from(*space)) {
                    *space = *number;
                }
            }
            row
        }));
    }

    fn number(&mut self, space: &str) -> Option<u16> {
        let at = self.spaces.iter().position(|there| **there == *space).unwrap_or_else(|| {
            self.spaces.push(space.into());
            self.spaces.len() - 1
        });
        if at < SPACES_MAX { u16::try_from(at).ok() } else { None }
    }

    /// The crosswalk of all rows, if nothing was found wrong in or between them.
    pub(super) fn finish(self, mut mistakes: Diagnostics) -> Result<Crosswalk, Diagnostics> {
        contradictions(&self.rows, &self.spaces, &mut mistakes);
        mistakes.or(index(self.rows, self.spaces))
    }
}

fn is_dotted(access: &str) -> bool {
    access
        .split('.')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
}

pub(super) fn index(rows: Vec<Row>, spaces: Vec<Box<str>>) -> Crosswalk {
    let hasher = DefaultHashBuilder::default();
    let mut index: HashMap<u64, Vec<u32>> = HashMap::new();
    let mut all: HashMap<(Kind, u16), Vec<u32>> = HashMap::new();
    for (at, row) in (0_u32..).zip(&rows) {
        for (space, parts) in &row.spaces {
            all.entry((row.kind, *space)).or_default().push(at);
            for (part, text) in parts {
                index.entry(part.hash(&hasher, row.kind, *space, text)).or_default().push(at);
            }
        }
    }
    Crosswalk { rows, spaces, index, all, hasher }
}

/// Tells every reference that has two entries of one access: whoever gives it could mean either.
fn contradictions(rows: &[Row], spaces: &[Box<str>], mistakes: &mut Diagnostics) {
    let mut seen: HashMap<(Kind, &str, u16, Key), &Row> = HashMap::new();
    for row in rows {
        for (space, parts) in &row.spaces {
            for key in keys(row.kind, parts) {
                let Some(first) = seen.insert((row.kind, &row.access, *space, key), row) else { continue };
                let space = spaces.get(usize::from(*space)).map_or("", AsRef::as_ref);
                let (line, _) = first.source.line_column(first.span.start);
                let place = format!("{}:{line}", first.source.name);
                mistakes.push(
                    Diagnostic::new(
                        Code::CrosswalkTwice,
                        &row.source,
                        row.span.clone(),
                        format!("this reference of {space} stands in {place} already"),
                    )
                    .label(format!("the same {} in {space}", row.kind.name()))
                    .help("keep one of the two, or restrict one to a kind of access"),
                );
                // One report a line is enough.
                break;
            }
        }
    }
}

/// What a reference is known by.
type Key = Vec<(Part, String)>;

/// What a reference is known by: of system, account and application the id, or the names where it has none, which
/// narrow one another down; and the alias, which stands for itself.
fn keys(kind: Kind, parts: &[(Part, Box<str>)]) -> Vec<Key> {
    let has_id = |group| parts.iter().any(|(part, _)| part.group() == group && part.is_group_id());
    let is_alias = |part: &Part| part.group() == Group::Alias;
    let pick = |wanted: &dyn Fn(&Part) -> bool| {
        let picked = parts.iter().filter(|(part, _)| wanted(part));
        let mut key: Key = picked
            .map(|(part, text)| {
                (*part, if part.is_name() { text.to_ascii_lowercase() } else { text.to_string() })
            })
            .collect();
        key.sort();
        key
    };
    let named =
        pick(&|part| part.identifies(kind) && !is_alias(part) && (!part.is_name() || !has_id(part.group())));
    [named, pick(&is_alias)].into_iter().filter(|key| !key.is_empty()).collect()
}
