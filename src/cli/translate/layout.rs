//! Columns that fit a terminal: each as wide as it needs, and narrower where all together would be too wide.
//!
//! Start at [`columns`]. Knows no other module; never decides what is said.
use std::fmt::Write;

use textwrap::core::{Word, break_words, display_width};
use textwrap::wrap_algorithms::wrap_first_fit;

/// How it is to look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The columns of the terminal.
    pub(super) width: usize,
    /// Whether it may be in colour.
    pub(super) colour: bool,
}

/// How a cell is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Paint {
    /// Not at all.
    #[default]
    Plain,
    /// It matters less.
    Dim,
    /// Something is otherwise than it was said.
    Told,
    /// It is refused.
    Refused,
    /// A heading.
    Bold,
}

/// One cell: lines that are wrapped where they are too long.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) paint: Paint,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), paint: Paint::Plain }
    }

    pub(super) fn painted(text: impl Into<String>, paint: Paint) -> Cell {
        Cell { text: text.into(), paint }
    }
}

/// What stands between two columns, and before the first.
const GAP: usize = 2;

/// No column gets narrower than this for the others' sake, if it isn't anyway.
const NARROWEST: usize = 12;

/// Rows of cells, each column as wide as its widest cell, as far as the width lasts.
pub(super) fn columns<const N: usize>(rows: &[[Cell; N]], look: Look, out: &mut String) {
    let widths = widths(rows, look.width.saturating_sub(GAP));
    let used: Vec<usize> = (0..N).filter(|at| widths[*at] > 0).collect();
    for row in rows {
        let cells: Vec<Vec<String>> = used.iter().map(|at| wrapped(&row[*at].text, widths[*at])).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        for line in 0..height {
            let mut blanks = GAP;
            for (at, lines) in used.iter().zip(&cells) {
                let text = lines.get(line).map_or("", String::as_str);
                if !text.is_empty() {
                    // Writing into a String can't fail.
                    let _ = write!(out, "{:blanks$}{}", "", painted(text, row[*at].paint, look.colour));
                    blanks = 0;
                }
                blanks += widths[*at] - display_width(text).min(widths[*at]) + GAP;
            }
            out.push('\n');
        }
    }
}

/// A text below which nothing stands in columns, within the width.
pub(super) fn paragraph(text: &str, paint: Paint, look: Look, out: &mut String) {
    for line in wrapped(text, look.width.saturating_sub(GAP)) {
        // Writing into a String can't fail.
        let _ = writeln!(out, "{:GAP$}{}", "", painted(&line, paint, look.colour));
    }
}

pub(super) fn painted(text: &str, paint: Paint, colour: bool) -> String {
    let code = match paint {
        _ if !colour => return text.to_owned(),
        Paint::Plain => return text.to_owned(),
        Paint::Dim => "2",
        Paint::Told => "33",
        Paint::Refused => "1;31",
        Paint::Bold => "1",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// The widths of the columns: where they are too wide together, the widest gives way first; and no names are broken
/// for it, if that can be.
fn widths<const N: usize>(rows: &[[Cell; N]], all: usize) -> [usize; N] {
    let (mut widths, mut least) = ([0; N], [NARROWEST; N]);
    for row in rows {
        for ((width, least), cell) in widths.iter_mut().zip(&mut least).zip(row) {
            *width = cell.text.lines().map(display_width).max().unwrap_or_default().max(*width);
            let longest = cell.text.lines().flat_map(pieces).flat_map(humps).map(display_width).max();
            *least = (longest.unwrap_or_default() + INDENT.len()).max(*least);
        }
    }
    for least in [least, [NARROWEST; N]] {
        loop {
            let total: usize = widths.iter().filter(|width| **width > 0).map(|width| width + GAP).sum();
            if total.saturating_sub(GAP) <= all {
                return widths;
            }
            let wide = widths.iter_mut().zip(least).filter(|(width, least)| **width > *least);
            match wide.max_by_key(|(width, _)| **width) {
                Some((width, _)) => *width -= 1,
                None => break,
            }
        }
    }
    widths
}

/// What stands before the second line of a text, and those behind it.
const INDENT: &str = "  ";

/// Lines of at most a width: broken at blanks, or after what parts a name or a path; a name that is too long alone,
/// before its capitals; and where nothing else helps, anywhere.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let indent = if width > NARROWEST { INDENT } else { "" };
    text.lines().flat_map(|line| wrapped_line(line, width.max(1), indent)).collect()
}

fn wrapped_line(line: &str, width: usize, indent: &str) -> Vec<String> {
    let rest = width.saturating_sub(indent.len()).max(1);
    let fits = |piece: &str| display_width(piece.trim_end()) <= rest;
    let words = pieces(line).flat_map(|piece| if fits(piece) { vec![piece] } else { humps(piece) });
    let words = break_words(words.map(Word::from), rest);
    let lines = wrap_first_fit(&words, &[width as f64, rest as f64]);
    let text = |words: &[Word<'_>]| {
        let all: String = words.iter().flat_map(|word| [word.word, word.whitespace]).collect();
        all.trim_end().to_owned()
    };
    let numbered = lines.iter().enumerate();
    numbered
        .map(|(at, words)| if at == 0 { text(words) } else { format!("{indent}{}", text(words)) })
        .collect()
}

/// A line in pieces that are broken last, each with the blanks behind it.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let parts = |letter: char| matches!(letter, ' ' | '.' | '/' | ',' | '_');
        let end = rest.find(parts).map_or(rest.len(), |at| at + 1);
        let end = end + (rest[end..].len() - rest[end..].trim_start_matches(' ').len());
        let (piece, more) = rest.split_at(end);
        rest = more;
        Some(piece)
    })
}

