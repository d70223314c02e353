//! What a terminal would take for a command, or a reader would not see, is made visible.
//!
//! Start at [`plain`]. Whoever writes foreign text to a terminal takes it through here: values of messages, strings
//! of tables, words of a command line. What programs read, JSON, is never changed. Knows no other module.

/// On one line: control characters, line breaks, and characters without a shape each become U+FFFD.
pub fn plain(text: &str) -> String {
    text.chars().map(|letter| if unseen(letter) { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// The same of a text that may have several lines: its line feeds stay.
pub fn plain_lines(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}

/// The same of what a person wrote, where each byte keeps its place; line ends and tabs stay.
pub fn plain_source(text: &str) -> String {
    let mut letters = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        let stays = match letter {
            '\n' | '\t' => true,
            '\r' => letters.peek().is_none_or(|next| *next == '\n'),
            _ => !unseen(letter),
        };
        out.push(match letter.len_utf8() {
            _ if stays => letter,
            1 => '?',
            2 => '·',
            // None of them is longer than three bytes.
            _ => char::REPLACEMENT_CHARACTER,
        });
    }
    out
}

/// Controls, and what turns the direction of a text, joins its letters, parts its lines or has no width.
fn unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[31m\u{7f}\u{9b}1m\u{61c}\u{200b}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}é漢🦀";

    #[test]
    fn nothing_unseen_is_left_and_all_else_stays() {
        let told = plain(HOSTILE);
        assert!(!told.contains(unseen), "{told:?}");
        assert_eq!(told.chars().count(), HOSTILE.chars().count());
        assert_eq!(told.replace('\u{fffd}', ""), "a[31m1mé漢🦀");
        assert_eq!(plain("a\r\nb\tc"), "a\u{fffd}\u{fffd}b\u{fffd}c");
        assert_eq!(plain_lines("a\u{1b}\nb\r\n"), "a\u{fffd}\nb\u{fffd}\n");
    }

    #[test]
    fn a_source_keeps_its_bytes_places() {
        let told = plain_source(HOSTILE);
        assert!(!told.contains(unseen), "{told:?}");
        let places = |text: &str| text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(places(&told), places(HOSTILE));
        assert_eq!(plain_source("a\tb\r\nc\rd\n\r"), "a\tb\r\nc?d\n\r");
    }
}
