//! The crosswalk: which references mean the same thing in different id spaces.
//!
//! Start at [`Crosswalk::load`] and [`Crosswalk::find`]. An entry is one target, user, ticket system, reason code or
//! schedule, with its parts (`system.id`, `account.name` …) in each space that knows it. Knows `diagnostic` only;
//! which spaces and kinds of access there are, others check ([`Crosswalk::spaces`]). Ids are compared exactly, names
//! in any ASCII letter case.
mod build;
mod find;
mod parts;
mod read;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};

pub use find::{By, FindRules, NotFound};
pub use parts::{Kind, Part, known_parts};

/// All entries, found by any of their parts.
pub struct Crosswalk {
    rows: Vec<Row>,
    /// Spaces by name; rows hold the number.
    spaces: Vec<Box<str>>,
    /// The rows that carry a part with a text, by the hash of kind, space, part and text. A hash may stand for
    /// several such, so what is found is always compared.
    index: HashMap<u64, Vec<u32>>,
    /// All rows of a kind that a space knows: for the searches that no index helps.
    all: HashMap<(Kind, u16), Vec<u32>>,
    hasher: DefaultHashBuilder,
}

/// What an entry is called in the space of that number.
type InSpace = (u16, Vec<(Part, Box<str>)>);

struct Row {
    kind: Kind,
    /// The dotted kind of access that the entry is for; empty: any.
    access: Box<str>,
    spaces: Vec<InSpace>,
    source: Arc<Source>,
    span: Range<usize>,
}

/// One entry that was found.
#[derive(Clone, Copy)]
pub struct Entry<'c> {
    crosswalk: &'c Crosswalk,
    row: &'c Row,
}

impl std::fmt::Debug for Crosswalk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crosswalk").field("entries", &self.rows.len()).field("spaces", &self.spaces).finish()
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, _) = self.row.source.line_column(self.row.span.start);
        write!(f, "{}:{line}", self.row.source.name)
    }
}

impl Crosswalk {
    /// A crosswalk that knows nothing.
    pub fn empty() -> Crosswalk {
        build::index(Vec::new(), Vec::new())
    }

    /// All the files together: JSON Lines where a name ends in `.jsonl`, else CSV.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn load(paths: &[PathBuf]) -> Result<Crosswalk, Diagnostics> {
        let mut mistakes = Diagnostics::default();
        let mut builder = build::Builder::default();
        for path in paths {
            let name = path.display().to_string();
            match read::file(path) {
                Ok(text) => {
                    let source = Source::new(name, text);
                    if path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("jsonl")) {
                        read::jsonl(&source, &mut builder, &mut mistakes);
                    } else {
                        read::csv(&source, &mut builder, &mut mistakes);
                    }
                }
                Err(why) => {
                    let message = format!("{name} can't be read: {why}");
                    let source = Source::unread(name);
                    mistakes.push(
                        Diagnostic::new(Code::CrosswalkFile, &source, 0..0, message)
                            .help("mend the path in [files] crosswalk, or the file's rights"),
                    );
                }
            }
        }
        builder.finish(mistakes)
    }

    /// The entries of a CSV file.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn from_csv(source: &Arc<Source>) -> Result<Crosswalk, Diagnostics> {
        let (mut builder, mut mistakes) = (build::Builder::default(), Diagnostics::default());
        read::csv(source, &mut builder, &mut mistakes);
        builder.finish(mistakes)
    }

    /// The entries of a JSON Lines file.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn from_jsonl(source: &Arc<Source>) -> Result<Crosswalk, Diagnostics> {
        let (mut builder, mut mistakes) = (build::Builder::default(), Diagnostics::default());
        read::jsonl(source, &mut builder, &mut mistakes);
        builder.finish(mistakes)
    }

    /// The entries of both.
    ///
    /// # Errors
    /// Where they give one reference two meanings.
    pub fn merge(self, other: Crosswalk) -> Result<Crosswalk, Diagnostics> {
        let mut builder = build::Builder::default();
        builder.take(self);
        builder.take(other);
        builder.finish(Diagnostics::default())
    }

    /// The spaces that any entry knows, so that a misspelt one can be told.
    pub fn spaces(&self) -> impl Iterator<Item = &str> {
        self.spaces.iter().map(AsRef::as_ref)
    }

    /// The kinds of access that entries are restricted to, each with where it stands first, so that a misspelt one
    /// can be told.
    pub fn accesses(&self) -> impl Iterator<Item = (&str, &Arc<Source>, Range<usize>)> {
        let mut seen = std::collections::HashSet::new();
        let restricted = self.rows.iter().filter(|row| !row.access.is_empty());
        restricted
            .filter(move |row| seen.insert(&row.access))
            .map(|row| (&*row.access, &row.source, row.span.clone()))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn space(&self, name: &str) -> Option<u16> {
        let at = self.spaces.iter().position(|space| **space == *name)?;
        u16::try_from(at).ok()
    }
}

impl Row {
    fn parts(&self, space: u16) -> &[(Part, Box<str>)] {
        self.spaces.iter().find(|(of, _)| *of == space).map_or(&[], |(_, parts)| parts)
    }

    fn part(&self, space: u16, part: Part) -> Option<&str> {
        self.parts(space).iter().find(|(of, _)| *of == part).map(|(_, text)| &**text)
    }
}

impl<'c> Entry<'c> {
    /// Where it stands: the file, as it was named, and the line.
    pub fn stands(&self) -> (&'c str, usize) {
        (&self.row.source.name, self.row.source.line_column(self.row.span.start).0)
    }

    /// What stands for a part in a space.
    pub fn part(&self, space: &str, part: Part) -> Option<&'c str> {
        self.row.part(self.crosswalk.space(space)?, part)
    }

    /// What stands for a part in any space, the first that the entry has.
    pub fn any(&self, part: Part) -> Option<&'c str> {
        self.row.spaces.iter().find_map(|(space, _)| self.row.part(*space, part))
    }

    /// All that the entry carries in a space.
    pub fn parts(&self, space: &str) -> impl Iterator<Item = (Part, &'c str)> + use<'c> {
        let row = self.row;
        let parts = self.crosswalk.space(space).map_or(&[][..], |space| row.parts(space));
        parts.iter().map(|(part, text)| (*part, &**text))
    }

    /// Whether the space knows the entry.
    pub fn has_space(&self, space: &str) -> bool {
        self.crosswalk.space(space).is_some_and(|space| !self.row.parts(space).is_empty())
    }

    /// The dotted kind of access that the entry is for; none: any.
    pub fn access(&self) -> Option<&'c str> {
        (!self.row.access.is_empty()).then_some(&*self.row.access)
    }
}
