//! Where the program writes, and whether in colour.
//!
//! Start at [`Terminal`]. Knows `diagnostic`. Never decides what is said.
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use crate::diagnostic::{Diagnostics, plain_lines};

/// The width of an answer where nobody says how wide it may be, and the bounds of what anybody says.
const WIDTH: usize = 100;
const NARROWEST: usize = 40;
const WIDEST: usize = 200;

/// When to write in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    pub(super) fn for_clap(self) -> clap::ColorChoice {
        match self {
            Colour::Auto => clap::ColorChoice::Auto,
            Colour::Always => clap::ColorChoice::Always,
            Colour::Never => clap::ColorChoice::Never,
        }
    }
}

/// The colour that a command line wants, as far as that can be told before it is parsed.
pub(super) fn wanted_of(words: &[OsString]) -> Colour {
    let words = words.iter().map(|word| word.to_string_lossy());
    let mut wanted = Colour::Auto;
    let mut expected = false;
    for word in words.take_while(|word| word != "--") {
        let value = ["--colour=", "--color="].iter().find_map(|name| word.strip_prefix(name));
        let value = value.or(expected.then_some(word.as_ref()));
        wanted = value.and_then(|value| clap::ValueEnum::from_str(value, false).ok()).unwrap_or(wanted);
        expected = word == "--colour" || word == "--color";
    }
    wanted
}

/// The two streams that a command writes to.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    coloured_errors: bool,
    coloured_answers: bool,
}

impl Terminal {
    /// As the command line wants it.
    pub fn new(wanted: Colour) -> Terminal {
        let declined = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Terminal {
            coloured_errors: coloured(wanted, io::stderr().is_terminal(), declined),
            coloured_answers: coloured(wanted, io::stdout().is_terminal(), declined),
        }
    }

    /// Whether an answer may be in colour.
    pub(super) fn coloured_answers(&self) -> bool {
        self.coloured_answers
    }

    /// How many columns an answer may take: the terminal's, or else what COLUMNS says, or else as many as fit most.
    pub(super) fn width(&self) -> usize {
        let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        let told = || std::env::var("COLUMNS").ok()?.parse().ok();
        terminal.or_else(told).unwrap_or(WIDTH).clamp(NARROWEST, WIDEST)
    }

    /// Writes what was asked for, to standard output.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn answer(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    /// Says something beside the answer, on standard error.
    pub fn say(&self, text: &str) {
        // Standard error is the last place to complain at: where it is closed, there is none.
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end_matches('\n'));
    }

    /// Says what failed, on standard error.
    pub fn error(&self, text: &str) {
        let word = if self.coloured_errors { "\u{1b}[1;31merror:\u{1b}[0m" } else { "error:" };
        self.say(&format!("{word} {}", plain_lines(text)));
    }

    /// Says what could go wrong, on standard error.
    pub fn warning(&self, text: &str) {
        let word = if self.coloured_errors { "\u{1b}[1;33mwarning:\u{1b}[0m" } else { "warning:" };
        self.say(&format!("{word} {}", plain_lines(text)));
    }

    /// All that is wrong in files, each with its excerpt, on standard error.
    pub fn report(&self, wrong: &Diagnostics) {
        self.say(&wrong.render(self.coloured_errors));
    }
}

fn coloured(wanted: Colour, on_terminal: bool, declined: bool) -> bool {
    match wanted {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => on_terminal && !declined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_did_not_decline_it() {
        for (wanted, on_terminal, declined, expected) in [
            (Colour::Auto, true, false, true),
            (Colour::Auto, true, true, false),
            (Colour::Auto, false, false, false),
            (Colour::Always, false, true, true),
            (Colour::Never, true, false, false),
        ] {
            assert_eq!(
                coloured(wanted, on_terminal, declined),
                expected,
                "{wanted:?} {on_terminal} {declined}"
            );
        }
    }

    #[test]
    fn the_wanted_colour_is_found_before_parsing() {
        let of = |line: &str| wanted_of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("pamgate --colour never --help"), Colour::Never);
        assert_eq!(of("pamgate check --color=always --nonsense"), Colour::Always);
        assert_eq!(of("pamgate --colour purple"), Colour::Auto);
        assert_eq!(of("pamgate translate -- --colour never"), Colour::Auto);
    }
}
