//! Where everything stands in a JSON text, and which names stand twice: `serde_json`'s values know neither.
//!
//! Start at [`Places::of`]. Knows its sibling types only; does no I/O.
use std::collections::HashMap;
use std::ops::Range;

use jiter::{Jiter, JiterError, Peek};

/// Where the values of a JSON text stand, by their JSON pointers.
#[derive(Debug, Default)]
pub struct Places {
    values: HashMap<String, Range<usize>>,
    names: HashMap<String, Range<usize>>,
    /// Names that their object has had before: the name, its place, and the place of the first.
    pub repeated: Vec<(String, Range<usize>, Range<usize>)>,
}

/// Nothing that a person writes is deeper; what is, has no place of its own.
const DEPTH: usize = 128;

impl Places {
    /// The places of a text. Of one that is no JSON, those up to where it isn't.
    pub fn of(text: &str) -> Places {
        let mut walk = Walk { jiter: Jiter::new(text.as_bytes()), text, places: Places::default() };
        if let Ok(peek) = walk.jiter.peek() {
            // What is wrong with the text is its reader's to tell; places up to there hold.
            let _ = walk.value(peek, &mut String::new(), DEPTH);
        }
        walk.places
    }

    /// Where a value stands; of one that isn't there, the nearest that holds its place.
    pub fn value(&self, pointer: &str) -> Range<usize> {
        self.nearest(&self.values, pointer)
    }

    /// Where the name of a member stands, and else its value.
    pub fn name(&self, pointer: &str) -> Range<usize> {
        self.names.get(pointer).cloned().unwrap_or_else(|| self.value(pointer))
    }

    fn nearest(&self, places: &HashMap<String, Range<usize>>, pointer: &str) -> Range<usize> {
        let mut at = pointer;
        loop {
            match (places.get(at), at.rfind('/')) {
                (Some(place), _) => return place.clone(),
                (None, Some(above)) => at = &at[..above],
                (None, None) => return 0..0,
            }
        }
    }
}

struct Walk<'t> {
    jiter: Jiter<'t>,
    text: &'t str,
    places: Places,
}

impl Walk<'_> {
    fn value(&mut self, peek: Peek, pointer: &mut String, depth: usize) -> Result<(), JiterError> {
        let start = self.jiter.current_index();
        match peek {
            _ if depth == 0 => self.jiter.known_skip(peek)?,
            Peek::Object => self.object(pointer, depth)?,
            Peek::Array => {
                let mut element = self.jiter.known_array()?;
                let mut at = 0;
                while let Some(peek) = element {
                    self.below(&at.to_string(), peek, pointer, depth)?;
                    element = self.jiter.array_step()?;
                    at += 1;
                }
            }
            _ => self.jiter.known_skip(peek)?,
        }
        self.places.values.insert(pointer.clone(), start..self.jiter.current_index());
        Ok(())
    }

    fn object(&mut self, pointer: &mut String, depth: usize) -> Result<(), JiterError> {
        let mut seen: HashMap<String, Range<usize>> = HashMap::new();
        let mut name = self.jiter.known_object()?.map(str::to_owned);
        while let Some(text) = name {
            let at = self.name_before();
            if let Some(first) = seen.get(&text) {
                self.places.repeated.push((text.clone(), at.clone(), first.clone()));
            } else {
                seen.insert(text.clone(), at.clone());
            }
            let step = text.replace('~', "~0").replace('/', "~1");
            self.places.names.insert(format!("{pointer}/{step}"), at);
            let peek = self.jiter.peek()?;
            self.below(&step, peek, pointer, depth)?;
            name = self.jiter.next_key()?.map(str::to_owned);
        }
        Ok(())
    }

    fn below(
        &mut self,
        step: &str,
        peek: Peek,
        pointer: &mut String,
        depth: usize,
    ) -> Result<(), JiterError> {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(step);
        let done = self.value(peek, pointer, depth - 1);
        pointer.truncate(length);
        done
    }

    /// The name that the parser has just read stands before the colon that it stands behind.
    fn name_before(&self) -> Range<usize> {
        let before = self.text.get(..self.jiter.current_index()).unwrap_or_default();
        let end = before.rfind('"').map_or(0, |quote| quote + 1);
        let bytes = before.as_bytes();
        let mut start = end.saturating_sub(2);
        // Quotes inside a name are escaped.
        while start > 0 && (bytes[start] != b'"' || escaped(bytes, start)) {
            start -= 1;
        }
        start..end
    }
}

/// Whether the byte at a place follows an odd number of backslashes.
fn escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_names_have_their_places() {
        let text = r#"{ "a": [1, {"b/c" : true}], "d\"e": "x", "a": null }"#;
        let places = Places::of(text);
        let at = |pointer: &str| &text[places.value(pointer)];
        assert_eq!(at(""), text);
        assert_eq!((at("/a/1/b~1c"), at("/d\"e"), at("/a")), ("true", "\"x\"", "null"));
        assert_eq!(&text[places.name("/d\"e")], r#""d\"e""#);
        assert_eq!(&text[places.name("/a/1/b~1c")], r#""b/c""#);
        assert_eq!(at("/a/1/none/at/all"), r#"{"b/c" : true}"#);
        let [(name, second, first)] = &places.repeated[..] else { panic!("{:?}", places.repeated) };
        assert_eq!((name.as_str(), first.start, second.start), ("a", 2, 41));
    }

    #[test]
    fn a_text_that_is_no_json_has_places_up_to_there() {
        let places = Places::of("{\"a\": 1, }");
        assert_eq!((places.value("/a"), places.value("/b")), (6..7, 0..0));
        assert!(Places::of("").values.is_empty());
        assert!(Places::of(&"[".repeat(100_000)).values.len() < 2);
    }
}
