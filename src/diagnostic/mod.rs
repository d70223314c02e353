//! What is wrong in a file that a person wrote: code, place, excerpt, remedy.
//!
//! Start at [`Diagnostic`]. Configuration, mapping tables, schemas and crosswalks all report through it, so a
//! mistake looks the same wherever it stands. Knows no other module and does no I/O.
mod code;
mod excerpt;
pub mod places;
mod plain;
mod slips;
pub mod tree;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use code::Code;
use excerpt::Excerpt;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
pub use plain::{plain, plain_lines, plain_source};

/// A text that a person wrote, under the name that person knows it by.
#[derive(Debug)]
pub struct Source {
    /// The file's name as it was given, or `built-in/…` for what is embedded.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Whether it was read: of what wasn't, nothing has a line.
    pub read: bool,
}

const BYTE_ORDER_MARK: char = '\u{feff}';

impl Source {
    /// A source under a name. A byte-order mark, which some editors put before a text, is no part of it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        let mut text: String = text.into();
        if text.starts_with(BYTE_ORDER_MARK) {
            text.remove(0);
        }
        Arc::new(Source { name: name.into(), text, read: true })
    }

    /// A file or folder that couldn't be read, or that nothing of was.
    pub fn unread(name: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { name: name.into(), text: String::new(), read: false })
    }

    /// Line and column (both from 1, columns in characters) of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

impl Source {
    /// Where something else stands, as it is told at another place: `in line 12`, or `in the same line`.
    pub fn line_of(&self, other: usize, here: usize) -> String {
        match (self.line_column(other).0, self.line_column(here).0) {
            (other, here) if other == here => "in the same line".to_owned(),
            (other, _) => format!("in line {other}"),
        }
    }
}

/// One mistake: where it stands and what to write instead.
#[derive(Clone)]
pub struct Diagnostic {
    /// Stable, never reused: `unknown-field`.
    pub code: Code,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// The file it stands in.
    pub source: Arc<Source>,
    /// The bytes it stands at.
    pub span: Range<usize>,
    /// What is said right below the excerpt.
    pub label: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake at a span of a source.
    pub fn new(
        code: Code,
        source: &Arc<Source>,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            source: source.clone(),
            span,
            label: String::new(),
            help: None,
        }
    }

    /// With a remark right below the excerpt.
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    /// With a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// With the known name that is near enough to be meant; where there is none, with another remedy.
    pub fn near_or<'n>(
        self,
        written: &str,
        known: impl IntoIterator<Item = &'n str>,
        otherwise: impl Into<String>,
    ) -> Diagnostic {
        match nearest(written, known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self.help(otherwise),
        }
    }

    /// Line and column, both from 1; none of what couldn't be read.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.source.read.then(|| self.line_column())
    }

    /// Line and column, both from 1.
    fn line_column(&self) -> (usize, usize) {
        self.source.line_column(self.span.start)
    }

    /// The whole report with its excerpt, in colour where `colour` says so.
    pub fn render(&self, colour: bool) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut out = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_width(110).with_links(false);
        match handler.render_report(&mut out, &Report::of(self)) {
            Ok(()) => out,
            Err(fmt::Error) => self.to_string(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.code, self.source.name)?;
        if let Some((line, column)) = self.place() {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.label.is_empty() {
            write!(f, " ({})", self.label)?;
        }
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Diagnostic {}

/// All the mistakes of a reading; never empty where it is an `Err`.
#[derive(Debug, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// `value` if nothing was found wrong.
    ///
    /// # Errors
    /// These diagnostics, if there are any.
    pub fn or<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// One more mistake, unless it was told already: what is set up for each caller may meet one line many times.
    pub fn push(&mut self, one: Diagnostic) {
        let same = |other: &Diagnostic| {
            (&other.span, other.code, &other.message) == (&one.span, one.code, &one.message)
                && Arc::ptr_eq(&other.source, &one.source)
        };
        if !self.0.iter().any(same) {
            self.0.push(one);
        }
    }

    /// All reports, one below the other.
    pub fn render(&self, colour: bool) -> String {
        self.0.iter().map(|one| one.render(colour)).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|one| writeln!(f, "{one}"))
    }
}

impl std::error::Error for Diagnostics {}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Diagnostics {
        Diagnostics(vec![one])
    }
}

/// The known name that a misspelt one most likely means; none where that would be a guess.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = (written.chars().count() / 3).max(1);
    let lower = written.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A diagnostic as miette sees it: nothing in it is a command for the terminal.
struct Report<'d> {
    of: &'d Diagnostic,
    message: String,
    label: Option<String>,
    help: Option<String>,
    excerpt: Excerpt,
}

impl Report<'_> {
    fn of(of: &Diagnostic) -> Report<'_> {
        Report {
            of,
            message: plain_lines(&of.message),
            label: (!of.label.is_empty()).then(|| plain_lines(&of.label)),
            help: of.help.as_deref().map(plain_lines),
            excerpt: Excerpt::of(&of.source.text, &of.span),
        }
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.of.code))
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.of.source.read.then_some(self as &dyn SourceCode)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if !self.of.source.read {
            return None;
        }
        let span = &self.excerpt.span;
        Some(Box::new(std::iter::once(LabeledSpan::new(self.label.clone(), span.start, span.len()))))
    }
}

impl SourceCode for Report<'_> {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let inner = self.excerpt.text.read_span(span, before, after)?;
        // Without lines around it, it is the heading that asks: where it stands in the whole text.
        let column = match (before, after) {
            (0, 0) => self.of.line_column().1 - 1,
            _ => inner.column(),
        };
        Ok(Box::new(miette::MietteSpanContents::new_named(
            plain(&self.of.source.name),
            inner.data(),
            *inner.span(),
            inner.line() + self.excerpt.before,
            column,
            inner.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_file_line_column_and_remedy() {
        let source = Source::new("pamgate.toml", "a = 1\nlisen = 2\n");
        let one = Diagnostic::new(Code::UnknownKey, &source, 6..11, "`lisen` is no key here").near_or(
            "lisen",
            ["listen", "admin"],
            "take it out",
        );
        assert_eq!(
            one.to_string(),
            "unknown-key at pamgate.toml:2:1: `lisen` is no key here\nhelp: did you mean `listen`?"
        );
        let report = one.render(false);
        assert!(report.contains("pamgate.toml:2:1") && report.contains("lisen = 2"), "{report}");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_text() {
        let source = Source::new("pamgate.toml", "\u{feff}a = 1");
        assert_eq!((source.text.as_str(), source.line_column(0)), ("a = 1", (1, 1)));
        assert!(tree::read(&source).is_ok());
        assert_eq!(
            Source::new("x", "a\u{feff}").text,
            "a\u{feff}",
            "within it, it is a character like others"
        );
    }

    #[test]
    fn a_wild_guess_is_not_offered() {
        assert_eq!(nearest("frobnicate", ["listen", "admin"]), None);
    }
}
