//! The few lines of a source round a mistake, fit for a terminal: long lines are cut, and nothing in them is a command.
//!
//! Start at [`Excerpt::of`]. Knows its sibling types only.
use std::ops::Range;

use super::plain::plain_source;

/// What of a source is shown.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// Its lines.
    pub(super) text: String,
    /// Where the mistake stands in them.
    pub(super) span: Range<usize>,
    /// How many lines of the source stand before.
    pub(super) before: usize,
}

/// More characters of a line than this, before the mistake and behind it, are not shown.
const BESIDE: usize = 200;

/// What stands for what isn't shown.
const CUT: &str = "…";

impl Excerpt {
    /// The lines of a span, one before and two behind: as many as are ever shown.
    pub(super) fn of(source: &str, span: &Range<usize>) -> Excerpt {
        let at = floor(source, span.start);
        let end = floor(source, span.end).max(at);
        let line_start = |at: usize| source[..at].rfind('\n').map_or(0, |at| at + 1);
        let first = line_start(line_start(at).saturating_sub(1));
        let mut excerpt =
            Excerpt { text: String::new(), span: 0..0, before: source[..first].matches('\n').count() };
        let mut start = first;
        let mut behind = 0;
        for line in source[first..].split_inclusive('\n') {
            excerpt.line(line, start, at..end);
            start += line.len();
            behind += usize::from(start > end);
            if behind > 2 {
                break;
            }
        }
        excerpt
    }

    /// One more line, which begins at `start`; the span's ends that stand in it find their places.
    fn line(&mut self, line: &str, start: usize, span: Range<usize>) {
        let body = line.trim_end_matches(['\r', '\n']);
        let inside = |at: usize| (start..start + line.len()).contains(&at).then(|| at - start);
        let column = inside(span.start).or(inside(span.end)).unwrap_or(0).min(body.len());
        let kept = back(body, column)..forth(body, column);
        if kept.start > 0 {
            self.text.push_str(CUT);
        }
        let shift = |at: usize| self.text.len() + at.clamp(kept.start, kept.end) - kept.start;
        // At the end of the text there is no line for a mistake to stand in but the last.
        if span.start >= start {
            self.span.start = shift(span.start - start);
        }
        if span.end >= start {
            self.span.end = shift(span.end - start);
        }
        self.text.push_str(&plain_source(&body[kept.clone()]));
        if kept.end < body.len() {
            self.text.push_str(CUT);
        }
        self.text.push_str(&line[body.len()..]);
    }
}

/// The nearest place at or before one that no character lies across.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn back(line: &str, column: usize) -> usize {
    line[..column].char_indices().rev().nth(BESIDE - 1).map_or(0, |(at, _)| at)
}

fn forth(line: &str, column: usize) -> usize {
    line[column..].char_indices().nth(BESIDE).map_or(line.len(), |(at, _)| column + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str, span: Range<usize>) -> (String, String, usize) {
        let excerpt = Excerpt::of(source, &span);
        let at = excerpt.text[excerpt.span.clone()].to_owned();
        (excerpt.text, at, excerpt.before)
    }

    #[test]
    fn a_short_text_is_shown_as_it_is() {
        let source = "one\r\ntwo\nthree\nfour\nfive\n";
        assert_eq!(shown(source, 9..14), ("two\nthree\nfour\nfive\n".into(), "three".into(), 1));
        assert_eq!(shown(source, 0..3), ("one\r\ntwo\nthree\n".into(), "one".into(), 0));
        assert_eq!(shown(source, 5..19).1, "two\nthree\nfour");
        assert_eq!(shown(source, 20..24), ("four\nfive\n".into(), "five".into(), 3));
        assert_eq!(shown("", 0..0), (String::new(), String::new(), 0));
        assert_eq!(shown("é", 1..9).1, "é");
    }

    #[test]
    fn a_long_line_is_cut_round_the_mistake() {
        let long = format!("{}wrong{}", "é".repeat(5000), "é".repeat(5000));
        let source = format!("{long}\n{long}\n");
        let start = long.len() + 1 + 10_000;
        let (text, at, before) = shown(&source, start..start + 5);
        assert_eq!((at.as_str(), before), ("wrong", 0));
        assert!(text.chars().count() < 2 * (2 * BESIDE + 4), "{text}");
        assert!(text.lines().all(|line| line.ends_with('…')), "{text}");
        // A mistake that is longer than what is shown ends where that does.
        assert_eq!(shown(&source, start..source.len() - 1).1.chars().count(), BESIDE);
    }

    #[test]
    fn nothing_shown_is_a_command_and_the_span_holds() {
        let source = "a = \"\u{1b}[2J\u{9b}\u{202e}\" # \r x\nb";
        let (text, at, _) = shown(source, 4..14);
        assert_eq!((text.as_str(), at.as_str()), ("a = \"?[2J·\u{fffd}\" # ? x\nb", "\"?[2J·\u{fffd}"));
    }
}
