//! One change of a table's text: how it is applied, and how it is shown.
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use pamgate::diagnostic::Source;

/// A table with one entry changed.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    /// The dialect whose table it is.
    pub(crate) dialect: String,
    /// The table as it is.
    pub(crate) source: Arc<Source>,
    /// The entry, as a dotted key: `message.create.rows.Reason`.
    pub(crate) place: String,
    /// What was done to it: `dropped`.
    pub(crate) what: String,
    /// Texts instead of what stands at these bytes, in order, none over another.
    pub(crate) edits: Vec<(Range<usize>, String)>,
}

impl Mutant {
    /// The table's text with the change.
    pub(crate) fn text(&self) -> String {
        let mut text = self.source.text.clone();
        for (span, new) in self.edits.iter().rev() {
            text.replace_range(span.clone(), new);
        }
        text
    }

    /// By what it is known in the list of equivalent ones.
    pub(crate) fn name(&self) -> String {
        format!("{} {}: {}", self.dialect, self.place, self.what)
    }

    /// Name, file, line, and the lines that differ.
    pub(crate) fn shown(&self) -> String {
        let first = self.edits.first().map_or(0, |(span, _)| span.start);
        let (line, _) = self.source.line_column(first);
        let mut out = format!("{}\n    {}:{line}\n", self.name(), self.source.name);
        let text = &self.source.text;
        let mut at = 0;
        while at < self.edits.len() {
            let start = text[..self.edits[at].0.start].rfind('\n').map_or(0, |at| at + 1);
            let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |length| from + length);
            let mut end = line_end(self.edits[at].0.end.saturating_sub(1).max(start));
            let mut last = at + 1;
            while last < self.edits.len() && self.edits[last].0.start <= end {
                end = end.max(line_end(self.edits[last].0.end.saturating_sub(1).max(start)));
                last += 1;
            }
            let mut new = text[start..end].to_owned();
            for (span, with) in self.edits[at..last].iter().rev() {
                let span = span.start - start..span.end.min(end) - start;
                new.replace_range(span, with);
            }
            for line in text[start..end].lines() {
                let _ = writeln!(out, "    - {line}");
            }
            for line in new.lines().filter(|line| !line.is_empty()) {
                let _ = writeln!(out, "    + {line}");
            }
            at = last;
        }
        out
    }
}