/// A piece in the words that its capitals begin: `Multiple`, `Access`, `Required`.
fn humps(piece: &str) -> Vec<&str> {
    let letters: Vec<(usize, char)> = piece.char_indices().collect();
    let begins = letters.windows(2).filter(|two| two[0].1.is_lowercase() && two[1].1.is_uppercase());
    let mut ends: Vec<usize> = begins.map(|two| two[1].0).collect();
    ends.push(piece.len());
    let mut from = 0;
    let humps = ends.into_iter().map(|end| &piece[std::mem::replace(&mut from, end)..end]);
    humps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(width: usize) -> String {
        let rows = [
            [Cell::new("SystemID = 14"), Cell::new(":41"), Cell::new("target.system.id = 14")],
            [Cell::new("Reason = \"disk full on db07\""), Cell::new(":46"), Cell::new("")],
            [Cell::new("漢字"), Cell::new(""), Cell::new("window.length = PT1H\nexact")],
        ];
        let mut out = String::new();
        columns(&rows, Look { width, colour: false }, &mut out);
        out
    }

    #[test]
    fn columns_are_as_wide_as_they_need() {
        let lines = [
            "  SystemID = 14                 :41  target.system.id = 14",
            "  Reason = \"disk full on db07\"  :46",
            "  漢字                               window.length = PT1H",
            "                                     exact",
        ];
        assert_eq!(laid_out(100).lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn no_line_is_longer_than_the_terminal_and_nothing_is_left_out() {
        for width in [40, 44, 52, 60, 80, 120] {
            let text = laid_out(width);
            assert!(text.lines().all(|line| display_width(line) <= width), "{width}\n{text}");
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).count();
            assert_eq!(letters(&text), letters(&laid_out(200)), "{width}\n{text}");
        }
    }

    #[test]
    fn a_name_is_broken_before_a_capital_and_only_where_it_must_be() {
        let text = "MultipleAccessRequired = true";
        assert_eq!(wrapped(text, 24), ["MultipleAccessRequired =", "  true"]);
        assert_eq!(wrapped(text, 18), ["MultipleAccess", "  Required = true"]);
        assert_eq!(wrapped("antidisestablishment", 13), ["antidisesta", "  blishment"]);
        let rows = [[Cell::new("one two three four five six seven"), Cell::new(text)]];
        let mut out = String::new();
        columns(&rows, Look { width: 44, colour: false }, &mut out);
        assert!(out.contains("  MultipleAccess\n") && out.contains("  Required = true\n"), "{out}");
    }

    #[test]
    fn colour_is_there_where_it_is_wanted_and_takes_no_room() {
        let rows = [[Cell::painted("a", Paint::Refused), Cell::new("b")]];
        let mut out = String::new();
        columns(&rows, Look { width: 80, colour: true }, &mut out);
        assert_eq!(out, "  \u{1b}[1;31ma\u{1b}[0m  b\n");
    }
}
